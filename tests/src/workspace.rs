//! The workspace on disk, and running cargo from inside a test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

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

/// The programs of this workspace.
#[derive(Debug, Clone)]
pub struct Programs {
    /// `bpx`.
    pub bpx: PathBuf,
    /// `cargo xtask`.
    pub xtask: PathBuf,
}

/// The programs of this workspace: those that were built with this test, if they are of the sources as they are, else built.
///
/// # Panics
/// If they do not compile.
#[must_use]
#[allow(clippy::panic, reason = "a test has no other way to fail here")]
pub fn programs() -> &'static Programs {
    static BUILT: OnceLock<Programs> = OnceLock::new();
    BUILT.get_or_init(|| {
        if let (Some(bpx), Some(xtask)) = (built("bpx"), built("xtask")) {
            return Programs { bpx, xtask };
        }
        for package in ["bpx", "xtask"] {
            if let Err(error) = cargo(&root(), &["build", "--quiet", "--package", package]) {
                panic!("{error:#}");
            }
        }
        let folder = target("e2e").join("debug");
        Programs {
            bpx: folder.join("bpx"),
            xtask: folder.join("xtask"),
        }
    })
}

/// A program beside this test, unless it is older than one of its sources, which cargo lists in a file.
fn built(name: &str) -> Option<PathBuf> {
    let test = std::env::current_exe().ok()?;
    let program = test.parent()?.parent()?.join(name);
    let modified = |path: &Path| path.metadata().and_then(|it| it.modified()).ok();
    let made = modified(&program)?;
    let sources = fs::read_to_string(program.with_extension("d")).ok()?;
    let (_, sources) = sources.split_once(": ")?;
    let mut sources = sources.split_whitespace();
    let is_fresh = sources.all(|source| modified(Path::new(source)).is_some_and(|it| it <= made));
    is_fresh.then_some(program)
}

/// Puts a `bpx` and a `cargo` into a folder that run the programs of this workspace: `cargo xtask` in the workspace at `root`,
/// and `cargo run -- …`, which is `bpx`. Gives the `PATH` that finds them first.
///
/// # Errors
/// A folder that cannot be written to.
#[cfg(unix)]
pub fn path_with_programs(folder: &Path, root: &Path) -> std::io::Result<String> {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let programs = programs();
    symlink(&programs.bpx, folder.join("bpx"))?;
    let cargo = format!(
        "#!/bin/sh\ncase \"$1\" in\n\
         run) while [ \"$1\" != -- ]; do shift; done; shift; exec bpx \"$@\";;\n\
         xtask) shift; CARGO_MANIFEST_DIR='{}' exec '{}' \"$@\";;\n\
         esac\necho \"no such command in a test: cargo $*\" >&2; exit 1\n",
        root.join("xtask").display(),
        programs.xtask.display(),
    );
    let file = folder.join("cargo");
    fs::write(&file, cargo)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
    let path = std::env::var("PATH").unwrap_or_default();
    Ok(format!("{}:{path}", folder.display()))
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
    fs::copy(&from, &to).with_context(|| format!("copying {}", from.display()))?;
    Ok(())
}

/// A test's word to whoever reads its output.
#[allow(clippy::print_stdout, reason = "a skipped test must say so")]
fn say(text: &str) {
    println!("{text}");
}
