//! A local exchange, and a client that signs for its account.

use anyhow::Context;
use bpx_client::{Client, Key, Options, signer};
use bpx_runtime::Decimal;
use bpx_sandbox::{RestingLiquidity, Sandbox, SandboxConfig, Side};

/// A running exchange and its account's client. It stops when this is dropped.
#[derive(Debug)]
pub struct Exchange {
    /// The exchange.
    pub sandbox: Sandbox,
    /// Signs with the key of the exchange's account.
    pub client: Client,
    /// How the client's connection behaves: for others to the same exchange that are to be recorded with it.
    pub options: Options,
}

/// Starts an exchange and connects a client to it.
///
/// # Errors
/// What keeps the exchange from starting or the client from connecting.
pub async fn start(config: SandboxConfig) -> anyhow::Result<Exchange> {
    start_with(config, Options::default()).await
}

/// Starts an exchange and connects a client to it that behaves so.
///
/// # Errors
/// As [`start`].
pub async fn start_with(config: SandboxConfig, options: Options) -> anyhow::Result<Exchange> {
    let sandbox = Sandbox::start(config)
        .await
        .context("the local exchange did not start")?;
    let key = Key::from_base64(&sandbox.api_secret())?;
    let client = Client::with_options(&sandbox.base_url(), signer(key), options.clone())?;
    Ok(Exchange {
        sandbox,
        client,
        options,
    })
}

/// An order of the exchange's market maker on `SOL_USDC`, to trade against.
///
/// # Errors
/// A price or quantity that is no decimal.
pub fn resting(side: Side, price: &str, quantity: &str) -> anyhow::Result<RestingLiquidity> {
    Ok(RestingLiquidity {
        symbol: "SOL_USDC".to_owned(),
        side,
        price: decimal(price)?,
        quantity: decimal(quantity)?,
    })
}

/// A decimal with every digit of the text.
///
/// # Errors
/// A text that is no decimal, or one that would have to be rounded.
pub fn decimal(text: &str) -> anyhow::Result<Decimal> {
    Decimal::from_str_exact(text).with_context(|| format!("`{text}` is not a decimal"))
}
