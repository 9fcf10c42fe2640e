//! The behaviour table of the venue's facts, a test per row, and one per point of the list below it.
//! What goes wrong on purpose (too many requests, maintenance, and the other faults) is tested with the
//! faults.

use bpx_sandbox::{ReferencePrice, SandboxConfig, Side};
use reqwest::Method;
use serde_json::json;

use crate::client::{
    Reply, Signed, UNKNOWN_SYMBOL, head, limit, market, now_ms, perp, plus, resting, start,
    start_empty, start_two, start_with,
};

const CLIENT: &str = "INVALID_CLIENT_REQUEST";

fn statuses(rows: &serde_json::Value) -> Vec<&str> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["status"].as_str().unwrap()).collect()
}

/// A good order under spoilt headers.
async fn spoilt(spoil: impl FnOnce(Signed) -> Signed) -> Reply {
    let (_sandbox, client) = start_empty().await;
    let order = limit("Bid", "1", "1");
    let signed = spoil(client.sign_now(&head("orderExecute", &order)));
    let body = order.to_string();
    client
        .send(Method::POST, "/api/v1/order", signed, body)
        .await
}

#[tokio::test]
async fn row_bad_signature() {
    let reply = spoilt(|signed| signed.with("X-SIGNATURE", "A".repeat(86) + "==")).await;
    reply.is_error(400, CLIENT, "Invalid signature");
}

#[tokio::test]
async fn row_malformed_signature_header() {
    let reply = spoilt(|signed| signed.with("X-SIGNATURE", "not base64")).await;
    reply.is_error(400, CLIENT, "Invalid X-Signature header");
}

#[tokio::test]
async fn row_stale_timestamp() {
    let reply = spoilt(|signed| signed.with("X-TIMESTAMP", now_ms() - 5_100)).await;
    reply.is_error(400, CLIENT, "Request has expired");
    let reply = spoilt(|signed| signed.with("X-TIMESTAMP", now_ms() + 60_000)).await;
    reply.is_error(400, CLIENT, "Request has expired");
}

#[tokio::test]
async fn row_unknown_symbol() {
    let (_sandbox, client) = start_empty().await;
    let order = plus(limit("Bid", "1", "1"), json!({ "symbol": "DOGE_USDC" }));
    let reply = client.place(order).await;
    reply.is_text(400, UNKNOWN_SYMBOL);
}

#[tokio::test]
async fn row_too_many_decimals() {
    let (_sandbox, client) = start_empty().await;
    let reply = client.place(limit("Bid", "1", "0.000000001")).await;
    reply.is_error(400, CLIENT, "Quantity decimal too long");
}

#[tokio::test]
async fn row_price_far_from_market() {
    let mut config = SandboxConfig::bare();
    config.markets[4].price_band_percent = Some(10.into());
    assert_eq!(config.markets[4].symbol, "SOL_USDC");
    let (sandbox, client) = start(config).await;
    let set = sandbox.set_reference_price("SOL_USDC", ReferencePrice::Last, 100.into());
    set.unwrap();
    let message = "Price is too far from the last active price";
    for price in ["89.999999", "110.000001"] {
        let reply = client.place(limit("Bid", price, "1")).await;
        reply.is_error(400, "INVALID_PRICE", message);
    }
    for price in ["90", "110"] {
        client.place(limit("Bid", price, "1")).await.ok();
    }
}

#[tokio::test]
async fn row_half_set_trigger() {
    let (_sandbox, client) = start_empty().await;
    let message = "Must specify both `triggerPrice` and `triggerQuantity` or neither";
    for field in ["triggerPrice", "triggerQuantity"] {
        let order = plus(limit("Bid", "1", "1"), json!({ field: "1" }));
        client.place(order).await.is_error(400, CLIENT, message);
    }
}

#[tokio::test]
async fn row_both_or_neither_id() {
    let (_sandbox, client) = start_empty().await;
    let message = "Must specify either `orderId` or `clientId` and not both";
    for fields in [json!({}), json!({ "orderId": "1", "clientId": 1 })] {
        let body = plus(json!({ "symbol": "SOL_USDC" }), fields);
        client.cancel(body).await.is_error(400, CLIENT, message);
    }
    for query in ["symbol=SOL_USDC", "clientId=1&orderId=1&symbol=SOL_USDC"] {
        client.order(query).await.is_error(400, CLIENT, message);
    }
}

