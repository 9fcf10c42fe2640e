//! What gets in and what does not.

use bpx_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;

use crate::client::{Client, Reply, Signed, head, limit, now_ms, start_empty};

const ORDER: &str = "/api/v1/order";

/// Sends a good order under spoilt headers.
async fn place_with(client: &Client, spoil: impl FnOnce(Signed) -> Signed) -> Reply {
    let order = limit("Bid", "1", "1");
    let signed = spoil(client.sign_now(&head("orderExecute", &order)));
    client
        .send(Method::POST, ORDER, signed, order.to_string())
        .await
}

/// Sends a body whose signed text is given beside it.
async fn place_raw(client: &Client, signed_fields: &str, body: &str) -> Reply {
    let signed = client.sign_now(&format!("instruction=orderExecute&{signed_fields}"));
    client.send(Method::POST, ORDER, signed, body).await
}

/// Nothing reached the book, and the exchange goes on.
async fn assert_untouched(sandbox: &Sandbox, client: &Client) {
    assert!(sandbox.verified().is_empty());
    assert_eq!(client.open_orders("").await.ok(), json!([]));
    assert_eq!(client.history("").await.ok(), json!([]));
}

#[tokio::test]
async fn a_bad_signature_never_reaches_the_book() {
    let (sandbox, client) = start_empty().await;
    let (_stranger, other) = start_empty().await;
    let foreign = other.sign_now(&head("orderExecute", &limit("Bid", "1", "1")));
    let signature = foreign
        .0
        .iter()
        .find(|(name, _)| *name == "X-SIGNATURE")
        .unwrap()
        .1
        .clone();
    for spoilt in [signature, "A".repeat(86) + "=="] {
        let reply = place_with(&client, |signed| signed.with("X-SIGNATURE", spoilt)).await;
        reply.is_error(400, "INVALID_CLIENT_REQUEST", "Invalid signature");
    }
    for spoilt in ["", "?", "AAAA", &"A".repeat(88)] {
        let reply = place_with(&client, |signed| signed.with("X-SIGNATURE", spoilt)).await;
        reply.is_error(400, "INVALID_CLIENT_REQUEST", "Invalid X-Signature header");
    }
    assert_untouched(&sandbox, &client).await;
}

#[tokio::test]
async fn a_signature_covers_the_body_that_was_sent_and_no_other() {
    let (sandbox, client) = start_empty().await;
    let signed = client.sign_now(&head("orderExecute", &limit("Bid", "1", "1")));
    for body in [
        limit("Ask", "1", "1"),
        limit("Bid", "1.0", "1"),
        json!([limit("Bid", "1", "1")]),
    ] {
        let reply = client
            .send(Method::POST, ORDER, signed.clone(), body.to_string())
            .await;
        assert_eq!(reply.status, 400, "{}", reply.text);
    }
    assert_untouched(&sandbox, &client).await;
}

#[tokio::test]
async fn a_signature_for_one_operation_is_none_for_another() {
    let (sandbox, client) = start_empty().await;
    let body = json!({ "symbol": "SOL_USDC" });
    let signed = client.sign_now(&head("orderCancel", &body));
    let reply = client
        .send(Method::DELETE, "/api/v1/orders", signed, body.to_string())
        .await;
    reply.is_error(400, "INVALID_CLIENT_REQUEST", "Invalid signature");
    assert_untouched(&sandbox, &client).await;
}

#[tokio::test]
async fn each_operation_refuses_an_unsigned_request() {
    let (sandbox, client) = start_empty().await;
    for path in ["/api/v1/order", "/api/v1/orders"] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let reply = client.send(method, path, Signed(vec![]), "{}").await;
            reply.is_text(400, "failed to parse parameter `X-API-KEY`");
        }
    }
    for path in ["/wapi/v1/history/fills", "/wapi/v1/history/orders"] {
        let reply = client.send(Method::GET, path, Signed(vec![]), "").await;
        reply.is_error(401, "UNAUTHORIZED", "Unauthorized");
    }
    assert_untouched(&sandbox, &client).await;
}

#[tokio::test]
async fn each_signing_header_is_needed_and_readable() {
    let (sandbox, client) = start_empty().await;
    for name in ["X-API-KEY", "X-SIGNATURE", "X-TIMESTAMP"] {
        let reply = place_with(&client, |signed| signed.without(name)).await;
        reply.is_text(400, &format!("failed to parse parameter `{name}`"));
    }
    for (name, value) in [
        ("X-TIMESTAMP", "soon"),
        ("X-TIMESTAMP", "+1"),
        ("X-WINDOW", "5s"),
        ("X-BROKER-ID", "65536"),
    ] {
        let reply = place_with(&client, |signed| signed.with(name, value)).await;
        reply.is_text(400, &format!("failed to parse parameter `{name}`"));
    }
    assert_untouched(&sandbox, &client).await;
}

