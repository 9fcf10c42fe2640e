//! Checking and drawing documents.

use std::fs;

use tempfile::TempDir;

use crate::common::{run_with, stderr, stdout};
use crate::{NAME, code};

const OURS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../workflows/cancel-replace-order.arazzo.yaml"
);

#[test]
fn a_document_without_a_fault_passes_by_name_and_by_path() {
    let output = run_with(&["workflow", "check", NAME, OURS], &[]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let lines: Vec<_> = stdout(&output).lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines.iter().all(|line| line.ends_with("nothing is wrong")),
        "{lines:?}"
    );
}

#[test]
fn a_fault_is_told_with_step_pointer_schema_and_the_nearest_field_and_the_others_are_checked_too() {
    let folder = TempDir::new().unwrap();
    let text = fs::read_to_string(OURS).unwrap();
    let wrong = text.replace(
        "newOrderId: $response.body#/id",
        "newOrderId: $response.body#/idd",
    );
    assert_ne!(wrong, text);
    let path = folder.path().join("wrong.arazzo.yaml");
    fs::write(&path, wrong).unwrap();
    let output = run_with(&["workflow", "check", path.to_str().unwrap(), NAME], &[]);
    assert_eq!(code(&output), 1);
    for part in [
        "wrong.arazzo.yaml",
        "placeReplacement",
        "/idd",
        "nearest field is `id`",
        "fix:",
    ] {
        assert!(
            stderr(&output).contains(part),
            "{part}: {}",
            stderr(&output)
        );
    }
    assert!(
        stdout(&output).contains("nothing is wrong"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_document_is_drawn_as_a_flowchart() {
    let output = run_with(&["workflow", "graph", NAME], &[]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let graph = stdout(&output);
    assert!(graph.starts_with("flowchart TD\n"), "{graph}");
    for part in [
        "readOrder<br/>get_order",
        "|alreadyFilled|",
        "already-done([already-done])",
    ] {
        assert!(graph.contains(part), "{part}: {graph}");
    }
    for wrong in [
        ["workflow", "graph", "nobody.yaml", "--workflow", "a"],
        ["workflow", "graph", NAME, "--workflow", "a"],
    ] {
        assert_eq!(code(&run_with(&wrong, &[])), 2);
    }
}

#[test]
fn of_a_folder_each_document_and_each_cause_is_told_with_its_first_place() {
    let folder = TempDir::new().unwrap();
    let contract = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/pets/{id}": {"get": {"operationId": "getPet",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}], "responses": {"200": {"description": ""}}}}}}"#;
    fs::write(folder.path().join("api.json"), contract).unwrap();
    let write = |name: &str, operation: &str, id: &str| {
        let text = format!(
            "arazzo: 1.0.1\ninfo: {{title: t, version: '1'}}\nsourceDescriptions: [{{name: api, url: {}api.json}}]\nworkflows:\n- workflowId: w\n  inputs: {{type: object, properties: {{id: {{type: string}}}}}}\n  steps: [{{stepId: a, operationId: {operation}, parameters: [{{name: id, in: path, value: {id}}}]}}]\n",
            if name.contains('/') { "../" } else { "" }
        );
        fs::write(folder.path().join(name), text).unwrap();
    };
    fs::create_dir(folder.path().join("inner")).unwrap();
    write("good.yaml", "getPet", "'7'");
    write("doubt.yaml", "getPet", "$inputs.id");
    write("inner/one.yaml", "getPat", "'7'");
    write("inner/two.yml", "putPet", "'7'");
    let path = folder.path().to_str().unwrap();
    let output = run_with(&["workflow", "check", path], &[]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let words: Vec<_> = stdout(&output).split_whitespace().collect();
    let table = words.join(" ");
    for part in [
        "good.yaml checked workflows: 1, steps: 1",
        "doubt.yaml warned warnings: 1",
        "one.yaml refused step `a`: the source `api` has no operation `getPat`",
        "2 2 the source … has no operation …",
        "first: ",
        "documents: 4, checked: 1, warned: 1, refused: 2",
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }
    let output = run_with(&["workflow", "check", path, "--json", "--strict"], &[]);
    let report: serde_json::Value = serde_json::from_str(stdout(&output)).unwrap();
    assert_eq!((code(&output), &report["refused"]), (1, &3.into()));
    let causes = report["causes"].as_array().unwrap();
    let first = causes[0]["first"].as_str().unwrap();
    assert!(first.ends_with("one.yaml#/workflows/0/steps/0"), "{first}");
    assert_eq!(
        code(&run_with(
            &["workflow", "check", path, "--source", "api=nowhere.json"],
            &[]
        )),
        1
    );
    let empty = TempDir::new().unwrap();
    let output = run_with(&["workflow", "check", empty.path().to_str().unwrap()], &[]);
    assert_eq!(code(&output), 2, "{}", stdout(&output));
}
