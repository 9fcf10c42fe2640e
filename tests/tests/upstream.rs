//! Documents nobody here wrote become crates that stand alone and compile.

#![cfg(test)]

use std::fs;
use std::path::Path;

use bpx_tests::workspace::{cargo, lock_like_workspace, root, target, upstream};

/// Generates into a fresh folder below `target`, and compiles what is there. Each workflow file is an input of its own.
#[track_caller]
fn compiles(folder: &str, openapi: &Path, schema: Option<&Path>, workflows: &[&Path]) -> String {
    let out = target(folder);
    if out.exists() {
        fs::remove_dir_all(&out).unwrap();
    }
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (openapi, out_text) = (text(openapi), text(&out));
    let schema = schema.map_or_else(|| "none".to_owned(), text);
    let workflows: Vec<_> = workflows.iter().map(|it| text(it)).collect();
    let mut generate = vec![
        "xtask",
        "generate",
        "--openapi",
        &openapi,
        "--schema",
        &schema,
        "--out",
        &out_text,
    ];
    generate.extend(workflows.iter().flat_map(|it| ["--workflow", it]));
    let said = cargo(&root(), &generate).unwrap_or_else(|error| panic!("{error}"));
    lock_like_workspace(&out).unwrap();
    let check = ["check", "--quiet", "--all-targets", "--all-features"];
    cargo(&out, &check).unwrap_or_else(|error| panic!("{error}"));
    said
}

#[test]
fn the_venues_own_documents_become_a_crate_that_compiles() {
    let Some(upstream) = upstream() else { return };
    let openapi = upstream.join("backpack-order-api-openapi.yml");
    let schema = upstream.join("order.schema.json");
    // Both workflows have the same id.
    let workflows = [
        &upstream.join("cancel-replace-order.arazzo.yml"),
        &root().join("workflows/cancel-replace-order.arazzo.yaml"),
    ];
    let workflows = workflows.map(|it| it.as_path());
    let said = compiles("upstream", &openapi, Some(&schema), &workflows);
    assert!(said.contains("8 operations"), "{said}");
    assert!(said.contains("2 workflows"), "{said}");
}

#[test]
fn a_document_with_every_shape_of_the_venues_whole_one_becomes_a_crate_that_compiles() {
    let document = root().join("codegen/tests/fixtures/venue-like.openapi.yaml");
    let said = compiles("venue-like", &document, None, &[]);
    assert!(said.contains("operations"), "{said}");
}

#[test]
fn workflows_with_every_kind_of_name_input_and_output_become_types_that_compile() {
    let fixtures = root().join("codegen/tests/fixtures");
    let workflows = fixtures.join("odd.arazzo.yaml");
    let document = fixtures.join("odd.openapi.yaml");
    let said = compiles("odd", &document, None, &[&workflows]);
    assert!(said.contains("17 workflows"), "{said}");
}

#[test]
fn workflows_of_other_apis_become_types_that_compile() {
    let fixtures = root().join("codegen/tests/fixtures");
    let workflows = fixtures.join("shop.arazzo.yaml");
    let document = fixtures.join("shop.openapi.yaml");
    let said = compiles("shop", &document, None, &[&workflows]);
    assert!(said.contains("1 workflow"), "{said}");
}
