//! `bpx diff`, as a user types it.

#![cfg(test)]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::LazyLock;

use common::git::committed;
use common::{bpx, examples, json, stderr, stdout};
use tempfile::TempDir;

/// Our document with a closed enumeration.
static OURS: LazyLock<String> = LazyLock::new(|| {
    let ours = include_str!("../../openapi/backpack-order.openapi.yaml");
    let open = "    TimeInForce:\n      type: string\n";
    assert_eq!(ours.matches(open).count(), 1);
    ours.replace(open, &format!("{open}      x-closed: true\n"))
});

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings/exchanges")
}

/// Our document as `old.yaml`, beside others.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("old.yaml", &**OURS)].iter().chain(files) {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = bpx(arguments);
    command.current_dir(folder).stdin(Stdio::null());
    command.output().unwrap()
}

/// The only place where our document says this, said otherwise.
fn edited(from: &str, to: &str) -> String {
    assert_eq!(OURS.matches(from).count(), 1, "{from}");
    OURS.replace(from, to)
}

/// A value of a closed enumeration more.
fn breaking() -> String {
    edited("enum: [GTC, IOC, FOK]", "enum: [GTC, IOC, FOK, GTD]")
}

#[test]
fn the_exit_code_says_safe_breaking_or_not_compared() {
    let folder = folder(&[
        ("breaking.yaml", &breaking()),
        ("garbage.yaml", "\u{0}garbage: ["),
    ]);
    let code = |arguments: &[&str]| run_in(folder.path(), arguments).status.code();
    assert_eq!(code(&["diff", "old.yaml", "old.yaml"]), Some(0));
    assert_eq!(
        code(&["diff", "breaking.yaml", "old.yaml", "--json"]),
        Some(1)
    );
    assert_eq!(code(&["diff", "old.yaml", "breaking.yaml"]), Some(1));
    assert_eq!(
        code(&["diff", "old.yaml", "breaking.yaml", "--json"]),
        Some(1)
    );
    assert_eq!(code(&["diff", "old.yaml", "garbage.yaml"]), Some(2));
    assert_eq!(code(&["diff", "none.yaml", "old.yaml"]), Some(2));
    assert_eq!(code(&["diff", "old.yaml"]), Some(2));
    let names = ["diff", "old.yaml", "old.yaml", "--names", "none.toml"];
    assert_eq!(code(&names), Some(2));
    let names = ["diff", "old.yaml", "old.yaml", "--names", "garbage.yaml"];
    assert_eq!(code(&names), Some(2));
    let replay = ["diff", "old.yaml", "old.yaml", "--replay", "garbage.yaml"];
    assert_eq!(code(&replay), Some(2));
}

#[test]
fn a_document_does_not_differ_from_itself_and_nothing_more_is_said() {
    let folder = folder(&[]);
    let output = run_in(folder.path(), &["diff", "old.yaml", "old.yaml"]);
    assert_eq!(stdout(&output), "0 breaking, 0 risky, 0 safe\n");
    assert_eq!(stderr(&output), "");
}

