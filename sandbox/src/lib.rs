#![doc = include_str!("../README.md")]

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
