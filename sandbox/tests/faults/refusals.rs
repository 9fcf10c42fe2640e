//! Faults that answer in the handler's place.

use serde_json::json;

use crate::client::{limit, start_empty};
use crate::wire::place;

const UNKNOWN: &str = "Unknown error, please check your request or try again later.";

#[tokio::test]
async fn too_many_requests_names_a_time_only_when_asked() {
    let (sandbox, client) = start_empty().await;
    for (fault, retry_after) in [("429", ""), ("429:7", "7")] {
        let reply = place(&client, &limit("Bid", "1", "1"), fault).await;
        reply.is_error(429, "TOO_MANY_REQUESTS", "Too many requests");
        assert_eq!(reply.header("retry-after"), retry_after);
    }
    assert!(sandbox.verified().is_empty());
}

#[tokio::test]
async fn maintenance_refuses_before_anything_is_done() {
    let (sandbox, client) = start_empty().await;
    let reply = place(&client, &limit("Bid", "1", "1"), "maintenance").await;
    reply.is_error(503, "MAINTENANCE", "Maintenance");
    assert!(sandbox.verified().is_empty());
}

#[tokio::test]
async fn an_unknown_error_comes_before_or_after_acting_and_looks_the_same() {
    let (_sandbox, client) = start_empty().await;
    for (fault, orders) in [("503-before", 0), ("503-after", 1)] {
        let reply = place(&client, &limit("Bid", "1", "1"), fault).await;
        reply.is_error(503, "SERVER_ERROR", UNKNOWN);
        let open = client.open_orders("").await.ok();
        assert_eq!(open.as_array().unwrap().len(), orders, "{fault}");
    }
}

#[tokio::test]
async fn every_code_of_the_venue_can_be_answered_with_any_error_status() {
    let (_sandbox, client) = start_empty().await;
    let codes = "ACCOUNT_DEACTIVATED ACCOUNT_LIQUIDATING BORROW_LIMIT BORROW_REQUIRES_LEND_REDEEM FORBIDDEN \
        INSUFFICIENT_FUNDS INSUFFICIENT_MARGIN INSUFFICIENT_SUPPLY INVALID_ASSET INVALID_CLIENT_REQUEST \
        INVALID_MARKET INVALID_ORDER INVALID_POSITION_ID INVALID_PRICE INVALID_QUANTITY INVALID_RANGE \
        INVALID_SIGNATURE INVALID_SOURCE INVALID_SYMBOL INVALID_TWO_FACTOR_CODE LEND_LIMIT \
        LEND_REQUIRES_BORROW_REPAY MAINTENANCE MAX_LEVERAGE_REACHED NOT_IMPLEMENTED ORDER_LIMIT POSITION_LIMIT \
        PRECONDITION_FAILED RESOURCE_NOT_FOUND SERVER_ERROR TIMEOUT TOO_EARLY TOO_MANY_REQUESTS TRADING_PAUSED \
        UNAUTHORIZED";
    let codes: Vec<_> = codes.split_whitespace().collect();
    assert_eq!(codes.len(), 35);
    for code in codes {
        let reply = place(
            &client,
            &limit("Bid", "1", "1"),
            &format!("error:{code}:418"),
        )
        .await;
        assert_eq!(
            (reply.status, reply.json()["code"].as_str()),
            (418, Some(code))
        );
        let reply = place(&client, &limit("Bid", "1", "1"), &format!("error:{code}")).await;
        assert!(
            (400..600).contains(&reply.status) && reply.status != 418,
            "{code}"
        );
    }
    assert_eq!(client.open_orders("").await.ok(), json!([]));
}

#[tokio::test]
async fn an_error_after_acting_hides_what_was_done() {
    let (_sandbox, client) = start_empty().await;
    let reply = place(&client, &limit("Bid", "1", "1"), "error-after:TIMEOUT:504").await;
    reply.is_error(504, "TIMEOUT", "Timeout");
    assert_eq!(client.open_orders("").await.ok()[0]["id"], "1");
}

#[tokio::test]
async fn a_proxy_answers_in_html() {
    let (sandbox, client) = start_empty().await;
    let reply = place(&client, &limit("Bid", "1", "1"), "html").await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (502, "text/html")
    );
    assert!(reply.text.starts_with("<html>"), "{}", reply.text);
    assert!(sandbox.verified().is_empty());
}

#[tokio::test]
async fn a_fault_that_is_none_or_cannot_happen_here_is_the_callers_mistake() {
    let (sandbox, client) = start_empty().await;
    for fault in [
        "drop",
        "settle:5",
        "history-lag:5",
        "429, nonsense",
        "error:NOPE",
    ] {
        let reply = place(&client, &limit("Bid", "1", "1"), fault).await;
        reply.is_text(400, "X-Sandbox-Fault: ");
        assert!(reply.text.contains("; "), "{}", reply.text);
    }
    assert!(sandbox.verified().is_empty() && sandbox.faults_fired().is_empty());
}

#[tokio::test]
async fn of_two_refusals_the_first_wins_and_only_it_happened() {
    let (sandbox, client) = start_empty().await;
    let faults = "html, 429, drop-after, 503-after, unknown-field, clock-skew:100000";
    let reply = place(&client, &limit("Bid", "1", "1"), faults).await;
    assert_eq!(reply.status, 502);
    let fired = sandbox.faults_fired();
    let fired: Vec<_> = fired.iter().map(|fired| fired.fault.to_string()).collect();
    assert_eq!(fired, ["html"]);
}

#[tokio::test]
async fn what_is_too_large_or_unknown_is_refused_with_a_fault_as_without() {
    let (_sandbox, client) = start_empty().await;
    let mut order = limit("Bid", "1", "1");
    order["symbol"] = "x".repeat(70_000).into();
    let reply = place(&client, &order, "unknown-field").await;
    reply.is_text(413, "payload too large");
}
