#![doc = include_str!("../README.md")]

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
pub use metrics::{METRICS, MetricKind};
pub use problem::{PROBLEMS, ProblemKind};
pub use settings::{AccountSettings, Confirm, GatewaySettings, Limits, McpSettings};
