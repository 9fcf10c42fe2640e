//! The examples of the pages are those that are compiled, and what the pages name exists.

use std::fs;

use bpx_tests::workspace::root;

use super::page;

/// The example that the README shows, run from here as well.
mod check {
    #![allow(
        clippy::print_stdout,
        reason = "it is an example: it talks to its reader"
    )]
    include!("../../examples/check.rs");

    pub(super) fn run() -> Result<(), Box<dyn std::error::Error>> {
        main()
    }
}

/// Compiled, not run: it takes its key and its exchange from the environment.
mod replace {
    #![allow(
        dead_code,
        clippy::print_stdout,
        reason = "it is an example: it talks to its reader, and nobody calls it here"
    )]
    include!("../../examples/replace.rs");
}

/// Likewise.
mod streams {
    #![allow(
        dead_code,
        clippy::print_stdout,
        reason = "it is an example: it talks to its reader, and nobody calls it here"
    )]
    include!("../../examples/streams.rs");
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

#[test]
fn the_examples_of_the_client_are_those_that_are_compiled() {
    let page = text("docs/depend.md");
    for example in ["check", "replace"] {
        let example = text(&format!("tests/examples/{example}.rs"));
        assert!(
            page.contains(&format!("```rust\n{example}```")),
            "{example}"
        );
    }
    check::run().unwrap();
}

#[test]
fn every_command_of_the_workspace_that_a_page_shows_exists() {
    let tasks = text("xtask/src/main.rs");
    let mut count = 0;
    for page in page::all() {
        let blocks = page
            .blocks
            .iter()
            .filter(|block| block.info.starts_with("sh"));
        for block in blocks {
            let shown = block.text.split("cargo xtask ").skip(1);
            for command in shown.filter_map(|rest| rest.split([' ', '\n']).next()) {
                let variant = format!("commands::{}::Args", command.replace('-', "_"));
                assert!(
                    tasks.contains(&variant),
                    "{}: `cargo xtask {command}`",
                    page.path
                );
                count += 1;
            }
        }
    }
    assert!(count > 10);
}

#[test]
fn every_guard_that_the_architecture_names_is_there() {
    let text = text("ARCHITECTURE.md");
    let (_, invariants) = text.split_once("## Invariants").unwrap();
    let paths: Vec<_> = invariants
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| code.contains('/') && !code.contains(' '))
        .collect();
    assert!(paths.len() > 10, "{paths:?}");
    for path in paths {
        assert!(root().join(path).exists(), "ARCHITECTURE.md names {path}");
    }
}
