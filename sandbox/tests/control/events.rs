//! The stream of changes.

use bpx_sandbox::Sandbox;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::client::{limit, start_empty};
use crate::port::{Port, assert_refused};

/// One stream of events.
struct Events {
    response: Response,
    text: String,
}

impl Events {
    async fn open(sandbox: &Sandbox) -> Self {
        let request = Port::of(sandbox).request(Method::GET, "/events?market=SOL_USDC");
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            response,
            text: String::new(),
        }
    }

    /// The next event's name and data; `None` at the end.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some((name, data)) = event.split_once('\n') {
                    let data = data.strip_prefix("data: ").unwrap();
                    let name = name.strip_prefix("event: ").unwrap();
                    return Some((name.to_owned(), serde_json::from_str(data).unwrap()));
                }
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.text.push_str(str::from_utf8(&chunk).unwrap());
        }
    }
}

#[tokio::test]
async fn a_snapshot_comes_first_and_then_only_what_changed() {
    let (sandbox, client) = start_empty().await;
    let mut events = Events::open(&sandbox).await;
    let (name, state) = events.next().await.unwrap();
    assert_eq!(
        (name.as_str(), &state["open_orders"]),
        ("snapshot", &json!([]))
    );
    sandbox.set_clock_skew(7).unwrap();
    let (name, change) = events.next().await.unwrap();
    assert_eq!(name, "change");
    assert_eq!(
        change.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["exchange"]
    );
    sandbox.set_clock_skew(0).unwrap();
    client.place(limit("Bid", "1", "1")).await.ok();
    loop {
        let (_, change) = events.next().await.unwrap();
        if let Some(books) = change.get("books") {
            assert_eq!(books[0]["bids"][0]["price"], "1");
            break;
        }
    }
}

#[tokio::test]
async fn many_changes_come_as_few() {
    let (sandbox, client) = start_empty().await;
    let mut events = Events::open(&sandbox).await;
    events.next().await.unwrap();
    for _ in 0..300 {
        client.place(limit("Bid", "1", "1")).await.ok();
    }
    let mut count = 0;
    loop {
        count += 1;
        let (_, change) = events.next().await.unwrap();
        if change["books"][0]["bids"][0]["orders"] == 300 {
            break;
        }
    }
    assert!(count < 300, "{count} events for 300 orders");
}

#[tokio::test]
async fn only_so_many_may_watch_and_a_place_becomes_free_again() {
    let (sandbox, _client) = start_empty().await;
    let mut watching = Vec::new();
    for _ in 0..16 {
        let mut events = Events::open(&sandbox).await;
        events.next().await.unwrap();
        watching.push(events);
    }
    let port = Port::of(&sandbox);
    let ask = async || port.request(Method::GET, "/events").send().await.unwrap();
    assert_refused(ask().await, 503, "too many watch already").await;
    watching.clear();
    for _ in 0..10_000 {
        if ask().await.status() == 200 {
            return;
        }
    }
    panic!("no place became free");
}

#[tokio::test]
async fn streams_end_when_the_sandbox_stops() {
    let (sandbox, _client) = start_empty().await;
    let mut events = Events::open(&sandbox).await;
    events.next().await.unwrap();
    sandbox.shutdown().await;
    assert_eq!(events.next().await, None);
}
