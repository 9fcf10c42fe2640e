//! One report in six forms, and a baseline.

use crate::support::*;
use bpx_conformance::report::Report;
use bpx_conformance::{Baseline, Contract, Error, Format, Rule, View, render};
use serde_json::{Value, json};

/// A recording with a fault of each severity, and one that tries to get into every format's syntax.
fn report(contract: &Contract) -> Report {
    let folder = folder();
    let evil = "</script><img src=x onerror=alert(1)>]]>&\"'%0a::error::";
    let lines = [
        line(GET_ORDER, 200, JSON, &limit_order().to_string()),
        line(
            GET_ORDER,
            200,
            JSON,
            &with(limit_order(), &[("price", json!("abc")), (evil, json!(1))]).to_string(),
        ),
        line(
            GET_ORDER,
            200,
            JSON,
            &with(
                limit_order(),
                &[("price", json!("abc")), ("status", json!(evil))],
            )
            .to_string(),
        ),
        line(
            "GET /api/v1/order?symbol=A&colour=1",
            503,
            "text/html",
            "<html>",
        ),
        line(
            &format!("GET /{}", evil.replace([' ', '"'], "")),
            200,
            JSON,
            "{}",
        ),
    ];
    let file = file(folder.path(), "a b,:%.ndjson", lines.join("\n"));
    run(contract, &[file])
}

fn shown(format: Format, baseline: &Baseline) -> String {
    let contract = ours();
    let report = report(&contract);
    let view = View::new(&contract, &report, baseline).unwrap();
    render(&view, format).unwrap()
}

fn plain(format: Format) -> String {
    shown(format, &Baseline::default())
}

#[test]
fn no_line_for_people_begins_with_a_recorded_text() {
    let contract = ours();
    let folder = folder();
    let path = "/api/v1/order\n::error::PATHINJ";
    let recorded = json!({
        "bpx": 1, "started": "2026-11-20T04:17:55.048Z", "elapsed_us": 900, "method": "GET", "path": path,
        "query": "", "status": 200, "headers": [["content-type", JSON]], "body": {},
    });
    let file = file(folder.path(), "a.ndjson", recorded.to_string());
    let report = run(&contract, &[file]);
    let view = View::new(&contract, &report, &Baseline::default()).unwrap();
    let text = render(&view, Format::Human).unwrap();
    assert!(text.contains("/api/v1/order\\n::error::PATHINJ"), "{text}");
    assert!(text.lines().all(|line| !line.starts_with("::")), "{text}");
}

fn baseline(rows: &[(&str, &str)]) -> Result<Baseline, Error> {
    let folder = folder();
    let rows = rows.iter().map(|(fingerprint, reason)| {
        format!("[[accepted]]\nfingerprint = \"{fingerprint}\"\nreason = \"{reason}\"\n")
    });
    let path = file(folder.path(), "accepted.toml", rows.collect::<String>());
    Baseline::read(path.as_ref())
}

#[test]
fn the_json_report_says_rule_severity_operation_pointer_count_and_where() {
    let report: Value = serde_json::from_str(&plain(Format::Json)).unwrap();
    let found = finding(&report, "format-decimal");
    assert_eq!(
        (
            &found["severity"],
            &found["operation"],
            &found["pointer"],
            &found["count"]
        ),
        (
            &json!("error"),
            &json!("get_order"),
            &json!("/price"),
            &json!(2)
        )
    );
    let mut lines: Vec<_> = found["where"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["line"].as_u64().unwrap())
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, [2, 3]);
    assert!(
        found["where"][0]["file"]
            .as_str()
            .unwrap()
            .ends_with("a b,:%.ndjson")
    );
    assert_eq!(
        (
            &found["where"][0]["value"],
            found["where"][0]["entry"].is_u64()
        ),
        (&json!("\"aaa\""), true)
    );
    assert_eq!(found["fingerprint"].as_str().unwrap().len(), 16);
}

