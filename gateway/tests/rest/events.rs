//! What happens to the account, as server-sent events.

use std::time::Duration;

use bpx_sandbox::{Fault, StreamFault};
use futures_util::StreamExt as _;
use reqwest::RequestBuilder;
use serde_json::Value;

use super::support::{Fixture, ORDER, Plan, bid, send};

const EVENTS: &str = "/events";

/// One event: its number, its name and its data.
type Told = (i64, String, Value);

async fn with_events() -> Fixture {
    Fixture::built(Plan {
        gateway: |settings| settings.events = true,
        ..Plan::default()
    })
    .await
}

/// Events until there are so many.
async fn reported(request: RequestBuilder, count: usize) -> Vec<Told> {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let (mut bytes, mut text, mut message) = (response.bytes_stream(), String::new(), Vec::new());
    while message.len() < count {
        let more = tokio::time::timeout(Duration::from_secs(20), bytes.next());
        text += str::from_utf8(&more.await.unwrap().unwrap().unwrap()).unwrap();
        while let Some((event, rest)) = text.clone().split_once("\n\n") {
            message.extend(event_of(event));
            text = rest.to_owned();
        }
    }
    message
}

/// None for a comment, which keeps the connection alive.
fn event_of(text: &str) -> Option<Told> {
    let member = |name: &str| {
        let lines = text.lines();
        lines
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .next()
    };
    let data = serde_json::from_str(member("data")?).unwrap();
    Some((
        member("id")?.parse().unwrap(),
        member("event")?.to_owned(),
        data,
    ))
}

async fn placed(fixture: &Fixture) -> String {
    let response = send(fixture.post(ORDER, &bid("20"))).await;
    assert_eq!(response.status(), 200);
    let order: Value = response.json().await.unwrap();
    order["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn events_are_numbered_and_go_on_behind_the_last_one_that_was_seen() {
    let fixture = with_events().await;
    let first = placed(&fixture).await;
    let seen = reported(fixture.get("/events?after=0"), 1).await;
    let (number, name, data) = &seen[0];
    assert_eq!((*number, name.as_str()), (1, "order"));
    assert_eq!(
        (&data["e"], &data["i"]),
        (&"orderAccepted".into(), &first.into())
    );
    // The first order may be read from the lists before the stream shows it.
    assert!(data["recovered"].is_boolean());

    let second = placed(&fixture).await;
    let header = fixture.get(EVENTS).header("last-event-id", "1");
    let more = reported(header, 1).await;
    assert_eq!((more[0].0, &more[0].2["i"]), (2, &second.into()));
    let all = reported(fixture.get("/events?after=0"), 2).await;
    assert_eq!(
        all.iter().map(|(number, ..)| *number).collect::<Vec<_>>(),
        [1, 2]
    );
}

#[tokio::test]
async fn what_the_stream_misses_comes_as_recovered() {
    let fixture = with_events().await;
    placed(&fixture).await;
    reported(fixture.get("/events?after=0"), 1).await;
    let drop = Fault::Stream(StreamFault::Drop).on("account.orderUpdate");
    fixture.sandbox.arm(drop).unwrap();
    let lost = placed(&fixture).await;
    let seen = reported(fixture.get("/events?after=1"), 1).await;
    assert_eq!(seen[0].2["i"], Value::from(lost));
    assert_eq!(seen[0].2["recovered"], true);
}

#[tokio::test]
async fn a_number_that_the_journal_does_not_have_is_a_gap() {
    let fixture = with_events().await;
    placed(&fixture).await;
    reported(fixture.get("/events?after=0"), 1).await;
    let seen = reported(fixture.get("/events?after=70"), 1).await;
    assert_eq!((seen[0].0, seen[0].1.as_str()), (1, "gap"));
}

#[tokio::test]
async fn without_a_token_or_a_number_or_the_switch_there_are_none() {
    let fixture = with_events().await;
    let bare = fixture.bare(bpx_runtime::http::Method::GET, EVENTS);
    assert_eq!(send(bare).await.status(), 401);
    for path in ["/events?after=x", "/events?after=-1", "/events?before=1"] {
        assert_eq!(send(fixture.get(path)).await.status(), 400, "{path}");
    }
    let without = Fixture::new().await;
    let refused = send(without.get(EVENTS)).await;
    assert_eq!(refused.status(), 404);
    let problem: Value = refused.json().await.unwrap();
    assert_eq!(problem["fix"], "start it with --events");
}
