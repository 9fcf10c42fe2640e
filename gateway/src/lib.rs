//! The gateway: a capability of an API, served over REST and over MCP.
//!
//! # What it does
//!
//! [`Gateway::start`] takes a [`Dispatch`](bpx_dispatch::Dispatch) and what a capability file
//! [exposes](bpx_capability::Exposed) of its API, and listens on one or two ports; [`serve_stdio`] serves its MCP tools to the program that started the process. Each REST route and each MCP tool is
//! one call of dispatch: the arguments are one flat object, the result is an outcome. Nothing is generated: the routes,
//! tools, resources, skill and `/openapi.json` are made from the documents at start. Both ports share
//!
//! - *callers*: a read token and a trade token, created at the first start, in files of the state folder ([`Scope`]);
//! - *a guard*: lists of accepted `Host` and `Origin`, the token, limits on rate, size, time and number ([`Limits`]);
//! - *metrics*, and spans that continue a caller's `traceparent`.
//!
//! With the feature `otel` those spans can be exported to an OpenTelemetry collector (`otel::layer`).
//!
//! Refusals are `application/problem+json` (RFC 9457), each kind with a stable `type` ([`PROBLEMS`]).
//!
//! # What it does not do
//!
//! - It decides nothing about orders, keeps no journal and sends nothing: dispatch does.
//! - It knows no exchange. What it needs to know of one it asks the dispatcher's [`Venue`](bpx_dispatch::Venue).
//! - It has no TLS. It listens on this computer only, unless told otherwise; then put a proxy with TLS in front.
//! - It passes no token on, and writes none into a log, a response or a metric.
//!
//! # Example
//!
//! ```
//! use bpx_capability::Exposed;
//! use bpx_contract::{Api, Document};
//! use bpx_dispatch::{Dispatch, Settings};
//! use bpx_gateway::{Gateway, GatewaySettings, Scope};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let api = Api::from_document(Document::parse("pets.yaml", br#"
//! openapi: 3.0.3
//! info: {title: Pets, version: '1'}
//! paths:
//!   /pets: {get: {operationId: listPets, responses: {'200': {description: All pets.}}}}
//! "#)?)?;
//! let capability = bpx_capability::read(&Document::parse("pets.capability.yaml", br#"
//! naftiko: 1.0.0-alpha2
//! info: {label: Pets, description: The pets of a shop.}
//! capability:
//!   consumes:
//!   - type: http
//!     namespace: pets
//!     baseUri: https://api.example.com
//!     resources: [{name: pets, path: /pets, operations: [{name: list-pets, method: GET}]}]
//!   exposes:
//!   - type: rest
//!     namespace: pets-rest
//!     port: 8080
//!     resources:
//!     - {name: pets, path: /pets, operations: [{name: list-pets, method: GET, call: pets.list-pets}]}
//! "#)?)?;
//! let exposed = Exposed::of(&capability, &api)?;
//!
//! let state = tempfile::tempdir()?;
//! let dispatch = Dispatch::open(Settings::new(api, "http://127.0.0.1:9", state.path())).await?;
//! let mut settings = GatewaySettings::new(dispatch, exposed, state.path());
//! settings.rest = Some("127.0.0.1:0".parse()?);
//! let gateway = Gateway::start(settings).await?;
//!
//! let url = format!("http://{}/pets", gateway.rest_address().ok_or("no REST")?);
//! let token = std::fs::read_to_string(gateway.token_file(Scope::Read))?;
//! let http = reqwest::Client::new();
//! assert_eq!(http.get(&url).send().await?.status(), 401);
//! // Nothing listens at the base URL above.
//! assert_eq!(http.get(&url).bearer_auth(token.trim()).send().await?.status(), 502);
//!
//! gateway.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod accounts;
mod approval;
mod caller;
mod connections;
mod error;
mod failure;
mod gateway;
mod guard;
mod interface;
mod listen;
mod mcp;
mod metrics;
mod new_file;
#[cfg(feature = "otel")]
pub mod otel;
mod problem;
mod rate;
mod rest;
mod settings;
mod shared;
mod summary;
mod token;
mod trace;

pub use approval::{Approvals, Decision, WaitingCall};
pub use caller::Scope;
pub use error::{ApprovalError, GatewayError};
pub use gateway::{Gateway, runtime};
pub use mcp::serve_stdio;
pub use problem::{PROBLEMS, ProblemKind};
pub use settings::{AccountSettings, Confirm, GatewaySettings, Limits, McpSettings};
