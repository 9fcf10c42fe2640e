//! Recordings checked against two contracts.

#![cfg(test)]

use bpx_conformance::{Contract, Replay, Rule, RunOptions, Turn, replay};
use bpx_contract::Document;
use bpx_recording::sources;

fn ours() -> Contract {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../openapi/backpack-order.openapi.yaml"
    );
    Contract::read_openapi(file.as_ref()).unwrap()
}

/// Our document with an edit (RFC 6902) in JSON.
fn edited_by(patch: &str) -> Contract {
    let patch: json_patch::Patch = serde_json::from_str(patch).unwrap();
    let mut document = ours().document().value.clone();
    json_patch::patch(&mut document, &patch).unwrap();
    let document = Document::parse("new.json", document.to_string().as_bytes()).unwrap();
    Contract::openapi(document).unwrap()
}

const FILL: &str = r#"{"fee":"0.01","feeSymbol":"USDC","isMaker":true,"orderId":"28","price":"20.1","quantity":"1","side":"Ask","symbol":"SOL_USDC","timestamp":"2025-09-11T20:10:40.699"}"#;

fn fills(body: &str) -> String {
    format!(
        r#"{{"method":"GET","url":"/wapi/v1/history/fills","status":200,"response_headers":{{"content-type":"application/json","x-page-count":"1","x-current-page":"1","x-page-size":"100","x-total":"1","cache-control":"no-store","access-control-expose-headers":"x-total"}},"response_body":[{body}]}}"#
    )
}

fn replayed(old: &Contract, new: &Contract, lines: &[String]) -> Replay {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.ndjson");
    std::fs::write(&file, lines.join("\n")).unwrap();
    let files = sources(&[file.display().to_string()]).unwrap();
    let mut options = RunOptions::default();
    options.threads = 3;
    replay(old, new, files, &options).unwrap()
}

#[test]
fn exchanges_are_counted_by_what_becomes_of_their_verdict() {
    let new = edited_by(
        r#"[
        {"op": "add", "path": "/components/schemas/OrderFill/properties/assetClass", "value": {"type": "string"}},
        {"op": "add", "path": "/components/schemas/OrderFill/required/-", "value": "tradeId"}]"#,
    );
    let traded = FILL.replacen('{', "{\"tradeId\":7,", 1);
    let classed = traded.replacen('{', "{\"assetClass\":\"Spot\",", 1);
    let lines = [
        fills(FILL),
        fills(&traded),
        fills(&classed),
        fills(&FILL.replacen('{', "{\"assetClass\":\"Spot\",", 1)),
        "no exchange".to_owned(),
        fills(&traded),
    ];
    let found = replayed(&ours(), &new, &lines);
    assert_eq!((found.exchanges, found.unread), (5, 1));
    assert_eq!(
        (found.broken, found.mended, found.otherwise, found.same),
        (1, 1, 1, 2)
    );
    let entries = |rule, turn| {
        let moved = &found.moved[&("get_fills".to_owned(), rule, turn)];
        moved
            .first
            .iter()
            .map(|spot| spot.entry)
            .collect::<Vec<_>>()
    };
    assert_eq!(entries(Rule::RequiredMissing, Turn::Appeared), [1, 4]);
    assert_eq!(entries(Rule::FieldUnknown, Turn::Vanished), [3, 4]);
}

#[test]
fn a_type_of_another_name_changes_no_verdict() {
    let new = edited_by(
        r##"[
        {"op": "copy", "from": "/components/schemas/OrderFill", "path": "/components/schemas/Trade"},
        {"op": "replace", "path": "/paths/~1wapi~1v1~1history~1fills/get/responses/200/content/application~1json; charset=utf-8/schema/items", "value": {"$ref": "#/components/schemas/Trade"}}]"##,
    );
    let found = replayed(
        &ours(),
        &new,
        &[fills(FILL), fills(&FILL.replace("Ask", "Sell"))],
    );
    assert_eq!((found.same, found.changed(), found.otherwise), (2, 0, 0));
}
