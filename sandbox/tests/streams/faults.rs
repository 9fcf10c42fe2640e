//! Faults of single messages.

use bpx_sandbox::{Fault, FaultRule, Sandbox, StreamFault};
use serde_json::json;

use crate::client::{Client, limit, perp, plus, start_empty};
use crate::socket::{End, Socket};

const DEPTH: &str = "depth.SOL_USDC";
const PERP: &str = "depth.SOL_USDC_PERP";
const ORDERS: &str = "account.orderUpdate";

fn on_depth(fault: StreamFault) -> FaultRule {
    Fault::Stream(fault).on("depth")
}

/// Each order is one update of the book.
async fn bids(client: &Client, count: usize) {
    for _ in 0..count {
        client.place(limit("Bid", "9", "1")).await.ok();
    }
}

async fn armed(rule: FaultRule) -> (Sandbox, Client, Socket) {
    let (sandbox, client) = start_empty().await;
    let socket = Socket::of(&sandbox, &[DEPTH, PERP]);
    sandbox.arm(rule).unwrap();
    (sandbox, client, socket)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_reset_or_cut_after_so_many_messages() {
    for (fault, end) in [
        (StreamFault::Drop, End::Reset),
        (StreamFault::Cut, End::Cut),
    ] {
        let (sandbox, client, mut socket) = armed(on_depth(fault).nth(3)).await;
        bids(&client, 2).await;
        assert_eq!(socket.data(DEPTH)["u"], 1);
        assert_eq!(socket.data(DEPTH)["u"], 2);
        bids(&client, 1).await;
        assert_eq!(socket.end(), (0, end));
        let fired = sandbox.faults_fired();
        let message = (fired.len(), &fired[0].fault, fired[0].operation.as_deref());
        assert_eq!(message, (1, &Fault::Stream(fault), Some("depth")));
        assert_eq!(fired[0].symbols, ["SOL_USDC"]);
        // The next connection is well.
        let mut socket = Socket::of(&sandbox, &[DEPTH]);
        bids(&client, 1).await;
        assert_eq!(socket.data(DEPTH)["u"], 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_left_out_or_comes_twice() {
    for (fault, updates) in [
        (StreamFault::Skip, vec![1, 3]),
        (StreamFault::Twice, vec![1, 2, 2, 3]),
    ] {
        let (_sandbox, client, mut socket) = armed(on_depth(fault).nth(2)).await;
        bids(&client, 3).await;
        for update in updates {
            assert_eq!(socket.data(DEPTH)["u"], update);
        }
        socket.settle();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_held_back_in_order() {
    let delay = StreamFault::Delay { delay_ms: 300 };
    let (_sandbox, client, mut socket) = armed(on_depth(delay)).await;
    let start = std::time::Instant::now();
    bids(&client, 2).await;
    assert_eq!(socket.data(DEPTH)["u"], 1);
    assert!(start.elapsed().as_millis() >= 300);
    assert_eq!(socket.data(DEPTH)["u"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_a_market_come_behind_those_of_another_and_keep_their_order() {
    let rule = on_depth(StreamFault::Swap).symbol("SOL_USDC");
    let (_sandbox, client, mut socket) = armed(rule).await;
    bids(&client, 2).await;
    socket.settle();
    client.place(perp(limit("Bid", "9", "1"))).await.ok();
    assert_eq!(socket.data(PERP)["u"], 1);
    assert_eq!(socket.data(DEPTH)["u"], 1);
    assert_eq!(socket.data(DEPTH)["u"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_update_has_an_event_or_a_state_that_nobody_knows() {
    let (sandbox, client) = start_empty().await;
    let mut socket = Socket::signed(&sandbox, &client, &[ORDERS, DEPTH]);
    for fault in [StreamFault::UnknownEvent, StreamFault::UnknownState] {
        sandbox.arm(Fault::Stream(fault)).unwrap();
    }
    bids(&client, 2).await;
    let message: Vec<_> = (0..4).map(|_| socket.next()["data"].clone()).collect();
    let message: Vec<_> = message
        .iter()
        .map(|data| json!([data["e"], data["X"]]))
        .collect();
    assert_eq!(
        json!(message),
        json!([
            ["orderReviewed", "PendingReview"],
            ["depth", null],
            ["orderAccepted", "New"],
            ["depth", null],
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_messages_and_of_requests_leave_each_other_alone() {
    let (sandbox, client) = start_empty().await;
    let mut socket = Socket::of(&sandbox, &[DEPTH]);
    sandbox
        .arm(FaultRule::from(Fault::Html).nth(2).always())
        .unwrap();
    sandbox
        .arm(FaultRule::from(Fault::Stream(StreamFault::Skip)).nth(2))
        .unwrap();
    bids(&client, 1).await;
    assert_eq!(client.place(limit("Bid", "9", "1")).await.status, 502);
    assert_eq!(socket.data(DEPTH)["u"], 1);
    let counts: Vec<_> = sandbox
        .faults_armed()
        .iter()
        .map(|armed| armed.matched)
        .collect();
    assert_eq!(counts, [2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_for_the_wrong_stream_is_refused_by_name() {
    let (sandbox, client) = start_empty().await;
    for rule in [
        Fault::Stream(StreamFault::UnknownState).on("depth"),
        Fault::Stream(StreamFault::Skip).on("execute_order"),
        Fault::Html.on("depth"),
    ] {
        let error = sandbox.arm(rule).unwrap_err().to_string();
        assert!(error.contains("; use "), "{error}");
    }
    let signed = client
        .sign_now("instruction=orderQueryAll")
        .with("X-Sandbox-Fault", "stream-skip");
    let reply = client
        .send(reqwest::Method::GET, "/api/v1/orders", signed, "")
        .await;
    reply.is_text(400, "X-Sandbox-Fault: stream-skip cannot happen");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_armed_over_the_control_port_too() {
    let (sandbox, client) = start_empty().await;
    let rule = json!({ "fault": "stream-skip", "operation": "depth", "symbol": "SOL_USDC" });
    let url = format!("{}/faults", sandbox.control_url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    assert_eq!(
        http.post(url)
            .body(rule.to_string())
            .send()
            .await
            .unwrap()
            .status(),
        201
    );
    let mut socket = Socket::of(&sandbox, &[DEPTH, PERP]);
    client.place(perp(limit("Bid", "9", "1"))).await.ok();
    bids(&client, 2).await;
    assert_eq!(socket.data(PERP)["u"], 1);
    assert_eq!(socket.data(DEPTH)["u"], 2);
    let order = plus(limit("Bid", "9", "1"), json!({ "postOnly": true }));
    client.place(order).await.ok();
    assert_eq!(socket.data(DEPTH)["u"], 3);
}
