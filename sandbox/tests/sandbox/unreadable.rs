//! Bodies and parameters that cannot be read.

use reqwest::Method;
use serde_json::json;

use crate::client::{head, limit, plus, start_empty};

#[tokio::test]
async fn a_field_of_the_wrong_type_is_answered_in_text() {
    let (_sandbox, client) = start_empty().await;
    for fields in [
        json!({ "price": 1 }),
        json!({ "price": "1e3" }),
        json!({ "price": "" }),
        json!({ "quantity": "1_000" }),
        json!({ "quantity": "NaN" }),
        json!({ "clientId": "1" }),
        json!({ "clientId": -1 }),
        json!({ "clientId": 4_294_967_296_u64 }),
        json!({ "clientId": 1.5 }),
        json!({ "postOnly": "true" }),
        json!({ "postOnly": 1 }),
        json!({ "side": "Buy" }),
        json!({ "side": null }),
        json!({ "timeInForce": "GTD" }),
        json!({ "selfTradePrevention": "Allow" }),
        json!({ "triggerPrice": 1, "triggerQuantity": "1" }),
        json!({ "brokerId": 65_536 }),
    ] {
        // A null is not signed, so its signed text is that of the order without the field.
        let order = plus(limit("Bid", "1", "1"), fields);
        let mut signed = order.clone();
        signed
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        let signed = client.sign_now(&head("orderExecute", &signed));
        let reply = client
            .send(Method::POST, "/api/v1/order", signed, order.to_string())
            .await;
        reply.is_text(
            400,
            "parse request payload error: failed to parse \"OrderExecutePayload\"",
        );
    }
    assert_eq!(client.history("").await.ok(), json!([]));
}

#[tokio::test]
async fn a_body_that_is_no_flat_object_is_answered_in_text() {
    let (_sandbox, client) = start_empty().await;
    let deep = "[".repeat(10_000);
    for body in [
        "",
        "{",
        "null",
        "[]",
        "\"x\"",
        r#"{"symbol":"SOL_USDC","symbol":"SOL_USDC"}"#,
        r#"{"symbol":{"a":1}}"#,
        r#"{"symbol":["a"]}"#,
        r#"{"symbol":"\ud800"}"#,
        r#"{"symbol":"S"} trailing"#,
        &deep,
        &format!(r#"{{"a":{deep}"#),
    ] {
        for (method, path, name) in [
            (Method::POST, "/api/v1/order", "OrderExecutePayload"),
            (Method::DELETE, "/api/v1/order", "OrderCancelPayload"),
            (Method::DELETE, "/api/v1/orders", "OrderCancelAllPayload"),
        ] {
            let reply = client
                .send(method, path, client.sign_now("instruction=x"), body)
                .await;
            reply.is_text(
                400,
                &format!("parse request payload error: failed to parse \"{name}\""),
            );
        }
    }
    client.open_orders("").await.ok();
}

#[tokio::test]
async fn a_body_that_is_not_utf8_is_answered_in_text() {
    let (sandbox, client) = start_empty().await;
    let signed = client.sign_now("instruction=orderExecute");
    let mut request = reqwest::Client::new().post(format!("{}/api/v1/order", sandbox.base_url()));
    for (name, value) in signed.0 {
        request = request.header(name, value);
    }
    let response = request
        .body(vec![b'{', b'"', 0xff, 0xfe, b'"', b':', b'1', b'}'])
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
    assert!(
        response
            .text()
            .await
            .unwrap()
            .starts_with("parse request payload error")
    );
}

#[tokio::test]
async fn a_parameter_of_the_wrong_type_is_answered_in_text() {
    let (_sandbox, client) = start_empty().await;
    for (query, name) in [
        ("clientId=x&symbol=SOL_USDC", "clientId"),
        ("clientId=-1&symbol=SOL_USDC", "clientId"),
        ("clientId=1&symbol=SOL_USDC&symbol=SOL_USDC", "symbol"),
        ("clientId=1", "symbol"),
    ] {
        client
            .order(query)
            .await
            .is_text(400, &format!("failed to parse parameter `{name}`"));
    }
    client
        .open_orders("marketType=FOREX")
        .await
        .is_text(400, "failed to parse parameter `marketType`");
    for (query, name) in [
        ("limit=", "limit"),
        ("limit=-1", "limit"),
        ("limit=1e3", "limit"),
        ("offset=99999999999999999999999", "offset"),
        ("sortDirection=Up", "sortDirection"),
        ("marketType=SPOT&marketType=spot", "marketType"),
        ("from=now", "from"),
        ("to=1.5", "to"),
        ("fillType=Mine", "fillType"),
    ] {
        client
            .fills(query)
            .await
            .is_text(400, &format!("failed to parse parameter `{name}`"));
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_by_its_type_is_answered_in_text() {
    let (_sandbox, client) = start_empty().await;
    let order = limit("Bid", "1", "1");
    for (named, status) in [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/jsonp", 415),
        ("", 415),
    ] {
        let signed = client.sign_now(&head("orderExecute", &order));
        let signed = signed.with("Content-Type", named);
        let reply = client
            .send(Method::POST, "/api/v1/order", signed, order.to_string())
            .await;
        assert_eq!(reply.status, status, "{named}");
        if status == 415 {
            reply.is_text(415, "unsupported content type");
        }
    }
}
