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
