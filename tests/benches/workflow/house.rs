//! An exchange in this process, and a runner that is connected to it.

use std::time::{Duration, Instant};

use bpx_client::operations::OPERATIONS;
use bpx_dispatch::{Dispatch, Settings};
use bpx_runtime::{Key, Options, Signer};
use bpx_sandbox::{Sandbox, SandboxConfig};
use bpx_workflow::{Catalog, Library, Outcome, Runner};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) const SYMBOL: &str = "SOL_USDC";

pub(crate) struct House {
    pub(crate) runtime: Runtime,
    pub(crate) sandbox: Sandbox,
    pub(crate) dispatch: Dispatch,
    runner: Runner,
    _state: TempDir,
}

/// On a disk, so that what is durable costs what it costs.
pub(crate) const DISK: &str = env!("CARGO_TARGET_TMPDIR");
/// In memory, where the system has such a folder, so that nothing hides what is not the disk's.
pub(crate) const MEMORY: &str = "/dev/shm";

impl House {
    /// With its state in a folder of this one.
    pub(crate) fn open(folder: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let sandbox = runtime.block_on(Sandbox::start(SandboxConfig::bare()));
        let sandbox = sandbox.unwrap();
        let state = TempDir::new_in(folder).unwrap();
        let settings = settings(&sandbox.base_url(), &sandbox.api_secret(), &state);
        let dispatch = runtime.block_on(Dispatch::open(settings)).unwrap();
        let runner = Runner::new(dispatch.clone());
        Self {
            runtime,
            sandbox,
            dispatch,
            runner,
            _state: state,
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

pub(crate) fn catalog() -> Catalog {
    Catalog::new(bpx_venue::api().clone())
}

pub(crate) fn settings(base_url: &str, secret: &str, state: &TempDir) -> Settings {
    let signer = Signer::new(Key::from_base64(secret).unwrap(), OPERATIONS);
    let options = Options::default().with_retries_max(0).without_rate_limit();
    bpx_venue::settings(base_url, signer, state.path())
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
