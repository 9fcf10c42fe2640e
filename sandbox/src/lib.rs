//! A local, in-memory exchange for the Backpack order operations.
//!
//! It **does**: listen on loopback, re-derive the signing string of every request from the received
//! query or body with a canonicaliser of its own, verify the Ed25519 signature strictly, and serve the
//! eight order operations for one or more accounts, and what clients read before and while they trade:
//! markets, depth, trades, candles, prices, balances, positions, collateral, limits. Orders match by price and time: limit and market orders, all
//! times in force, post-only, reduce-only, self-trade prevention, slippage tolerance, stop-loss,
//! take-profit and trigger orders, batches, cancel-all, order history and fills with pages. Balances,
//! margin and positions add up. It answers with the venue's shapes, codes and texts, as far as they are
//! public; where they are disputed there is a switch in [`VenueConfig`]. All of it can be listened to over
//! WebSocket, with the venue's streams. Things go wrong on purpose as
//! [`Fault`]s. A second port, [`Sandbox::control_url`], lets tests in any language do what this crate's
//! methods do, and serves a live page for people.
//!
//! It **does not**: pay funding, liquidate, lend or borrow, know strategies, brokers or sub-accounts,
//! or keep anything once it stops. Orders and fills stay in memory for as long as it runs.
//!
//! Told nothing, it lists `BTC_USDC`, `ETH_USDC`, `SOL_USDC` and the same with `_PERP`, and an internal
//! market maker quotes a quiet book around each one's reference price. [`SandboxConfig::bare`] starts with
//! empty books; with one account, every cross is then a self-trade. [`SandboxConfig::from_toml`] reads accounts, markets and
//! switches from a file. The README of this crate lists every key, and every choice that was made where
//! the venue's documents are silent.
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
//! let sandbox = Sandbox::start(SandboxConfig { liquidity: vec![ask], ..SandboxConfig::bare() }).await?;
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
mod held;
mod http;
mod limits;
mod market;
mod pace;
mod refusal;
mod replays;
mod server;
mod settings;
mod stop;
mod stream;
mod verified;
mod wire;
mod words;

pub use account::AccountKeys;
pub use config::{
    AccountConfig, DescribedOperation, DuplicateClientId, MarketConfig, RestingLiquidity,
    SandboxConfig, SignatureCode, UnknownOrder, VenueConfig,
};
pub use errors::SandboxError;
pub use fault::{ArmedFault, Fault, FaultFired, FaultRule, StreamFault};
pub use server::Sandbox;
pub use verified::Verified;
pub use words::{ReferencePrice, Side};
