//! Servers that send too much, nothing, or a refusal too late.

use std::time::Duration;

use bpx_runtime::stream::{Event, StreamError};
use futures_util::SinkExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::tungstenite::Message;

use crate::server::{options, serve, streams};
use crate::{after_subscribing, cause, end, goes_on, next, subscribe};

#[tokio::test]
async fn a_message_that_is_too_large_ends_the_connection() {
    let mut ticks = after_subscribing(|mut server| async move {
        let large = " ".repeat(16 * 1024 * 1024);
        // The client is gone before it is sent.
        let _ = server.socket.send(Message::text(large)).await;
    })
    .await;
    assert!(
        cause(&next(&mut ticks).await).contains("too long"),
        "{ticks:?}"
    );
    goes_on(&mut ticks).await;
}

#[tokio::test]
async fn fragments_without_end_are_bounded() {
    let mut ticks = after_subscribing(|mut server| async move {
        let tcp = server.socket.get_mut();
        let mut frame = vec![0x01, 126, 0xff, 0xff];
        frame.extend([b' '; 0xffff]);
        while tcp.write_all(&frame).await.is_ok() {
            // A continuation that is not the last.
            frame[0] = 0x00;
        }
    })
    .await;
    assert!(cause(&next(&mut ticks).await).contains("too long"));
    goes_on(&mut ticks).await;
}

#[tokio::test]
async fn compression_that_nobody_agreed_on_ends_the_connection() {
    let mut ticks = after_subscribing(|mut server| async move {
        // A text frame with the bit of a compressed message, RFC 7692.
        server
            .socket
            .get_mut()
            .write_all(&[0xc1, 0x02, 0x03, 0x00])
            .await
            .unwrap();
        server.idle().await;
    })
    .await;
    assert!(cause(&next(&mut ticks).await).contains("Reserved bits"));
    goes_on(&mut ticks).await;
}

#[tokio::test]
async fn a_server_that_answers_no_ping_is_left() {
    let url = serve(|_, mut server| async move {
        server.request().await;
        std::future::pending::<()>().await;
    })
    .await;
    let short = Duration::from_millis(100);
    let options = options().with_timeouts(Duration::from_secs(5), short, Duration::from_secs(60));
    let mut ticks = subscribe(&streams(&url, options), "ticks");
    assert_eq!(
        cause(&next(&mut ticks).await),
        "the server has not answered a ping for 100 ms"
    );
}

#[tokio::test]
async fn silence_is_asked_about_and_not_taken_for_health() {
    let url = serve(|_, mut server| async move {
        server.accept().await;
        std::future::pending::<()>().await;
    })
    .await;
    let idle = Duration::from_millis(200);
    let options = options().with_timeouts(Duration::from_secs(5), Duration::from_secs(60), idle);
    let mut ticks = subscribe(&streams(&url, options), "ticks");
    assert_eq!(next(&mut ticks).await, Event::Subscribed);
    assert_eq!(cause(&next(&mut ticks).await), "nothing arrived for 200 ms");
}

#[tokio::test]
async fn a_refusal_that_is_later_than_the_pong_ends_the_subscription_unless_it_has_sent_something()
{
    const LATE: &str = r#"{"id":null,"error":{"code":4006,"message":"Invalid stream"}}"#;
    let url = serve(|_, mut server| async move {
        server.accept().await;
        server.say(LATE).await;
        server.accept().await;
        server.tell("good", r#"{"n":1}"#).await;
        server.say(LATE).await;
        server.tell("good", r#"{"n":2}"#).await;
        server.idle().await;
    })
    .await;
    let streams = streams(&url, options());
    let mut bad = subscribe(&streams, "bad");
    assert!(matches!(end(&mut bad).await, StreamError::Refused { name, .. } if name == "bad"));
    let mut good = subscribe(&streams, "good");
    let mut numbers = Vec::new();
    while numbers.len() < 2 {
        if let Event::Message(tick) = next(&mut good).await {
            numbers.push(tick.n);
        }
    }
    assert_eq!(numbers, [1, 2]);
}
