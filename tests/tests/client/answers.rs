//! What the local exchange answers, as the client's types have it.

use bpx_client::chrono::DateTime;
use bpx_client::types::*;
use bpx_client::{AmountOrPercent, Client, Error, Outcome, operations};
use bpx_sandbox::{SandboxConfig, Side as MakerSide};
use bpx_tests::exchange::{Exchange, decimal, resting, start};
use serde_json::{Value, json};

use crate::server::Server;

const SYMBOL: &str = "SOL_USDC";

fn new(order_type: OrderType, side: Side, quantity: &str) -> NewOrder {
    NewOrder::new(order_type, side, SYMBOL).quantity(decimal(quantity).unwrap())
}

fn bid(price: &str, quantity: &str) -> NewOrder {
    new(OrderType::Limit, Side::Bid, quantity).price(decimal(price).unwrap())
}

async fn place(client: &Client, order: NewOrder) -> LiveOrder {
    let answer = client.execute_order().body(order).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.into_inner()
}

#[track_caller]
fn limit(order: LiveOrder) -> LimitOrder {
    match order {
        LiveOrder::Limit(order) => order,
        other => panic!("{other:?}"),
    }
}

/// An exchange with asks at 150 and 151.
async fn stocked() -> Exchange {
    let liquidity = ["150", "151"].map(|price| resting(MakerSide::Ask, price, "1.5").unwrap());
    start(SandboxConfig {
        liquidity: liquidity.to_vec(),
        ..SandboxConfig::bare()
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_resting_order_reads_the_same_by_either_identifier_and_in_the_list() {
    let exchange = stocked().await;
    let client = &exchange.client;
    let placed = place(client, bid("149.5", "2").client_id(9).post_only(true)).await;
    let order = limit(placed.clone());
    assert_eq!((order.status, order.side), (OrderStatus::New, Side::Bid));
    assert_eq!((order.client_id, order.post_only), (Some(9.into()), true));
    assert_eq!(
        (order.price, order.quantity),
        (decimal("149.5").unwrap(), decimal("2").unwrap())
    );
    assert_eq!(
        order.self_trade_prevention,
        SelfTradePrevention::RejectTaker
    );
    let by_id = client
        .get_order()
        .symbol(SYMBOL)
        .order_id(order.id)
        .send()
        .await;
    let by_client_id = client
        .get_order()
        .symbol(SYMBOL)
        .client_id(9_u32)
        .send()
        .await;
    assert_eq!(by_id.unwrap().into_inner(), placed);
    assert_eq!(by_client_id.unwrap().into_inner(), placed);
    let open = client
        .get_open_orders()
        .market_type(MarketType::Spot)
        .send()
        .await;
    assert_eq!(open.unwrap().into_inner(), [placed]);
    let perps = client
        .get_open_orders()
        .market_type(MarketType::Perp)
        .send()
        .await;
    assert_eq!(perps.unwrap().into_inner(), []);
}

#[tokio::test]
async fn a_market_order_comes_back_as_the_other_arm() {
    let exchange = stocked().await;
    let order = new(OrderType::Market, Side::Bid, "2").client_id(7);
    let LiveOrder::Market(order) = place(&exchange.client, order).await else {
        panic!("not a market order");
    };
    assert_eq!(order.status, OrderStatus::Filled);
    assert_eq!(order.quantity, Some(decimal("2").unwrap()));
    assert_eq!(order.executed_quantity, decimal("2").unwrap());
    // 1.5 at 150 and 0.5 at 151.
    assert_eq!(order.executed_quote_quantity, decimal("300.5").unwrap());
}

#[tokio::test]
async fn explicit_nulls_read_like_absent_fields() {
    let mut read = Vec::new();
    for explicit_nulls in [true, false] {
        let mut config = SandboxConfig::bare();
        config.venue.explicit_nulls = explicit_nulls;
        let exchange = start(config).await.unwrap();
        let mut live = limit(place(&exchange.client, bid("1", "1")).await);
        let history = exchange.client.get_order_history().send().await.unwrap();
        let mut past = history.into_inner().items.remove(0);
        live.created_at = DateTime::UNIX_EPOCH.into();
        past.created_at = DateTime::UNIX_EPOCH.into();
        read.push((live, past));
    }
    assert_eq!(read[0], read[1]);
    assert_eq!(
        (&read[0].0.client_id, &read[0].1.expiry_reason),
        (&None, &None)
    );
}

fn in_words(row: &BatchResult) -> String {
    match row {
        BatchResult::Ok(LiveOrder::Limit(order)) => format!("limit {}", order.status),
        BatchResult::Ok(LiveOrder::Market(order)) => format!("market {}", order.status),
        BatchResult::Err(error) => format!("{} {}", error.code, error.message),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_batch_is_answered_row_by_row() {
    let exchange = stocked().await;
    let orders = vec![
        bid("149", "1"),
        bid("149", "0.000000001"),
        new(OrderType::Market, Side::Bid, "1"),
        NewOrder::new(OrderType::Limit, Side::Bid, SYMBOL),
    ];
    let answer = exchange
        .client
        .execute_order_batch()
        .body(orders)
        .send()
        .await;
    let rows = answer.unwrap().into_inner();
    let words: Vec<_> = rows.iter().map(in_words).collect();
    assert_eq!(words[0], "limit New");
    assert_eq!(words[1], "INVALID_CLIENT_REQUEST Quantity decimal too long");
    assert_eq!(words[2], "market Filled");
    assert!(
        words[3].starts_with("INVALID_CLIENT_REQUEST "),
        "{}",
        words[3]
    );
    let log = exchange.sandbox.verified();
    assert_eq!(
        log[0].instructions,
        vec![operations::EXECUTE_ORDER_BATCH.instruction; 4]
    );
}

#[tokio::test]
async fn both_cancellations_may_be_done_or_merely_accepted() {
    let config = SandboxConfig {
        settle_delay_ms: 600_000,
        ..SandboxConfig::bare()
    };
    let exchange = start(config).await.unwrap();
    let client = &exchange.client;
    for (late, status) in [(false, 200), (true, 202)] {
        exchange.sandbox.settle_late(late);
        let order = limit(place(client, bid("1", "1")).await);
        let one = CancelOrder::new(SYMBOL).order_id(order.id);
        let one = client.cancel_order().body(one).send().await.unwrap();
        assert_eq!((one.status().as_u16(), one.is_accepted()), (status, late));
        place(client, bid("1", "1")).await;
        let all = client
            .cancel_open_orders()
            .body(CancelAll::new(SYMBOL))
            .send();
        let all = all.await.unwrap();
        assert_eq!((all.status().as_u16(), all.is_accepted()), (status, late));
        if let Outcome::Done(orders) = all.into_inner() {
            assert_eq!(orders.len(), 1);
            assert_eq!(limit(orders[0].clone()).status, OrderStatus::Cancelled);
        }
    }
}

#[tokio::test]
async fn cancel_all_takes_only_the_kind_that_was_named() {
    let exchange = stocked().await;
    let client = &exchange.client;
    place(client, bid("1", "1")).await;
    let pending = bid("1", "1")
        .trigger_price("2".parse().unwrap())
        .trigger_quantity("80%".parse().unwrap());
    let pending = limit(place(client, pending).await);
    assert_eq!(pending.status, OrderStatus::TriggerPending);
    let share = AmountOrPercent::Percent(decimal("80").unwrap());
    assert_eq!(pending.trigger_quantity, Some(share.into()));
    let conditional = CancelAll::new(SYMBOL).order_type(CancelOrderType::ConditionalOrder);
    let answer = client.cancel_open_orders().body(conditional).send().await;
    let cancelled = answer.unwrap().into_inner().done().unwrap();
    let ids: Vec<_> = cancelled.into_iter().map(|order| limit(order).id).collect();
    assert_eq!(ids, [pending.id]);
}

#[tokio::test]
async fn fills_come_in_pages_with_typed_headers() {
    let exchange = stocked().await;
    let client = &exchange.client;
    for quantity in ["0.1", "0.2", "0.3"] {
        place(client, bid("150", quantity).client_id(7)).await;
    }
    let fills = client.get_fills().symbol(SYMBOL).limit(2_u64).offset(2_u64);
    let fills = fills.market_type(vec![MarketType::Perp, MarketType::Spot]);
    let page = fills
        .sort_direction(SortDirection::Asc)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            page.page_count,
            page.current_page,
            page.page_size,
            page.total
        ),
        (Some(2), Some(2), Some(2), Some(3))
    );
    let [fill] = &page.items[..] else {
        panic!("{page:?}")
    };
    assert_eq!(
        (fill.price, fill.quantity),
        (decimal("150").unwrap(), decimal("0.3").unwrap())
    );
    assert_eq!(fill.client_id, Some(7.into()));
    assert_eq!(
        (fill.is_maker, fill.side.clone(), &*fill.fee_symbol),
        (false, Side::Bid, "USDC")
    );
    let none = client
        .get_fills()
        .fill_type(FillType::Liquidation)
        .send()
        .await;
    assert!(none.unwrap().is_empty());
}

#[tokio::test]
async fn the_history_gives_the_reason_of_an_expiry_and_times_without_zone() {
    let exchange = stocked().await;
    let order = bid("150", "5").time_in_force(TimeInForce::Ioc);
    let order = limit(place(&exchange.client, order).await);
    assert_eq!(order.status, OrderStatus::Expired);
    let page = exchange
        .client
        .get_order_history()
        .order_id(order.id)
        .send()
        .await
        .unwrap();
    let [past] = &page.items[..] else {
        panic!("{page:?}")
    };
    assert_eq!(
        past.expiry_reason,
        Some(OrderExpiryReason::ImmediateOrCancel)
    );
    assert_eq!(past.executed_quantity, Some(decimal("1.5").unwrap()));
    assert!(past.created_at.value().is_some());
    assert_eq!(past.created_at, order.created_at);
}

#[tokio::test]
async fn decimals_keep_every_digit_on_the_way_in_and_out() {
    let order = json!({
        "orderType": "Limit", "id": "1", "createdAt": 1, "symbol": "S", "side": "Ask", "status": "New",
        "timeInForce": "FOK", "selfTradePrevention": "RejectMaker", "postOnly": false,
        "price": "20.10", "quantity": "79228162514264337593543950335",
        "executedQuantity": "0.0000000000000000000000000001", "executedQuoteQuantity": "0.00",
    });
    let server = Server::json(&order).await;
    let read = server
        .client
        .get_order()
        .symbol("S")
        .order_id("1")
        .send()
        .await;
    let read = read.unwrap().into_inner();
    assert_eq!(limit(read.clone()).price.scale(), 2);
    assert_eq!(serde_json::to_value(&read).unwrap(), order);
}

#[tokio::test]
async fn a_page_header_may_be_as_large_as_it_likes() {
    let page = Server::page("[]")
        .await
        .client
        .get_order_history()
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            page.page_count,
            page.current_page,
            page.page_size,
            page.total
        ),
        (Some(7), Some(3), Some(2), Some(u64::MAX))
    );
}

#[tokio::test]
async fn a_page_without_page_headers_still_gives_its_rows() {
    let row = json!({
        "fee": "0", "feeSymbol": "USDC", "isMaker": true, "orderId": "1", "price": "1", "quantity": "1",
        "side": "Bid", "symbol": SYMBOL, "timestamp": "2025-09-11T20:10:40.699",
    });
    let client = Server::json(json!([row])).await.client;
    let page = client.get_fills().send().await.unwrap().into_inner();
    let counts = (
        page.page_count,
        page.current_page,
        page.page_size,
        page.total,
    );
    assert_eq!((page.len(), counts), (1, (None, None, None, None)));
    let mut rows = client.get_fills().stream();
    assert_eq!(rows.next().await.unwrap().unwrap().order_id, "1");
    assert!(rows.next().await.is_none());
}

#[tokio::test]
async fn an_odd_row_of_a_page_is_kept_beside_the_others() {
    let row = |price: Value| {
        json!({
            "fee": "0", "feeSymbol": "USDC", "isMaker": true, "orderId": "1", "price": price, "quantity": "1",
            "side": "Bid", "symbol": SYMBOL, "timestamp": "2025-09-11T20:10:40.699",
        })
    };
    let rows = json!([row(json!("1")), row(Value::Null), row(json!("2"))]);
    let client = Server::page(&rows).await.client;
    let page = client.get_fills().send().await.unwrap().into_inner();
    let prices: Vec<_> = page.iter().map(|fill| fill.price.to_string()).collect();
    assert_eq!(prices, ["1", "2"]);
    let [unread] = &page.unread[..] else {
        panic!("{page:?}")
    };
    assert_eq!(unread.row, rows[1]);
    assert!(unread.reason.starts_with("price: "), "{}", unread.reason);
    let error = client.get_fills().stream().next().await.unwrap();
    let error = error.unwrap_err();
    assert!(matches!(error, Error::UnreadRow { .. }), "{error}");
    assert!(!error.is_unknown() && error.to_string().contains("price: "));
}
