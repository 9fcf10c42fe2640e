//! Alerts, dashboard and the table of metrics name metrics and labels that a gateway has.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use bpx_contract::Document;
use bpx_gateway::METRICS;
use serde_json::Value;

use crate::common::exchange::Exchange;
use crate::{Gateway, file, has, order, text};

/// Labels that Prometheus adds itself.
const OF_PROMETHEUS: [&str; 2] = ["instance", "job"];

/// What a gateway that was used a little reports.
fn metrics() -> String {
    let exchange = Exchange::start();
    let gateway = Gateway::start(&exchange, &["--allow-trading"]);
    exchange.runtime.block_on(async {
        let url = format!("{}/api/v1/order", gateway.text("rest"));
        let place = |token: &str| {
            gateway
                .http
                .post(&url)
                .bearer_auth(token)
                .json(&order())
                .send()
        };
        assert_eq!(place(&gateway.token("trade")).await.unwrap().status(), 200);
        assert_eq!(place("nobody's").await.unwrap().status(), 401);
        let response = gateway.get("/metrics").send().await.unwrap();
        response.text().await.unwrap()
    })
}

/// The label names of each metric, by the names of its samples.
fn samples(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, _) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let labels = labels.split("\",").filter_map(|pair| pair.split_once('='));
        let names = found.entry(name.to_owned()).or_default();
        names.extend(labels.map(|(label, _)| label.to_owned()));
    }
    found
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The metrics of an expression in PromQL, each with the labels of its selector, and the labels that it groups by.
fn names(expression: &str) -> (Vec<(String, Vec<String>)>, Vec<String>) {
    let mut metrics = Vec::new();
    for (at, _) in expression.match_indices("bpx_") {
        let name: String = expression[at..]
            .chars()
            .take_while(|c| is_name(*c))
            .collect();
        let rest = &expression[at + name.len()..];
        let selector = rest.strip_prefix('{').and_then(|it| it.split_once('}'));
        let pairs = selector.map_or("", |(inside, _)| inside).split(',');
        let labels = pairs.map(|pair| pair.chars().take_while(|c| is_name(*c)).collect::<String>());
        metrics.push((name, labels.filter(|it| !it.is_empty()).collect()));
    }
    let groups = expression
        .split("by (")
        .skip(1)
        .filter_map(|it| it.split_once(')'));
    let grouped = groups.flat_map(|(inside, _)| inside.split(", ").map(str::to_owned));
    (metrics, grouped.collect())
}

fn assert_exists(
    expression: &str,
    samples: &BTreeMap<String, BTreeSet<String>>,
) -> BTreeSet<String> {
    let (metrics, grouped) = names(expression);
    let mut labels: BTreeSet<_> = OF_PROMETHEUS.map(str::to_owned).into();
    for (name, selected) in metrics {
        let known = samples.get(&name);
        let known = known.unwrap_or_else(|| panic!("no metric {name}: {expression}"));
        labels.extend(known.iter().cloned());
        for label in selected {
            let is_known = known.contains(&label) || OF_PROMETHEUS.contains(&label.as_str());
            assert!(is_known, "{name} has no label {label}");
        }
    }
    for label in &grouped {
        assert!(labels.contains(label), "{label}: {expression}");
    }
    match grouped.is_empty() {
        true => labels,
        false => grouped.into_iter().collect(),
    }
}

fn strings<'a>(value: &'a Value, member: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(member).and_then(Value::as_str));
            members.values().for_each(|it| strings(it, member, found));
        }
        Value::Array(items) => items.iter().for_each(|it| strings(it, member, found)),
        _ => {}
    }
}

/// Whether a sample is of this metric, and not of one whose name begins alike.
fn is_sample_of(name: &str, sample: &str) -> bool {
    let suffixes = [
        "",
        "_total",
        "_seconds_bucket",
        "_seconds_sum",
        "_seconds_count",
    ];
    sample
        .strip_prefix(name)
        .is_some_and(|rest| suffixes.contains(&rest))
}

#[test]
fn every_metric_and_label_that_is_named_exists_and_every_metric_is_in_the_table() {
    let reported = metrics();
    let samples = samples(&reported);
    let alerts = Document::parse("alerts.yml", text("alerts.yml").as_bytes()).unwrap();
    let rules = alerts.value["groups"][0]["rules"].as_array().unwrap();
    assert!(rules.len() > 5);
    for rule in rules {
        let labels = assert_exists(rule["expr"].as_str().unwrap(), &samples);
        let shown = rule["annotations"].to_string();
        for (at, _) in shown.match_indices("$labels.") {
            let name = shown[at + "$labels.".len()..]
                .chars()
                .take_while(|c| is_name(*c));
            let name: String = name.collect();
            assert!(labels.contains(&name), "{name}: {rule}");
        }
    }
    let dashboard: Value = serde_json::from_str(&text("dashboard.json")).unwrap();
    let mut expressions = Vec::new();
    strings(&dashboard, "expr", &mut expressions);
    assert!(expressions.len() > 10);
    for expression in expressions {
        assert_exists(expression, &samples);
    }
    let mut queries = Vec::new();
    strings(&dashboard["templating"], "query", &mut queries);
    for query in queries {
        names(query)
            .0
            .iter()
            .for_each(|(name, _)| assert!(samples.contains_key(name), "{query}"));
    }
    for metric in METRICS {
        let name = format!("bpx_{}", metric.name);
        let mut labels: Vec<_> = samples
            .iter()
            .filter(|(sample, _)| is_sample_of(&name, sample))
            .flat_map(|(_, labels)| labels.iter().map(String::as_str))
            .filter(|label| *label != "le")
            .collect();
        labels.sort_unstable();
        labels.dedup();
        let mut described = metric.labels.to_vec();
        described.sort_unstable();
        assert_eq!(labels, described, "{name}");
    }
    let types = reported
        .lines()
        .filter(|line| line.starts_with("# TYPE "))
        .count();
    assert_eq!(types, METRICS.len());
}

#[test]
fn prometheus_takes_the_alerts() {
    if !has("promtool") {
        return;
    }
    let output = Command::new("promtool")
        .args(["check", "rules"])
        .arg(file("alerts.yml"))
        .output();
    let output = output.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
