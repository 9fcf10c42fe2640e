//! The workspace on disk, and running cargo from inside a test.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, bail};

/// What cargo tells the programs it runs about their own package, and flags that would make the other build another
/// one. Where cargo's home, its registries and the linkers are stays as it is.
const OF_THIS_BUILD: [&str; 10] = [
    "CARGO_BIN_",
    "CARGO_CRATE_",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MAKEFLAGS",
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
    "CARGO_PRIMARY_",
    "CARGO_TARGET_TMPDIR",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
];

/// The workspace's root folder.
#[must_use]
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
}

/// A folder below the one this build writes to.
#[must_use]
pub fn target(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root().join("target"), PathBuf::from);
    std::path::absolute(target.join(name)).unwrap_or_else(|_| root().join("target").join(name))
}

/// The documents this project was made from, if they lie beside the workspace; says so if they do not.
#[must_use]
pub fn upstream() -> Option<PathBuf> {
    let upstream = root().parent()?.join("shared/upstream");
    if upstream.is_dir() {
        return Some(upstream);
    }
    say("skipped: ../shared/upstream is not there");
    None
}

/// Runs cargo in a folder, offline, and gives what it printed on standard output.
///
/// # Errors
/// A cargo that fails, with all it printed.
pub fn cargo(folder: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = cargo_output(folder, arguments)?;
    done(&format!("cargo {}", arguments.join(" ")), &output)
}

/// Runs cargo in a folder, offline, whether or not it succeeds.
///
/// It builds in a folder of its own, which all such runs share: the cargo that runs the test does not wait for it, nor
/// it for that one, and what is built once stays.
///
/// # Errors
/// A cargo that cannot be started.
pub fn cargo_output(folder: &Path, arguments: &[&str]) -> anyhow::Result<Output> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    started(cargo.args(arguments), folder).context("cargo could not be started")
}

/// Runs a line of a shell in a folder, offline, and gives what it printed on standard output. Cargo builds as in [`cargo`].
///
/// # Errors
/// A line that fails, with all it printed.
pub fn shell(folder: &Path, line: &str, variables: &[(&str, &str)]) -> anyhow::Result<String> {
    let mut sh = Command::new("sh");
    sh.args(["-c", line]).envs(variables.iter().copied());
    let output =
        started(&mut sh, folder).with_context(|| format!("{line} could not be started"))?;
    done(line, &output)
}

fn started(command: &mut Command, folder: &Path) -> std::io::Result<Output> {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if OF_THIS_BUILD.iter().any(|start| text.starts_with(start)) {
            command.env_remove(&name);
        }
    }
    command
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target("e2e"))
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .stdin(Stdio::null())
        .output()
}

fn done(line: &str, output: &Output) -> anyhow::Result<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    bail!("{line} failed\n{text}\n{errors}")
}

/// A manifest's folder, put in order so that it builds with the versions of this workspace.
///
/// # Errors
/// A `Cargo.lock` that cannot be copied.
pub fn lock_like_workspace(folder: &Path) -> anyhow::Result<()> {
    let (from, to) = (root().join("Cargo.lock"), folder.join("Cargo.lock"));
    std::fs::copy(&from, &to).with_context(|| format!("copying {}", from.display()))?;
    Ok(())
}

/// A test's word to whoever reads its output.
#[allow(clippy::print_stdout, reason = "a skipped test must say so")]
fn say(text: &str) {
    println!("{text}");
}
