//! Everything that can be wrong with a recording, in one folder and one run: each is counted and located, the rest is
//! checked.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::support::*;

/// A file, and the fault it holds.
struct Bad {
    name: &'static str,
    bytes: Vec<u8>,
    rule: &'static str,
    /// Line and byte of the fault; none where it is the file as a whole that is at fault.
    at: Option<(u64, u64)>,
    /// Exchanges that are validated all the same.
    fine: u64,
}

fn good() -> String {
    line(GET_ORDER, 200, JSON, &limit_order().to_string())
}

fn gz(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

/// A good line, a bad one, a good one.
fn between(name: &'static str, rule: &'static str, fine: u64, bad: impl AsRef<[u8]>) -> Bad {
    let good = good();
    let bytes = [good.as_bytes(), bad.as_ref(), good.as_bytes()].join(&b'\n');
    let at = Some((2, good.len() as u64 + 1));
    Bad {
        name,
        bytes,
        rule,
        at,
        fine,
    }
}

fn whole(name: &'static str, rule: &'static str, fine: u64, bytes: impl Into<Vec<u8>>) -> Bad {
    let bytes = bytes.into();
    Bad {
        name,
        bytes,
        rule,
        at: None,
        fine,
    }
}

/// A live order with one member spelled so.
fn spelled(member: &str, digits: &str) -> String {
    let order = with(limit_order(), &[(member, json!("@"))]).to_string();
    line(GET_ORDER, 200, JSON, &order.replace("\"@\"", digits))
}

fn deep() -> String {
    format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000))
}

fn twice() -> String {
    limit_order().to_string().replacen('{', "{\"id\":\"1\",", 1)
}

fn bad() -> Vec<Bad> {
    let long = format!("{{\"bpx\":1,\"x\":\"{}\"}}", "x".repeat(100_000_000));
    let packed = gz(&format!("{}\n{}", good(), good()));
    let har = "{\"log\":{\"version\":\"1.2\",\"entries\":5}}";
    vec![
        between("cut-line.ndjson", "line-invalid", 2, &good()[..90]),
        between("long-line.ndjson", "line-too-long", 2, long),
        between(
            "bytes.ndjson",
            "utf8-invalid",
            2,
            b"{\"bpx\":1,\"started\":\"\xff\xfe\"}",
        ),
        between("deep.ndjson", "json-too-deep", 2, spelled("extra", &deep())),
        between(
            "twice.ndjson",
            "json-duplicate-key",
            3,
            line(GET_ORDER, 200, JSON, &twice()),
        ),
        between(
            "beyond-u64.ndjson",
            "format-integer",
            3,
            spelled("createdAt", "18446744073709551616"),
        ),
        between(
            "beyond-f64.ndjson",
            "number-out-of-range",
            2,
            spelled("clientId", "1e999"),
        ),
        whole(
            "cut.ndjson.gz",
            "input-truncated",
            0,
            &packed[..packed.len() / 2],
        ),
        whole("empty.ndjson", "input-empty", 0, ""),
        whole("none.har", "input-unrecognised", 0, har),
        whole("notes.json", "input-unrecognised", 0, "Dear diary\n"),
    ]
}

/// Lines of several tools in one file, all fine.
fn lines_of_many_tools() -> String {
    let order = limit_order();
    let url = "https://h/api/v1/order?symbol=A&orderId=1";
    let content = json!({"size": 1, "mimeType": JSON, "text": order.to_string()});
    let lines = [
        json!({"method": "GET", "url": url, "status": 200, "content_type": JSON, "response_body": order}),
        json!({"request": {"method": "GET", "url": url}, "response": {"status": 200, "content": content}}),
        json!({"bpx": 1, "recorded": 1, "dropped": 0}),
    ];
    let lines = lines.map(|line| line.to_string());
    [vec![good()], lines.to_vec()].concat().join("\n")
}

fn ends_with<'a>(places: &'a Value, name: &str) -> Option<&'a Value> {
    let mut places = places.as_array()?.iter();
    places.find(|place| {
        place["file"]
            .as_str()
            .is_some_and(|file| file.ends_with(name))
    })
}

/// The finding of a rule whose sampled places name the file.
fn found<'a>(report: &'a Value, rule: &str, name: &str) -> Option<&'a Value> {
    let mut findings = report["findings"].as_array()?.iter();
    findings.find_map(|it| ends_with(&it["where"], name).filter(|_| it["rule"] == rule))
}

#[test]
fn one_run_counts_and_locates_each_fault_and_checks_the_rest() {
    let folder = folder();
    let bad = bad();
    for Bad { name, bytes, .. } in &bad {
        file(folder.path(), name, bytes);
    }
    file(folder.path(), "many-tools.ndjson", lines_of_many_tools());
    let contract = ours();
    let report = json_of(
        &contract,
        &run(&contract, &[folder.path().display().to_string()]),
    );
    for Bad { name, rule, at, .. } in &bad {
        let place = found(&report, rule, name);
        let place =
            place.unwrap_or_else(|| panic!("no {rule} in {name}: {:#}", report["findings"]));
        if let Some((line, byte)) = at {
            let expected = (&json!(line), &json!(byte));
            assert_eq!((&place["line"], &place["byte"]), expected, "{name}");
        }
    }
    let fine: u64 = bad.iter().map(|bad| bad.fine).sum();
    assert_eq!(
        report["summary"]["validated"],
        fine + 3,
        "{}",
        report["summary"]
    );
    assert_eq!(report["inputs"].as_array().unwrap().len(), bad.len() + 1);
    assert_eq!(report["passed"], false);
}
