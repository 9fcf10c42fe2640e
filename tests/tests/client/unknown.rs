//! What the contract does not know yet is read and passed on, never sent.

use bpx_client::Error;
use bpx_client::types::*;
use serde_json::{Value, json};

use crate::server::Server;

const SYMBOL: &str = "SOL_USDC";

fn live(order_type: &str) -> Value {
    json!({
        "orderType": order_type, "id": "1", "createdAt": 1, "symbol": SYMBOL, "side": "Ask", "status": "New",
        "timeInForce": "GTC", "selfTradePrevention": "RejectTaker", "postOnly": false, "price": "1",
        "quantity": "1", "executedQuantity": "0", "executedQuoteQuantity": "0",
    })
}

fn with(mut object: Value, fields: Value) -> Value {
    let fields = fields.as_object().unwrap().clone();
    object.as_object_mut().unwrap().extend(fields);
    object
}

#[tokio::test]
async fn an_unknown_status_does_not_spoil_the_list() {
    let list = json!([
        with(live("Limit"), json!({"status": "PendingRelease"})),
        live("Limit")
    ]);
    let server = Server::json(&list).await;
    let orders = server
        .client
        .get_open_orders()
        .send()
        .await
        .unwrap()
        .into_inner();
    let LiveOrder::Limit(order) = &orders[0] else {
        panic!("{orders:?}")
    };
    assert_eq!(
        order.status,
        OrderStatus::Unknown("PendingRelease".to_owned())
    );
    assert_eq!(serde_json::to_value(&orders).unwrap(), list);
}

#[tokio::test]
async fn an_unknown_field_is_passed_over() {
    let new = with(live("Limit"), json!({"assetClass": {"kind": ["Crypto"]}}));
    let server = Server::json(&new).await;
    let read = server
        .client
        .get_order()
        .symbol(SYMBOL)
        .order_id("1")
        .send()
        .await;
    assert_eq!(
        serde_json::to_value(read.unwrap().into_inner()).unwrap(),
        live("Limit")
    );
}

#[tokio::test]
async fn an_unknown_kind_of_order_is_kept_whole() {
    let twap = with(live("Twap"), json!({"slices": [1, 2.50, null]}));
    let server = Server::json(json!([twap])).await;
    let orders = server
        .client
        .get_open_orders()
        .send()
        .await
        .unwrap()
        .into_inner();
    assert!(matches!(&orders[..], [LiveOrder::Unknown(kept)] if *kept == twap));
    assert_eq!(serde_json::to_value(&orders).unwrap(), json!([twap]));
}

#[tokio::test]
async fn an_unknown_row_of_a_batch_does_not_hide_the_placed_orders() {
    let tag = |operation| json!({"operation": operation});
    let rows = json!([
        with(live("Limit"), tag("Ok")),
        with(tag("Deferred"), json!({"until": 5})),
        with(live("Twap"), tag("Ok")),
        with(tag("Err"), json!({"code": "NEW_CODE", "message": "no"})),
    ]);
    let server = Server::json(&rows).await;
    let order = NewOrder::new(OrderType::Market, Side::Bid, SYMBOL);
    let batch = server.client.execute_order_batch().body(vec![order; 4]);
    let read = batch.send().await.unwrap().into_inner();
    assert!(
        matches!(read[0], BatchResult::Ok(LiveOrder::Limit(_))),
        "{read:?}"
    );
    assert!(matches!(read[1], BatchResult::Unknown(_)), "{read:?}");
    assert!(
        matches!(read[2], BatchResult::Ok(LiveOrder::Unknown(_))),
        "{read:?}"
    );
    assert!(matches!(read[3], BatchResult::Err(_)), "{read:?}");
    assert_eq!(serde_json::to_value(&read).unwrap(), rows);
}

#[tokio::test]
async fn a_closed_list_stays_closed() {
    let sideways = with(live("Limit"), json!({"side": "Both"}));
    let server = Server::json(&sideways).await;
    let error = server
        .client
        .get_order()
        .symbol(SYMBOL)
        .order_id("1")
        .send()
        .await;
    let text = error.unwrap_err().to_string();
    assert!(text.contains("side") && text.contains("Both"), "{text}");
}

/// Refused for this reason, and nothing was signed or sent.
#[track_caller]
fn is_refused<T>(answer: Result<T, Error<ApiError>>, reason: &str) {
    match answer.map(|_| ()) {
        Err(Error::InvalidRequest(text)) => assert!(text.contains(reason), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_unknown_value_in_a_body_is_refused_before_anything_is_signed() {
    let server = Server::json("[]").await;
    let client = &server.client;
    let order = || NewOrder::new(OrderType::Limit, Side::Bid, SYMBOL);
    let twap = NewOrder::new("Twap".parse::<OrderType>().unwrap(), Side::Bid, SYMBOL);
    let answer = client.execute_order().body(twap.clone()).send().await;
    is_refused(answer, "orderType: `Twap` is not a value of OrderType");
    let answer = client
        .execute_order_batch()
        .body(vec![order(), twap])
        .send()
        .await;
    is_refused(answer, "[1]: orderType: `Twap`");
    let other = || TriggerBy::Unknown("OraclePrice".to_owned());
    for (order, field) in [
        (order().trigger_by(other()), "triggerBy"),
        (order().stop_loss_trigger_by(other()), "stopLossTriggerBy"),
        (
            order().take_profit_trigger_by(other()),
            "takeProfitTriggerBy",
        ),
    ] {
        is_refused(
            client.execute_order().body(order).send().await,
            &format!("{field}: `OraclePrice`"),
        );
    }
    let slippage =
        order().slippage_tolerance_type(SlippageToleranceType::Unknown("Bps".to_owned()));
    is_refused(
        client.execute_order().body(slippage).send().await,
        "slippageToleranceType: `Bps`",
    );
    let all = CancelAll::new(SYMBOL).order_type(CancelOrderType::Unknown("Twap".to_owned()));
    is_refused(
        client.cancel_open_orders().body(all).send().await,
        "orderType: `Twap`",
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn an_unknown_value_in_a_query_is_refused_before_anything_is_signed() {
    let server = Server::json("[]").await;
    let client = &server.client;
    let moon = || MarketType::Unknown("MOON".to_owned());
    is_refused(
        client.get_open_orders().market_type(moon()).send().await,
        "`MOON`",
    );
    let both = vec![MarketType::Spot, moon()];
    is_refused(
        client.get_fills().market_type(both.clone()).send().await,
        "[1]: `MOON`",
    );
    is_refused(
        client.get_order_history().market_type(both).send().await,
        "[1]: `MOON`",
    );
    let fills = client
        .get_fills()
        .fill_type(FillType::Unknown("Gift".to_owned()));
    is_refused(fills.send().await, "`Gift` is not a value of FillType");
    let up = || SortDirection::Unknown("Up".to_owned());
    is_refused(client.get_fills().sort_direction(up()).send().await, "`Up`");
    is_refused(
        client.get_order_history().sort_direction(up()).send().await,
        "`Up`",
    );
    assert!(server.seen().is_empty());
}
