//! The client can be depended on from outside the workspace, with the code that the README shows.

#![cfg(test)]

use std::fs;

use bpx_tests::workspace::{cargo, lock_like_workspace, root};

const EXAMPLE: &str = "tests/examples/depend.rs";

fn example() -> String {
    fs::read_to_string(root().join(EXAMPLE)).unwrap()
}

#[test]
fn the_readme_shows_the_example_as_it_is() {
    let readme = fs::read_to_string(root().join("README.md"))
        .expect("README.md shows how to depend on the client");
    let block = format!("```rust\n{}```", example());
    assert!(
        readme.contains(&block),
        "README.md must hold {EXAMPLE} as a rust block, letter by letter"
    );
}

#[test]
fn a_project_of_its_own_compiles_the_example() {
    let project = tempfile::tempdir().unwrap();
    let client = root()
        .join("generated")
        .display()
        .to_string()
        .replace('\\', "/");
    let manifest = format!(
        r#"[package]
name = "depends-on-the-client"
version = "0.1.0"
edition = "2024"

[dependencies]
bpx-client = {{ path = "{client}" }}
tokio = {{ version = "1", features = ["macros", "rt-multi-thread"] }}

[workspace]
"#
    );
    fs::create_dir(project.path().join("src")).unwrap();
    fs::write(project.path().join("Cargo.toml"), manifest).unwrap();
    fs::write(project.path().join("src/main.rs"), example()).unwrap();
    lock_like_workspace(project.path()).unwrap();
    cargo(project.path(), &["check", "--quiet"]).unwrap_or_else(|error| panic!("{error}"));
}
