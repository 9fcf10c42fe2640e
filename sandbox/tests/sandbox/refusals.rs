//! Every documented no, and that the exchange goes on after it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, Signed, head, limit, market, plus, start_empty};

/// Places the order and expects a JSON refusal.
async fn refused(client: &Client, order: Value, code: &str, message: &str) {
    client.place(order).await.is_error(400, code, message);
}

#[tokio::test]
async fn prices_and_quantities_must_be_positive_and_not_too_fine() {
    let (_sandbox, client) = start_empty().await;
    for (price, quantity, code, message) in [
        ("0", "1", "INVALID_PRICE", "Invalid price"),
        ("-1", "1", "INVALID_PRICE", "Invalid price"),
        ("10000000", "1", "INVALID_PRICE", "Invalid price"),
        ("1", "0.00", "INVALID_QUANTITY", "Invalid quantity"),
        ("1", "-5", "INVALID_QUANTITY", "Invalid quantity"),
        ("1", "10000000", "INVALID_QUANTITY", "Invalid quantity"),
        (
            "1",
            "0.000000001",
            "INVALID_CLIENT_REQUEST",
            "Quantity decimal too long",
        ),
        (
            "1",
            "1.0000000000000000000000000000000000001",
            "INVALID_CLIENT_REQUEST",
            "Quantity decimal too long",
        ),
        (
            "0.0000001",
            "1",
            "INVALID_CLIENT_REQUEST",
            "Price decimal too long",
        ),
    ] {
        refused(&client, limit("Bid", price, quantity), code, message).await;
    }
    refused(
        &client,
        market("Bid", "quoteQuantity", "0"),
        "INVALID_QUANTITY",
        "Invalid quantity",
    )
    .await;
    assert_eq!(client.history("").await.ok(), json!([]));
}

#[tokio::test]
async fn an_order_names_what_its_type_needs() {
    let (_sandbox, client) = start_empty().await;
    let bare = |kind| json!({ "symbol": "SOL_USDC", "side": "Bid", "orderType": kind });
    let either = "Market orders must specify either a `quantity` or a `quoteQuantity`";
    let rests = "Post only orders must be GTC limit orders";
    let post_only = |time| {
        plus(
            limit("Bid", "1", "1"),
            json!({ "postOnly": true, "timeInForce": time }),
        )
    };
    for (order, message) in [
        (bare("Market"), either),
        (
            plus(
                market("Bid", "quantity", "1"),
                json!({ "quoteQuantity": "1" }),
            ),
            either,
        ),
        (
            plus(bare("Limit"), json!({ "quantity": "1" })),
            "Limit orders must specify a `price`",
        ),
        (
            plus(bare("Limit"), json!({ "price": "1" })),
            "Limit orders must specify a `quantity`",
        ),
        (post_only("IOC"), rests),
        (post_only("FOK"), rests),
        (
            plus(market("Bid", "quantity", "1"), json!({ "postOnly": true })),
            rests,
        ),
    ] {
        refused(&client, order, "INVALID_CLIENT_REQUEST", message).await;
    }
}

#[tokio::test]
async fn triggers_come_in_pairs_and_hold_numbers() {
    let (_sandbox, client) = start_empty().await;
    let order = |fields| plus(limit("Bid", "1", "1"), fields);
    let pair = "Must specify both `triggerPrice` and `triggerQuantity` or neither";
    refused(
        &client,
        order(json!({ "triggerPrice": "1" })),
        "INVALID_CLIENT_REQUEST",
        pair,
    )
    .await;
    refused(
        &client,
        order(json!({ "triggerQuantity": "1" })),
        "INVALID_CLIENT_REQUEST",
        pair,
    )
    .await;
    for (price, quantity, code) in [
        ("soon", "1", "INVALID_PRICE"),
        ("0", "1", "INVALID_PRICE"),
        ("1", "most", "INVALID_QUANTITY"),
        ("1", "-1", "INVALID_QUANTITY"),
        ("1", "101%", "INVALID_QUANTITY"),
        ("1", "%", "INVALID_QUANTITY"),
    ] {
        let reply = client
            .place(order(
                json!({ "triggerPrice": price, "triggerQuantity": quantity }),
            ))
            .await;
        assert_eq!(
            (reply.status, &reply.json()["code"]),
            (400, &json!(code)),
            "{price} {quantity}"
        );
    }
}

#[tokio::test]
async fn a_spot_order_beyond_the_balance_is_refused() {
    let (_sandbox, client) = start_empty().await;
    for order in [
        limit("Bid", "1000.01", "1000"),
        limit("Ask", "1", "1000001"),
        market("Ask", "quantity", "1000001"),
        market("Bid", "quoteQuantity", "1000001"),
    ] {
        refused(&client, order, "INSUFFICIENT_FUNDS", "Insufficient funds").await;
    }
    // With the fee of 0.05 %, 999,999.75 of 1,000,000.
    client.place(limit("Bid", "999.5", "1000")).await.ok();
    let one = limit("Bid", "1", "1");
    refused(
        &client,
        one.clone(),
        "INSUFFICIENT_FUNDS",
        "Insufficient funds",
    )
    .await;
    client
        .place(plus(
            limit("Bid", "10", "1"),
            json!({ "symbol": "SOL_USDC_PERP" }),
        ))
        .await
        .is_error(400, "INSUFFICIENT_MARGIN", "Insufficient margin");
    client
        .cancel_all(json!({ "symbol": "SOL_USDC" }))
        .await
        .ok();
    client.place(one).await.ok();
}

