//! Severities of one's own, what is left out, and a recording that grows.

use std::fs::OpenOptions;
use std::io::Write as _;

use crate::support::*;
use bpx_conformance::report::{FINDINGS_MAX, Report};
use bpx_conformance::{
    Baseline, Contract, Error, Format, Ignore, RunOptions, Settings, View, Watch, check, render,
};
use bpx_recording::sources;
use serde_json::{Value, json};

/// A rule that is broken by two operations, at different statuses, and one by a third.
fn lines() -> Vec<String> {
    let bad = with(limit_order(), &[("price", json!("abc"))]);
    vec![
        line(GET_ORDER, 200, JSON, &bad.to_string()),
        line(GET_ORDER, 503, "text/html", "<html>"),
        line("GET /metrics", 200, "text/plain", "up 1"),
        line(GET_ORDER, 200, JSON, &limit_order().to_string()),
    ]
}

fn report(contract: &Contract, settings: &Settings, lines: &[String]) -> Report {
    let folder = folder();
    let file = file(folder.path(), "a.ndjson", lines.join("\n"));
    let mut options = RunOptions::default();
    options.settings = settings.clone();
    check(contract, sources(&[file]).unwrap(), &options).unwrap()
}

fn ignoring(texts: &[&str]) -> Settings {
    let ignored = texts.iter().map(|it| it.parse::<Ignore>().unwrap());
    Settings::default().ignoring(ignored)
}

fn judged(settings: &Settings) -> Value {
    let contract = ours();
    let report = report(&contract, settings, &lines());
    json_of(&contract, &report)
}

#[test]
fn what_is_ignored_is_left_out_and_counted() {
    let all = [
        "error-body-not-json",
        "format-decimal",
        "operation-undocumented",
    ];
    let cases: [(&[&str], &[&str], u64); 9] = [
        (&[], &all, 0),
        (&["rule=format-decimal"], &[all[0], all[2]], 0),
        (&["rule=format-decimal,status=503"], &all, 0),
        (
            &["rule=format-decimal,operation=get_*,status=2XX"],
            &[all[0], all[2]],
            0,
        ),
        (&["status=5XX"], &[all[1], all[2]], 1),
        (&["path=/metrics"], &[all[0], all[1]], 1),
        (&["path=/api/*"], &[all[2]], 3),
        (&["operation=get_order", "path=/metrics"], &[], 4),
        (&["host=*.example.org"], &all, 0),
    ];
    for (ignored, expected, left_out) in cases {
        let report = judged(&ignoring(ignored));
        assert_eq!(rules(&report), expected, "{ignored:?}");
        let summary = &report["summary"];
        let skipped = summary["skipped"]["ignored"].as_u64().unwrap_or(0);
        assert_eq!(skipped, left_out, "{ignored:?}");
        let findings = summary["ignored"]["format-decimal"].as_u64().unwrap_or(0);
        let is_gone = left_out == 0 && expected.len() < all.len();
        assert_eq!(findings, u64::from(is_gone), "{ignored:?}");
    }
}

#[test]
fn a_selector_that_selects_nothing_is_refused() {
    for (text, problem) in [
        ("rule=formt-decimal", "unknown variant"),
        ("colour=red", "unknown field"),
        ("status=5xx", "5XX"),
        ("status=50", "5XX"),
        ("header-missing", "KEY=VALUE"),
        ("path=/a,path=/b", "twice"),
        ("path=[", "Pattern"),
    ] {
        let error = text.parse::<Ignore>().unwrap_err();
        assert!(error.contains(problem), "{text}: {error}");
    }
}

#[test]
fn severities_and_what_is_ignored_stand_in_a_file() {
    let folder = folder();
    let text = "[severity]\nformat-decimal = \"note\"\nnull-undeclared = \"error\"\n\n\
                [[ignored]]\nrule = \"error-body-not-json\"\n\n[[ignored]]\npath = \"/metrics\"\n";
    let path = file(folder.path(), "rules.toml", text);
    let settings = Settings::read(path.as_ref()).unwrap();
    let report = judged(&settings);
    assert_eq!(rules(&report), ["null-undeclared"]);
    assert_eq!(finding(&report, "format-decimal")["severity"], "note");
    let summary = &report["summary"];
    assert_eq!(summary["errors"], summary["rules"]["null-undeclared"]);
    for bad in [
        "[severity]\nprice = \"note\"",
        "[severity]\nformat-decimal = \"off\"",
        "[[ignored]]\n",
        "a = 1",
    ] {
        let path = file(folder.path(), "bad.toml", bad);
        let read = Settings::read(path.as_ref());
        assert!(matches!(read, Err(Error::Settings { .. })), "{bad}");
    }
}

