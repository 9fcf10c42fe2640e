#![doc = include_str!("../README.md")]

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
