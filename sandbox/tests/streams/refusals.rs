//! Messages that are answered with no.

use bpx_sandbox::Sandbox;
use serde_json::{Value, json};
use tungstenite::Message;

use crate::client::{Client, limit, now_ms, plus, start_empty, start_two};
use crate::socket::{Socket, signed};

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_says_what_is_wrong_and_the_connection_goes_on() {
    let (sandbox, client) = start_empty().await;
    let mut socket = Socket::open(&sandbox);
    let subscribe = |params: Value| json!({ "method": "SUBSCRIBE", "params": params }).to_string();
    let many: Vec<_> = (0..1_001).map(|_| "depth.SOL_USDC").collect();
    for (message, code, text) in [
        (subscribe(json!(["depth.NONE"])), 4006, "Invalid stream"),
        (
            subscribe(json!(["depth.SOL_USDC", "x"])),
            4006,
            "Invalid stream",
        ),
        (subscribe(json!(many)), 4003, "Too many streams"),
        (subscribe(json!("depth.SOL_USDC")), 4000, "Invalid message"),
        (subscribe(json!([1])), 4000, "Invalid message"),
        (
            subscribe(json!(["account.orderUpdate"])),
            4002,
            "Missing signature",
        ),
        ("{".to_owned(), 4000, "Invalid message"),
        (String::new(), 4000, "Invalid message"),
        ("[]".to_owned(), 4000, "Invalid message"),
        (
            r#"{"method":"SUBSCRIBE"}"#.to_owned(),
            4000,
            "Invalid message",
        ),
        (
            r#"{"method":"PING","params":[]}"#.to_owned(),
            4001,
            "Unknown method `PING`: use SUBSCRIBE or UNSUBSCRIBE",
        ),
        (
            " ".repeat(70_000),
            4000,
            "Invalid message: longer than 65536 bytes",
        ),
    ] {
        let (found, problem) = socket.refusal(&message);
        let start: String = message.chars().take(80).collect();
        assert_eq!(found, code, "{start}: {problem}");
        assert!(problem.starts_with(text), "{start}: {problem}");
    }
    socket.0.send(Message::binary("{}")).unwrap();
    let answer = socket.next();
    assert_eq!(
        answer["error"]["message"],
        "Invalid message: send text, not binary"
    );
    // Nothing of what was refused is listened to.
    client.place(limit("Bid", "9", "1")).await.ok();
    socket.settle();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bound_of_streams_is_one_of_the_connection() {
    let (sandbox, _) = start_empty().await;
    let mut socket = Socket::open(&sandbox);
    let mut names = Vec::new();
    for symbol in ["SOL_USDC", "BTC_USDC", "ETH_USDC"] {
        names.extend(["depth", "trade", "bookTicker"].map(|topic| format!("{topic}.{symbol}")));
    }
    let repeated: Vec<_> = names.iter().cycle().take(1_000).collect();
    for _ in 0..3 {
        socket.send(json!({ "method": "SUBSCRIBE", "params": repeated }));
    }
    socket.settle();
}

fn spoiled(client: &Client, place: usize, value: &str) -> Value {
    let mut message = signed(client, &["account.orderUpdate"]);
    message["signature"][place] = value.into();
    message
}

fn signed_at(client: &Client, timestamp: i64, window: &str) -> Value {
    let text = format!("instruction=subscribe&timestamp={timestamp}&window={window}");
    let signature = [
        client.api_key(),
        client.signature(&text),
        timestamp.to_string(),
        window.to_owned(),
    ];
    json!({ "method": "SUBSCRIBE", "params": ["account.orderUpdate"], "signature": signature })
}

#[tokio::test(flavor = "multi_thread")]
async fn private_streams_take_what_is_signed_now_by_a_known_key() {
    let (sandbox, one, two) = start_two().await;
    let stranger = Client::of(&sandbox, "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=");
    let mut socket = Socket::open(&sandbox);
    let now = now_ms();
    let of_other = two.signature(&format!(
        "instruction=subscribe&timestamp={now}&window=5000"
    ));
    let mut wrong_key = signed_at(&one, now, "5000");
    wrong_key["signature"][1] = of_other.into();
    let mut other_instruction = signed_at(&one, now, "5000");
    let text = format!("instruction=orderQueryAll&timestamp={now}&window=5000");
    other_instruction["signature"][1] = one.signature(&text).into();
    for (message, text) in [
        (wrong_key, "Invalid signature"),
        (other_instruction, "Invalid signature"),
        (spoiled(&one, 3, "6000"), "Invalid signature"),
        (spoiled(&one, 1, "AAAA"), "Invalid X-Signature header"),
        (spoiled(&one, 0, "AAAA"), "Invalid X-API-Key header"),
        (signed(&stranger, &["account.orderUpdate"]), "Unauthorized"),
        (signed_at(&one, now - 10_000, "5000"), "Request has expired"),
        (signed_at(&one, now, "60001"), "Invalid X-Window header"),
        (signed_at(&one, now, "soon"), "failed to parse parameter"),
    ] {
        let (code, problem) = socket.refusal(&message);
        assert_eq!(code, 4002, "{message}");
        assert!(problem.starts_with(text), "{problem}");
    }
    assert!(sandbox.verified().is_empty());
    let mut three = signed_at(&one, now, "5000");
    three["signature"].as_array_mut().unwrap().pop();
    assert_eq!(socket.refusal(three).0, 4000);
    socket.send(signed_at(&one, now, "5000"));
    socket.settle();
    let verified = sandbox.verified();
    assert_eq!(
        json!(verified),
        json!([{ "method": "SUBSCRIBE", "path": "/", "instructions": ["subscribe"], "status": 101 }])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_verified_even_where_none_is_needed() {
    let (sandbox, client) = start_empty().await;
    let mut socket = Socket::open(&sandbox);
    let message = spoiled(&client, 3, "6000");
    let public = plus(message, json!({ "params": ["depth.SOL_USDC"] }));
    assert_eq!(socket.refusal(public).1, "Invalid signature");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_upgrade_there_is_nothing_at_the_root() {
    let (_sandbox, client): (Sandbox, Client) = start_empty().await;
    client.ask("/").await.is_text(404, "not found");
    let signed = client.sign_now("");
    let post = client.send(reqwest::Method::POST, "/", signed, "{}").await;
    post.is_text(404, "not found");
}
