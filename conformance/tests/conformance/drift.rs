//! What the venue added since: reported, proposed as a patch that works, and no trouble to the client.

use crate::support::*;
use bpx_client::types::{ApiError, LiveOrder, Order, OrderExpiryReason, OrderStatus};
use bpx_conformance::Contract;
use bpx_contract::Document;
use serde_json::{Value, json};

/// The changes that were seen at the venue, and a few of our own.
fn drifted() -> Vec<String> {
    let pending = with(limit_order(), &[("status", json!("PendingRelease"))]).to_string();
    let refused = json!({"code": "ORDER_PENDING_RELEASE", "message": "wait"}).to_string();
    let expired: Vec<_> = ["OrderBookClosed", "CancelOnlyMode", "Maintenance"]
        .map(|reason| {
            with(
                history_order(),
                &[
                    ("status", json!("Expired")),
                    ("expiryReason", json!(reason)),
                ],
            )
        })
        .to_vec();
    let fills = json!([with(
        fill(),
        &[("assetClass", json!("Crypto")), ("rebate", json!("0.1"))]
    )])
    .to_string();
    let by = with(limit_order(), &[("triggerBy", json!("BestBid"))]).to_string();
    vec![
        line(GET_ORDER, 200, JSON, &pending),
        line(GET_ORDER, 200, JSON, &pending),
        line("DELETE /api/v1/order", 400, JSON, &refused),
        line("DELETE /api/v1/order", 409, JSON, &refused),
        page(HISTORY, &Value::from(expired).to_string()),
        page(FILLS, &fills),
        line(GET_ORDER, 200, JSON, &by),
    ]
}

fn patched(contract: &Contract, report: &Value) -> Contract {
    let mut document = contract.document().value.clone();
    let patch: json_patch::Patch = serde_json::from_value(report["patch"].clone()).unwrap();
    json_patch::patch(&mut document, &patch)
        .unwrap_or_else(|error| panic!("{error}: {:#}", report["patch"]));
    let text = document.to_string();
    Contract::openapi(Document::parse("patched.json", text.as_bytes()).unwrap()).unwrap()
}

fn is_proposed_and_the_proposal_works(contract: &Contract) {
    let report = checked(contract, &drifted());
    assert_eq!(
        rules(&report),
        ["enum-unknown", "field-unknown", "status-undocumented"],
        "{:#}",
        report["findings"]
    );
    let details: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["detail"].as_str().unwrap())
        .collect();
    for value in [
        "PendingRelease",
        "ORDER_PENDING_RELEASE",
        "OrderBookClosed",
        "CancelOnlyMode",
        "Maintenance",
        "BestBid",
    ] {
        assert!(details.contains(&value), "{value}");
    }
    let first = &report["evidence"][0];
    assert_eq!(
        (&first["count"], &first["first"]),
        (&json!(2), &json!("2026-11-20T04:17:55.048Z"))
    );
    let after = checked(&patched(contract, &report), &drifted());
    assert_eq!(
        rules(&after),
        Vec::<String>::new(),
        "{:#}\n{:#}",
        after["findings"],
        report["patch"]
    );
}

#[test]
fn the_drift_is_proposed_for_our_document_and_gone_once_it_is_patched() {
    is_proposed_and_the_proposal_works(&ours());
}

#[test]
fn the_drift_is_proposed_for_the_venues_document_and_gone_once_it_is_patched() {
    let Some(contract) = upstream() else { return };
    is_proposed_and_the_proposal_works(&contract);
}

#[test]
fn a_member_of_several_types_is_proposed_as_any_value() {
    let fills = |value: Value| {
        page(
            FILLS,
            &json!([with(fill(), &[("extra", value)])]).to_string(),
        )
    };
    let report = checked(
        &ours(),
        &[fills(json!(1)), fills(json!("a")), fills(json!(null))],
    );
    let [proposal] = report["patch"].as_array().unwrap().as_slice() else {
        panic!("{:#}", report["patch"])
    };
    assert_eq!(proposal["value"], json!({}));
    assert_eq!(report["evidence"][0]["count"], 3);
    let report = checked(&ours(), &[fills(json!(null)), fills(json!("0.5"))]);
    assert_eq!(
        report["patch"][0]["value"],
        json!({"type": "string", "format": "decimal"})
    );
}

#[test]
fn the_client_reads_what_the_checker_reports() {
    let pending = with(limit_order(), &[("status", json!("PendingRelease"))]);
    let LiveOrder::Limit(order) = serde_json::from_value(pending).unwrap() else {
        panic!("a limit order")
    };
    assert_eq!(
        order.status,
        OrderStatus::Unknown("PendingRelease".to_owned())
    );
    let refused: ApiError =
        serde_json::from_value(json!({"code": "ORDER_PENDING_RELEASE", "message": ""})).unwrap();
    assert_eq!(refused.code.to_string(), "ORDER_PENDING_RELEASE");
    let expired = with(
        history_order(),
        &[("expiryReason", json!("CancelOnlyMode"))],
    );
    let order: Order = serde_json::from_value(expired).unwrap();
    assert_eq!(
        order.expiry_reason,
        Some(OrderExpiryReason::Unknown("CancelOnlyMode".to_owned()))
    );
}