#[tokio::test]
async fn exactly_one_id_is_named() {
    let (_sandbox, client) = start_empty().await;
    let message = "Must specify either `orderId` or `clientId` and not both";
    for fields in [json!({}), json!({ "orderId": "1", "clientId": 1 })] {
        let reply = client
            .cancel(plus(json!({ "symbol": "SOL_USDC" }), fields))
            .await;
        reply.is_error(400, "INVALID_CLIENT_REQUEST", message);
    }
    for query in ["symbol=SOL_USDC", "clientId=1&orderId=1&symbol=SOL_USDC"] {
        client
            .order(query)
            .await
            .is_error(400, "INVALID_CLIENT_REQUEST", message);
    }
}

#[tokio::test]
async fn an_order_that_is_not_open_is_not_found() {
    let (_sandbox, client) = start_empty().await;
    client.place(limit("Bid", "1", "1")).await.ok();
    for id in ["2", "01", "+1", "one", "", "18446744073709551616"] {
        let reply = client
            .cancel(json!({ "symbol": "SOL_USDC", "orderId": id }))
            .await;
        reply.is_error(400, "RESOURCE_NOT_FOUND", "Not Found");
    }
    let elsewhere = json!({ "symbol": "ETH_USDC", "orderId": "1" });
    client
        .cancel(elsewhere)
        .await
        .is_error(400, "RESOURCE_NOT_FOUND", "Not Found");
    client.order("orderId=1&symbol=ETH_USDC").await.is_error(
        404,
        "RESOURCE_NOT_FOUND",
        "Not Found",
    );
}

#[tokio::test]
async fn an_unknown_symbol_is_refused_everywhere() {
    let (_sandbox, client) = start_empty().await;
    let replies = [
        client.order("orderId=1&symbol=sol_usdc").await,
        client.open_orders("symbol=").await,
        client
            .cancel(json!({ "symbol": "X", "orderId": "1" }))
            .await,
        client.cancel_all(json!({ "symbol": "X" })).await,
        client.history("symbol=X").await,
        client.fills("symbol=X").await,
    ];
    for reply in replies {
        assert!(
            reply
                .text
                .contains("failed to parse \"MarketSymbol\": Invalid market symbol")
        );
        reply.is_text(400, "");
    }
}

#[tokio::test]
async fn what_would_go_unsigned_is_refused() {
    let (sandbox, client) = start_empty().await;
    let order = limit("Bid", "1", "1");
    let signed = client.sign_now(&head("orderExecute", &order));
    let reply = client
        .send(
            Method::POST,
            "/api/v1/order?symbol=ETH_USDC",
            signed,
            order.to_string(),
        )
        .await;
    reply.is_error(
        400,
        "INVALID_CLIENT_REQUEST",
        "This operation takes no query parameters",
    );
    let signed = client.sign_now("instruction=orderQueryAll");
    let reply = client
        .send(Method::GET, "/api/v1/orders", signed, "{}")
        .await;
    reply.is_error(
        400,
        "INVALID_CLIENT_REQUEST",
        "This operation takes no body",
    );
    assert!(sandbox.verified().is_empty());
}

#[tokio::test]
async fn a_connection_can_be_used_again_after_an_unknown_route() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (sandbox, _client) = start_empty().await;
    let address = sandbox.base_url().replace("http://", "");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut read = [0; 1024];
    for (method, path, status) in [
        ("POST", "/api/v1/rfq/refresh", "404"),
        ("PUT", "/api/v1/order", "405"),
        ("POST", "/api/v1/markets", "405"),
    ] {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // The body comes in a segment of its own, after an answer that did not wait for it.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        stream.write_all(b"{}").await.unwrap();
        let count = stream.read(&mut read).await.unwrap();
        let answer = String::from_utf8_lossy(&read[..count]);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{path} {answer:?}"
        );
    }
}

#[tokio::test]
async fn unknown_routes_and_methods_are_answered_in_text() {
    let (_sandbox, client) = start_empty().await;
    for path in ["/", "/api/v1/order/", "//api/v1/order", "/api/v1/strategy"] {
        client
            .send(Method::GET, path, Signed(vec![]), "")
            .await
            .is_text(404, "not found");
    }
    for (method, path) in [
        (Method::PUT, "/api/v1/order"),
        (Method::POST, "/wapi/v1/history/fills"),
    ] {
        let reply = client.send(method, path, Signed(vec![]), "").await;
        reply.is_text(405, "method not allowed");
        assert!(!reply.header("allow").is_empty());
    }
}

#[tokio::test]
async fn a_body_over_64_kib_is_too_large() {
    let (_sandbox, client) = start_empty().await;
    for (bytes, status) in [(64 * 1024, 400), (64 * 1024 + 1, 413), (1024 * 1024, 413)] {
        let signed = client.sign_now("instruction=orderExecute");
        let reply = client
            .send(Method::POST, "/api/v1/order", signed, "x".repeat(bytes))
            .await;
        assert_eq!(reply.status, status, "{bytes}");
    }
    client.open_orders("").await.ok();
}
