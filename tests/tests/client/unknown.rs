//! What the contract does not know yet is read and passed on, never sent.

use bpx_client::types::*;
use bpx_client::{AmountOrPercent, Decimal, Error};
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

/// A live order with one member that nobody has seen yet.
fn odd_orders() -> Vec<Value> {
    let odd = [
        json!({"selfTradePrevention": "Allow"}),
        json!({"timeInForce": "GTD"}),
        json!({"side": "Both"}),
        json!({"orderType": "Twap"}),
        json!({"status": null}),
        json!({"quantity": null}),
        json!({"price": 148.2}),
        json!({"createdAt": "2025-09-11T20:10:40.699"}),
        json!({"executedQuantity": "1e3"}),
        json!({"postOnly": "no"}),
    ];
    odd.map(|member| with(live("Limit"), member)).to_vec()
}

#[tokio::test]
async fn no_odd_member_costs_the_id_of_an_order() {
    for odd in odd_orders() {
        let one = Server::json(&odd).await.client;
        let order = NewOrder::new(OrderType::Limit, Side::Bid, SYMBOL);
        let cancel = CancelOrder::new(SYMBOL).order_id("1");
        let placed = one.execute_order().body(order.clone()).send().await;
        let found = one.get_order().symbol(SYMBOL).order_id("1").send().await;
        let gone = one.cancel_order().body(cancel).send().await.unwrap();
        let gone = gone.into_inner().done().unwrap();
        let row = with(odd.clone(), json!({"operation": "Ok"}));
        let batch = Server::json(json!([row])).await.client;
        let batch = batch.execute_order_batch().body(vec![order]).send().await;
        let BatchResult::Ok(in_batch) = batch.unwrap().into_inner().remove(0) else {
            panic!("{row}")
        };
        let list = Server::json(json!([live("Limit"), odd])).await.client;
        let listed = list.get_open_orders().send().await.unwrap().into_inner();
        let all = list
            .cancel_open_orders()
            .body(CancelAll::new(SYMBOL))
            .send();
        let all = all.await.unwrap().into_inner().done().unwrap();
        let (placed, found) = (placed.unwrap().into_inner(), found.unwrap().into_inner());
        for read in [&placed, &found, &gone, &in_batch, &listed[1], &all[1]] {
            assert_eq!(read.id(), Some("1"), "{odd}");
            assert_eq!(serde_json::to_value(read).unwrap(), odd);
        }
        assert!(matches!(listed[0], LiveOrder::Limit(_)));
    }
}

#[tokio::test]
async fn new_words_in_the_history_are_kept() {
    let past = json!([{
        "id": "1", "createdAt": "2025-09-11T20:10:40.699", "orderType": "Twap", "selfTradePrevention": "Allow",
        "status": "Paused", "side": "Both", "symbol": SYMBOL, "timeInForce": "GTD",
    }]);
    let read = Server::page(&past).await.client;
    let read = read.get_order_history().send().await.unwrap().into_inner();
    assert_eq!(serde_json::to_value(&read.items).unwrap(), past);
    let fill = json!([{
        "fee": "0", "feeSymbol": "USDC", "isMaker": true, "orderId": "1", "price": "1", "quantity": "1",
        "side": "Both", "symbol": SYMBOL, "systemOrderType": "Airdrop", "timestamp": "2025-09-11T20:10:40.699",
    }]);
    let read = Server::page(&fill).await.client;
    let read = read.get_fills().send().await.unwrap().into_inner();
    assert_eq!(serde_json::to_value(&read.items).unwrap(), fill);
}

