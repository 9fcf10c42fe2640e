//! The gateway: what the capability exposes, over REST and over MCP.
//!
//! # What it does
//!
//! [`Gateway::start`] listens on one or two ports. Each REST route and each MCP tool is a row of the generated
//! [`capability`](bpx_client::capability), and each is one call of [`Dispatch`](bpx_dispatch::Dispatch): arguments go in
//! as one flat object, an outcome comes out. Both ports share
//!
//! - *callers*: a read token and a trade token, made at the first start, in files of the state folder ([`Scope`]);
//! - *a guard*: `Host` and `Origin` against lists, the token, limits on rate, size, time and number ([`Limits`]);
//! - *metrics*, and spans that continue a caller's `traceparent`.
//!
//! With the feature `otel` those spans can go to an OpenTelemetry collector (`otel::layer`).
//!
//! What the gateway refuses it refuses as `application/problem+json` (RFC 9457), with a `type` that stays the same.
//!
//! # What it does not do
//!
//! - It decides nothing about orders, keeps no journal, sends nothing: that is dispatch's.
//! - It speaks no TLS. It listens on this computer alone, unless it is told otherwise; then a proxy has to.
//! - It passes no token on, and writes none into a log, an answer or a metric.
//!
//! # Example
//!
//! ```
//! use bpx_client::operations::OPERATIONS;
//! use bpx_dispatch::{Dispatch, Settings};
//! use bpx_gateway::{Gateway, GatewaySettings, Scope};
//! use bpx_runtime::{Key, Signer};
//! use bpx_sandbox::{Sandbox, SandboxConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start(SandboxConfig::default()).await?;
//! let signer = Signer::new(Key::from_base64(&sandbox.api_secret())?, OPERATIONS);
//! let state = tempfile::tempdir()?;
//! let dispatch = Dispatch::open(Settings::new(sandbox.base_url(), signer, state.path())).await?;
//!
//! let mut settings = GatewaySettings::new(dispatch, state.path());
//! settings.rest = Some("127.0.0.1:0".parse()?);
//! let gateway = Gateway::start(settings).await?;
//!
//! let url = format!("http://{}/api/v1/orders", gateway.rest_address().ok_or("no REST")?);
//! let token = std::fs::read_to_string(gateway.token_file(Scope::Read))?;
//! let http = reqwest::Client::new();
//! let orders = http.get(&url).bearer_auth(token.trim()).send().await?;
//! assert_eq!(orders.text().await?, "[]");
//! assert_eq!(http.get(&url).send().await?.status(), 401);
//!
//! gateway.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod caller;
mod error;
mod gateway;
mod guard;
mod listen;
mod mcp;
mod metrics;
#[cfg(feature = "otel")]
pub mod otel;
mod problem;
mod rate;
mod rest;
mod settings;
mod shared;
mod token;
mod trace;

pub use caller::Scope;
pub use error::GatewayError;
pub use gateway::{Gateway, runtime};
pub use mcp::{Confirm, McpSettings};
pub use problem::{PROBLEMS, ProblemKind};
pub use settings::{GatewaySettings, Limits};