#[test]
fn parts_that_were_judged_differently_are_not_merged() {
    let contract = ours();
    let mut plain = report(&contract, &Settings::default(), &lines());
    let ignoring = report(&contract, &ignoring(&["status=5XX"]), &lines());
    assert!(matches!(plain.merge(ignoring), Err(Error::Mixed(_))));
}

#[test]
fn the_summary_comes_first_and_the_coverage_on_request() {
    let contract = ours();
    let report = report(&contract, &ignoring(&["path=/metrics"]), &lines());
    let mut view = View::new(&contract, &report, &Baseline::default()).unwrap();
    let short = render(&view, Format::Human).unwrap();
    let begin = "failed: 1 error, 1 warning, 4 notes, 0 findings accepted\n\
                 4 interactions from 1 input: 2 responses validated, skipped: 1 not JSON, 1 ignored\n";
    assert!(short.starts_with(begin), "{short}");
    assert!(
        short.contains("coverage: 1 of 8 operations (listed with --coverage)\n"),
        "{short}"
    );
    assert!(!short.contains("never"), "{short}");
    view.lists_coverage = true;
    let long = render(&view, Format::Human).unwrap();
    assert!(
        long.contains("cancel_order") && long.contains("never"),
        "{long}"
    );
}

#[test]
fn every_report_says_how_many_findings_it_does_not_show() {
    let contract = ours();
    // Each name is a finding of its own.
    let unknown = |at: usize| {
        let name = format!("field{}", letters(at));
        line(
            GET_ORDER,
            200,
            JSON,
            &with(limit_order(), &[(&name, json!(1))]).to_string(),
        )
    };
    let lines: Vec<_> = (0..FINDINGS_MAX + 7).map(unknown).collect();
    let report = report(&contract, &Settings::default(), &lines);
    let view = View::new(&contract, &report, &Baseline::default()).unwrap();
    let missing = view.not_kept();
    assert!(missing >= 7, "{missing}");
    for (format, name) in Format::ALL {
        let text = render(&view, format).unwrap();
        let (id, count) = match format {
            Format::Json => ("findings_not_kept", format!(": {missing}")),
            _ => ("findings-not-kept", format!("{missing} times beyond")),
        };
        assert!(text.contains(id) && text.contains(&count), "{name}");
    }
    let page = render(&view, Format::Html).unwrap();
    assert!(page.contains("more different findings are in the JSON report"));
    assert!(page.len() < 2_000_000, "{}", page.len());
}

/// A name without digits for each number.
fn letters(number: usize) -> String {
    let digits = number.to_string();
    digits
        .bytes()
        .map(|it| char::from(it - b'0' + b'a'))
        .collect()
}

#[test]
fn a_watched_recording_is_judged_line_by_line_as_it_grows() {
    let (contract, options, folder) = (ours(), RunOptions::default(), folder());
    let name = file(folder.path(), "grows.ndjson", "");
    let mut writer = OpenOptions::new().append(true).open(&name).unwrap();
    let mut append = |text: &str| writer.write_all(text.as_bytes()).unwrap();
    let mut watch = Watch::open(&contract, &name, &options).unwrap();
    let mut new = || {
        let (found, _) = watch.poll().unwrap();
        let rules = found.iter().map(|it| it.subject.rule.id());
        rules
            .filter(|it| *it != "null-undeclared")
            .collect::<Vec<_>>()
    };
    let lines = lines();
    assert!(new().is_empty());
    let (begin, end) = lines[0].split_at(40);
    append(begin);
    assert!(new().is_empty(), "half a line");
    append(&format!("{end}\n"));
    assert_eq!(new(), ["format-decimal"]);
    append(&format!("{}\n{}\n\n{}", lines[0], lines[1], lines[2]));
    assert_eq!(
        new(),
        ["error-body-not-json"],
        "and the known one is not reported again"
    );
    let watched = watch.finish();
    let whole = run(&contract, &[name]);
    assert_eq!(json_of(&contract, &watched), json_of(&contract, &whole));
}

#[test]
fn a_watched_recording_that_is_cut_ends_the_watch() {
    let (contract, options, folder) = (ours(), RunOptions::default(), folder());
    let name = file(folder.path(), "cut.ndjson", lines().join("\n"));
    let mut watch = Watch::open(&contract, &name, &options).unwrap();
    watch.poll().unwrap();
    std::fs::write(&name, "").unwrap();
    assert!(watch.poll().unwrap_err().to_string().contains("shorter"));
}
