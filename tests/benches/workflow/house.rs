//! An exchange in this process, and a runner that is connected to it.

use std::time::{Duration, Instant};

use bpx_arazzo::{Library, Outcome, Runner};
use bpx_client::operations::OPERATIONS;
use bpx_dispatch::{Dispatch, Settings};
use bpx_runtime::{Key, Options, Signer};
use bpx_sandbox::{Sandbox, SandboxConfig};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) const SYMBOL: &str = "SOL_USDC";

pub(crate) struct House {
    pub(crate) runtime: Runtime,
    pub(crate) sandbox: Sandbox,
    pub(crate) dispatch: Dispatch,
    pub(crate) runner: Runner,
    pub(crate) state: TempDir,
}

impl House {
    pub(crate) fn open() -> Self {
        let runtime = Runtime::new().unwrap();
        let sandbox = runtime.block_on(Sandbox::start(SandboxConfig::default()));
        let sandbox = sandbox.unwrap();
        // On a disk, and not in a folder that the system keeps in memory: what is durable is to cost what it costs.
        let state = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let settings = settings(&sandbox.base_url(), &sandbox.api_secret(), &state);
        let dispatch = runtime.block_on(Dispatch::open(settings)).unwrap();
        let runner = Runner::new(dispatch.clone(), sandbox.base_url(), state.path());
        Self {
            runtime,
            sandbox,
            dispatch,
            runner,
            state,
        }
    }

    /// How long a run takes that is to end well.
    pub(crate) fn run(&self, library: &Library) -> Duration {
        let started = Instant::now();
        let run = self.runner.run(library, "bench", None, Map::new(), &());
        let report = self.runtime.block_on(run).unwrap();
        assert_eq!(report.outcome, Outcome::Done, "{report:?}");
        started.elapsed()
    }
}

pub(crate) fn settings(base_url: &str, secret: &str, state: &TempDir) -> Settings {
    let signer = Signer::new(Key::from_base64(secret).unwrap(), OPERATIONS);
    let options = Options::default().with_retries_max(0).without_rate_limit();
    Settings::new(base_url, signer, state.path())
        .allow_trading(true)
        .with_options(options)
}

/// A document that takes this step so many times.
pub(crate) fn document(source: &str, step: &Value, count: usize) -> Value {
    let numbered = |number| {
        let mut step = step.clone();
        step["stepId"] = format!("step{number}").into();
        step
    };
    let steps: Vec<_> = (0..count).map(numbered).collect();
    json!({
        "arazzo": "1.0.1", "info": {"title": "The same step, again and again", "version": "1.0.0"},
        "sourceDescriptions": [{"name": "exchange", "url": source, "type": "openapi"}],
        "workflows": [{"workflowId": "bench", "steps": steps}],
    })
}