#[tokio::test]
async fn row_get_of_an_order_that_is_not_open() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "1", "1")]).await;
    client.place(limit("Bid", "1", "1")).await.ok();
    for id in ["2", "3"] {
        let reply = client.order(&format!("orderId={id}&symbol=SOL_USDC")).await;
        reply.is_error(404, "RESOURCE_NOT_FOUND", "Not Found");
    }
}

#[tokio::test]
async fn row_delete_of_an_unknown_order() {
    let (_sandbox, client) = start_empty().await;
    let body = json!({ "symbol": "SOL_USDC", "orderId": "1" });
    let reply = client.cancel(body).await;
    reply.is_error(400, "RESOURCE_NOT_FOUND", "Not Found");
}

#[tokio::test]
async fn row_post_only_would_take() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "100", "1")]).await;
    let order = plus(limit("Bid", "100", "1"), json!({ "postOnly": true }));
    let message = "Order would immediately match and take";
    let reply = client.place(order).await;
    reply.is_error(400, "INVALID_ORDER", message);
}

#[tokio::test]
async fn row_funds_and_margin() {
    let (_sandbox, client) = start_empty().await;
    let order = limit("Bid", "1000", "1000");
    let reply = client.place(order).await;
    reply.is_error(400, "INSUFFICIENT_FUNDS", "Insufficient funds");
    let order = perp(limit("Bid", "10000", "1000"));
    let reply = client.place(order).await;
    reply.is_error(400, "INSUFFICIENT_MARGIN", "Insufficient margin");
}

#[tokio::test]
async fn row_parameter_of_the_wrong_type() {
    let (_sandbox, client) = start_empty().await;
    let reply = client.order("clientId=one&symbol=SOL_USDC").await;
    reply.is_text(400, "failed to parse parameter `clientId`");
}

#[tokio::test]
async fn row_limit_1001() {
    let (_sandbox, client) = start_empty().await;
    let message = "Invalid limit: must be between 1 and 1000";
    for query in ["limit=1001", "limit=0"] {
        client.fills(query).await.is_error(400, CLIENT, message);
        client.history(query).await.is_error(400, CLIENT, message);
    }
}

#[tokio::test]
async fn row_unknown_route() {
    let (_sandbox, client) = start_empty().await;
    client.ask("/api/v2/order").await.is_text(404, "not found");
}

#[tokio::test]
async fn point_state_machine() {
    let (_sandbox, one, two) = start_two().await;
    let placed = one.place(limit("Bid", "100", "2")).await.ok();
    assert_eq!(placed["status"], "New");
    let id = placed["id"].as_str().unwrap();
    two.place(limit("Ask", "100", "1")).await.ok();
    let query = format!("orderId={id}&symbol=SOL_USDC");
    assert_eq!(one.order(&query).await.ok()["status"], "PartiallyFilled");
    two.place(limit("Ask", "100", "1")).await.ok();
    assert_eq!(one.outcome(&placed["id"]).await, json!(["Filled", null]));
}

#[tokio::test]
async fn point_expiry_reasons() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "100", "1")]).await;
    let time = |order, time: &str| plus(order, json!({ "timeInForce": time }));
    let slip = json!({ "slippageTolerance": "0", "slippageToleranceType": "TickSize" });
    let reduce = json!({ "reduceOnly": true });
    for (order, reason) in [
        (time(limit("Bid", "99", "1"), "IOC"), "ImmediateOrCancel"),
        (time(limit("Bid", "100", "2"), "FOK"), "FillOrKill"),
        (
            perp(plus(limit("Bid", "1", "1"), reduce)),
            "ReduceOnlyNotReduced",
        ),
        (market("Ask", "quantity", "1"), "InsufficientLiquidity"),
    ] {
        let placed = client.place(order).await.ok();
        assert_eq!(placed["status"], "Expired");
        assert_eq!(
            client.outcome(&placed["id"]).await,
            json!(["Expired", reason])
        );
        assert_eq!(placed["executedQuantity"], "0");
    }
    let liquidity = [
        resting(Side::Ask, "100", "1"),
        resting(Side::Ask, "100.000001", "1"),
    ];
    let (_sandbox, client) = start_with(liquidity.into()).await;
    let order = plus(market("Bid", "quantity", "2"), slip);
    let placed = client.place(order).await.ok();
    assert_eq!(placed["executedQuantity"], "1");
    assert_eq!(
        client.outcome(&placed["id"]).await,
        json!(["Expired", "PriceImpact"])
    );
}

