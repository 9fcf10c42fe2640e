//! Recordings of responses as the venue sends them, and the checker's report on them.

use std::path::{Path, PathBuf};

use bpx_conformance::report::Report;
use bpx_conformance::{Baseline, Contract, Format, Quick, RunOptions, View, check, render};
use bpx_contract::Document;
use bpx_recording::{Shard, sources};
use serde_json::{Value, json};

pub(crate) use crate::traffic::{folder, limit_order};

pub(crate) const JSON: &str = "application/json; charset=utf-8";

/// A file of these bytes in a folder that the test owns.
pub(crate) fn file(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

/// One exchange in our own format.
pub(crate) fn line(request: &str, status: u16, media_type: &str, body: &str) -> String {
    with_headers(request, status, &[("content-type", media_type)], body)
}

pub(crate) fn with_headers(
    request: &str,
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
) -> String {
    let (method, url) = request.split_once(' ').unwrap();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let embedded = match serde_json::from_str::<Value>(body) {
        _ if body.is_empty() => String::new(),
        Ok(_) => format!(",\"body\":{body}"),
        Err(_) => format!(",\"text\":{}", json!(body)),
    };
    format!(
        "{{\"bpx\":1,\"started\":\"2026-11-20T04:17:55.048Z\",\"elapsed_us\":900,\"method\":\"{method}\",\"path\":\"{path}\",\
         \"query\":\"{query}\",\"status\":{status},\"headers\":{}{embedded}}}",
        json!(headers)
    )
}

/// Further headers that a page must have.
pub(crate) const EXPOSED: (&str, &str) = ("ACCESS-CONTROL-EXPOSE-HEADERS", "X-TOTAL");
pub(crate) const CACHED: (&str, &str) = ("CACHE-CONTROL", "no-store");

/// A page of history, with its headers.
pub(crate) fn page(path: &str, body: &str) -> String {
    let headers = [
        ("content-type", JSON),
        ("X-PAGE-COUNT", "1"),
        ("X-CURRENT-PAGE", "1"),
        ("X-PAGE-SIZE", "100"),
        ("X-TOTAL", "1"),
        EXPOSED,
        CACHED,
    ];
    with_headers(&format!("GET {path}"), 200, &headers, body)
}

pub(crate) const GET_ORDER: &str = "GET /api/v1/order?symbol=SOL_USDC&orderId=28";
pub(crate) const HISTORY: &str = "/wapi/v1/history/orders";
pub(crate) const FILLS: &str = "/wapi/v1/history/fills";

pub(crate) fn history_order() -> Value {
    json!({
        "id": "28", "clientId": null, "createdAt": "2025-09-11T20:10:40.699", "executedQuantity": "1",
        "executedQuoteQuantity": "20.1", "expiryReason": null, "orderType": "Limit", "postOnly": false,
        "price": "20.1", "quantity": "1", "selfTradePrevention": "RejectTaker", "side": "Ask",
        "status": "Filled", "symbol": "SOL_USDC", "timeInForce": "GTC"
    })
}

pub(crate) fn fill() -> Value {
    json!({
        "clientId": "7", "fee": "0.01", "feeSymbol": "USDC", "isMaker": true, "orderId": "28", "price": "20.1",
        "quantity": "1", "side": "Ask", "symbol": "SOL_USDC", "timestamp": "2025-09-11T20:10:40.699", "tradeId": 9
    })
}

/// A value with members set; a member set to this text is removed.
pub(crate) const GONE: &str = "\u{0}gone";

pub(crate) fn with(mut value: Value, members: &[(&str, Value)]) -> Value {
    for (name, member) in members {
        let object = value.as_object_mut().unwrap();
        if *member == json!(GONE) {
            object.remove(*name);
        } else {
            object.insert((*name).to_owned(), member.clone());
        }
    }
    value
}

pub(crate) fn ours() -> Contract {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/backpack-order.openapi.yaml");
    Contract::read_openapi(&file).unwrap()
}

/// The document as the venue ships it, if it lies beside the workspace; says so if it does not.
pub(crate) fn upstream() -> Option<Contract> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/upstream/backpack-order-api-openapi.yml");
    if path.is_file() {
        let mut document = Document::read(&path).unwrap();
        let members = document.value.as_object_mut().unwrap();
        // As our document declares it.
        members.insert("x-undeclared-null".to_owned(), json!("note"));
        members.insert("x-undocumented-property".to_owned(), json!("error"));
        return Some(Contract::openapi(document).unwrap());
    }
    println!("skipped: ../shared/upstream is not there");
    None
}

pub(crate) fn run(contract: &Contract, files: &[String]) -> Report {
    run_shard(contract, files, Shard::WHOLE)
}

/// By the oracle alone, and with the quick validator as well: the counts are the same.
pub(crate) fn run_shard(contract: &Contract, files: &[String], shard: Shard) -> Report {
    let mut options = RunOptions::default();
    options.read.shard = shard;
    let mut run = |quick| {
        options.quick = quick;
        check(contract, sources(files).unwrap(), &options).unwrap()
    };
    let (slow, quick) = (run(Quick::Off), run(Quick::Contract));
    let mut total = quick.total().unwrap();
    total.verdicts = Default::default();
    assert!(total == slow.total().unwrap(), "{files:?}");
    quick
}

/// The JSON report on lines.
pub(crate) fn checked(contract: &Contract, lines: &[String]) -> Value {
    let folder = folder();
    let file = file(folder.path(), "lines.ndjson", lines.join("\n"));
    json_of(contract, &run(contract, &[file]))
}

pub(crate) fn json_of(contract: &Contract, report: &Report) -> Value {
    let view = View::new(contract, report, &Baseline::default()).unwrap();
    serde_json::from_str(&render(&view, Format::Json).unwrap()).unwrap()
}

/// Rule ids of findings that are errors or warnings, sorted, each once.
pub(crate) fn rules(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let mut rules: Vec<_> = findings
        .filter(|finding| finding["severity"] != "note")
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect();
    rules.sort();
    rules.dedup();
    rules
}

pub(crate) fn finding<'a>(report: &'a Value, rule: &str) -> &'a Value {
    let mut findings = report["findings"].as_array().unwrap().iter();
    let found = findings.find(|finding| finding["rule"] == rule);
    found.unwrap_or_else(|| panic!("no {rule} in {:#}", report["findings"]))
}
