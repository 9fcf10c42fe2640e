//! The help of each operation, and that no output contains the secret.

use crate::common::exchange::Exchange;
use crate::common::{bpx, examples, stderr, stdout};
use crate::{TWO_ORDERS, kebab, order};

#[test]
fn every_argument_of_every_operation_is_a_flag_with_its_help() {
    for operation in bpx_venue::api().operations() {
        let output = bpx(&[&kebab(&operation.id), "--help"]).output().unwrap();
        let help = stdout(&output);
        assert!(help.contains(&operation.summary));
        for argument in operation.arguments() {
            let flag: String = argument
                .name
                .chars()
                .flat_map(|c| {
                    let dash =
                        (c.is_ascii_uppercase() && !argument.name.contains('-')).then_some('-');
                    dash.into_iter().chain([c.to_ascii_lowercase()])
                })
                .collect();
            assert!(
                help.contains(&format!(" --{flag} <")),
                "{}: {flag}",
                operation.id
            );
        }
        let writes = help.contains("--allow-trading");
        assert_eq!(writes, !operation.effect.only_reads(), "{}", operation.id);
        assert!(help.contains("  5  unknown"));
    }
}

#[test]
fn the_examples_of_every_operation_are_calls_that_are_made() {
    let exchange = Exchange::start();
    std::fs::write(exchange.state.path().join("orders.json"), TWO_ORDERS).unwrap();
    let operations = bpx_venue::api().operations().map(|it| kebab(&it.id));
    let short = bpx_venue::SHORTHANDS.iter().map(|it| it.name.to_owned());
    for command in operations.chain(short) {
        let examples = examples(&[&command]);
        assert!(!examples.is_empty(), "{command}");
        for example in examples {
            let example: Vec<_> = example.iter().map(String::as_str).collect();
            let output = exchange.run(&example);
            // There is no order 28.
            assert!(
                matches!(output.status.code(), Some(0 | 3)),
                "{example:?}: {}",
                stderr(&output)
            );
        }
    }
}

#[test]
fn the_secret_is_neither_printed_nor_kept() {
    let exchange = Exchange::start();
    let secret = exchange.sandbox.api_secret();
    let mut command = exchange.command(&order(&["--json"]));
    let output = command.env("RUST_LOG", "trace").output().unwrap();
    assert!(output.status.success());
    for said in [&output.stdout, &output.stderr] {
        assert!(!String::from_utf8_lossy(said).contains(&secret));
    }
    let files = std::fs::read_dir(exchange.state.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    for file in files.filter(|path| path.is_file()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(
            !String::from_utf8_lossy(&bytes).contains(&secret),
            "{}",
            file.display()
        );
    }
}
