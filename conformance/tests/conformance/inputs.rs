//! Recordings in every format, whole and broken: counted, located, and the rest is checked.

use std::io::Write as _;

use crate::support::*;
use bpx_conformance::Contract;
use bpx_recording::{Error, sources};
use serde_json::{Value, json};

fn good() -> String {
    line(GET_ORDER, 200, JSON, &limit_order().to_string())
}

fn report_on(name: &str, bytes: impl AsRef<[u8]>) -> Value {
    let folder = folder();
    let file = file(folder.path(), name, bytes);
    json_of(&ours(), &run(&ours(), &[file]))
}

fn gz(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

fn har(entries: &[Value]) -> String {
    serde_json::to_string_pretty(&json!({"log": {"version": "1.2", "creator": {"name": "t", "version": "1"}, "entries": entries}})).unwrap()
}

fn har_entry(body: &str) -> Value {
    json!({
        "startedDateTime": "2026-11-20T04:17:55.048Z", "time": 12.5,
        "request": {"method": "GET", "url": "https://api.backpack.exchange/api/v1/order?symbol=A&orderId=1", "headers": []},
        "response": {"status": 200, "headers": [{"name": "Content-Type", "value": JSON}], "content": {"size": body.len(), "mimeType": JSON, "text": body}}
    })
}

fn is_clean(report: &Value, exchanges: u64) {
    assert_eq!(
        rules(report),
        Vec::<String>::new(),
        "{:#}",
        report["findings"]
    );
    assert_eq!(report["summary"]["exchanges"], exchanges);
    assert_eq!(
        report["summary"]["validated"], exchanges,
        "{}",
        report["summary"]
    );
}

#[test]
fn ndjson_is_read_plain_and_packed_whatever_its_name() {
    let lines = [good(), String::new(), good()].join("\n");
    is_clean(&report_on("a.ndjson", &lines), 2);
    is_clean(&report_on("a.bin", gz(&lines)), 2);
    is_clean(
        &report_on("a", zstd::encode_all(lines.as_bytes(), 0).unwrap()),
        2,
    );
    let two_members = [gz(&format!("{}\n", good())), gz(&good())].concat();
    is_clean(&report_on("a.gz", two_members), 2);
    is_clean(&report_on("bom.ndjson", format!("\u{feff}{lines}")), 2);
}

#[test]
fn har_is_read_entry_by_entry() {
    let order = limit_order().to_string();
    is_clean(
        &report_on("a.har", har(&[har_entry(&order), har_entry(&order)])),
        2,
    );
    let one_line = har(&[har_entry(&order)]).replace('\n', "");
    is_clean(&report_on("a.har.gz", gz(&one_line)), 1);
    let mut packed = har_entry(&order);
    packed["response"]["content"]["text"] = json!("eyJhIjoxfQ==");
    packed["response"]["content"]["encoding"] = json!("base64");
    let mut unmatched = har_entry(&order);
    unmatched["request"]["url"] = json!("https://example.org/favicon.ico");
    let report = report_on(
        "a.har",
        har(&[packed, unmatched, json!(5), har_entry(&order)]),
    );
    assert_eq!(rules(&report), ["line-invalid", "required-missing"]);
    assert_eq!(report["summary"]["skipped"], json!({"other-host": 1}));
    assert_eq!(finding(&report, "line-invalid")["where"][0]["entry"], 3);
    assert_eq!(report["summary"]["validated"], 2);
    let text = har(&[har_entry(&order), json!({"request": 5})]);
    let report = report_on("b.har", &text);
    let place = &finding(&report, "line-invalid")["where"][0];
    let byte = text.rfind("{\n        \"request\": 5").unwrap();
    let line = text[..byte].matches('\n').count() + 1;
    assert_eq!(
        (&place["byte"], &place["line"]),
        (&json!(byte), &json!(line))
    );
}

#[test]
fn wiremock_mappings_are_read_one_by_one_and_together() {
    let mapping = json!({
        "request": {"method": "GET", "url": "/api/v1/order?symbol=A&orderId=1"},
        "response": {"status": 200, "headers": {"Content-Type": JSON}, "jsonBody": limit_order()}
    });
    let text = serde_json::to_string_pretty(&mapping).unwrap();
    is_clean(&report_on("mapping.json", text), 1);
    let accepted = json!({"request": {"method": "DELETE", "urlPath": "/api/v1/orders"}, "response": {"status": 202}});
    let pattern =
        json!({"request": {"method": "GET", "urlPattern": "/api/.*"}, "response": {"status": 200}});
    let all = json!({"mappings": [mapping, accepted, pattern]}).to_string();
    let report = report_on("mappings.json", all);
    assert_eq!(rules(&report), ["line-invalid"]);
    assert_eq!(report["summary"]["validated"], 2);
}

#[test]
fn vcr_cassettes_are_read() {
    let body = limit_order().to_string().replace('\'', "''");
    let python = format!(
        "interactions:\n- request:\n    body: null\n    headers: {{}}\n    method: GET\n    uri: https://h/api/v1/order?symbol=A&orderId=1\n  \
         response:\n    body:\n      string: '{body}'\n    headers:\n      Content-Type:\n      - application/json; charset=utf-8\n    status:\n      code: 200\n      message: OK\nversion: 1\n"
    );
    is_clean(&report_on("cassette.yaml", python), 1);
    let ruby = format!(
        "---\nhttp_interactions:\n- request:\n    method: get\n    uri: https://h/api/v1/order?symbol=A&orderId=1\n    body: {{encoding: UTF-8, string: ''}}\n  \
         response:\n    status: {{code: 200, message: OK}}\n    headers: {{Content-Type: [application/json]}}\n    body: {{encoding: UTF-8, string: '{body}'}}\n  recorded_at: Fri, 20 Nov 2026 04:17:55 GMT\n"
    );
    is_clean(&report_on("cassette.yml", ruby), 1);
}

#[test]
fn lines_of_other_tools_are_read_under_their_names() {
    let order = limit_order();
    let text = order.to_string();
    for line in [
        json!({"method": "GET", "url": "https://h/api/v1/order?symbol=A&orderId=1", "status": 200, "response_headers": {"content-type": JSON}, "response_body": order}),
        json!({"http_method": "GET", "path": "/api/v1/order", "query": "symbol=A&orderId=1", "status_code": "200", "contentType": JSON, "body": text}),
        json!({"request": {"method": "GET", "uri": "/api/v1/order?symbol=A&orderId=1"}, "response": {"statusCode": 200, "headers": {"Content-Type": [JSON]}, "body": order}, "@timestamp": 1_757_621_440}),
        har_entry(&text),
    ] {
        let report = report_on("other.jsonl", line.to_string());
        is_clean(&report, 1);
    }
}

#[test]
fn bodies_of_other_tools_keep_their_faults() {
    let twice = limit_order().to_string().replacen('{', "{\"id\":\"1\",", 1);
    let line = format!(
        "{{\"method\":\"GET\",\"url\":\"/api/v1/order?symbol=A\",\"status\":200,\"response_body\":{twice}}}"
    );
    assert_eq!(
        rules(&report_on("other.jsonl", line)),
        ["json-duplicate-key"]
    );
}

#[test]
fn a_bad_line_is_located_and_the_rest_is_checked() {
    let cut = &good()[..80];
    let deep = good().replace(
        "\"postOnly\":false",
        &format!("\"x\":{}1{}", "[".repeat(300), "]".repeat(300)),
    );
    let huge_number = good().replace("\"clientId\":7", "\"clientId\":1e999");
    let lines = [
        good(),
        cut.to_owned(),
        "[]".to_owned(),
        deep,
        huge_number,
        good(),
        cut.to_owned(),
    ];
    let bytes = lines.join("\n");
    let report = report_on("bad.ndjson", &bytes);
    assert_eq!(
        rules(&report),
        ["json-too-deep", "line-invalid", "number-out-of-range"],
        "{:#}",
        report["findings"]
    );
    assert_eq!(report["summary"]["validated"], 2);
    let invalid: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["rule"] == "line-invalid")
        .collect();
    let count: u64 = invalid.iter().map(|it| it["count"].as_u64().unwrap()).sum();
    assert_eq!(count, 3);
    let places: Vec<_> = invalid
        .iter()
        .flat_map(|it| it["where"].as_array().unwrap())
        .collect();
    let second = places.iter().find(|place| place["line"] == 2).unwrap();
    assert_eq!(second["byte"], good().len() as u64 + 1);
}