#[tokio::test]
async fn a_header_given_twice_is_refused() {
    let (sandbox, client) = start_empty().await;
    let twice = |mut signed: Signed| {
        signed.0.push(("X-TIMESTAMP", "1".to_owned()));
        signed
    };
    place_with(&client, twice)
        .await
        .is_text(400, "failed to parse parameter `X-TIMESTAMP`");
    assert_untouched(&sandbox, &client).await;
}

#[tokio::test]
async fn a_key_must_be_a_key_and_ours() {
    let (sandbox, client) = start_empty().await;
    let (stranger, _) = start_empty().await;
    let reply = place_with(&client, |signed| {
        signed.with("X-API-KEY", stranger.api_key())
    })
    .await;
    reply.is_error(401, "UNAUTHORIZED", "Unauthorized");
    for key in ["", "AAAA", "???"] {
        let reply = place_with(&client, |signed| signed.with("X-API-KEY", key)).await;
        reply.is_error(400, "INVALID_CLIENT_REQUEST", "Invalid X-API-Key header");
    }
    assert_untouched(&sandbox, &client).await;
}

#[tokio::test]
async fn an_old_or_early_timestamp_has_expired() {
    let (sandbox, client) = start_empty().await;
    let order = limit("Bid", "1", "1");
    for (timestamp, window) in [
        (now_ms() - 60_000, None),
        (now_ms() + 60_000, None),
        (now_ms() - 120_000, Some(60_000)),
        (i64::MIN, Some(60_000)),
        (i64::MAX, Some(60_000)),
    ] {
        let signed = client.sign(&head("orderExecute", &order), timestamp, window);
        let reply = client
            .send(Method::POST, ORDER, signed, order.to_string())
            .await;
        reply.is_error(400, "INVALID_CLIENT_REQUEST", "Request has expired");
    }
    assert_untouched(&sandbox, &client).await;
}

#[tokio::test]
async fn the_window_is_between_1_and_60000() {
    let (_sandbox, client) = start_empty().await;
    for (window, status) in [(0, 400), (30_000, 200), (60_000, 200), (60_001, 400)] {
        let signed = client.sign("instruction=orderQueryAll", now_ms(), Some(window));
        let reply = client.send(Method::GET, "/api/v1/orders", signed, "").await;
        assert_eq!(reply.status, status, "{window}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_window_left_out_is_signed_as_5000() {
    let (_sandbox, client) = start_empty().await;
    let other = client
        .sign("instruction=orderQueryAll", now_ms(), Some(6000))
        .without("X-WINDOW");
    let reply = client.send(Method::GET, "/api/v1/orders", other, "").await;
    reply.is_error(400, "INVALID_CLIENT_REQUEST", "Invalid signature");
    let own = client
        .sign("instruction=orderQueryAll", now_ms(), Some(5000))
        .without("X-WINDOW");
    client
        .send(Method::GET, "/api/v1/orders", own, "")
        .await
        .ok();
}

#[tokio::test]
async fn the_signed_text_is_the_received_text() {
    let (_sandbox, client) = start_empty().await;
    let rest = "orderType=Limit&price=1.50&quantity=1&side=Bid&symbol=SOL_USDC";
    let body = r#"{ "symbol" : "SOL_USDC", "price":"1.50", "clientId": null, "quantity":"1",
        "side":"\u0042id", "orderType":"Limit", "unknown": 1.50 }"#;
    place_raw(&client, &format!("{rest}&unknown=1.50"), body)
        .await
        .ok();
    let reply = place_raw(&client, &format!("{rest}&unknown=1.5"), body).await;
    reply.is_error(400, "INVALID_CLIENT_REQUEST", "Invalid signature");
}

#[tokio::test]
async fn query_values_are_signed_decoded_and_repeated_keys_in_wire_order() {
    let (_sandbox, client) = start_empty().await;
    let send = async |signed: &str, query: &str| {
        let signed = client.sign_now(&format!("instruction=fillHistoryQueryAll&{signed}"));
        client
            .send(
                Method::GET,
                &format!("/wapi/v1/history/fills?{query}"),
                signed,
                "",
            )
            .await
            .status
    };
    assert_eq!(
        send("limit=5&strategyId=a b&c", "strategyId=a+b%26c&limit=5").await,
        200
    );
    assert_eq!(
        send("limit=5&strategyId=a+b%26c", "strategyId=a+b%26c&limit=5").await,
        400
    );
    assert_eq!(
        send(
            "marketType=SPOT&marketType=PERP",
            "marketType=SPOT&marketType=PERP"
        )
        .await,
        200
    );
    assert_eq!(
        send(
            "marketType=PERP&marketType=SPOT",
            "marketType=SPOT&marketType=PERP"
        )
        .await,
        400
    );
    assert_eq!(
        send("marketType=PERP", "marketType=SPOT&marketType=PERP").await,
        400
    );
}
