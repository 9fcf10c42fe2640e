//! Signals to a process that this test started.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use bpx_sandbox::Fault;

use super::exchange::Exchange;

/// Longer than any test.
pub const LONG_MS: u64 = 600_000;

pub fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args([name, &id]).status();
    assert!(sent.expect("there is `kill`").success());
}

/// Types a command whose request meets the fault, and waits until the exchange has that request.
pub fn begun(exchange: &Exchange, arguments: &[&str], operation: &str, fault: Fault) -> Child {
    exchange
        .sandbox
        .arm(fault.on(operation))
        .expect("a known fault");
    let mut command = exchange.command(arguments);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let method = match operation.split_once('_') {
        Some(("get", _)) => "GET",
        Some(("cancel", _)) => "DELETE",
        _ => "POST",
    };
    // A request that is held back counts as a fault, one whose response is held back as a request.
    let seen = || exchange.sandbox.faults_fired().len() + exchange.requests(method);
    let before = seen();
    let child = command.spawn().expect("the binary starts");
    let waits = Instant::now();
    while seen() == before {
        let waited = waits.elapsed();
        assert!(waited < Duration::from_secs(60), "the request never came");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

/// The same, interrupted by a signal while no response is there.
pub fn interrupted(
    exchange: &Exchange,
    arguments: &[&str],
    operation: &str,
    fault: Fault,
    name: &str,
) -> Output {
    let child = begun(exchange, arguments, operation, fault);
    signal(&child, name);
    child.wait_with_output().expect("it ends")
}