#[test]
fn bytes_that_are_no_text_are_located() {
    let mut bytes = format!("{}\n{}\n", good(), good()).into_bytes();
    bytes[10] = 0xff;
    let report = report_on("bytes.ndjson", bytes);
    assert_eq!(rules(&report), ["utf8-invalid"]);
    assert_eq!(finding(&report, "utf8-invalid")["where"][0]["line"], 1);
    assert_eq!(report["summary"]["validated"], 1);
}

#[test]
fn what_is_packed_and_cut_short_is_read_as_far_as_it_goes() {
    // What does not pack well, so that most of it is there before the cut.
    let lines: Vec<_> = (0..2_000_u64)
        .map(|n| {
            good().replace(
                "111063070525358080",
                &n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string(),
            )
        })
        .collect();
    let text = lines.join("\n");
    for (name, packed) in [
        ("a.gz", gz(&text)),
        ("a.zst", zstd::encode_all(text.as_bytes(), 0).unwrap()),
    ] {
        let cut = &packed[..packed.len() - 200];
        let report = report_on(name, cut);
        assert!(
            rules(&report).contains(&"input-truncated".to_owned()),
            "{name} {:#}",
            report["findings"]
        );
        assert!(
            report["summary"]["validated"].as_u64().unwrap() > 0,
            "{name}"
        );
    }
    let small = gz(&good());
    let report = report_on("small.gz", &small[..small.len() - 12]);
    assert!(rules(&report).contains(&"input-truncated".to_owned()));
    assert_eq!(
        rules(&report_on("head.gz", &small[..14])),
        ["input-truncated"]
    );
    let garbage = [b"\x28\xb5\x2f\xfd".as_slice(), &[7; 100]].concat();
    assert_eq!(
        rules(&report_on("garbage.zst", garbage)),
        ["input-truncated"]
    );
    let whole = har(&[har_entry(&limit_order().to_string()), har_entry("{}")]);
    let report = report_on("cut.har", &whole[..whole.len() - 40]);
    assert!(rules(&report).contains(&"input-truncated".to_owned()));
    assert_eq!(report["summary"]["exchanges"], 1);
}