#[test]
fn coverage_says_what_was_seen_and_what_never() {
    let report: Value = serde_json::from_str(&plain(Format::Json)).unwrap();
    let coverage = report["coverage"].as_array().unwrap();
    assert_eq!(coverage.len(), 8);
    let order = coverage
        .iter()
        .find(|it| it["operation"] == "get_order")
        .unwrap();
    assert_eq!(order["statuses"]["200"]["count"], 3);
    assert_eq!(order["seen"]["OrderStatus=New"]["count"], 2);
    assert_eq!(
        order["seen"]["OrderType:Limit"]["first"],
        "2026-11-20T04:17:55.048Z"
    );
    let never = &order["never"];
    assert!(
        never["statuses"]
            .as_array()
            .unwrap()
            .contains(&json!("404"))
    );
    for name in [
        "OrderType:Market",
        "Side=Ask",
        "LimitOrder.triggerPrice",
        "ApiErrorCode=TIMEOUT",
    ] {
        assert!(
            never["names"].as_array().unwrap().contains(&json!(name)),
            "{name}"
        );
    }
    assert!((1..100).contains(&order["percent"].as_u64().unwrap()));
    let fills = coverage
        .iter()
        .find(|it| it["operation"] == "get_fills")
        .unwrap();
    assert_eq!(fills["exchanges"]["count"], 0);
}

#[test]
fn values_of_the_recording_are_in_no_report() {
    let order = with(
        limit_order(),
        &[
            ("price", json!("77.31x")),
            ("executedQuantity", json!("secret-amount")),
        ],
    );
    let contract = ours();
    let folder = folder();
    let file = file(
        folder.path(),
        "a.ndjson",
        line(GET_ORDER, 200, JSON, &order.to_string()),
    );
    let report = run(&contract, &[file]);
    let view = View::new(&contract, &report, &Baseline::default()).unwrap();
    let partial = serde_json::to_string(&report).unwrap();
    let texts = Format::ALL.map(|(format, _)| render(&view, format).unwrap());
    for text in texts.iter().chain([&partial]) {
        assert!(!text.contains("77.31") && !text.contains("secret-amount"));
    }
    assert!(
        texts[0].contains("99.99a"),
        "the form of the value is shown"
    );
}

#[test]
fn sarif_has_the_shape_of_2_1_0() {
    let log: Value = serde_json::from_str(&plain(Format::Sarif)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), Rule::ALL.len() + 2);
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 5);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        assert!(result["occurrenceCount"].as_u64().unwrap() >= 1);
        assert!(result["partialFingerprints"]["bpx/v1"].is_string());
        for location in result["locations"].as_array().unwrap() {
            let physical = &location["physicalLocation"];
            let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.ends_with("a%20b,:%25.ndjson"), "{uri}");
            assert!(physical["region"]["startLine"].as_u64().unwrap() >= 1);
        }
    }
}

