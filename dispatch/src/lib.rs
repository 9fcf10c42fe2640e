//! The dispatcher: one call of an API's operation, validated, allowed, journaled, signed, sent once, settled.
//!
//! # What it does
//!
//! [`Dispatch::call`] takes an operation of an [`Api`](bpx_contract::Api) and its arguments as one flat JSON object, and,
//! in this order,
//!
//! 1. validates the arguments against the contract ([`validate()`]): every [`Finding`] at once, with pointer, problem and
//!    fix;
//! 2. applies the [`Policy`]: read-only unless trading is allowed twice, lists, caps per order, batch and UTC day, a
//!    price band, a kill switch that survives a restart. Each order counts with its [`Exposure`]: the most it can come
//!    to;
//! 3. writes the intent to a journal, with the client order id of each order;
//! 4. signs, and sends once;
//! 5. settles: the [`Outcome`] is *done*, *rejected*, *accepted, not yet executed*, or *unknown*. Whatever a response
//!    leaves open is found out by asking, never by sending again;
//! 6. records the outcome. The same call with the same idempotency key gets it again, from any process that shares the
//!    journal.
//!
//! What a process that died left open is looked into at the next start ([`Dispatch::recovered`]).
//!
//! What an order is, what it can cost, what a refusal means and how an outcome is found out is the knowledge of a
//! [`Venue`], which is handed in. Without one ([`AnyVenue`]) any HTTP API can be called: each response stands for itself.
//!
//! # What it does not do
//!
//! - It journals no reads, keeps no positions, and judges no order by its merits.
//! - Its caps count what calls ask for, not what other programs do with the account.
//! - It asks nobody for consent; that is for whoever faces the caller, and can know first whether a call would be
//!   refused ([`Dispatch::check`]).
//!
//! # The journal
//!
//! SQLite in the state folder (write-ahead log, `synchronous=FULL`), or PostgreSQL where several gateways share an
//! account. The intent is durable before anything is signed, and counts as sent from then on: a process that finds it
//! without an outcome looks into it and never sends it. Calls at the same time share commits. A SQLite journal whose file was
//! deleted, renamed or replaced takes nothing more, so nothing more is sent. It holds the values of orders, and no secret: of the account, the start of the public key's SHA-256 and the
//! exchange's address; of headers, nothing.
//!
//! # Example
//!
//! ```
//! use bpx_contract::{Api, Document};
//! use bpx_dispatch::{Call, Dispatch, Settings};
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let document = Document::parse("pets.yaml", br#"
//! openapi: 3.0.3
//! info: {title: Pets, version: '1'}
//! paths:
//!   /pets/{name}:
//!     get:
//!       operationId: getPet
//!       parameters: [{name: name, in: path, required: true, schema: {type: string, maxLength: 8}}]
//!       responses: {'200': {description: The pet.}}
//!     delete:
//!       operationId: deletePet
//!       parameters: [{name: name, in: path, required: true, schema: {type: string}}]
//!       responses: {'204': {description: Gone.}}
//! "#)?;
//! let api = Api::from_document(document)?;
//! let state = tempfile::tempdir()?;
//! let settings = Settings::new(api.clone(), "http://127.0.0.1:9", state.path());
//! let dispatch = Dispatch::open(settings).await?;
//!
//! let get = api.operation("getPet").ok_or("no such operation")?;
//! let wrong = json!({"nam": "Tom"}).as_object().cloned().unwrap_or_default();
//! let refused = dispatch.call(Call::new(get, wrong, "example")).await.unwrap_err();
//! assert!(refused.to_string().contains("did you mean `name`?"));
//!
//! // Nothing that changes anything is sent unless it is allowed.
//! let delete = api.operation("deletePet").ok_or("no such operation")?;
//! let tom = json!({"name": "Tom"}).as_object().cloned().unwrap_or_default();
//! let refused = dispatch.call(Call::new(delete, tom, "example")).await.unwrap_err();
//! assert_eq!(refused.code(), "TRADING_DISABLED");
//!
//! dispatch.close().await;
//! # Ok(())
//! # }
//! ```

mod call;
mod checkpoint;
mod conclude;
mod dispatch;
mod error;
mod events;
mod finding;
mod happening;
mod identity;
mod inner;
mod journal;
pub mod order;
mod outcome;
mod policy;
mod read;
mod recover;
mod remote;
mod remotes;
mod replay;
mod settings;
pub mod settle;
mod state;
mod status;
mod switch;
pub mod text;
mod validate;
mod venue;
mod write;

pub use call::{Arguments, Call, Recovered, Settled};
pub use checkpoint::{Checkpoint, Passing, Point};
pub use dispatch::Dispatch;
pub use error::Refused;
pub use finding::{Finding, Note};
pub use happening::{Happened, Happening, Happenings};
pub use identity::canonical;
pub use journal::Closing;
pub use order::{Amount, Exposure, Feature, Order};
pub use outcome::{Accepted, Done, Outcome, PageHeaders, Rejected, Source, Unknown, Witness};
pub use policy::{
    BatchCaps, DayCaps, FindOut, Market, OperationRule, OrderCaps, Policy, RULES as POLICY_RULES,
};
pub use remote::{Preview, Remote, Reply, Success, options, plain_headers, signed_operations};
pub use remotes::Service;
pub use settings::Settings;
pub use settle::Bounds;
pub use state::{make_private, private_file, private_folder};
pub use status::Status;
pub use switch::KillSwitch;
pub use validate::{validate, whole};
pub use venue::{AnyVenue, Problem, Refusal, Settling, Standing, Venue, by_status, of_reply};
