//! What the README says is so.

#![cfg(test)]

use std::fs;

use bpx_tests::workspace::root;

/// The example that the README shows, run from here as well.
mod check {
    #![allow(
        clippy::print_stdout,
        reason = "it is an example: it talks to its reader"
    )]
    include!("../examples/check.rs");

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
    include!("../examples/replace.rs");
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

#[test]
fn the_recorded_page_passes_the_check_that_the_readme_shows() {
    let example = fs::read_to_string(root().join("tests/examples/check.rs")).unwrap();
    assert!(readme().contains(&format!("```rust\n{example}```")));
    check::run().unwrap();
}

#[test]
fn the_workflow_run_from_rust_is_the_example_that_is_compiled() {
    let example = fs::read_to_string(root().join("tests/examples/replace.rs")).unwrap();
    assert!(readme().contains(&format!("```rust\n{example}```")));
}

#[test]
fn every_file_that_the_readme_links_to_is_there() {
    let text = readme();
    let links: Vec<_> = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|link| !link.starts_with("http"))
        .collect();
    assert!(links.len() > 3);
    for link in links {
        let file = link.split('#').next().unwrap();
        assert!(root().join(file).exists(), "README.md links to {link}");
    }
}

#[test]
fn every_command_of_the_workspace_that_the_readme_shows_exists() {
    let tasks = fs::read_to_string(root().join("xtask/src/main.rs")).unwrap();
    let text = readme();
    let shown: Vec<_> = text
        .split("cargo xtask ")
        .skip(1)
        .filter_map(|rest| rest.split([' ', '`', '\n']).next())
        .collect();
    assert!(shown.len() > 3);
    for command in shown {
        let variant = format!("commands::{}::Args", command.replace('-', "_"));
        assert!(
            tasks.contains(&variant),
            "README.md shows `cargo xtask {command}`"
        );
    }
}

#[test]
fn every_guard_that_the_architecture_names_is_there() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
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
