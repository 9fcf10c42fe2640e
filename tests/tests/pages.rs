//! Histories read to their end while rows come in, over the wire and against the local exchange.

#![cfg(test)]

use std::time::Duration;

use bpx_client::types::{Fill, NewOrder, Order, OrderType, Side, SortDirection};
use bpx_runtime::{Rows, Utc};
use bpx_sandbox::{Sandbox, SandboxConfig, Side as Makers};
use bpx_tests::exchange::{self, Exchange, decimal, resting};

async fn start() -> Exchange {
    exchange::start(SandboxConfig::bare()).await.unwrap()
}

/// A resting bid of the account.
async fn place(exchange: &Exchange) {
    let order = NewOrder::new(OrderType::Limit, Side::Bid, "SOL_USDC")
        .price(decimal("100").unwrap())
        .quantity(decimal("1").unwrap());
    let send = exchange.client.execute_order().body(order).send();
    send.await.unwrap();
}

fn trade(sandbox: &Sandbox) {
    let ask = resting(Makers::Ask, "100", "0.1").unwrap();
    sandbox.add_liquidity(&ask).unwrap();
}

fn trades(sandbox: &Sandbox, count: usize) {
    (0..count).for_each(|_| trade(sandbox));
}

/// Reads to the end; before each row but the first, `meanwhile` happens.
async fn read<T, E: std::fmt::Debug>(
    mut rows: Rows<'_, T, E>,
    mut meanwhile: impl AsyncFnMut(),
) -> Vec<T> {
    let mut read = Vec::new();
    while let Some(row) = rows.next().await {
        read.push(row.unwrap());
        // The list stops growing, or the reader would never be done.
        if read.len() < 12 {
            meanwhile().await;
        }
    }
    read
}

fn trade_ids(fills: &[Fill]) -> Vec<i64> {
    fills.iter().map(|fill| fill.trade_id.unwrap()).collect()
}

async fn all_trade_ids(exchange: &Exchange) -> Vec<i64> {
    let page = exchange.client.get_fills().limit(1000_u64);
    let page = page
        .sort_direction(SortDirection::Asc)
        .send()
        .await
        .unwrap();
    trade_ids(&page)
}

#[tokio::test]
async fn fills_that_arrive_while_they_are_read_are_left_out_and_the_others_read_once() {
    let exchange = start().await;
    place(&exchange).await;
    trades(&exchange.sandbox, 7);
    let before = all_trade_ids(&exchange).await;
    let rows = exchange.client.get_fills().limit(2_u64).stream();
    // The end is pinned to the millisecond in which the stream was made, so that one has to be over.
    let pinned = Utc::now().timestamp_millis();
    while Utc::now().timestamp_millis() <= pinned {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let fills = read(rows, async || trade(&exchange.sandbox)).await;
    assert_eq!(trade_ids(&fills), before);
    assert!(all_trade_ids(&exchange).await.len() > before.len());
}

#[tokio::test]
async fn fills_read_newest_first_without_an_end_are_neither_repeated_nor_skipped() {
    let exchange = start().await;
    place(&exchange).await;
    trades(&exchange.sandbox, 9);
    let mut before = all_trade_ids(&exchange).await;
    before.reverse();
    let builder = exchange.client.get_fills().limit(3_u64).to(i64::MAX);
    let rows = builder.sort_direction(SortDirection::Desc).stream();
    let fills = read(rows, async || trade(&exchange.sandbox)).await;
    assert_eq!(trade_ids(&fills), before);
}

#[tokio::test]
async fn orders_that_are_placed_while_the_history_is_read_come_at_its_end() {
    let exchange = start().await;
    for _ in 0..5 {
        place(&exchange).await;
    }
    let rows = exchange.client.get_order_history().limit(2_u64).stream();
    let read = read(rows, async || place(&exchange).await).await;
    let now = exchange.client.get_order_history().limit(1000_u64);
    let now = now.sort_direction(SortDirection::Asc).send().await.unwrap();
    let ids =
        |orders: &[Order]| -> Vec<String> { orders.iter().map(|order| order.id.clone()).collect() };
    assert_eq!(ids(&read), ids(&now));
    assert!(read.len() > 5);
}

#[tokio::test]
async fn orders_read_newest_first_are_neither_repeated_nor_skipped() {
    let exchange = start().await;
    for _ in 0..9 {
        place(&exchange).await;
    }
    let newest_first = || {
        exchange
            .client
            .get_order_history()
            .sort_direction(SortDirection::Desc)
    };
    let before = newest_first().send().await.unwrap().into_inner();
    let rows = newest_first().limit(4_u64).stream();
    // An order that was read changes meanwhile: it is known again by its identifier.
    let read = read(rows, async || {
        place(&exchange).await;
        trade(&exchange.sandbox);
    });
    let read = read.await;
    assert!(
        read.iter()
            .map(|order| &order.id)
            .eq(before.iter().map(|order| &order.id))
    );
}

#[tokio::test]
async fn a_limit_the_exchange_refuses_is_the_first_item_and_the_last() {
    let exchange = start().await;
    let mut rows = exchange.client.get_fills().limit(1001_u64).stream();
    let error = rows.next().await.unwrap().unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(400));
    assert!(rows.next().await.is_none());
    let mut rows = exchange.client.get_fills().limit(-1_i64).stream();
    let error = rows.next().await.unwrap().unwrap_err();
    assert!(
        !error.was_sent() && error.to_string().contains("limit"),
        "{error}"
    );
}

#[tokio::test]
async fn fills_are_followed_each_once_though_they_arrive_during_the_read() {
    let exchange = start().await;
    for _ in 0..6 {
        place(&exchange).await;
    }
    trades(&exchange.sandbox, 5);
    let mut follow = exchange.client.get_fills().limit(2_u64).follow(0);
    let mut followed = Vec::new();
    let stop = tokio::sync::Notify::new();
    let trading = async {
        for _ in 0..40 {
            trade(&exchange.sandbox);
            tokio::task::yield_now().await;
        }
        stop.notify_one();
    };
    let reading = async {
        loop {
            followed.extend(follow.next().await.unwrap());
            if tokio::time::timeout(Duration::ZERO, stop.notified())
                .await
                .is_ok()
            {
                break followed.extend(follow.next().await.unwrap());
            }
        }
    };
    tokio::join!(trading, reading);
    assert_eq!(trade_ids(&followed), all_trade_ids(&exchange).await);
    assert_eq!(follow.next().await.unwrap(), []);
    trade(&exchange.sandbox);
    assert_eq!(follow.next().await.unwrap().len(), 1);
    // Another run goes on behind the last trade of this one.
    let last = followed.last().unwrap().trade_id;
    let builder = exchange.client.get_fills().limit(2_u64);
    let mut later = builder.follow_behind(move |fill| fill.trade_id == last);
    assert_eq!(later.next().await.unwrap().len(), 1);
    assert_eq!(later.next().await.unwrap(), []);
}
