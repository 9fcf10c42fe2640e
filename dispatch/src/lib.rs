//! The narrow waist: every call to the exchange goes through here, and nobody else sends.
//!
//! # What it does
//!
//! [`Dispatch::call`] takes an operation of the generated table and its arguments as one flat JSON object, and, in
//! this order,
//!
//! 1. validates the arguments against the contract: every [`Finding`] at once, each with place, problem and fix;
//! 2. applies the [`Policy`]: read-only unless trading is allowed twice, lists, caps per order, batch and UTC day, a
//!    price band, a kill switch that survives a restart;
//! 3. writes the intent to a journal, with the `clientId` of each order;
//! 4. signs, and sends once;
//! 5. settles: the [`Outcome`] is *done*, *rejected*, *accepted, not yet executed*, or *unknown*. Whatever an answer
//!    leaves open is found out by asking (open orders, history, fills), never by sending again;
//! 6. records the outcome. The same call with the same idempotency key gets it again, from any process that shares the
//!    journal.
//!
//! What a process that died left open is looked into at the next start ([`Dispatch::recovered`]).
//!
//! # What it does not do
//!
//! - It journals no reads, keeps no positions, and judges no order by its merits.
//! - Its caps count what a call asks for: not the orders that a stop loss or a take profit places later, nor what other
//!   programs do with the account.
//! - It asks nobody for consent; that is for whoever faces the caller, and can know first whether a call would be
//!   refused ([`Dispatch::check`]).
//!
//! # The journal
//!
//! SQLite in the state folder (write-ahead log, `synchronous=FULL`), or PostgreSQL where several gateways share an
//! account. The intent is durable before anything is signed, and that it is sent is durable before the first byte
//! leaves. It holds the values of orders, and no secret: of the account, the start of the public key's SHA-256 and the
//! exchange's address; of headers, nothing.
//!
//! # Example
//!
//! ```
//! use bpx_client::{operations::OPERATIONS, table::{EXECUTE_ORDER, GET_OPEN_ORDERS}};
//! use bpx_dispatch::{Call, Dispatch, Outcome, Refused, Settings};
//! use bpx_runtime::{Key, Signer, serde_json::{Map, json}};
//! use bpx_sandbox::{Sandbox, SandboxConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start(SandboxConfig::default()).await?;
//! let signer = Signer::new(Key::from_base64(&sandbox.api_secret())?, OPERATIONS);
//! let state = tempfile::tempdir()?;
//! let settings = Settings::new(sandbox.base_url(), signer, state.path()).allow_trading(true);
//! let dispatch = Dispatch::open(settings).await?;
//!
//! let order = json!({
//!     "symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "20", "quantity": "1.5",
//! });
//! let arguments = order.as_object().cloned().unwrap_or_default();
//! let call = Call::new(&EXECUTE_ORDER, arguments, "example").with_idempotency_key("first-order");
//!
//! let placed = dispatch.call(call.clone()).await?;
//! assert!(matches!(placed.outcome, Outcome::Done(_)));
//!
//! // The same call again is the same order.
//! let again = dispatch.call(call).await?;
//! assert!(again.replayed);
//! assert_eq!(again.client_ids, placed.client_ids);
//!
//! let wrong = json!({"simbol": "SOL_USDC"}).as_object().cloned().unwrap_or_default();
//! let refused = dispatch.call(Call::new(&GET_OPEN_ORDERS, wrong, "example")).await.unwrap_err();
//! assert!(refused.to_string().contains("did you mean `symbol`?"));
//!
//! dispatch.close().await;
//! # Ok(())
//! # }
//! ```

mod call;
mod checkpoint;
mod codes;
mod dispatch;
mod error;
mod finding;
mod identity;
mod journal;
mod outcome;
mod policy;
mod read;
mod recover;
mod request;
mod settings;
mod settle;
mod state;
mod switch;
mod terms;
mod validate;
mod venue;
mod write;

pub use call::{Call, Settled};
pub use checkpoint::{Checkpoint, Point};
pub use dispatch::{Dispatch, Status};
pub use error::Refused;
pub use finding::{Finding, Note};
pub use outcome::{Accepted, Done, Outcome, PageHeaders, Rejected, Source, Unknown, Witness};
pub use policy::{BatchCaps, DayCaps, Market, OrderCaps, Policy, RULES as POLICY_RULES};
pub use recover::Recovered;
pub use settings::Settings;
pub use settle::Bounds;
pub use state::private_folder;
pub use switch::KillSwitch;
pub use validate::{RULES as ARGUMENT_RULES, Rule, validate};
