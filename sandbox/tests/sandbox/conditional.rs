//! Trigger orders: when they fire, with how much, and what follows a fill.

use bpx_sandbox::{ReferencePrice, Sandbox, Side};
use serde_json::{Value, json};

use crate::client::{
    Client, limit, market, perp, plus, resting, start_empty, start_two, start_with,
};

fn trigger(order: Value, price: &str, quantity: &str) -> Value {
    let fields = json!({ "triggerPrice": price, "triggerQuantity": quantity });
    plus(order, fields)
}

/// A market order without a quantity of its own.
fn bare(side: &str) -> Value {
    json!({ "symbol": "SOL_USDC", "side": side, "orderType": "Market" })
}

fn set(sandbox: &Sandbox, symbol: &str, which: ReferencePrice, price: i64) {
    sandbox
        .set_reference_price(symbol, which, price.into())
        .unwrap();
}

fn set_last(sandbox: &Sandbox, price: i64) {
    set(sandbox, "SOL_USDC", ReferencePrice::Last, price);
}

async fn status(client: &Client, placed: &Value) -> Value {
    client.outcome(&placed["id"]).await[0].clone()
}

#[tokio::test]
async fn a_reached_reference_price_lets_an_order_in() {
    let (sandbox, client) = start_empty().await;
    set_last(&sandbox, 100);
    let above = client
        .place(trigger(limit("Bid", "50", "1"), "110", "2"))
        .await
        .ok();
    let below = client
        .place(trigger(limit("Bid", "50", "1"), "90", "2"))
        .await
        .ok();
    assert_eq!(client.owns("USDC").await, ["1000000", "0"]);
    for price in [91, 109] {
        set_last(&sandbox, price);
        for placed in [&above, &below] {
            assert_eq!(status(&client, placed).await, "TriggerPending");
        }
    }
    set_last(&sandbox, 110);
    assert_eq!(status(&client, &above).await, "New");
    assert_eq!(status(&client, &below).await, "TriggerPending");
    set_last(&sandbox, 80);
    let open = client.open_orders("").await.ok();
    assert_eq!(
        (&open[0]["status"], &open[1]["status"]),
        (&json!("New"), &json!("New"))
    );
    // The trigger quantity is the quantity now.
    assert_eq!(
        (&open[0]["quantity"], &open[0]["triggerQuantity"]),
        (&json!("2"), &json!("2"))
    );
    assert!(open[0]["triggeredAt"].is_i64() && above["triggeredAt"].is_null());
}

#[tokio::test]
async fn the_first_reference_price_decides_the_direction() {
    let (sandbox, client) = start_empty().await;
    let placed = client
        .place(trigger(limit("Bid", "50", "1"), "100", "1"))
        .await
        .ok();
    set_last(&sandbox, 120);
    assert_eq!(status(&client, &placed).await, "TriggerPending");
    set_last(&sandbox, 130);
    assert_eq!(status(&client, &placed).await, "TriggerPending");
    set_last(&sandbox, 100);
    assert_eq!(status(&client, &placed).await, "New");
}

#[tokio::test]
async fn each_order_looks_at_its_own_price_and_market() {
    let (sandbox, client) = start_empty().await;
    let by = |by| json!({ "triggerBy": by });
    let order = || trigger(limit("Bid", "50", "1"), "100", "1");
    let mark = client.place(plus(order(), by("MarkPrice"))).await.ok();
    let index = client.place(plus(order(), by("IndexPrice"))).await.ok();
    let last = client.place(plus(order(), by("LastPrice"))).await.ok();
    let other = client.place(perp(order())).await.ok();
    set(&sandbox, "SOL_USDC", ReferencePrice::Mark, 100);
    let mut expected = vec![(mark, "New"), (index, "TriggerPending")];
    expected.extend([(last, "TriggerPending"), (other, "TriggerPending")]);
    for (placed, expected) in &expected {
        assert_eq!(status(&client, placed).await, *expected);
    }
    set(&sandbox, "SOL_USDC", ReferencePrice::Index, 100);
    assert_eq!(status(&client, &expected[1].0).await, "New");
    set(&sandbox, "SOL_USDC_PERP", ReferencePrice::Last, 100);
    assert_eq!(status(&client, &expected[3].0).await, "New");
    assert_eq!(status(&client, &expected[2].0).await, "TriggerPending");
}

