//! Streams against servers that behave and that do not.

#![cfg(test)]

mod hostile;
mod server;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bpx_runtime::signing::{Clock, Key, Payload, SignedOperation, Signer};
use bpx_runtime::stream::{
    Event, Gap, GapReason, MessageTap, StreamError, StreamName, Streams, Subscription,
    TappedMessage,
};
use futures_util::SinkExt as _;
use serde::Deserialize;
use tokio_tungstenite::tungstenite::Message;

use server::{PROTOCOL, Server, options, serve, streams};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Tick {
    n: u32,
}

type Told = Event<Tick>;

/// Any seed; the key pair is nobody's.
const SEED: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn now_ms(&self) -> i64 {
        1_700_000_000_000
    }
}

fn subscribe(streams: &Streams, name: &str) -> Subscription<Tick> {
    streams.subscribe(StreamName::public(name))
}

async fn next(subscription: &mut Subscription<Tick>) -> Told {
    tokio::time::timeout(Duration::from_secs(20), subscription.next())
        .await
        .expect("an event in time")
        .expect("not over")
        .expect("no error")
}

async fn end(subscription: &mut Subscription<Tick>) -> StreamError {
    loop {
        match subscription.next().await.expect("an error before the end") {
            Ok(_) => {}
            Err(error) => {
                assert!(subscription.next().await.is_none());
                return error;
            }
        }
    }
}

fn cause(shown: &Told) -> &str {
    match shown {
        Event::Gap(Gap {
            reason: GapReason::Disconnected { cause },
            ..
        }) => cause,
        other => panic!("no gap: {other:?}"),
    }
}

fn unread(shown: &Told) -> &str {
    match shown {
        Event::Unread(unread) => &unread.reason,
        other => panic!("read: {other:?}"),
    }
}

