//! `cargo xtask import` as a program: its exit codes, its next steps with their places, and that it can write nothing.

#![cfg(test)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bpx_contract::Document;
use serde_json::{Value, json};

const OPENAPI: &str = "openapi/backpack-order.openapi.yaml";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Our document after an edit, as the venue could publish it.
fn venue(edit: impl FnOnce(&mut Value)) -> Value {
    let mut value = Document::read(&root().join(OPENAPI)).unwrap().value;
    edit(&mut value);
    value
}

/// Imports a document from standard input; the exit code and the report.
fn import(document: &str, args: &[&str]) -> (i32, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .current_dir(root())
        .args(["import", "-", "--json"])
        .args(args);
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(document.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), report)
}

fn dry(edit: impl FnOnce(&mut Value)) -> (i32, Value) {
    let document = venue(edit).to_string();
    import(&document, &["--overlay", "none", "--dry-run"])
}

/// The steps of a kind: the text of the file at their line, and the action.
fn steps(report: &Value, kind: &str) -> Vec<(String, String)> {
    let all = report["steps"].as_array().unwrap().iter();
    let wanted = all.filter(|it| it["kind"] == kind);
    let found = wanted.map(|step| {
        let place = &step["place"];
        let line = place["line"]
            .as_u64()
            .and_then(|line| usize::try_from(line).ok());
        let file = place["file"].as_str().unwrap_or_default();
        let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        let at = line
            .and_then(|line| text.lines().nth(line - 1))
            .unwrap_or_default();
        (
            at.trim().to_owned(),
            step["action"].as_str().unwrap().to_owned(),
        )
    });
    found.collect()
}

fn schemas(value: &mut Value) -> &mut serde_json::Map<String, Value> {
    value["components"]["schemas"].as_object_mut().unwrap()
}

#[test]
fn the_row_of_a_renamed_component_is_a_step() {
    let (code, report) = dry(|value| {
        let text = value.to_string().replace("OrderFill\"", "Fill2\"");
        *value = serde_json::from_str(&text).unwrap();
    });
    assert_eq!(code, 0);
    assert_eq!(report["status"], "not-written");
    assert_eq!(
        report["renamed_types"],
        json!([{"old": "OrderFill", "new": "Fill2"}])
    );
    let rows = steps(&report, "names");
    let [(line, action)] = &rows[..] else {
        panic!("{rows:?}")
    };
    assert_eq!(line, "[[type]]");
    assert!(action.contains("`component = \"Fill2\"`"), "{action}");
    // The row settled, callers see nothing change.
    assert_eq!(report["surface"], json!([]));
    assert_eq!(steps(&report, "words"), []);
}

#[test]
fn what_a_removed_operation_leaves_behind_is_listed() {
    let (code, report) = dry(|value| {
        let orders = value["paths"]["/api/v1/orders"].as_object_mut().unwrap();
        orders.shift_remove("delete").unwrap();
        schemas(value)
            .shift_remove("OrderCancelAllPayload")
            .unwrap();
        schemas(value).shift_remove("CancelOrderTypeEnum").unwrap();
    });
    assert_eq!(code, 0);
    let rows = steps(&report, "names");
    assert!(
        rows.iter()
            .all(|(_, action)| action.starts_with("remove this row")),
        "{rows:?}"
    );
    assert_eq!(rows.len(), 2);
    let lines = steps(&report, "capability");
    let [(line, action)] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert!(line.contains("cancel-open-orders"), "{line}");
    let called = "is called by the route `DELETE /api/v1/orders`, the tool `backpack-cancel-open-orders`, but";
    assert!(action.contains(called), "{action}");
    let used = steps(&report, "source");
    let is_search = |(_, action): &(String, String)| action.contains("found by a search");
    assert!(!used.is_empty() && used.iter().all(is_search), "{used:?}");
}

#[test]
fn a_required_field_is_a_step_for_the_workflow_and_for_its_description() {
    let (_, report) = dry(|value| {
        let payload = &mut schemas(value)["OrderExecutePayload"];
        payload["properties"]["ack"] = json!({"type": "boolean"});
        payload["required"]
            .as_array_mut()
            .unwrap()
            .push(json!("ack"));
    });
    let lines = steps(&report, "workflow");
    let [(line, action)] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert_eq!(line, "payload:");
    assert!(action.contains("`ack`"), "{action}");
    let words = steps(&report, "words");
    let [(_, action)] = &words[..] else {
        panic!("{words:?}")
    };
    assert_eq!(action, "describe `OrderExecutePayload.ack`");
}

#[test]
fn actions_of_the_overlay_that_change_nothing_are_steps() {
    let said = json!({
        "description": "No open order has this identifier.",
        "x-undocumented": true,
        "content": {"application/json; charset=utf-8": {"schema": {"$ref": "#/components/schemas/ApiErrorResponse"}}},
    });
    let venue = venue(|value| {
        value["paths"]["/api/v1/order"]["delete"]["responses"]["404"] = said;
    });
    let (code, report) = import(&venue.to_string(), &["--check"]);
    assert_eq!((code, &report["status"]), (0, &json!("nothing-to-import")));
    let idle = steps(&report, "overlay");
    let [(line, action)] = &idle[..] else {
        panic!("{idle:?}")
    };
    let wanted = "remove action 3 of openapi/venue.overlay.yaml, it changes nothing";
    assert_eq!(action, wanted);
    assert!(line.starts_with("- target:"), "{line}");
}

#[test]
fn check_fails_if_facts_differ_and_writes_nothing() {
    let before = std::fs::read(root().join(OPENAPI)).unwrap();
    let changed = venue(|value| value["paths"]["/api/v1/order"]["get"]["deprecated"] = json!(true));
    let (code, report) = import(&changed.to_string(), &["--check", "--overlay", "none"]);
    assert_eq!(code, 1);
    assert_eq!(report["changed"], json!([OPENAPI]));
    assert_eq!(report["written"], json!([]));
    assert_eq!(std::fs::read(root().join(OPENAPI)).unwrap(), before);
}

#[test]
fn what_cannot_be_read_is_a_fault_with_its_place() {
    let other = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a: {get: {responses: {'200': {description: d}}}}\n";
    let faults = [
        ("[1", "line", json!(1)),
        ("swagger: '1.2'", "pointer", json!("/swagger")),
        (other, "pointer", json!("/paths")),
    ];
    for (document, member, wanted) in faults {
        let (code, report) = import(document, &["--overlay", "none"]);
        assert_eq!(
            (code, &report["status"]),
            (2, &json!("failed")),
            "{document}"
        );
        let place = &report["faults"][0]["place"];
        assert_eq!(place["file"], "standard input");
        assert_eq!(place[member], wanted, "{report}");
    }
}
