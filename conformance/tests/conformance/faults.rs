//! Seeded faults, each under its own rule, on the venue's document as it ships and on ours.

use crate::support::*;
use bpx_conformance::Contract;
use serde_json::{Value, json};

/// A fault: the rule it must be found under, where, and the recorded line.
struct Seeded {
    rule: &'static str,
    pointer: &'static str,
    line: String,
}

fn seeded(rule: &'static str, pointer: &'static str, line: String) -> Seeded {
    Seeded {
        rule,
        pointer,
        line,
    }
}

fn live(members: &[(&str, Value)]) -> String {
    line(
        GET_ORDER,
        200,
        JSON,
        &with(limit_order(), members).to_string(),
    )
}

fn history(members: &[(&str, Value)]) -> String {
    page(
        HISTORY,
        &json!([history_order(), with(history_order(), members)]).to_string(),
    )
}

/// The eight that other checkers were given.
fn the_eight() -> Vec<Seeded> {
    vec![
        seeded(
            "enum-unknown",
            "/status",
            live(&[("status", json!("Resting"))]),
        ),
        seeded(
            "field-unknown",
            "/assetClass",
            live(&[("assetClass", json!("Crypto"))]),
        ),
        seeded(
            "required-missing",
            "/symbol",
            live(&[("symbol", json!(GONE))]),
        ),
        seeded("format-decimal", "/price", live(&[("price", json!("abc"))])),
        seeded(
            "type-wrong",
            "/postOnly",
            live(&[("postOnly", json!("yes"))]),
        ),
        seeded("status-undocumented", "", line(GET_ORDER, 418, JSON, "{}")),
        seeded(
            "format-integer",
            "/clientId",
            live(&[("clientId", json!(-1))]),
        ),
        seeded(
            "content-type-undocumented",
            "content-type",
            line(GET_ORDER, 200, "text/html", "<html>"),
        ),
    ]
}

/// Eight more.
fn eight_more() -> Vec<Seeded> {
    let order = history_order().to_string();
    let twice = order.replacen('{', "{\"id\":\"1\",", 1);
    let without_total = [
        ("content-type", JSON),
        ("X-PAGE-COUNT", "1"),
        ("X-CURRENT-PAGE", "1"),
        ("X-PAGE-SIZE", "1"),
        EXPOSED,
        CACHED,
    ];
    let mut malformed = without_total.to_vec();
    malformed.push(("X-TOTAL", "many"));
    let history_request = format!("GET {HISTORY}");
    vec![
        seeded(
            "format-date-time",
            "/*/createdAt",
            history(&[("createdAt", json!("2025-02-30T00:00:00"))]),
        ),
        seeded(
            "union-none",
            "/orderType",
            live(&[("orderType", json!("Iceberg"))]),
        ),
        seeded(
            "header-missing",
            "X-TOTAL",
            with_headers(&history_request, 200, &without_total, &format!("[{order}]")),
        ),
        seeded(
            "header-malformed",
            "X-TOTAL",
            with_headers(&history_request, 200, &malformed, &format!("[{order}]")),
        ),
        seeded(
            "operation-undocumented",
            "GET /api/v1/orders/*",
            line("GET /api/v1/orders/17", 200, JSON, "[]"),
        ),
        seeded(
            "json-duplicate-key",
            "",
            page(HISTORY, &format!("[{twice}]")),
        ),
        seeded("body-missing", "", line(GET_ORDER, 200, JSON, "")),
        seeded(
            "error-body-not-json",
            "content-type",
            line(GET_ORDER, 400, "text/plain", "failed to parse parameter"),
        ),
    ]
}

fn each_is_found(contract: &Contract, faults: Vec<Seeded>) {
    let (fine_live, fine_history) = (live(&[]), history(&[]));
    let clean = checked(contract, &[fine_live.clone(), fine_history.clone()]);
    assert_eq!(
        rules(&clean),
        Vec::<String>::new(),
        "{:#}",
        clean["findings"]
    );
    assert_eq!(clean["passed"], true);
    assert_eq!(clean["summary"]["validated"], 2);
    for Seeded {
        rule,
        pointer,
        line,
    } in faults
    {
        let report = checked(contract, &[fine_live.clone(), line, fine_history.clone()]);
        assert_eq!(rules(&report), [rule], "{:#}", report["findings"]);
        let found = finding(&report, rule);
        assert_eq!(found["pointer"], pointer);
        assert_eq!(
            (&found["count"], &found["where"][0]["line"]),
            (&json!(1), &json!(2))
        );
        assert_eq!(report["passed"], false);
    }
}

#[test]
fn the_eight_faults_that_others_miss_are_found_on_our_document() {
    each_is_found(&ours(), the_eight());
}

#[test]
fn eight_more_faults_are_found_on_our_document() {
    each_is_found(&ours(), eight_more());
}

#[test]
fn all_sixteen_are_found_on_the_venues_document_as_it_ships() {
    let Some(contract) = upstream() else { return };
    each_is_found(&contract, the_eight());
    each_is_found(&contract, eight_more());
}

#[test]
fn integers_are_held_against_their_width_with_every_digit() {
    let cases = [
        ("clientId", "4294967295", false),
        ("clientId", "4294967296", true),
        ("createdAt", "9223372036854775807", false),
        ("createdAt", "9223372036854775808", true),
        ("createdAt", "18446744073709551616", true),
    ];
    for (member, digits, is_fault) in cases {
        let body = with(limit_order(), &[(member, json!("@"))])
            .to_string()
            .replace("\"@\"", digits);
        let report = checked(&ours(), &[line(GET_ORDER, 200, JSON, &body)]);
        let expected: &[&str] = if is_fault { &["format-integer"] } else { &[] };
        assert_eq!(rules(&report), expected, "{member} {digits}");
    }
}