#[tokio::test]
async fn what_is_no_order_at_all_is_an_error() {
    for body in [json!({}), json!({"id": "1"}), json!([]), json!("1")] {
        let client = Server::json(&body).await.client;
        let order = NewOrder::new(OrderType::Limit, Side::Bid, SYMBOL);
        let answer = client.execute_order().body(order).send().await;
        assert!(answer.unwrap_err().is_unknown(), "{body}");
    }
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
    for (order, reason) in [
        (
            order().self_trade_prevention(SelfTradePrevention::Unknown("Allow".to_owned())),
            "selfTradePrevention: `Allow`",
        ),
        (
            order().time_in_force(TimeInForce::Unknown("GTD".to_owned())),
            "timeInForce: `GTD`",
        ),
        (
            NewOrder::new(OrderType::Limit, Side::Unknown("Both".to_owned()), SYMBOL),
            "side: `Both`",
        ),
    ] {
        is_refused(client.execute_order().body(order).send().await, reason);
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

#[tokio::test]
async fn times_and_numbers_are_one_in_every_notation_and_stay_as_they_came() {
    let ms = 1_757_621_440_699_i64;
    let same = [
        json!("2025-09-11T20:10:40.699"),
        json!("2025-09-11T20:10:40.699Z"),
        json!("2025-09-11T22:10:40.699000+02:00"),
        json!("2025-09-11T20:10:40.699000000"),
        json!(ms),
    ];
    let past = |time: &Value, id: Value| {
        json!({
            "id": "1", "createdAt": time, "orderType": "Limit", "selfTradePrevention": "RejectTaker", "clientId": id,
            "status": "New", "side": "Bid", "symbol": SYMBOL, "timeInForce": "GTC",
        })
    };
    let fill = |time: &Value, id: Value| {
        json!({
            "fee": "0", "feeSymbol": "USDC", "isMaker": true, "orderId": "1", "price": "1", "quantity": "1",
            "side": "Bid", "symbol": SYMBOL, "timestamp": time, "clientId": id,
        })
    };
    for time in &same {
        let rows = json!([past(time, json!(7)), past(time, json!("7"))]);
        let orders = Server::page(&rows).await.client;
        let orders = orders
            .get_order_history()
            .send()
            .await
            .unwrap()
            .into_inner();
        let fills = json!([fill(time, json!("7")), fill(time, json!(7))]);
        let read = Server::page(&fills).await.client;
        let read = read.get_fills().send().await.unwrap().into_inner();
        for (order, fill) in orders.iter().zip(&read) {
            let created = order.created_at.value().map(|it| it.timestamp_millis());
            assert_eq!(created, Some(ms), "{time}");
            assert_eq!(order.created_at, fill.timestamp);
            assert_eq!(order.client_id, fill.client_id);
            assert_eq!(fill.client_id.as_ref().unwrap().value(), Some(7));
        }
        assert_eq!(serde_json::to_value(&orders.items).unwrap(), rows);
        assert_eq!(serde_json::to_value(&read.items).unwrap(), fills);
    }
    for (time, nanoseconds) in [
        ("2025-09-11T20:10:40", 0),
        ("2025-09-11T20:10:40.000000001Z", 1),
    ] {
        let read = Server::page(json!([fill(&json!(time), json!("x"))]))
            .await
            .client;
        let read = read.get_fills().send().await.unwrap().into_inner();
        let at = read[0].timestamp.value().unwrap();
        assert_eq!(at.timestamp_subsec_nanos(), nanoseconds);
        assert_eq!(read[0].client_id.as_ref().unwrap().value(), None);
    }
}

#[tokio::test]
async fn triggers_are_decimals_and_amounts_or_percentages() {
    let pending = with(
        live("Limit"),
        json!({"triggerPrice": "20.10", "stopLossTriggerPrice": "soon", "triggerQuantity": "12.50%"}),
    );
    let read = Server::json(&pending).await.client;
    let read = read.get_order().symbol(SYMBOL).order_id("1").send().await;
    let LiveOrder::Limit(order) = read.unwrap().into_inner() else {
        panic!()
    };
    let price: Decimal = "20.10".parse().unwrap();
    assert_eq!(order.trigger_price.as_ref().unwrap().value(), Some(price));
    assert_eq!(
        order.stop_loss_trigger_price.as_ref().unwrap().value(),
        None
    );
    let share = AmountOrPercent::Percent("12.50".parse().unwrap());
    assert_eq!(order.trigger_quantity, Some(share.into()));
    assert_eq!(
        serde_json::to_value(&order).unwrap()["triggerQuantity"],
        "12.50%"
    );
    for odd in ["", "%", "80 %", "1e3", "80%%", "abc"] {
        assert!(odd.parse::<AmountOrPercent>().is_err(), "{odd}");
    }
}