#[test]
fn the_summary_comes_first_then_a_table_then_what_callers_notice() {
    let folder = folder(&[("new.yaml", &breaking())]);
    let output = run_in(folder.path(), &["diff", "old.yaml", "new.yaml"]);
    let line = OURS
        .lines()
        .position(|it| it.contains("[GTC, IOC, FOK]"))
        .unwrap()
        + 1;
    let text = stdout(&output);
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("1 breaking, 0 risky, 1 safe; for Rust callers a major version")
    );
    let rows: Vec<_> = lines.skip(1).take(2).collect();
    assert!(rows[0].starts_with(
        "breaking   response-closed-value-added  TimeInForce=GTD  major  cancel_open_orders, "
    ));
    assert!(rows[1].starts_with(
        "safe       request-closed-value-added   TimeInForce=GTD  major  execute_order, "
    ));
    for part in [
        "breaking[response-closed-value-added] TimeInForce=GTD\n",
        &format!("\n  at new.yaml:{line}#/components/schemas/TimeInForce/enum\n"),
        &format!("\n  was at old.yaml:{line}#/components/schemas/TimeInForce/enum\n"),
        "\n    + `Gtd`\n",
        "\"timeInForce\":\"GTD\"",
        "\nget_order            breaking   -                             no\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "colour belongs to terminals");
    assert!(
        stderr(&output).contains("1 change breaks callers"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn json_is_one_object_with_every_change() {
    let folder = folder(&[("new.yaml", &breaking())]);
    let output = run_in(folder.path(), &["diff", "old.yaml", "new.yaml", "--json"]);
    let report = json(&output);
    assert_eq!(report["summary"]["breaking"], 1);
    assert_eq!(report["summary"]["safe"], 1);
    assert_eq!(report["summary"]["semver"], "major");
    assert_eq!(report["changes"][0]["verdict"], "breaking");
    assert_eq!(
        report["changes"][0]["witness"]["body"][0]["timeInForce"],
        "GTD"
    );
    assert_eq!(report["old"]["file"], "old.yaml");
    assert!(report.get("replay").is_none());
}

#[test]
fn recordings_say_how_much_of_the_traffic_a_change_touches() {
    let new = edited("enum: [Bid, Ask]", "enum: [Bid]");
    let folder = folder(&[("new.yaml", &new)]);
    let recordings = recordings().display().to_string();
    let arguments = ["diff", "old.yaml", "new.yaml", "--replay", &recordings];
    let text = run_in(folder.path(), &arguments);
    let text = stdout(&text);
    assert!(text.contains("\nReplay: of 34 exchanges "), "{text}");
    assert!(
        text.contains("\n  new enum-unknown execute_order: "),
        "{text}"
    );
    let report = run_in(folder.path(), &[&arguments[..], &["--json"]].concat());
    let replay = &json(&report)["replay"];
    let count = |name: &str| replay[name].as_u64().unwrap();
    assert_eq!(count("exchanges"), 34);
    assert!(count("ok_to_finding") > 0);
    assert_eq!(count("finding_to_ok"), 0);
    assert_eq!(
        count("same") + count("ok_to_finding") + count("other_findings"),
        34
    );
    assert_eq!(replay["findings"][0]["turn"], "appeared");
    assert!(replay["findings"][0]["first"][0]["entry"].is_u64());
}

#[test]
fn what_cannot_be_compared_is_told_with_problem_place_and_fix() {
    let large = "- x\n".repeat(300_000);
    let folder = folder(&[
        ("empty.yaml", ""),
        ("binary.yaml", "\u{0}\u{1}\u{2}"),
        ("cut.json", "{\"openapi\": \"3.0.3\", "),
        ("list.yaml", &large),
        ("swagger.yaml", "swagger: '1.2'\npaths: {}\n"),
    ]);
    for file in [
        "empty.yaml",
        "binary.yaml",
        "cut.json",
        "list.yaml",
        "swagger.yaml",
        "none.yaml",
    ] {
        for arguments in [["diff", "old.yaml", file], ["diff", file, "old.yaml"]] {
            let output = run_in(folder.path(), &arguments);
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{file}: {said}");
            assert_eq!(stdout(&output), "", "{file}");
            for part in ["error: ", "at: ", file, "fix: "] {
                assert!(said.contains(part), "{file}: {part} in {said}");
            }
        }
    }
}

#[test]
fn a_reference_to_nothing_is_compared_as_it_is_written_and_noted() {
    let (from, to) = (
        "components/parameters/Limit'",
        "components/parameters/None'",
    );
    let folder = folder(&[("new.yaml", &OURS.replace(from, to))]);
    let output = run_in(folder.path(), &["diff", "old.yaml", "new.yaml"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("note: new.yaml#/paths/"), "{said}");
    assert!(said.contains("names nothing in this document"), "{said}");
}

#[test]
fn every_example_of_the_help_compares() {
    let accepted = "[severity]\n\"response-value-added\" = \"breaking\"\n";
    let folder = folder(&[
        ("new.yaml", &**OURS),
        ("venue.yaml", &**OURS),
        ("accepted.toml", accepted),
    ]);
    std::fs::create_dir(folder.path().join("openapi")).unwrap();
    std::fs::create_dir(folder.path().join("recordings")).unwrap();
    let copy = |from: &Path, to: &str| std::fs::copy(from, folder.path().join(to)).unwrap();
    let recording = std::fs::read_dir(recordings()).unwrap().flatten();
    let recording = recording
        .map(|it| it.path())
        .find(|it| it.is_file())
        .unwrap();
    copy(
        &recording,
        &format!("recordings/{}", recording.file_name().unwrap().display()),
    );
    copy(
        &folder.path().join("old.yaml"),
        "openapi/backpack-order.openapi.yaml",
    );
    let has_git = committed(folder.path());
    let examples = examples(&["diff"]);
    assert_eq!(examples.len(), 6);
    for example in examples {
        if !has_git && example.iter().any(|it| it.starts_with("HEAD:")) {
            continue;
        }
        let arguments: Vec<_> = example.iter().map(String::as_str).collect();
        let output = run_in(folder.path(), &arguments);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{example:?}: {}",
            stderr(&output)
        );
    }
    let help = bpx(&["diff", "--help"]).output().unwrap();
    let codes =
        "Exit codes: 0 nothing fails, 1 a change or a stale entry fails, 2 could not compare.";
    assert!(stdout(&help).contains(codes));
}
