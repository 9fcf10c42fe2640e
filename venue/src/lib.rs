//! What Backpack Exchange's order operations mean: the one crate of the engine that knows the venue.
//!
//! # What it does
//!
//! [`Backpack`] is the [`Venue`](bpx_dispatch::Venue) that dispatch, gateway and workflow runner are given:
//!
//! | question | module |
//! |---|---|
//! | which orders does a call place, and what may each come to at worst? | `orders`, [`exposure`] |
//! | which arguments contradict each other? | [`rules`] |
//! | what does a refusal say about a call that changes something? | [`refusal`] |
//! | is an order open or closed? | [`state`] |
//! | what became of a call whose response left it open? | `settle` |
//! | how is a call put into words, for the person who consents to it? | `summary` |
//! | may a workflow change an order that it has read? | `preflight` |
//!
//! [`stream`] reads order updates and books without loss, for any program. [`SHORTHANDS`] are short commands for the usual orders. It also embeds the contracts of this repository: the OpenAPI
//! document ([`api()`]), the capability ([`exposed()`]) and the workflow ([`WORKFLOWS`]).
//!
//! # What it does not do
//!
//! It sends nothing by itself, keeps no state, and knows no operations but the eight of the order API.
//!
//! # Example
//!
//! ```
//! use bpx_dispatch::{Call, Dispatch, Outcome};
//! use bpx_runtime::Key;
//! use bpx_sandbox::{Sandbox, SandboxConfig};
//! use bpx_venue::operations::EXECUTE_ORDER;
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start(SandboxConfig::default()).await?;
//! let signer = bpx_client::signer(Key::from_base64(&sandbox.api_secret())?);
//! let state = tempfile::tempdir()?;
//! let settings = bpx_venue::settings(sandbox.base_url(), signer, state.path());
//! let dispatch = Dispatch::open(settings.allow_trading(true)).await?;
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
//! dispatch.close().await;
//! # Ok(())
//! # }
//! ```

mod contracts;
pub mod exposure;
pub mod operations;
mod orders;
mod preflight;
pub mod refusal;
pub mod rules;
mod settle;
mod shorthand;
pub mod state;
pub mod stream;
mod summary;
mod venue;

use std::path::PathBuf;

use bpx_dispatch::Settings;
use bpx_runtime::Signer;

pub use contracts::{NAMES, OVERLAY, WORKFLOWS, api, exposed, streams, with_markets};
pub use shorthand::{SHORTHANDS, Shorthand};
pub use venue::Backpack;

/// Settings of a dispatcher for this venue: the embedded contract, signed, with the venue's knowledge.
pub fn settings(
    base_url: impl Into<String>,
    signer: Signer,
    state: impl Into<PathBuf>,
) -> Settings {
    Settings::new(api().clone(), base_url, state)
        .with_signer(signer)
        .with_venue(Backpack)
}
