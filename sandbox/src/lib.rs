//! A local, in-memory exchange for the Backpack order operations.
//!
//! It **does**: listen on loopback, re-derive the signing string of every request from the received
//! query or body with a canonicaliser of its own, verify the Ed25519 signature strictly, and serve the
//! eight order operations on a book with price-time priority: limit and market orders, all times in
//! force, post-only, self-trade prevention, batches, cancel-all, order history and fills with pages,
//! and, on request, cancellations that are accepted with 202 and settle later. It answers with the
//! venue's shapes, codes and texts, as far as they are public.
//!
//! It **does not**: move balances (the account owns 1,000,000 of every asset; a spot order that alone
//! costs more is refused, trades change nothing), keep positions (`reduceOnly` is only echoed), compute
//! margin, fire triggers (trigger orders stay `TriggerPending` until cancelled; stop-loss and
//! take-profit fields are only echoed), enforce slippage tolerance, tick sizes or price bands, lend or
//! borrow, refuse a reused `clientId`, limit the pace, or keep anything once it stops. Orders and fills
//! stay in memory for as long as it runs.
//!
//! Markets: `SOL_USDC`, `BTC_USDC`, `ETH_USDC` and the same with `_PERP`. All books start empty, unless
//! [`SandboxConfig::liquidity`] names orders of an internal market maker; without those, every cross is
//! a self-trade, since there is one account. Prices take 6 decimals, quantities 8, both stay below
//! 10,000,000: within that every product is exact.
//!
//! Where the venue's documents are silent, this exchange chooses: an unknown API key is 401
//! `UNAUTHORIZED`; a zero, negative or huge price or quantity is 400 `INVALID_PRICE` or
//! `INVALID_QUANTITY`; a `limit` of 0 or above 1000 is 400; pages count from 1; history comes newest
//! first; a batch holds at most 20 orders; of several open orders with one `clientId` the newest is
//! meant; a fill-or-kill order that cannot fill leaves the book as it was; fees are 0.02 % for the maker
//! and 0.05 % for the taker, in the quote asset.
//!
//! ```
//! use bpx_sandbox::{RestingLiquidity, Sandbox, SandboxConfig, Side};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), bpx_sandbox::SandboxError> {
//! let ask = RestingLiquidity {
//!     symbol: "SOL_USDC".to_owned(),
//!     side: Side::Ask,
//!     price: 150.into(),
//!     quantity: 10.into(),
//! };
//! let sandbox = Sandbox::start(SandboxConfig { liquidity: vec![ask], ..Default::default() }).await?;
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! // Point a client at `base_url()` and sign with `api_secret()`.
//! assert_eq!(sandbox.api_secret().len(), 44);
//! assert!(sandbox.verified().is_empty());
//! sandbox.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod account;
mod amount;
mod auth;
mod book;
mod canonical;
mod config;
mod control;
mod errors;
mod exchange;
mod fault;
mod http;
mod market;
mod refusal;
mod replays;
mod server;
mod verified;
mod wire;
mod words;

pub use account::AccountKeys;
pub use config::{
    AccountConfig, DuplicateClientId, MarketConfig, RestingLiquidity, SandboxConfig, SignatureCode,
    UnknownOrder, VenueConfig,
};
pub use errors::SandboxError;
pub use fault::{ArmedFault, Fault, FaultFired, FaultRule};
pub use server::Sandbox;
pub use verified::Verified;
pub use words::{ReferencePrice, Side};
