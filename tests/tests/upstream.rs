//! Documents nobody here wrote become crates that stand alone and compile.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong, in its helpers too"
)]

use std::fs;
use std::path::Path;

use bpx_tests::workspace::{cargo, lock_like_workspace, root, target, upstream};

/// Generates into a fresh folder below `target`, and compiles what is there.
#[track_caller]
fn compiles(folder: &str, openapi: &Path, schema: Option<&Path>) -> String {
    let out = target(folder);
    if out.exists() {
        fs::remove_dir_all(&out).unwrap();
    }
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (openapi, out_text) = (text(openapi), text(&out));
    let schema = schema.map_or_else(|| "none".to_owned(), text);
    let generate = [
        "xtask",
        "generate",
        "--openapi",
        &openapi,
        "--schema",
        &schema,
        "--out",
        &out_text,
    ];
    let said = cargo(&root(), &generate).unwrap_or_else(|error| panic!("{error}"));
    lock_like_workspace(&out).unwrap();
    cargo(&out, &["check", "--quiet", "--all-targets"]).unwrap_or_else(|error| panic!("{error}"));
    said
}

#[test]
fn the_venues_own_documents_become_a_crate_that_compiles() {
    let Some(upstream) = upstream() else { return };
    let openapi = upstream.join("backpack-order-api-openapi.yml");
    let schema = upstream.join("order.schema.json");
    let said = compiles("upstream", &openapi, Some(&schema));
    assert!(said.contains("8 operations"), "{said}");
}

#[test]
fn a_document_with_every_shape_of_the_venues_whole_one_becomes_a_crate_that_compiles() {
    let document = root().join("codegen/tests/fixtures/venue-like.openapi.yaml");
    let said = compiles("venue-like", &document, None);
    assert!(said.contains("operations"), "{said}");
}
