//! How the tests reach a local exchange: quick to give up, quick to prove.

use std::time::Duration;

use bpx_dispatch::{Bounds, Settings};
use bpx_runtime::{Key, Options};
use bpx_sandbox::Sandbox;
use bpx_workflow::Catalog;
use tempfile::TempDir;

/// The API and the workflow of this repository.
pub(crate) fn catalog() -> Catalog {
    Catalog {
        api: bpx_venue::api().clone(),
        workflows: &bpx_venue::WORKFLOWS,
    }
}

/// How long requests are valid, how long it is asked what became of one, and how far clocks and lists may lag.
pub(crate) struct Times {
    pub(crate) window_ms: u64,
    pub(crate) settle_s: u64,
    pub(crate) lag_ms: u64,
}

pub(crate) fn settings(sandbox: &Sandbox, state: &TempDir, times: &Times) -> Settings {
    let key = Key::from_base64(&sandbox.api_secret()).unwrap();
    let signer = bpx_client::signer(key)
        .with_window_ms(times.window_ms)
        .unwrap();
    let mut bounds = Bounds::default();
    bounds.settle_max = Duration::from_secs(times.settle_s);
    bounds.clock_skew_max = Duration::from_millis(times.lag_ms);
    bounds.venue_lag_max = Duration::from_millis(times.lag_ms);
    let options = Options::default()
        .with_timeout(Duration::from_secs(2))
        .without_rate_limit();
    bpx_venue::settings(sandbox.base_url(), signer, state.path())
        .allow_trading(true)
        .with_bounds(bounds)
        .with_options(options)
}
