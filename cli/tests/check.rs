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

/// An interaction whose body nobody recorded: nothing is found, and nothing validated.
const BODILESS: &str =
    r#"{"method":"GET","url":"/api/v1/order?symbol=SOL_USDC&orderId=1","status":200}"#;

#[test]
fn the_exit_code_says_clean_findings_or_not_checked() {
    let folder = folder(&[
        ("fine.ndjson", FINE),
        ("fault.ndjson", FAULT),
        ("empty.ndjson", ""),
        ("bodiless.ndjson", BODILESS),
    ]);
    let code = |arguments: &[&str]| run_in(folder.path(), arguments).status.code();
    assert_eq!(code(&["check", "fine.ndjson"]), Some(0));
    assert_eq!(code(&["check", "fine.ndjson", "fault.ndjson"]), Some(1));
    assert_eq!(code(&["check", "none.ndjson"]), Some(2));
    assert_eq!(code(&["check", "empty.ndjson"]), Some(2));
    assert_eq!(code(&["check", "bodiless.ndjson"]), Some(2));
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
fn recordings_of_which_nothing_is_validated_fail_with_the_reason_in_one_line() {
    let folder = folder(&[
        ("none.har", r#"{"log":{"version":"1.2","entries":[]}}"#),
        ("null.har", r#"{"log":{"version":"1.2","entries":null}}"#),
        ("list.json", "[]"),
        ("nulls.json", "[null]"),
        ("cassette.yaml", "interactions: []\nversion: 1\n"),
        ("mappings.json", r#"{"mappings":[]}"#),
        ("pairs.json", r#"{"data":{"pairs":[]},"meta":{}}"#),
        (
            "damaged.json",
            r#"{"method":"DELETE","path":"/api/v1/orders","status":202,"response_body_base64":"!"}"#,
        ),
        ("bodiless.ndjson", BODILESS),
        ("items.json", r#"{"info":{},"item":[]}"#),
        ("page.html", "<html></html>"),
        (
            "cdn.ndjson",
            r#"{"method":"GET","url":"https://cdn.example/app.js","status":200,"body":"x"}"#,
        ),
    ]);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let output = run_in(folder.path(), &["check", &name]);
        assert_eq!(output.status.code(), Some(2), "{name} {}", stdout(&output));
        let first = stderr(&output).lines().next().unwrap();
        assert!(
            first.starts_with("error: no response was validated: "),
            "{name} {first}"
        );
        assert!(stdout(&output).contains(" validated, "), "{name}");
    }
}

#[test]
fn hosts_say_whether_a_request_without_an_operation_is_the_apis() {
    let elsewhere =
        r#"{"method":"GET","url":"https://cdn.example/app.js","status":200,"body":"x"}"#;
    let folder = folder(&[("mixed.ndjson", &format!("{FINE}\n{elsewhere}\n"))]);
    let code = |arguments: &[&str]| {
        let arguments = [&["check", "mixed.ndjson"], arguments].concat();
        run_in(folder.path(), &arguments).status.code()
    };
    assert_eq!(code(&[]), Some(0));
    assert_eq!(code(&["--host", "pets.example"]), Some(0));
    assert_eq!(code(&["--host", "cdn.example"]), Some(1));
    assert_eq!(code(&["--any-host"]), Some(1));
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
    assert!(stdout(&stale).contains("error[stale-baseline]"));
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

#[test]
fn what_is_ignored_and_how_severe_a_rule_is_is_the_users_choice() {
    let folder = folder(&[
        ("fine.ndjson", FINE),
        ("fault.ndjson", FAULT),
        ("rules.toml", "[severity]\nstatus-undocumented = \"note\"\n"),
    ]);
    let code = |more: &[&str]| {
        let arguments = [&["check", "fine.ndjson", "fault.ndjson"], more].concat();
        run_in(folder.path(), &arguments).status.code()
    };
    assert_eq!(code(&[]), Some(1));
    assert_eq!(code(&["--rules", "rules.toml"]), Some(0));
    assert_eq!(code(&["--ignore", "status=418"]), Some(0));
    assert_eq!(code(&["--ignore", "status=5XX"]), Some(1));
    assert_eq!(
        code(&["--ignore", "operation=*"]),
        Some(2),
        "all is ignored"
    );
    assert_eq!(code(&["--ignore", "statu=418"]), Some(2));
    assert_eq!(code(&["--rules", "fine.ndjson"]), Some(2));
}

#[cfg(unix)]
#[test]
fn a_watched_recording_tells_findings_as_they_come_and_ends_with_the_report() {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};

    let folder = folder(&[("grows.ndjson", "")]);
    let mut watching = bpx(&["check", "grows.ndjson", "--watch"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut shown = BufReader::new(watching.stderr.take().unwrap());
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(folder.path().join("grows.ndjson"))
        .unwrap();
    writeln!(file, "{FINE}\n{FAULT}").unwrap();
    let mut line = String::new();
    shown.read_line(&mut line).unwrap();
    assert!(line.contains("error[status-undocumented]"), "{line}");
    let id = watching.id().to_string();
    std::process::Command::new("kill")
        .args(["-INT", &id])
        .status()
        .unwrap();
    let mut report = String::new();
    let mut out = watching.stdout.take().unwrap();
    out.read_to_string(&mut report).unwrap();
    assert!(
        report.starts_with("failed: 1 error, 0 warnings"),
        "{report}"
    );
    assert!(report.contains("2 interactions from 1 input"), "{report}");
    assert_eq!(watching.wait().unwrap().code(), Some(1));
}

/// A message that fits the embedded document.
const TICKER: &str = r#"{"stream":"bookTicker.SOL_USDC","data":{"e":"bookTicker","E":1,"s":"SOL_USDC","a":"20.2","A":"5","b":"20.1","B":"7","u":9,"T":1}}"#;

#[test]
fn messages_of_streams_are_checked_or_reported_as_unchecked() {
    let weather = "openapi: 3.0.3\ninfo: {title: Weather, version: '1'}\npaths: {}\n";
    let fault = TICKER.replace("\"20.2\"", "20.2");
    let folder = folder(&[
        ("fine.ndjson", TICKER),
        ("fault.ndjson", &fault),
        ("both.ndjson", &[FINE, TICKER].join("\n")),
        ("weather.yaml", weather),
    ]);
    let run = |arguments: &[&str]| run_in(folder.path(), arguments);
    let fine = run(&["check", "fine.ndjson"]);
    assert_eq!(fine.status.code(), Some(0), "{}", stdout(&fine));
    assert!(stdout(&fine).contains("1 stream message: 1 validated, none skipped"));
    assert!(
        stdout(&fine).contains(" operations, 1 of "),
        "{}",
        stdout(&fine)
    );
    let fault = run(&["check", "fault.ndjson"]);
    assert_eq!(fault.status.code(), Some(1));
    assert!(stdout(&fault).contains("error[type-wrong] bookTicker.{symbol} message: "));

    // Another API has other streams.
    let unchecked = run(&["check", "fine.ndjson", "--openapi", "weather.yaml"]);
    assert_eq!(unchecked.status.code(), Some(2));
    assert!(
        stderr(&unchecked).contains("no AsyncAPI document"),
        "{}",
        stderr(&unchecked)
    );
    let openapi =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/backpack-order.openapi.yaml");
    let openapi = openapi.display().to_string();
    let beside = run(&["check", "both.ndjson", "--openapi", &openapi]);
    assert_eq!(beside.status.code(), Some(1));
    assert!(stdout(&beside).contains("warning[message-not-checked]"));

    let asyncapi =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../asyncapi/backpack-streams.asyncapi.yaml");
    let asyncapi = asyncapi.display().to_string();
    let named = run(&[
        "check",
        "both.ndjson",
        "--openapi",
        &openapi,
        "--asyncapi",
        &asyncapi,
    ]);
    assert_eq!(named.status.code(), Some(0), "{}", stdout(&named));
    let wrong = run(&["check", "fine.ndjson", "--asyncapi", "weather.yaml"]);
    assert_eq!(wrong.status.code(), Some(2));
}