/// Serves one subscription: what the act does stands between the request and silence.
async fn after_subscribing<F>(
    act: impl Fn(Server) -> F + Clone + Send + 'static,
) -> Subscription<Tick>
where
    F: Future<Output = ()> + Send + 'static,
{
    let url = serve(move |number, mut server| {
        let act = act.clone();
        async move {
            server.accept().await;
            if number == 1 {
                act(server).await;
            } else {
                server.tell("ticks", r#"{"n":2}"#).await;
                server.idle().await;
            }
        }
    })
    .await;
    let streams = streams(&url, options());
    let mut ticks = subscribe(&streams, "ticks");
    assert_eq!(next(&mut ticks).await, Event::Subscribed);
    ticks
}

/// After whatever ended the first connection, the second serves on.
async fn goes_on(ticks: &mut Subscription<Tick>) {
    assert_eq!(next(ticks).await, Event::Subscribed);
    assert_eq!(next(ticks).await, Event::Message(Tick { n: 2 }));
}

#[tokio::test]
async fn many_subscriptions_share_a_connection() {
    let url = serve(|_, mut server| async move {
        let mut names = server.accept().await;
        while names.len() < 2 {
            names.extend(server.accept().await);
        }
        server.tell("b", r#"{"n":2,"more":true}"#).await;
        server.tell("nobody", r#"{"n":3}"#).await;
        server.tell("a", r#"{"n":1}"#).await;
        server.idle().await;
    })
    .await;
    let streams = streams(&url, options());
    let (mut a, mut b, mut also_a) = (
        subscribe(&streams, "a"),
        subscribe(&streams, "b"),
        subscribe(&streams, "a"),
    );
    for (subscription, n) in [(&mut a, 1), (&mut b, 2), (&mut also_a, 1)] {
        loop {
            match next(subscription).await {
                Event::Subscribed => {}
                shown => break assert_eq!(shown, Event::Message(Tick { n })),
            }
        }
    }
    let counts = streams.counts();
    assert_eq!(
        (counts.connections, counts.messages, counts.unrouted),
        (1, 3, 1)
    );
}

#[tokio::test]
async fn a_lost_connection_is_a_gap_and_the_next_one_asks_again() {
    let mut ticks = after_subscribing(|mut server| async move {
        server.tell("ticks", r#"{"n":1}"#).await;
        server.socket.close(None).await.unwrap();
    })
    .await;
    assert_eq!(next(&mut ticks).await, Event::Message(Tick { n: 1 }));
    assert_eq!(
        cause(&next(&mut ticks).await),
        "the server closed the connection"
    );
    goes_on(&mut ticks).await;
}

#[tokio::test]
async fn an_end_without_a_close_frame_is_a_gap() {
    let mut ticks = after_subscribing(|server| async move { drop(server) }).await;
    assert!(cause(&next(&mut ticks).await).contains("without closing handshake"));
    goes_on(&mut ticks).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_the_stream_goes_on() {
    let mut ticks = after_subscribing(|mut server| async move {
        server.say("no JSON").await;
        server.say(r#"{"some":"thing"}"#).await;
        server.tell("ticks", r#"{"n":"one"}"#).await;
        server.tell("ticks", "{}").await;
        server.tell("ticks", r#"{"n":1},"n":2"#).await;
        server
            .socket
            .send(Message::binary(vec![1, 2]))
            .await
            .unwrap();
        server.tell("ticks", r#"{"n":1}"#).await;
        server.idle().await;
    })
    .await;
    let expected = [
        "expected",
        "no member `stream`",
        "n: invalid type: string",
        "missing field `n`",
        "",
        "it is binary",
    ];
    for reason in expected {
        let shown = next(&mut ticks).await;
        if reason.is_empty() {
            assert_eq!(shown, Event::Message(Tick { n: 1 }));
            continue;
        }
        assert!(unread(&shown).contains(reason), "{shown:?}");
    }
    assert_eq!(next(&mut ticks).await, Event::Message(Tick { n: 1 }));
}

#[tokio::test]
async fn a_refusal_ends_the_subscription_it_was_for_and_no_other() {
    let url = serve(|_, mut server| async move {
        while let Some(request) = server.request().await {
            let names = request["params"].as_array().unwrap();
            if names.iter().any(|name| name == "bad") {
                server
                    .say(r#"{"id":null,"error":{"code":4006,"message":"Invalid stream"}}"#)
                    .await;
            } else if names.len() == 1 {
                server.tell(names[0].as_str().unwrap(), r#"{"n":1}"#).await;
            }
        }
    })
    .await;
    let streams = streams(&url, options());
    let mut good: Vec<_> = ["a", "b"].map(|name| subscribe(&streams, name)).into();
    let mut bad = subscribe(&streams, "bad");
    good.push(subscribe(&streams, "c"));
    let error = end(&mut bad).await;
    assert_eq!(
        error.to_string(),
        "the server refuses to subscribe to bad: 4006 Invalid stream"
    );
    for subscription in &mut good {
        loop {
            match next(subscription).await {
                Event::Subscribed => {}
                shown => break assert_eq!(shown, Event::Message(Tick { n: 1 })),
            }
        }
    }
}

#[tokio::test]
async fn a_slow_reader_is_told_what_it_lost() {
    let url = serve(|_, mut server| async move {
        server.accept().await;
        for n in 0..1_000 {
            server.tell("ticks", format!(r#"{{"n":{n}}}"#)).await;
        }
        server.tell("end", r#"{"n":0}"#).await;
        server.idle().await;
    })
    .await;
    let streams = streams(&url, options().with_queue(10, 1024 * 1024));
    let mut ticks = subscribe(&streams, "ticks");
    let mut ended = subscribe(&streams, "end");
    while next(&mut ended).await == Event::Subscribed {}
    assert_eq!(next(&mut ticks).await, Event::Subscribed);
    for n in 0..10 {
        assert_eq!(next(&mut ticks).await, Event::Message(Tick { n }));
    }
    let shown = next(&mut ticks).await;
    assert!(
        matches!(
            shown,
            Event::Gap(Gap {
                reason: GapReason::Slow { missed: 990 },
                ..
            })
        ),
        "{shown:?}"
    );
}

#[tokio::test]
async fn a_subscription_that_is_dropped_is_ended_at_the_server() {
    let url = serve(|_, mut server| async move {
        server.accept().await;
        server.accept().await;
        let request = server.request().await.unwrap();
        server
            .tell(
                "b",
                format!(
                    r#"{{"n":{}}}"#,
                    u8::from(request["method"] == "UNSUBSCRIBE")
                ),
            )
            .await;
        server.idle().await;
    })
    .await;
    let streams = streams(&url, options());
    let mut a = subscribe(&streams, "a");
    assert_eq!(next(&mut a).await, Event::Subscribed);
    let mut b = subscribe(&streams, "b");
    assert_eq!(next(&mut b).await, Event::Subscribed);
    drop(a);
    assert_eq!(next(&mut b).await, Event::Message(Tick { n: 1 }));
}

#[tokio::test]
async fn a_server_that_is_not_there_ends_the_subscription() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    drop(listener);
    let mut ticks = subscribe(&streams(&url, options()), "ticks");
    let error = end(&mut ticks).await;
    assert!(
        matches!(error, StreamError::Unreachable { attempts: 3, .. }),
        "{error}"
    );
}

#[test]
fn without_a_runtime_and_over_plain_ws_nothing_is_tried() {
    let streams = streams("ws://127.0.0.1:9/", options());
    let mut ticks = subscribe(&streams, "ticks");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    assert_eq!(runtime.block_on(end(&mut ticks)), StreamError::NoRuntime);
    for (url, expected) in [
        ("ws://example.com/", "plain http to example.com is refused"),
        ("https://example.com/", "scheme \"https\" is not supported"),
        ("wss://a:b@example.com/", "user name or a password"),
    ] {
        let error = Streams::new(url, None, PROTOCOL, options())
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{url}: {error}");
    }
}

#[tokio::test]
async fn a_private_stream_is_signed_and_without_a_key_refused() {
    let url = serve(|_, mut server| async move {
        let request = server.request().await.unwrap();
        server.pong().await;
        let signature = &request["signature"];
        server
            .tell("mine", format!(r#"{{"n":1,"signature":{signature}}}"#))
            .await;
        server.idle().await;
    })
    .await;
    let private = || StreamName::signed("mine");
    let mut none: Subscription<Tick> = streams(&url, options()).subscribe(private());
    assert!(matches!(end(&mut none).await, StreamError::NoKey { name } if name == "mine"));

    let operation = SignedOperation::new("place", "POST", "/orders", "orderPlace", Payload::Object);
    let signer = Signer::new(Key::from_base64(SEED).unwrap(), vec![operation]).with_clock(Stopped);
    let again = signer.sign_subscription("orderPlace");
    assert!(again.is_err(), "it would permit an order");
    let signed = Streams::new(&url, Some(signer), PROTOCOL, options()).unwrap();
    let mut mine: Subscription<serde_json::Value> = signed.subscribe(private());
    let message = loop {
        if let Event::Message(message) = mine.next().await.unwrap().unwrap() {
            break message;
        }
    };
    let [key, signature, time, window] =
        [0, 1, 2, 3].map(|n| message["signature"][n].as_str().unwrap());
    assert_eq!((time, window), ("1700000000000", "5000"));
    let text = "instruction=listen&timestamp=1700000000000&window=5000";
    assert!(bpx_runtime::signing::verify(key, signature, text).is_ok());
}

#[derive(Debug, Default)]
struct Seen(Mutex<Vec<String>>);

impl MessageTap for Seen {
    fn saw_message(&self, message: TappedMessage<'_>) {
        self.0.lock().unwrap().push(format!("{message:?}"));
    }
}

#[tokio::test]
async fn a_tap_sees_each_message_and_no_signature() {
    let url = serve(|_, mut server| async move {
        server.accept().await;
        server.socket.send(Message::binary(vec![7])).await.unwrap();
        server.tell("mine", r#"{"n":1}"#).await;
        server.idle().await;
    })
    .await;
    let tap = Arc::new(Seen::default());
    let signer = Signer::new(Key::from_base64(SEED).unwrap(), vec![]).with_clock(Stopped);
    let options = options().with_tap(tap.clone());
    let streams = Streams::new(&url, Some(signer), PROTOCOL, options).unwrap();
    let mut mine: Subscription<Tick> = streams.subscribe(StreamName::signed("mine"));
    while !matches!(next(&mut mine).await, Event::Message(_)) {}
    let request = r#"{"method":"SUBSCRIBE","params":["mine"],"signature":["redacted","redacted","redacted","redacted"]}"#;
    let update = r#"{"stream":"mine","data":{"n":1}}"#;
    let expected = [
        format!("Sent({request:?})"),
        "ReceivedBytes([7])".to_owned(),
        format!("Received({update:?})"),
    ];
    assert_eq!(*tap.0.lock().unwrap(), expected);
}
