//! A server that sends one message again and again, and two who read it.

use std::time::{Duration, Instant};

use bpx_client::streams::{PROTOCOL, StreamOptions, Subscription};
use bpx_client::types::Trade;
use bpx_runtime::stream::{Event, StreamName, Streams};
use futures_util::{SinkExt, StreamExt as _};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{accept_async, connect_async};

use crate::table::Table;
use crate::{Server, median, memory_kib};

pub(crate) const SERVE: &str = "serve-one-message";
const NAME: &str = "trade.SOL_USDC";
const MESSAGE: &str = r#"{"stream":"trade.SOL_USDC","data":{"e":"trade","E":1694688638091257,"s":"SOL_USDC","p":"18.68","q":"0.122","b":"111063114377265150","a":"111063114585735170","t":12345,"T":1694688638089123,"m":true}}"#;
const MESSAGES: usize = 500_000;
const TURNS: usize = 5;
/// What is asked for at most.
const ENOUGH: f64 = 200_000.0;
const SHARE: f64 = 0.7;

pub(crate) fn serve() {
    Runtime::new().unwrap().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("ws://{}/", listener.local_addr().unwrap());
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut socket = accept_async(tcp).await.unwrap();
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_text() && send(&mut socket).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
}

async fn send<S>(socket: &mut S) -> Result<(), S::Error>
where
    S: SinkExt<Message> + Unpin,
{
    for _ in 0..MESSAGES {
        socket.feed(Message::text(MESSAGE)).await?;
    }
    socket.flush().await
}

pub(crate) async fn measure(table: &mut Table) {
    let (_server, ready) = Server::start(SERVE);
    let url = &ready[0];
    let (mut bare, mut typed) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        bare.push(read_bare(url).await);
        typed.push(read_typed(url).await);
    }
    let (bare, typed) = (median(bare), median(typed));
    table.figure("the bare WebSocket crate, reading", bare, "/s");
    table.figure("a subscription, typed events", typed, "/s");
    table.figure("a subscription beside the bare crate", typed / bare, "x");
    let goal = (SHARE * bare).min(ENOUGH);
    table.at_least(
        "typed events, or 0.7 of the bare crate's rate",
        typed,
        goal,
        "/s",
    );
    slow(url, table).await;
}

async fn read_bare(url: &str) -> f64 {
    let (mut socket, _) = connect_async(url).await.unwrap();
    let began = Instant::now();
    socket.send(Message::text("begin")).await.unwrap();
    for _ in 0..MESSAGES {
        let message = socket.next().await.unwrap().unwrap();
        assert_eq!(message.len(), MESSAGE.len());
    }
    MESSAGES as f64 / began.elapsed().as_secs_f64()
}

async fn read_typed(url: &str) -> f64 {
    let began = Instant::now();
    let streams = Streams::new(url, None, PROTOCOL, options(usize::MAX)).unwrap();
    let mut trades: Subscription<Trade> = streams.subscribe(StreamName::public(NAME));
    let mut read = 0;
    while read < MESSAGES {
        match trades.next().await.unwrap().unwrap() {
            Event::Message(trade) => {
                assert!(trade.buyer_is_maker);
                read += 1;
            }
            Event::Subscribed => {}
            other => panic!("{other:?}"),
        }
    }
    MESSAGES as f64 / began.elapsed().as_secs_f64()
}

fn options(messages_max: usize) -> StreamOptions {
    let minute = Duration::from_secs(60);
    StreamOptions::default()
        .with_timeouts(minute, minute, minute)
        .with_queue(messages_max, usize::MAX)
}

/// A client that does not read keeps what its queue may hold, and says what it lost.
async fn slow(url: &str, table: &mut Table) {
    const QUEUE: usize = 10_000;
    let before = memory_kib("self");
    let streams = Streams::new(url, None, PROTOCOL, options(QUEUE)).unwrap();
    let mut trades: Subscription<Trade> = streams.subscribe(StreamName::public(NAME));
    while (streams.counts().messages as usize) < MESSAGES {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let after = memory_kib("self");
    let mut missed = 0;
    while missed == 0 {
        if let Event::Gap(gap) = trades.next().await.unwrap().unwrap() {
            missed = match gap.reason {
                bpx_runtime::stream::GapReason::Slow { missed } => missed,
                other => panic!("{other}"),
            };
        }
    }
    assert_eq!(missed as usize, MESSAGES - QUEUE);
    match before.zip(after) {
        Some((before, after)) => {
            let mib = after.saturating_sub(before) as f64 / 1024.0;
            let name = "memory of 500,000 messages that nobody reads";
            table.at_most(name, mib, 32.0, "MiB");
        }
        None => table.unknown("memory of messages that nobody reads", "no /proc here"),
    }
}