#[tokio::test]
async fn a_trade_moves_the_last_price_and_may_set_off_a_chain() {
    let asks = ["100", "101", "102"].map(|price| resting(Side::Ask, price, "1"));
    let (sandbox, client) = start_with(asks.into()).await;
    set_last(&sandbox, 90);
    let first = client.place(trigger(bare("Bid"), "100", "1")).await.ok();
    let second = client.place(trigger(bare("Bid"), "101", "1")).await.ok();
    let third = client.place(trigger(bare("Bid"), "103", "1")).await.ok();
    client.place(market("Bid", "quantity", "1")).await.ok();
    assert_eq!(status(&client, &first).await, "Filled");
    assert_eq!(status(&client, &second).await, "Filled");
    assert_eq!(status(&client, &third).await, "TriggerPending");
    let ticker = client.ask("/api/v1/ticker?symbol=SOL_USDC").await.ok();
    assert_eq!(
        (&ticker["lastPrice"], &ticker["trades"]),
        (&json!("102"), &json!("3"))
    );
}

#[tokio::test]
async fn a_share_is_one_of_the_position() {
    let (sandbox, one, two) = start_two().await;
    two.place(perp(limit("Ask", "100", "3"))).await.ok();
    one.place(perp(limit("Bid", "100", "3"))).await.ok();
    two.place(perp(limit("Bid", "90", "9"))).await.ok();
    let order = plus(perp(bare("Ask")), json!({ "reduceOnly": true }));
    let half = one.place(trigger(order.clone(), "95", "50%")).await.ok();
    let rest = one.place(trigger(order.clone(), "94", "100%")).await.ok();
    let late = one.place(trigger(order, "93", "100%")).await.ok();
    set(&sandbox, "SOL_USDC_PERP", ReferencePrice::Last, 95);
    let sold = one
        .history(&format!("orderId={}", half["id"].as_str().unwrap()))
        .await
        .ok();
    assert_eq!(
        (&sold[0]["status"], &sold[0]["executedQuantity"]),
        (&json!("Filled"), &json!("1.5"))
    );
    // That trade took the last price to 90, past the other two.
    assert_eq!(one.outcome(&rest["id"]).await, json!(["Filled", null]));
    let expected = json!(["TriggerFailed", "StopWithoutPosition"]);
    assert_eq!(one.outcome(&late["id"]).await, expected);
}

#[tokio::test]
async fn on_a_spot_market_a_share_is_one_of_what_is_available() {
    let (sandbox, client) = start_with(vec![resting(Side::Bid, "1", "500000")]).await;
    let sell = client.place(trigger(bare("Ask"), "100", "25%")).await.ok();
    let buy = client
        .place(trigger(limit("Bid", "0.5", "1"), "100", "50%"))
        .await
        .ok();
    set_last(&sandbox, 100);
    let query = format!("orderId={}", sell["id"].as_str().unwrap());
    let sold = client.history(&query).await.ok()[0].clone();
    assert_eq!(
        (&sold["status"], &sold["executedQuantity"]),
        (&json!("Filled"), &json!("250000"))
    );
    let open = client.open_orders("").await.ok()[0].clone();
    assert_eq!(open["id"], buy["id"]);
    // Half of 1,249,875 pays for the order and its fee, as far as steps go.
    assert!(client.owns("USDC").await[1].starts_with("624937.49999"));
}

#[tokio::test]
async fn all_that_is_available_can_be_spent() {
    let (sandbox, client) = start_with(vec![resting(Side::Ask, "3", "1000000")]).await;
    let order = trigger(limit("Bid", "7", "1"), "100", "100%");
    let placed = client.place(order).await.ok();
    set_last(&sandbox, 100);
    assert_eq!(client.outcome(&placed["id"]).await, json!(["Filled", null]));
    let all = client.place(trigger(bare("Bid"), "90", "100%")).await.ok();
    set_last(&sandbox, 90);
    assert_eq!(client.outcome(&all["id"]).await, json!(["Filled", null]));
    assert!(client.owns("USDC").await[0].starts_with("0.0"));
}

#[tokio::test]
async fn an_order_that_cannot_enter_when_triggered_has_failed() {
    let (sandbox, client) = start_with(vec![resting(Side::Ask, "100", "1")]).await;
    let poor = client
        .place(trigger(limit("Bid", "99999", "1"), "100", "11"))
        .await
        .ok();
    let taker = plus(limit("Bid", "100", "1"), json!({ "postOnly": true }));
    let taker = client.place(trigger(taker, "100", "1")).await.ok();
    let thin = plus(perp(bare("Bid")), json!({ "reduceOnly": true }));
    let thin = client.place(trigger(thin, "100", "1")).await.ok();
    set_last(&sandbox, 100);
    set(&sandbox, "SOL_USDC_PERP", ReferencePrice::Last, 100);
    for (placed, reason) in [
        (poor, "InsufficientFunds"),
        (taker, "PostOnlyTaker"),
        (thin, "StopWithoutPosition"),
    ] {
        let expected = json!(["TriggerFailed", reason]);
        assert_eq!(client.outcome(&placed["id"]).await, expected);
    }
    assert_eq!(client.open_orders("").await.ok(), json!([]));
}

