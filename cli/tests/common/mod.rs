//! Starts the binary and reads what it says.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each test file uses a part of it"
)]
#![cfg(test)]

pub mod exchange;
pub mod git;
#[cfg(unix)]
pub mod signal;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The seed and public key of the vectors.
pub const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
pub const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// The binary, without a key of whoever runs the tests.
pub fn bpx(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bpx"));
    command
        .args(arguments)
        .env_remove("BACKPACK_API_SECRET")
        .env_remove("BACKPACK_API_KEY")
        .env_remove("BACKPACK_BASE_URL")
        .env_remove("BPX_STATE")
        .env_remove("BPX_JOURNAL")
        .env_remove("RUST_LOG");
    command
}

/// Runs it with the seed of the vectors.
pub fn run(arguments: &[&str]) -> Output {
    run_with(arguments, &[("BACKPACK_API_SECRET", SEED)])
}

pub fn run_with(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    bpx(arguments)
        .envs(environment.iter().copied())
        .output()
        .expect("the binary starts")
}

/// Starts a server, and gives the line that it prints when it is ready.
pub fn ready(mut command: Command) -> (Child, String) {
    let pipes = command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = pipes.spawn().expect("the binary starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("it is piped");
    let mut stdout = BufReader::new(stdout);
    stdout.read_line(&mut line).expect("stdout is text");
    (child, line)
}

/// SIGKILL, on Unix.
pub fn end(child: &mut Child) {
    child.kill().expect("it is ours");
}

pub fn stdout(output: &Output) -> &str {
    str::from_utf8(&output.stdout).expect("stdout is text")
}

pub fn stderr(output: &Output) -> &str {
    str::from_utf8(&output.stderr).expect("stderr is text")
}

pub fn json(output: &Output) -> Value {
    serde_json::from_str(stdout(output)).expect("stdout is one JSON value")
}

/// The example lines of a command's help, split into arguments as a shell would.
pub fn examples(command: &[&str]) -> Vec<Vec<String>> {
    let output = run(&[command, &["--help"]].concat());
    stdout(&output)
        .lines()
        .filter_map(|line| line.strip_prefix("  bpx "))
        .map(arguments)
        .collect()
}

fn arguments(line: &str) -> Vec<String> {
    let pieces = line.split('\'').enumerate();
    pieces
        .flat_map(|(at, piece)| match at % 2 {
            0 => piece.split_whitespace().map(str::to_owned).collect(),
            _ => vec![piece.to_owned()],
        })
        .collect()
}
