//! Faults of time: late requests, late answers, late settlement, late history, wrong clocks.

use bpx_sandbox::{Sandbox, Side};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, Reply, head, limit, now_ms, resting, start_empty, start_with};
use crate::wire::{ORDER, Socket, asking, place, read, send};

const HISTORY: (&str, &str) = ("/wapi/v1/history/orders", "orderHistoryQueryAll");
const FILLS: (&str, &str) = ("/wapi/v1/history/fills", "fillHistoryQueryAll");
const CANCEL: (Method, &str, &str) = (Method::DELETE, ORDER, "orderCancel");
const CANCEL_ALL: (Method, &str, &str) = (Method::DELETE, "/api/v1/orders", "orderCancelAll");

/// Asks until something is as it should be.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..20_000 {
        if is_so().await {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("never came: {what}");
}

async fn open_count(client: &Client) -> usize {
    client.open_orders("").await.ok().as_array().unwrap().len()
}

#[tokio::test]
async fn a_late_answer_says_what_was_done_at_once() {
    let (sandbox, client) = start_empty().await;
    let mut socket = Socket::open(&sandbox.base_url()).await;
    socket
        .place(&client, &limit("Bid", "1", "1"), "delay-after:600000")
        .await;
    until("the order", async || open_count(&client).await == 1).await;
}

#[tokio::test]
async fn a_client_that_leaves_takes_no_order_back() {
    let (sandbox, client) = start_empty().await;
    let mut socket = Socket::open(&sandbox.base_url()).await;
    socket
        .place(&client, &limit("Bid", "1", "1"), "delay-before:50")
        .await;
    until("the request", async || !sandbox.faults_fired().is_empty()).await;
    drop(socket);
    until("the order", async || open_count(&client).await == 1).await;
}

#[tokio::test]
async fn a_late_request_is_not_acted_on_yet() {
    let (sandbox, client) = start_empty().await;
    let mut socket = Socket::open(&sandbox.base_url()).await;
    socket
        .place(&client, &limit("Bid", "1", "1"), "delay-before:600000")
        .await;
    until("the request", async || !sandbox.faults_fired().is_empty()).await;
    assert_eq!(open_count(&client).await, 0);
}

#[tokio::test]
async fn delays_end() {
    let (_sandbox, client) = start_empty().await;
    place(
        &client,
        &limit("Bid", "1", "1"),
        "delay-before:1,delay-after:1",
    )
    .await
    .ok();
}

#[tokio::test]
async fn both_cancellations_can_settle_later() {
    let (_sandbox, client) = start_empty().await;
    for (operation, mut body) in [(CANCEL, json!({ "orderId": "1" })), (CANCEL_ALL, json!({}))] {
        client.place(limit("Bid", "1", "1")).await.ok();
        body["symbol"] = "SOL_USDC".into();
        let reply = send(&client, operation, &body, "settle:30").await;
        assert_eq!((reply.status, reply.text.as_str()), (202, ""));
        until("settlement", async || open_count(&client).await == 0).await;
        assert_eq!(client.last_in_history().await["status"], "Cancelled");
    }
}

#[tokio::test]
async fn history_trails_behind_the_book() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "10", "1")]).await;
    client.place(limit("Bid", "10", "1")).await.ok();
    for path in [HISTORY, FILLS] {
        let late = read(&client, path, "", "history-lag:600000").await;
        assert_eq!((late.ok(), late.header("x-total")), (json!([]), "0"));
        let now = read(&client, path, "", "").await;
        assert_eq!(now.ok().as_array().unwrap().len(), 1);
        until("history", async || {
            read(&client, path, "", "history-lag:20").await.ok() != json!([])
        })
        .await;
    }
}

#[tokio::test]
async fn a_closed_order_is_hidden_as_long_as_a_new_one() {
    let (_sandbox, client) = start_empty().await;
    client.place(limit("Bid", "1", "1")).await.ok();
    until("history", async || {
        read(&client, HISTORY, "", "history-lag:20").await.ok() != json!([])
    })
    .await;
    client
        .cancel(json!({ "symbol": "SOL_USDC", "orderId": "1" }))
        .await
        .ok();
    let late = read(&client, HISTORY, "", "history-lag:600000").await;
    assert_eq!(late.ok(), json!([]));
}

/// An order signed for another time.
async fn place_at(client: &Client, timestamp: i64, faults: &str) -> Reply {
    let order = limit("Bid", "1", "1");
    let signed = client.sign(&head("orderExecute", &order), timestamp, None);
    let signed = asking(signed, faults);
    client
        .send(Method::POST, ORDER, signed, order.to_string())
        .await
}

fn date(reply: &Reply) -> DateTime<Utc> {
    let date = DateTime::parse_from_rfc2822(reply.header("date"));
    date.unwrap().to_utc()
}

fn is_about(date: DateTime<Utc>, offset: TimeDelta) -> bool {
    (date - Utc::now() - offset).abs() < TimeDelta::minutes(5)
}

#[tokio::test]
async fn a_clock_that_is_off_refuses_the_right_time_and_shows_in_the_date() {
    let (_sandbox, client) = start_empty().await;
    let order = limit("Bid", "1", "1");
    for (fault, hours) in [("clock-skew:3600000", 1), ("clock-skew:-7200000", -2)] {
        let reply = place(&client, &order, fault).await;
        reply.is_error(400, "INVALID_CLIENT_REQUEST", "Request has expired");
        assert!(is_about(date(&reply), TimeDelta::hours(hours)), "{fault}");
        let shifted = now_ms() + hours * 3_600_000;
        assert_eq!(place_at(&client, shifted, fault).await.status, 200);
    }
    let reply = client.place(order).await;
    reply.ok();
    assert!(is_about(date(&reply), TimeDelta::zero()));
}

/// The clock of the whole exchange.
async fn assert_clock(sandbox: &Sandbox, client: &Client, skew_ms: i64) -> Value {
    sandbox.set_clock_skew(skew_ms).unwrap();
    let reply = place_at(client, now_ms() + skew_ms, "").await;
    assert!(is_about(date(&reply), TimeDelta::milliseconds(skew_ms)));
    reply.ok()
}

#[tokio::test]
async fn the_whole_exchange_can_be_off_and_its_orders_with_it() {
    let (sandbox, client) = start_empty().await;
    let hour_ms = 3_600_000;
    let late = assert_clock(&sandbox, &client, -hour_ms).await;
    let right = assert_clock(&sandbox, &client, 0).await;
    let apart_ms = right["createdAt"].as_i64().unwrap() - late["createdAt"].as_i64().unwrap();
    assert!((apart_ms - hour_ms).abs() < 300_000, "{apart_ms}");
    assert!(sandbox.set_clock_skew(i64::MIN).is_err());
    assert!(sandbox.faults_fired().is_empty());
}