#[tokio::test]
async fn a_cancelled_trigger_never_fires() {
    let (sandbox, client) = start_empty().await;
    let placed = client
        .place(trigger(limit("Bid", "50", "1"), "100", "1"))
        .await
        .ok();
    let body = json!({ "symbol": "SOL_USDC", "orderId": placed["id"] });
    assert_eq!(client.cancel(body).await.ok()["status"], "Cancelled");
    set_last(&sandbox, 100);
    assert_eq!(status(&client, &placed).await, "Cancelled");
}

const EXITS: [(&str, &str); 4] = [
    ("stopLossTriggerPrice", "90"),
    ("stopLossLimitPrice", "80"),
    ("takeProfitTriggerPrice", "120"),
    ("takeProfitTriggerBy", "MarkPrice"),
];

fn with_exits(order: Value) -> Value {
    EXITS.into_iter().fold(order, |order, (name, value)| {
        plus(order, json!({ name: value }))
    })
}

#[tokio::test]
async fn a_filled_order_places_its_stop_loss_and_take_profit() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "100", "1")]).await;
    let bought = client
        .place(with_exits(limit("Bid", "100", "1")))
        .await
        .ok();
    assert_eq!(bought["status"], "Filled");
    let open = client.open_orders("").await.ok();
    for (n, kind, price, by) in [
        (0, "Limit", "90", Value::Null),
        (1, "Market", "120", json!("MarkPrice")),
    ] {
        let exit = &open[n];
        assert_eq!(exit["relatedOrderId"], bought["id"]);
        assert_eq!(
            (&exit["status"], &exit["side"]),
            (&json!("TriggerPending"), &json!("Ask"))
        );
        assert_eq!(
            (&exit["orderType"], &exit["triggerPrice"]),
            (&json!(kind), &json!(price))
        );
        assert_eq!(
            (&exit["triggerQuantity"], &exit["triggerBy"]),
            (&json!("1"), &by)
        );
    }
    assert_eq!(open[0]["price"], "80");
}

#[tokio::test]
async fn an_order_that_ends_half_filled_gets_exits_for_that_half() {
    let (_sandbox, one, two) = start_two().await;
    let placed = one
        .place(perp(with_exits(limit("Bid", "100", "4"))))
        .await
        .ok();
    two.place(perp(limit("Ask", "100", "1"))).await.ok();
    assert_eq!(one.open_orders("").await.ok().as_array().unwrap().len(), 1);
    let body = json!({ "symbol": "SOL_USDC_PERP", "orderId": placed["id"] });
    one.cancel(body).await.ok();
    let open = one.open_orders("").await.ok();
    assert_eq!(open.as_array().unwrap().len(), 2);
    assert_eq!(
        (&open[0]["triggerQuantity"], &open[0]["reduceOnly"]),
        (&json!("1"), &json!(true))
    );
}

#[tokio::test]
async fn one_exit_cancels_the_other() {
    let (sandbox, client) = start_with(vec![resting(Side::Ask, "100", "1")]).await;
    client
        .place(with_exits(limit("Bid", "100", "1")))
        .await
        .ok();
    let open = client.open_orders("").await.ok();
    set_last(&sandbox, 90);
    assert_eq!(status(&client, &open[0]).await, "New");
    assert_eq!(status(&client, &open[1]).await, "Cancelled");
    set(&sandbox, "SOL_USDC", ReferencePrice::Mark, 130);
    assert_eq!(status(&client, &open[1]).await, "Cancelled");
}

#[tokio::test]
async fn an_exit_without_a_trigger_price_is_refused() {
    let (_sandbox, client) = start_empty().await;
    let order = plus(limit("Bid", "1", "1"), json!({ "stopLossLimitPrice": "1" }));
    let message = "A stop loss or take profit must specify its trigger price";
    let reply = client.place(order).await;
    reply.is_error(400, "INVALID_CLIENT_REQUEST", message);
}

#[tokio::test]
async fn a_reference_price_must_be_a_price_of_a_market() {
    let (sandbox, _client) = start_empty().await;
    for (symbol, price) in [
        ("DOGE_USDC", "1"),
        ("SOL_USDC", "0"),
        ("SOL_USDC", "0.0000001"),
    ] {
        let price = price.parse().unwrap();
        let set = sandbox.set_reference_price(symbol, ReferencePrice::Mark, price);
        assert!(
            set.unwrap_err()
                .to_string()
                .contains("correct the symbol or the price")
        );
    }
}

#[tokio::test]
async fn a_triggered_order_queues_behind_those_that_rested_before() {
    let (sandbox, one, two) = start_two().await;
    let late = one
        .place(trigger(limit("Bid", "100", "1"), "100", "1"))
        .await
        .ok();
    let early = one.place(limit("Bid", "100", "1")).await.ok();
    set_last(&sandbox, 100);
    two.place(limit("Ask", "100", "1")).await.ok();
    assert_eq!(status(&one, &early).await, "Filled");
    assert_eq!(status(&one, &late).await, "New");
}
