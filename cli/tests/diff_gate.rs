//! The flags of `bpx diff` that make it a gate, as a user types them. `diff_gate/cases.toml` has the cases.

#![cfg(test)]

mod common;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::LazyLock;

use common::git::committed;
use common::{bpx, json, stderr, stdout};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(include_str!("diff_gate/cases.toml")).unwrap());

#[derive(Deserialize)]
struct Table {
    old: String,
    edited: BTreeMap<String, Vec<(String, String)>>,
    files: BTreeMap<String, String>,
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    run: String,
    code: i32,
    shows: Vec<String>,
}

/// Every document and file of the table.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("old.yaml", &TABLE.old);
    TABLE
        .files
        .iter()
        .for_each(|(name, text)| write(name, text));
    for (name, edits) in &TABLE.edited {
        let text = edits.iter().fold(TABLE.old.clone(), |text, (from, to)| {
            assert_eq!(text.matches(from).count(), 1, "{from}");
            text.replace(from, to)
        });
        write(name, &text);
    }
    folder
}

fn run(folder: &Path, line: &str) -> Output {
    let arguments: Vec<_> = ["diff"]
        .into_iter()
        .chain(line.split_whitespace())
        .collect();
    let mut command = bpx(&arguments);
    command.current_dir(folder).stdin(Stdio::null());
    command.output().unwrap()
}

#[test]
fn every_flag_has_its_exit_code_and_its_words() {
    let folder = folder();
    let has_git = committed(folder.path());
    for Case {
        run: line,
        code,
        shows,
    } in &TABLE.case
    {
        if !has_git && line.contains(':') {
            continue;
        }
        let output = run(folder.path(), line);
        let said = format!("{}{}", stdout(&output), stderr(&output));
        assert_eq!(output.status.code(), Some(*code), "{line}: {said}");
        for part in shows {
            assert!(said.contains(part), "{line}: {part} in {said}");
        }
        assert_eq!(stdout(&output).is_empty(), *code == 2, "{line}: {said}");
    }
}

#[test]
fn json_has_a_verdict_or_errors() {
    let folder = folder();
    let cases = TABLE.case.iter().filter(|it| !it.run.contains(':'));
    for Case {
        run: line, code, ..
    } in cases
    {
        let output = run(folder.path(), &format!("{line} --json"));
        let report = json(&output);
        assert_eq!(output.status.code(), Some(*code), "{line}");
        match code {
            2 => {
                assert!(report["problem"].is_string(), "{line}: {report}");
                assert_eq!(report["exit_code"], 2, "{line}: {report}");
                assert!(report["summary"].is_null(), "{line}: {report}");
            }
            code => assert_eq!(report["summary"]["passed"], *code == 0, "{line}: {report}"),
        }
    }
}

#[test]
fn a_document_can_come_from_standard_input_and_a_file_may_have_a_colon_in_its_name() {
    let folder = folder();
    let mut child = bpx(&["diff", "-", "breaking.yaml", "--json"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(TABLE.old.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(json(&output)["changes"][0]["old"]["file"], "stdin");
    if cfg!(unix) {
        std::fs::write(folder.path().join("HEAD:old.yaml"), "no document").unwrap();
        let output = run(folder.path(), "HEAD:old.yaml old.yaml");
        assert!(
            stderr(&output).contains("at: HEAD:old.yaml"),
            "{}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains("not an object"),
            "{}",
            stderr(&output)
        );
    }
}

#[test]
fn a_revision_refers_to_files_of_that_revision() {
    let folder = folder();
    let api = folder.path().join("api");
    std::fs::create_dir(&api).unwrap();
    let main = TABLE
        .old
        .replace("'#/components/schemas/Pet'", "parts/pet.yaml");
    let part = "type: object\nrequired: [name]\nproperties: {name: {type: string}}\n";
    std::fs::create_dir(api.join("parts")).unwrap();
    std::fs::write(api.join("main.yaml"), main).unwrap();
    std::fs::write(api.join("parts/pet.yaml"), part).unwrap();
    if !committed(folder.path()) {
        return;
    }
    std::fs::write(
        api.join("parts/pet.yaml"),
        part.replace("required: [name]\n", ""),
    )
    .unwrap();
    let output = run(folder.path(), "HEAD:api/main.yaml api/main.yaml");
    assert!(
        stdout(&output).contains("response-field-became-optional"),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
    let output = run(&api, "HEAD:./main.yaml main.yaml");
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
}

#[test]
fn entries_to_accept_what_fails_are_accepted_once_they_have_a_reason() {
    let folder = folder();
    let output = run(folder.path(), "old.yaml breaking.yaml --format accept");
    let entries = stdout(&output).replace("reason = \"\"", "reason = \"On purpose\"");
    std::fs::write(folder.path().join("written.toml"), entries).unwrap();
    let output = run(
        folder.path(),
        "old.yaml breaking.yaml --accept written.toml",
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn the_table_of_rules_has_every_rule() {
    let output = run(Path::new("."), "--rules");
    assert_eq!(stdout(&output), bpx_evolve::Rule::markdown());
}

#[test]
fn corrections_of_the_venue_are_made_where_they_fit_and_said() {
    let folder = folder();
    let write = |name: &str, value: &Value| {
        std::fs::write(folder.path().join(name), value.to_string()).unwrap();
    };
    let order = |extra: Value| {
        let mut value = bpx_venue::api().document().value.clone();
        strip(&mut value);
        value["x-extra"] = extra;
        value
    };
    // As the venue writes it: without this project's marks, so that the corrections change something.
    let mut venue = order(Value::Null);
    write("venue.json", &venue);
    let output = run(folder.path(), "venue.json venue.json");
    let said = stderr(&output);
    assert_eq!(
        said.matches("note: openapi/venue.overlay.yaml was applied to venue.json")
            .count(),
        2,
        "{said}"
    );
    venue["components"]["schemas"]["Side"] = Value::Null;
    venue["paths"]["/api/v1/order"]["get"]["responses"]["401"] = Value::Null;
    let output = run(folder.path(), "venue.json venue.json --overlay none");
    assert_eq!(stderr(&output), "");
    write("unfit.json", &venue);
    let said = run(folder.path(), "venue.json unfit.json");
    assert!(
        stderr(&said).contains("does not fit unfit.json and was not applied: action "),
        "{}",
        stderr(&said)
    );
}

/// Removes `x-undocumented` everywhere.
fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("x-undocumented");
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}