#[test]
fn a_null_that_nobody_declares_is_a_note_and_never_fails() {
    let report = checked(&ours(), &[live(&[("clientId", json!(null))])]);
    assert_eq!(report["passed"], true);
    let notes = report["findings"].as_array().unwrap();
    let pointers: Vec<_> = notes
        .iter()
        .map(|note| note["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(
        pointers,
        [
            "LimitOrder.clientId",
            "LimitOrder.reduceOnly",
            "LimitOrder.triggeredAt"
        ]
    );
    assert!(
        notes
            .iter()
            .all(|note| note["rule"] == "null-undeclared" && note["where"][0]["line"] == 1)
    );
}

#[test]
fn a_null_in_a_required_member_is_of_the_wrong_type() {
    let report = checked(&ours(), &[live(&[("quantity", json!(null))])]);
    assert_eq!(rules(&report), ["type-wrong"]);
}

#[test]
fn rows_of_a_batch_are_read_through_both_tags() {
    let ok = with(limit_order(), &[("operation", json!("Ok"))]);
    let err = json!({"operation": "Err", "code": "INVALID_PRICE", "message": "no"});
    let unknown_code =
        json!({"operation": "Err", "code": "ORDER_PENDING_RELEASE", "message": "no"});
    let body = json!([ok, err]).to_string();
    let fine = checked(&ours(), &[line("POST /api/v1/orders", 200, JSON, &body)]);
    assert_eq!(rules(&fine), Vec::<String>::new(), "{:#}", fine["findings"]);
    let strange = with(ok, &[("operation", json!("Maybe"))]);
    let body = json!([unknown_code, strange]).to_string();
    let report = checked(&ours(), &[line("POST /api/v1/orders", 200, JSON, &body)]);
    assert_eq!(
        rules(&report),
        ["enum-unknown", "union-none"],
        "{:#}",
        report["findings"]
    );
    assert_eq!(finding(&report, "enum-unknown")["type"], "ApiErrorCode");
}

#[test]
fn a_cancellation_may_be_accepted_without_a_body_and_not_with_one() {
    let fine = checked(&ours(), &[line("DELETE /api/v1/order", 202, "", "")]);
    assert_eq!(
        (rules(&fine), &fine["summary"]["validated"]),
        (vec![], &json!(1))
    );
    let report = checked(&ours(), &[line("DELETE /api/v1/order", 202, JSON, "{}")]);
    assert_eq!(rules(&report), ["body-unexpected"]);
    assert_eq!(report["summary"]["skipped"]["body-presence"], 1);
}

#[test]
fn every_exchange_is_validated_or_skipped_with_a_reason() {
    let lines = [the_eight(), eight_more()].concat_lines();
    let report = checked(&ours(), &lines);
    let summary = &report["summary"];
    let skipped: u64 = summary["skipped"]
        .as_object()
        .unwrap()
        .values()
        .map(|it| it.as_u64().unwrap())
        .sum();
    assert_eq!(summary["exchanges"], 16);
    assert_eq!(summary["validated"].as_u64().unwrap() + skipped, 16);
}

trait Lines {
    fn concat_lines(self) -> Vec<String>;
}

impl Lines for [Vec<Seeded>; 2] {
    fn concat_lines(self) -> Vec<String> {
        self.into_iter().flatten().map(|fault| fault.line).collect()
    }
}

#[test]
fn an_operation_without_schema_is_itself_a_finding() {
    let document = br#"{"openapi":"3.0.3","info":{"title":"T","version":"1"},"paths":{
        "/raw":{"get":{"operationId":"raw","responses":{"200":{"description":"","content":{"application/octet-stream":{}}}}}},
        "/any":{"get":{"operationId":"any","responses":{"200":{"description":"","content":{"application/json":{"schema":{}}}}}}}}}"#;
    let document = bpx_contract::Document::parse("t.json", document).unwrap();
    let contract = Contract::openapi(document).unwrap();
    for (path, media_type) in [
        ("/raw", "application/octet-stream"),
        ("/any", "application/json"),
    ] {
        let sent = line(&format!("GET {path}"), 200, media_type, "{\"a\":1}");
        let report = checked(&contract, &[sent]);
        assert_eq!(rules(&report), ["schema-not-applied"], "{path}");
        assert_eq!(report["summary"]["skipped"]["no-schema"], 1);
    }
}

#[test]
fn requests_are_checked_too() {
    let fine = line(
        "GET /wapi/v1/history/fills?limit=10&marketType=PERP&marketType=SPOT",
        401,
        JSON,
        "{\"code\":\"UNAUTHORIZED\",\"message\":\"\"}",
    );
    assert_eq!(rules(&checked(&ours(), &[fine])), Vec::<String>::new());
    let bad = line(
        "GET /api/v1/order?clientId=-1&colour=red",
        404,
        JSON,
        "{\"code\":\"RESOURCE_NOT_FOUND\",\"message\":\"\"}",
    );
    let expected = [
        "parameter-malformed",
        "parameter-missing",
        "parameter-undocumented",
    ];
    assert_eq!(rules(&checked(&ours(), &[bad])), expected);
    let body = line("POST /api/v1/order", 503, "text/html", "<html>").replace("\"status\"", "\"request\":{\"side\":\"Bid\",\"symbol\":\"SOL_USDC\",\"orderType\":\"Limit\",\"price\":1},\"status\"");
    let report = checked(&ours(), &[body]);
    assert_eq!(rules(&report), ["error-body-not-json", "type-wrong"]);
    assert_eq!(finding(&report, "type-wrong")["part"], "request");
}