/// Tags open and close in pairs, and nothing else looks like one.
fn is_well_formed(xml: &str) {
    let mut open = Vec::new();
    let mut rest = xml;
    while let Some((text, after)) = rest.split_once('<') {
        assert!(!text.contains('>') && !text.contains("]]>"), "{text}");
        let (tag, after) = after.split_once('>').unwrap();
        rest = after;
        if tag.starts_with(['?', '!']) || tag.ends_with('/') {
            continue;
        }
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None => open.push(tag.split_whitespace().next().unwrap()),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn junit_is_well_formed_and_counts_its_failures() {
    let xml = plain(Format::Junit);
    is_well_formed(&xml);
    let failures = xml.matches("<failure ").count();
    assert!(failures >= 5, "{xml}");
    let counted: usize = xml
        .split("failures=\"")
        .skip(1)
        .map(|it| it.split('"').next().unwrap().parse::<usize>().unwrap())
        .sum();
    assert_eq!(counted, failures);
    assert!(xml.contains("<skipped message=\"never recorded\"/>"));
}

#[test]
fn annotations_stay_one_to_a_line() {
    let text = plain(Format::Github);
    assert!(text.lines().count() >= 5);
    for line in text.lines() {
        let (properties, _) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        assert!(
            ["error", "warning", "notice"].contains(&properties.split(' ').next().unwrap()),
            "{line}"
        );
    }
    assert!(
        text.contains("a b%2C%3A%25.ndjson,line=2,title=format-decimal::"),
        "{text}"
    );
}

#[test]
fn the_page_is_self_contained_and_nothing_in_it_comes_from_the_recording_as_markup() {
    let page = plain(Format::Html);
    for forbidden in [
        "<script",
        "<img",
        "http://",
        "https://",
        "onerror=alert(1)>",
        "<html>\n<html",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert_eq!(page.matches("<svg").count(), 2);
    assert!(page.contains("prefers-color-scheme:dark") && page.contains("default-src 'none'"));
    assert!(
        page.contains("aria-label=\"Findings over time\"") && page.contains("<rect class=\"bad\"")
    );
}

#[test]
fn the_text_names_rule_place_and_fix() {
    let text = plain(Format::Human);
    assert!(
        text.contains(
            "error[format-decimal] get_order response: A string is not a decimal: /price (LimitOrder)"
        ),
        "{text}"
    );
    assert!(text.contains(".ndjson:2 (byte ") && text.contains("  fix: "));
    assert!(
        text.contains("skipped: 1 no such operation, 1 not JSON"),
        "{text}"
    );
}

#[test]
fn accepted_findings_do_not_fail_and_stale_rows_do() {
    let report: Value = serde_json::from_str(&plain(Format::Json)).unwrap();
    let all: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["fingerprint"].as_str().unwrap(), "known"))
        .collect();
    let accepted: Value =
        serde_json::from_str(&shown(Format::Json, &baseline(&all).unwrap())).unwrap();
    assert_eq!(
        (&accepted["passed"], &accepted["findings"][0]["accepted"]),
        (&json!(true), &json!("known"))
    );
    let but_one: Value =
        serde_json::from_str(&shown(Format::Json, &baseline(&all[1..]).unwrap())).unwrap();
    assert_eq!(but_one["passed"], false);
    let stale = [all.as_slice(), &[("0123456789abcdef", "gone")]].concat();
    let stale = baseline(&stale).unwrap();
    let report: Value = serde_json::from_str(&shown(Format::Json, &stale)).unwrap();
    assert_eq!(
        (&report["passed"], &report["baseline"]["stale"][0]["reason"]),
        (&json!(false), &json!("gone"))
    );
    for (format, word) in [
        (Format::Human, "error[stale-baseline]"),
        (Format::Junit, "stale-baseline"),
        (Format::Sarif, "stale-baseline"),
        (Format::Github, "stale-baseline"),
        (Format::Html, "stale-baseline"),
    ] {
        assert!(shown(format, &stale).contains(word), "{format:?}");
    }
}

#[test]
fn a_baseline_gives_reasons() {
    assert!(
        matches!(baseline(&[("a", " ")]), Err(Error::Baseline { reason, .. }) if reason.contains("no reason"))
    );
    assert!(
        matches!(baseline(&[("a", "x"), ("a", "y")]), Err(Error::Baseline { reason, .. }) if reason.contains("twice"))
    );
    let folder = folder();
    let path = file(
        folder.path(),
        "accepted.json",
        r#"{"accepted":[{"fingerprint":"a","reason":"b"}]}"#,
    );
    assert_eq!(
        Baseline::read(path.as_ref()).unwrap().reason("a"),
        Some("b")
    );
    let path = file(folder.path(), "bad.toml", "accepted = 1");
    assert!(matches!(
        Baseline::read(path.as_ref()),
        Err(Error::Baseline { .. })
    ));
}

#[test]
fn every_rule_has_an_id_of_its_own_a_meaning_and_a_fix() {
    let mut ids: Vec<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), Rule::ALL.len());
    for rule in Rule::ALL {
        assert!(
            rule.meaning().ends_with('.') && rule.fix().ends_with('.'),
            "{rule}"
        );
        assert_eq!(serde_json::to_value(rule).unwrap(), rule.id());
    }
}
