//! How connections live and end.

use std::io::ErrorKind;
use std::time::Duration;

use bpx_sandbox::SandboxConfig;
use serde_json::json;
use tungstenite::{Error, Message};

use crate::client::{limit, start, start_empty};
use crate::socket::{End, Socket};

const DEPTH: &str = "depth.SOL_USDC";

#[tokio::test(flavor = "multi_thread")]
async fn pings_are_sent_and_who_answers_stays() {
    let mut config = SandboxConfig::bare();
    config.venue.stream_ping_ms = 20;
    let (sandbox, client) = start(config).await;
    let mut socket = Socket::of(&sandbox, &[DEPTH]);
    let mut pings = 0;
    while pings < 5 {
        // Reading answers them.
        pings += usize::from(matches!(socket.0.read().unwrap(), Message::Ping(_)));
    }
    client.place(limit("Bid", "9", "1")).await.ok();
    assert_eq!(socket.data(DEPTH)["u"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_pings_unanswered_is_closed() {
    let mut config = SandboxConfig::bare();
    config.venue.stream_ping_ms = 20;
    let (sandbox, _client) = start(config).await;
    let mut socket = Socket::open(&sandbox);
    tokio::time::sleep(Duration::from_millis(500)).await;
    // Its own pongs come too late.
    assert_eq!(socket.end(), (0, End::Close(1008)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_says_goodbye() {
    let (sandbox, _client) = start_empty().await;
    let mut sockets = [0; 3].map(|_| Socket::of(&sandbox, &[DEPTH]));
    let reading = std::thread::spawn(move || sockets.each_mut().map(Socket::end));
    sandbox.shutdown().await;
    let ends = reading.join().unwrap();
    assert_eq!(ends, [0; 3].map(|_| (0, End::Close(1001))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_ends_the_streams_and_new_ones_begin_with_the_new_book() {
    let (sandbox, client) = start_empty().await;
    let mut socket = Socket::of(&sandbox, &[DEPTH]);
    client.place(limit("Bid", "9", "1")).await.ok();
    assert_eq!(socket.data(DEPTH)["U"], 1);
    sandbox.reset().unwrap();
    assert_eq!(socket.end(), (0, End::Close(1012)));
    let mut socket = Socket::of(&sandbox, &[DEPTH]);
    client.place(limit("Bid", "9", "1")).await.ok();
    assert_eq!(socket.data(DEPTH)["U"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_closes_is_answered() {
    let (sandbox, client) = start_empty().await;
    let mut socket = Socket::of(&sandbox, &[DEPTH]);
    socket.0.close(None).unwrap();
    assert_eq!(socket.end(), (0, End::Cut));
    client.place(limit("Bid", "9", "1")).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_is_let_go_and_nobody_else() {
    let mut config = SandboxConfig::bare();
    config.venue.stream_queue_max = 50;
    let (sandbox, client) = start(config).await;
    let mut slow = Socket::of(&sandbox, &[DEPTH]);
    let mut fast = Socket::of(&sandbox, &["trade.SOL_USDC"]);
    // Nothing of this is read: the sockets' own buffers fill, then the queue does.
    let filler = bpx_sandbox::RestingLiquidity {
        symbol: "SOL_USDC".to_owned(),
        side: bpx_sandbox::Side::Bid,
        price: 1.into(),
        quantity: 1.into(),
    };
    for _ in 0..100_000 {
        sandbox.add_liquidity(&filler).unwrap();
    }
    let mut texts = 0;
    let ended = loop {
        match slow.0.read() {
            Ok(Message::Text(_)) => texts += 1,
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    let is_waiting = matches!(&ended, Error::Io(error) if error.kind() == ErrorKind::WouldBlock);
    assert!(
        texts < 100_000 && !is_waiting,
        "{texts} messages, then {ended:?}"
    );
    client.place(limit("Ask", "1", "1")).await.ok();
    assert_eq!(fast.data("trade.SOL_USDC")["q"], "1");
    client
        .cancel_all(json!({ "symbol": "SOL_USDC" }))
        .await
        .ok();
}

#[tokio::test]
async fn the_bounds_of_streams_are_checked_at_the_start() {
    for (ping_ms, queue) in [(0, 1), (1, 0)] {
        let mut config = SandboxConfig::bare();
        config.venue.stream_ping_ms = ping_ms;
        config.venue.stream_queue_max = queue;
        let error = bpx_sandbox::Sandbox::start(config).await.unwrap_err();
        assert!(error.to_string().contains("venue.stream_"), "{error}");
    }
}