#[tokio::test]
async fn point_reads_show_open_orders_only_and_triggers_among_them() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "100", "1")]).await;
    let trigger = json!({ "triggerPrice": "90", "triggerQuantity": "1" });
    client.place(limit("Bid", "100", "1")).await.ok();
    client.place(limit("Bid", "1", "1")).await.ok();
    client
        .place(plus(limit("Ask", "1", "1"), trigger))
        .await
        .ok();
    let open = client.open_orders("").await.ok();
    assert_eq!(statuses(&open), ["New", "TriggerPending"]);
    let cancelled = client
        .cancel_all(json!({ "symbol": "SOL_USDC" }))
        .await
        .ok();
    assert_eq!(statuses(&cancelled), ["Cancelled", "Cancelled"]);
    let nothing = client
        .cancel_all(json!({ "symbol": "SOL_USDC" }))
        .await
        .ok();
    assert_eq!(nothing, json!([]));
}

#[tokio::test]
async fn point_batch() {
    let (_sandbox, client) = start_empty().await;
    let orders = json!([
        limit("Bid", "1", "1"),
        limit("Bid", "1", "0"),
        limit("Bid", "2", "1")
    ]);
    let rows = client.batch(orders).await.ok();
    let rows: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["operation"])
        .collect();
    assert_eq!(rows, ["Ok", "Err", "Ok"]);
    let many = json!(vec![limit("Bid", "1", "1"); 21]);
    let message = "Batch holds 21 orders, at most 20 are allowed";
    client.batch(many).await.is_error(400, CLIENT, message);
}

#[tokio::test]
async fn point_late_settlement() {
    let config = SandboxConfig {
        settle_late: true,
        settle_delay_ms: 600_000,
        ..SandboxConfig::bare()
    };
    let (sandbox, client) = start(config).await;
    let placed = client.place(limit("Bid", "100", "1")).await.ok();
    let body = json!({ "symbol": "SOL_USDC", "orderId": placed["id"] });
    let reply = client.cancel(body).await;
    assert_eq!((reply.status, reply.text.as_str()), (202, ""));
    sandbox
        .add_liquidity(&resting(Side::Ask, "100", "1"))
        .unwrap();
    assert_eq!(client.outcome(&placed["id"]).await, json!(["Filled", null]));
}

#[tokio::test]
async fn point_client_id_may_be_used_again() {
    let (_sandbox, client) = start_empty().await;
    let order = plus(limit("Bid", "1", "1"), json!({ "clientId": 5 }));
    for _ in 0..2 {
        client.place(order.clone()).await.ok();
    }
    let body = json!({ "symbol": "SOL_USDC", "clientId": 5 });
    assert_eq!(client.cancel(body).await.ok()["id"], "2");
    assert_eq!(client.place(order).await.ok()["status"], "New");
}

#[tokio::test]
async fn point_shapes() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "100", "1")]).await;
    let order = plus(limit("Bid", "100", "1"), json!({ "clientId": 5 }));
    let live = client.place(order).await.ok();
    let past = client.last_in_history().await;
    let fill = client.fills("").await.ok()[0].clone();
    assert!(live["createdAt"].is_i64() && past["createdAt"].is_string());
    assert!(
        live.get("triggerPrice")
            .is_some_and(|price| price.is_null())
    );
    assert!(live.get("expiryReason").is_none() && past.get("expiryReason").is_some());
    assert_eq!(
        (&live["clientId"], &fill["clientId"]),
        (&json!(5), &json!("5"))
    );
    assert_eq!(
        (&fill["fee"], &fill["isMaker"]),
        (&json!("0.05"), &json!(false))
    );
}

#[tokio::test]
async fn point_paging() {
    let (_sandbox, client) = start_empty().await;
    for _ in 0..3 {
        client.place(limit("Bid", "1", "1")).await.ok();
    }
    let reply = client.history("limit=2").await;
    let ids: Vec<_> = reply
        .ok()
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].clone())
        .collect();
    assert_eq!(ids, ["3", "2"]);
    let names = ["x-page-count", "x-current-page", "x-page-size", "x-total"];
    assert_eq!(names.map(|name| reply.header(name)), ["2", "1", "2", "3"]);
}
