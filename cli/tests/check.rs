//! `bpx check` and `bpx report merge`, as a user types them.

#![cfg(test)]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use common::{bpx, json, stderr, stdout};
use tempfile::TempDir;

const FINE: &str = r#"{"method":"DELETE","url":"/api/v1/orders","status":202,"response_body":""}"#;
const FAULT: &str = r#"{"method":"DELETE","url":"/api/v1/orders","status":418,"response_body":""}"#;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = bpx(arguments);
    command.current_dir(folder).stdin(Stdio::null());
    command.output().unwrap()
}

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings/exchanges")
}

#[test]
fn the_exit_code_says_clean_findings_or_not_checked() {
    let folder = folder(&[
        ("fine.ndjson", FINE),
        ("fault.ndjson", FAULT),
        ("empty.ndjson", ""),
    ]);
    let code = |arguments: &[&str]| run_in(folder.path(), arguments).status.code();
    assert_eq!(code(&["check", "fine.ndjson"]), Some(0));
    assert_eq!(code(&["check", "fine.ndjson", "fault.ndjson"]), Some(1));
    assert_eq!(code(&["check", "none.ndjson"]), Some(2));
    assert_eq!(code(&["check", "empty.ndjson"]), Some(2));
    assert_eq!(
        code(&["check", "fine.ndjson", "--openapi", "fine.ndjson"]),
        Some(2)
    );
    assert_eq!(code(&["check"]), Some(2));
    assert_eq!(
        code(&["check", "fine.ndjson", "--shard", "2/2", "--partial", "p"]),
        Some(2)
    );
}

#[test]
fn every_format_is_written_to_a_file_or_printed() {
    let folder = folder(&[("fault.ndjson", FAULT)]);
    for (format, word) in [
        ("human", "error[status-undocumented]"),
        ("json", "\"rule\": \"status-undocumented\""),
        ("junit", "<failure type=\"status-undocumented\""),
        ("sarif", "\"ruleId\": \"status-undocumented\""),
        (
            "github",
            "::error file=fault.ndjson,line=1,title=status-undocumented::",
        ),
        ("html", "<td class=\"error\">status-undocumented</td>"),
    ] {
        let arguments = ["check", "fault.ndjson", "--format", format];
        let printed = run_in(folder.path(), &arguments);
        assert!(stdout(&printed).contains(word), "{format}");
        let output = run_in(
            folder.path(),
            &[&arguments[..], &["--output", "out"]].concat(),
        );
        assert!(stdout(&output).is_empty());
        let written = std::fs::read_to_string(folder.path().join("out")).unwrap();
        assert_eq!(written, stdout(&printed), "{format}");
        assert!(stderr(&output).contains("fix:"), "{}", stderr(&output));
    }
}

#[test]
fn a_baseline_accepts_until_it_is_stale() {
    let folder = folder(&[("fault.ndjson", FAULT), ("fine.ndjson", FINE)]);
    let report = json(&run_in(
        folder.path(),
        &["check", "fault.ndjson", "--format", "json"],
    ));
    let fingerprint = report["findings"][0]["fingerprint"].as_str().unwrap();
    let rows = format!("[[accepted]]\nfingerprint = \"{fingerprint}\"\nreason = \"a teapot\"\n");
    std::fs::write(folder.path().join("accepted.toml"), rows).unwrap();
    let with = |file| {
        run_in(
            folder.path(),
            &["check", file, "--baseline", "accepted.toml"],
        )
    };
    assert_eq!(with("fault.ndjson").status.code(), Some(0));
    let stale = with("fine.ndjson");
    assert_eq!(stale.status.code(), Some(1));
    assert!(stdout(&stale).contains("stale baseline"));
}

#[test]
fn shards_merge_to_the_report_of_the_whole_in_any_order_and_grouping() {
    let lines: String = [FINE, FAULT, FINE].map(|line| format!("{line}\n")).concat();
    let folder = folder(&[("a.ndjson", &lines), ("b.ndjson", FINE)]);
    let run = |arguments: &[&str]| run_in(folder.path(), arguments);
    for index in 0..3 {
        let (shard, part) = (format!("{index}/3"), format!("part-{index}.json"));
        let output = run(&[
            "check",
            "a.ndjson",
            "b.ndjson",
            "--shard",
            &shard,
            "--partial",
            &part,
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    let merge = |parts: &[&str]| {
        let output = run(&[&["report", "merge", "--format", "json"], parts].concat());
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        stdout(&output).to_owned()
    };
    let merged = merge(&["part-0.json", "part-1.json", "part-2.json"]);
    assert_eq!(
        merge(&["part-2.json", "part-0.json", "part-1.json", "part-0.json"]),
        merged
    );
    run(&[
        "report",
        "merge",
        "part-2.json",
        "part-1.json",
        "--partial",
        "half.json",
    ]);
    assert_eq!(merge(&["half.json", "part-0.json"]), merged);
    let whole = json(&run(&["check", "a.ndjson", "b.ndjson", "--format", "json"]));
    let merged: serde_json::Value = serde_json::from_str(&merged).unwrap();
    for part in ["summary", "findings", "coverage", "patch"] {
        assert_eq!(merged[part], whole[part], "{part}");
    }
    let broken = run(&["report", "merge", "a.ndjson"]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(stderr(&broken).contains("not a partial report"));
}

#[test]
fn standard_input_is_read() {
    let folder = folder(&[]);
    let mut command = bpx(&["check", "-", "--format", "json", "--stdin-name", "part 7"]);
    command
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), FINE.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(json(&output)["inputs"][0]["file"], "part 7");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_recordings_that_are_checked_in_pass() {
    let recordings = recordings().display().to_string();
    let output = run_in(Path::new("."), &["check", &recordings]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(
        stdout(&output).contains("none skipped"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn rows_are_held_against_a_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/order.schema.json");
    let folder = folder(&[("rows.ndjson", "{\"id\": 5}\n")]);
    let schema = schema.display().to_string();
    let output = run_in(
        folder.path(),
        &[
            "check",
            "rows.ndjson",
            "--schema",
            &schema,
            "--format",
            "json",
        ],
    );
    let report = json(&output);
    assert_eq!(report["summary"]["exchanges"], 1);
    assert!(
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["rule"] == "type-wrong" && it["pointer"] == "/id")
    );
}
