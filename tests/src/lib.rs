//! The demo, and what the end-to-end tests share.
//!
//! It **does**: start a local exchange with a client that signs for it ([`exchange`]), tell the demo's story and
//! render its report ([`demo`]), and run cargo from inside a test without meeting the cargo that runs the test
//! ([`workspace`]).
//!
//! It **does not**: reach any network but loopback, nor hold anything a user of the client needs.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> anyhow::Result<()> {
//! let exchange = bpx_tests::exchange::start(Default::default()).await?;
//! let open = exchange.client.get_open_orders().send().await?;
//! assert!(open.is_empty());
//! assert_eq!(exchange.sandbox.verified()[0].instructions, ["orderQueryAll"]);
//! # Ok(())
//! # }
//! ```

pub mod demo;
pub mod exchange;
pub mod workspace;
