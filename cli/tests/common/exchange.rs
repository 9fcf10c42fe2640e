//! A local exchange and a state folder for the binary to work with.

use std::process::{Command, Output};

use bpx_sandbox::{Fault, Sandbox, SandboxConfig};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::bpx;

pub struct Exchange {
    pub sandbox: Sandbox,
    pub state: TempDir,
    /// The exchange runs as long as this does.
    pub runtime: Runtime,
}

impl Exchange {
    pub fn start() -> Self {
        Self::with(SandboxConfig::bare())
    }

    pub fn with(config: SandboxConfig) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let sandbox = runtime.block_on(Sandbox::start(config));
        Self {
            sandbox: sandbox.expect("a local exchange"),
            state: TempDir::new().expect("a folder"),
            runtime,
        }
    }

    /// The binary, with all that it needs in the environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bpx(arguments);
        command
            .env("BACKPACK_BASE_URL", self.sandbox.base_url())
            .env("BACKPACK_API_SECRET", self.sandbox.api_secret())
            .env("BPX_STATE", self.state.path())
            .current_dir(self.state.path());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary starts")
    }

    /// The next order arrives and its answer does not; nor is there an answer to who asks after it.
    pub fn lose_the_next_order(&self) {
        for rule in [
            Fault::DropAfter.on("execute_order"),
            Fault::Maintenance.on("get_order").always(),
        ] {
            self.sandbox.arm(rule).expect("a fault");
        }
    }

    /// How many requests the exchange has seen by this method, whatever it answered.
    pub fn requests(&self, method: &str) -> usize {
        let verified = self.sandbox.verified();
        verified
            .iter()
            .filter(|request| request.method == method)
            .count()
    }
}