#[test]
fn a_line_beyond_the_limit_is_passed_over_in_bounded_memory() {
    let long = format!("{{\"bpx\":1,\"x\":\"{}\"}}", "x".repeat(100 * 1024 * 1024));
    let report = report_on("long.ndjson", [good(), long, good()].join("\n"));
    assert_eq!(rules(&report), ["line-too-long"]);
    assert_eq!(finding(&report, "line-too-long")["where"][0]["line"], 2);
    assert_eq!(report["summary"]["validated"], 2);
}

#[test]
fn what_is_no_recording_is_said_to_be_none() {
    assert_eq!(rules(&report_on("empty.ndjson", "")), ["input-empty"]);
    assert_eq!(rules(&report_on("blank.ndjson", " \n\n")), ["input-empty"]);
    assert_eq!(
        rules(&report_on("notes.txt", "# Notes\nnothing\n")),
        ["input-unrecognised"]
    );
    assert_eq!(
        rules(&report_on("not.har", "{\n\"log\": {\"version\": \"1.2\"}}")),
        ["input-unrecognised"]
    );
    assert_eq!(
        rules(&report_on("not.har", "{\n\"log\": 5}")),
        ["input-unrecognised"]
    );
    assert_eq!(
        rules(&report_on("cassette.yaml", "interactions: 5\n")),
        ["input-unrecognised"]
    );
    assert_eq!(
        rules(&report_on("cassette.yaml", "interactions:\n- [\n")),
        ["input-truncated"]
    );
}

#[test]
fn nesting_of_any_depth_does_no_harm() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let creator = format!("{{\"log\":{{\"creator\":{deep},\"entries\":[{deep}]}}}}");
    assert_eq!(rules(&report_on("deep.har", creator)), ["line-invalid"]);
    let mapping = format!("{{\n\"mappings\": {deep}}}");
    assert_eq!(rules(&report_on("deep.json", mapping)), ["line-invalid"]);
    let foreign = format!(
        "{{\"method\":\"GET\",\"url\":\"/api/v1/orders\",\"status\":200,\"response_body\":{deep}}}"
    );
    assert_eq!(rules(&report_on("deep.ndjson", foreign)), ["json-too-deep"]);
    assert_eq!(rules(&report_on("deep.ndjson", deep)), ["line-invalid"]);
}

#[test]
fn a_recorder_that_dropped_something_is_no_clean_recording() {
    let end = |dropped: u64| {
        format!(
            "{}\n{{\"bpx\":1,\"recorded\":1,\"dropped\":{dropped}}}\n",
            good()
        )
    };
    is_clean(&report_on("a.ndjson", end(0)), 1);
    assert_eq!(
        rules(&report_on("a.ndjson", end(3))),
        ["recording-incomplete"]
    );
}

#[test]
fn folders_and_patterns_name_files_and_nothing_else() {
    let folder = folder();
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    file(folder.path(), "b.ndjson", good());
    file(&inner, "a.har", "{}");
    file(&inner, "README.md", "");
    let root = folder.path().display().to_string();
    let named = |names: &[String]| {
        sources(names).map(|files| {
            files
                .iter()
                .map(|it| it.replace(&root, ""))
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(
        named(std::slice::from_ref(&root)).unwrap(),
        ["/b.ndjson", "/inner/a.har"]
    );
    assert_eq!(
        named(&[format!("{root}/**/*.har"), format!("{root}/inner")]).unwrap(),
        ["/inner/a.har"]
    );
    assert!(matches!(
        named(&[format!("{root}/*.zst")]),
        Err(Error::NoInput(_))
    ));
    assert!(matches!(
        named(&[format!("{root}/none.har")]),
        Err(Error::Input { .. })
    ));
    assert!(matches!(
        named(&[format!("{root}/[")]),
        Err(Error::Pattern { .. })
    ));
}

#[test]
fn bare_documents_are_held_against_a_schema() {
    let schema = bpx_contract::Document::parse("s.json", br#"{"title":"Row","type":"object","required":["id"],"properties":{"id":{"type":"integer","format":"uint32"}}}"#).unwrap();
    let contract = Contract::schema(schema).unwrap();
    let folder = folder();
    let file = file(
        folder.path(),
        "rows.ndjson",
        "{\"id\":1}\n{\"id\":-1}\n{}\nnonsense\n",
    );
    let report = json_of(&contract, &run(&contract, &[file]));
    assert_eq!(
        rules(&report),
        ["format-integer", "json-invalid", "required-missing"]
    );
    assert_eq!(report["summary"]["exchanges"], 4);
    assert_eq!(report["coverage"][0]["seen"]["Row.id"]["count"], 2);
}
