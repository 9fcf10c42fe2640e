//! Faults of the connection itself.

use serde_json::Value;

use crate::client::{limit, start_empty};
use crate::wire::{End, Socket, content_length};

#[tokio::test]
async fn a_connection_dropped_before_is_reset_and_nothing_was_done() {
    let (sandbox, client) = start_empty().await;
    let mut socket = Socket::open(&sandbox.base_url()).await;
    socket
        .place(&client, &limit("Bid", "1", "1"), "drop-before")
        .await;
    assert_eq!(socket.rest().await, (String::new(), End::Reset));
    assert!(sandbox.verified().is_empty());
    assert_eq!(client.open_orders("").await.ok(), serde_json::json!([]));
    assert_eq!(sandbox.faults_fired()[0].fault.to_string(), "drop-before");
}

#[tokio::test]
async fn a_connection_dropped_after_is_reset_and_the_order_stands() {
    let (sandbox, client) = start_empty().await;
    let mut socket = Socket::open(&sandbox.base_url()).await;
    socket
        .place(&client, &limit("Bid", "1", "1"), "drop-after")
        .await;
    assert_eq!(socket.rest().await, (String::new(), End::Reset));
    assert_eq!(sandbox.verified()[0].status, 200);
    assert_eq!(client.open_orders("").await.ok()[0]["id"], "1");
}

#[tokio::test]
async fn a_client_sees_a_dropped_connection_as_an_error_of_the_transport() {
    let (sandbox, _client) = start_empty().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http
        .get(sandbox.base_url())
        .header("X-Sandbox-Fault", "drop-before");
    let error = request.send().await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_comes() {
    let (sandbox, client) = start_empty().await;
    let mut whole = Socket::open(&sandbox.base_url()).await;
    whole.place(&client, &limit("Bid", "1", "1"), "").await;
    let (_, body) = whole.answer().await;
    let mut socket = Socket::open(&sandbox.base_url()).await;
    socket
        .place(&client, &limit("Bid", "1", "1"), "truncated")
        .await;
    let (text, end) = socket.rest().await;
    let (head, half) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!((half.len(), end), (body.len() / 2, End::Closed));
    assert_eq!(content_length(head), body.len() + 64);
    assert_eq!(
        client.open_orders("").await.ok().as_array().unwrap().len(),
        2
    );
}

#[tokio::test]
async fn an_answer_without_a_body_can_be_truncated_too() {
    let (sandbox, client) = start_empty().await;
    sandbox.settle_late(true);
    client.place(limit("Bid", "1", "1")).await.ok();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http
        .get(format!("{}/nowhere", sandbox.base_url()))
        .header("X-Sandbox-Fault", "truncated");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 404);
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn json_that_ends_half_way_is_whole_http() {
    let (sandbox, client) = start_empty().await;
    let mut socket = Socket::open(&sandbox.base_url()).await;
    for _ in 0..2 {
        socket
            .place(&client, &limit("Bid", "1", "1"), "cut-json")
            .await;
        let (head, body) = socket.answer().await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(serde_json::from_str::<Value>(&body).is_err(), "{body}");
    }
}

#[tokio::test]
async fn a_hang_up_comes_after_a_whole_answer_that_did_not_announce_it() {
    let (sandbox, client) = start_empty().await;
    let mut socket = Socket::open(&sandbox.base_url()).await;
    // Without the fault the connection is kept.
    for faults in ["", "hang-up"] {
        socket.place(&client, &limit("Bid", "1", "1"), faults).await;
        let (head, body) = socket.answer().await;
        assert!(!head.to_ascii_lowercase().contains("connection:"), "{head}");
        assert!(serde_json::from_str::<Value>(&body).is_ok(), "{body}");
    }
    assert_eq!(socket.rest().await, (String::new(), End::Closed));
}

#[tokio::test]
async fn a_hang_up_waits_for_the_end_of_a_long_answer() {
    let (_sandbox, client) = start_empty().await;
    for _ in 0..60 {
        let orders = vec![limit("Bid", "1", "1"); 20];
        client.batch(orders.into()).await.ok();
    }
    let query = "limit=1000";
    let path = ("/wapi/v1/history/orders", "orderHistoryQueryAll");
    let reply = crate::wire::read(&client, path, query, "hang-up").await;
    assert_eq!(reply.ok().as_array().unwrap().len(), 1000);
}
