//! Limits on rate, number of requests, and time.

use std::num::NonZeroU32;
use std::time::Duration;

use bpx_gateway::{Limits, Scope};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Fixture, ORDER, ORDERS, Plan, bid, header, problem, send};

#[test]
fn the_page_of_the_gateway_has_the_limits() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/gateway.md");
    let page = std::fs::read_to_string(page).unwrap();
    let page: Vec<_> = page.split_whitespace().collect();
    let page = page.join(" ");
    let limits = Limits::default();
    let (rate, change) = (limits.requests_per_second, limits.changes_per_second);
    assert_eq!(limits.requests_burst.get(), 2 * rate.get());
    assert_eq!(limits.changes_burst.get(), 2 * change.get());
    let body_kib = limits.body_bytes_max / 1024;
    let seconds = |time: Duration| time.as_secs();
    for text in [
        format!("at most {} requests are in flight", limits.in_flight_max),
        format!("at most `--rate` times a second ({rate}), with bursts of twice that"),
        format!("at most `--change-rate` times a second ({change})"),
        format!(
            "at most {body_kib} KiB, and here within {} s",
            seconds(limits.body_timeout)
        ),
        format!(
            "head may take {} s and 32 KiB",
            seconds(limits.head_timeout)
        ),
        format!(
            "at most {} connections on both ports",
            limits.connections_max
        ),
        format!(
            "at most {}, and are closed after {} s",
            limits.strangers_max,
            seconds(limits.stranger_timeout)
        ),
    ] {
        assert!(page.contains(&text), "{text}");
    }
}

#[tokio::test]
async fn one_request_too_many_is_refused_for_this_token_alone() {
    let fixture = Fixture::built(Plan {
        gateway: |settings| {
            settings.limits.requests_per_second = NonZeroU32::MIN;
            settings.limits.requests_burst = NonZeroU32::new(2).unwrap();
        },
        ..Plan::default()
    })
    .await;
    for _ in 0..2 {
        assert_eq!(send(fixture.get(ORDERS)).await.status(), 200);
    }
    let response = send(fixture.get(ORDERS)).await;
    let wait_s: u64 = header(&response, "retry-after").parse().unwrap();
    assert!((1..=2).contains(&wait_s));
    let found = problem(fixture.get(ORDERS)).await;
    assert_eq!(
        (&found["status"], &found["code"]),
        (&json!(429), &json!("RATE_LIMITED"))
    );
    let which = json!({"symbol": "SOL_USDC"});
    assert_eq!(send(fixture.delete(ORDERS, &which)).await.status(), 200);
}

#[tokio::test]
async fn calls_that_change_something_have_a_bucket_of_their_own() {
    let fixture = Fixture::built(Plan {
        gateway: |settings| {
            settings.limits.changes_per_second = NonZeroU32::MIN;
            settings.limits.changes_burst = NonZeroU32::MIN;
        },
        ..Plan::default()
    })
    .await;
    assert_eq!(send(fixture.post(ORDER, &bid("20"))).await.status(), 200);
    let found = problem(fixture.post(ORDER, &bid("20"))).await;
    assert_eq!(
        (&found["status"], &found["code"]),
        (&json!(429), &json!("RATE_LIMITED"))
    );
    assert_eq!(send(fixture.get(ORDERS)).await.status(), 200);
    assert_eq!(fixture.arrived("POST", ORDER), 1);
}

#[tokio::test]
async fn more_requests_at_once_than_allowed_are_refused_and_not_queued() {
    let fixture = Fixture::built(Plan {
        gateway: |settings| settings.limits.in_flight_max = 1,
        ..Plan::default()
    })
    .await;
    let slow = bpx_sandbox::Fault::DelayAfter { delay_ms: 1_500 };
    fixture.sandbox.arm(slow.on("get_open_orders")).unwrap();
    let first = tokio::spawn(fixture.get(ORDERS).send());
    while fixture.arrived("GET", ORDERS) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let found = problem(fixture.get(ORDERS)).await;
    assert_eq!(
        (&found["status"], &found["code"]),
        (&json!(503), &json!("BUSY"))
    );
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    assert_eq!(send(fixture.get(ORDERS)).await.status(), 200);
}

/// Connections that say nothing.
async fn silent(fixture: &Fixture, count: usize) -> Vec<TcpStream> {
    let mut open = Vec::new();
    for _ in 0..count {
        open.push(TcpStream::connect(fixture.address()).await.unwrap());
    }
    open
}

#[tokio::test]
async fn connections_that_say_nothing_do_not_keep_a_caller_out() {
    let fixture = Fixture::built(Plan {
        gateway: |settings| {
            settings.limits.strangers_max = 4;
            settings.limits.connections_max = 8;
            settings.limits.stranger_timeout = Duration::from_secs(600);
        },
        ..Plan::default()
    })
    .await;
    let mut open = silent(&fixture, 40).await;
    assert_eq!(send(fixture.get(ORDERS)).await.status(), 200);
    // The first ones gave way.
    let mut byte = [0];
    for stream in &mut open[..30] {
        assert_eq!(stream.read(&mut byte).await.unwrap_or_default(), 0);
    }
    let closed = "bpx_connections_closed_total{face=\"rest\"}";
    assert!(fixture.metric(closed).await.unwrap() >= 30.0);
    assert!(
        fixture
            .metric("bpx_connections{face=\"rest\"}")
            .await
            .unwrap()
            <= 8.0
    );
    // A connection with a token is not a stranger's, so it is still the same one.
    let request = format!(
        "GET {ORDERS} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\r\n",
        fixture.address(),
        fixture.token(Scope::Read),
    );
    let mut caller = TcpStream::connect(fixture.address()).await.unwrap();
    for _ in 0..2 {
        caller.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 2_000];
        let length = caller.read(&mut answer).await.unwrap();
        assert!(answer[..length].starts_with(b"HTTP/1.1 200 "));
        open.extend(silent(&fixture, 20).await);
    }
}

#[tokio::test]
async fn a_stranger_is_hung_up_on_sooner_than_a_caller() {
    let fixture = Fixture::built(Plan {
        gateway: |settings| settings.limits.stranger_timeout = Duration::from_millis(100),
        ..Plan::default()
    })
    .await;
    let request = format!(
        "GET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n",
        fixture.address()
    );
    let answer = trickle(&fixture, &request).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(trickle(&fixture, "").await, "");
}

/// Sends these bytes and nothing more; returns what comes back until the connection ends.
async fn trickle(fixture: &Fixture, bytes: &str) -> String {
    let mut stream = TcpStream::connect(fixture.address()).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // The connection may be reset, because the gateway did not read everything.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn impatient(settings: &mut bpx_gateway::GatewaySettings) {
    settings.limits.head_timeout = Duration::from_millis(200);
    settings.limits.body_timeout = Duration::from_millis(200);
}

#[tokio::test]
async fn a_client_that_never_ends_its_head_is_hung_up_on() {
    let fixture = Fixture::built(Plan {
        gateway: impatient,
        ..Plan::default()
    })
    .await;
    let answer = trickle(
        &fixture,
        "GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow",
    )
    .await;
    assert!(!answer.contains("200 OK"), "{answer}");
    let answer = trickle(&fixture, "").await;
    assert_eq!(answer, "");
}

#[tokio::test]
async fn a_client_that_never_ends_its_body_is_told_so() {
    let fixture = Fixture::built(Plan {
        gateway: impatient,
        ..Plan::default()
    })
    .await;
    let head = format!(
        "POST {ORDER} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{",
        fixture.address(),
        fixture.token(Scope::Trade),
    );
    let answer = trickle(&fixture, &head).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("BODY_TIMEOUT"), "{answer}");
    assert!(fixture.sandbox.verified().is_empty());
}

#[tokio::test]
async fn a_chunked_body_beyond_the_limit_is_refused() {
    let fixture = Fixture::new().await;
    let chunk = " ".repeat(0x4000);
    let chunks = format!("4000\r\n{chunk}\r\n").repeat(5);
    let request = format!(
        "POST {ORDER} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n{chunks}0\r\n\r\n",
        fixture.address(),
        fixture.token(Scope::Trade),
    );
    let answer = trickle(&fixture, &request).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_head_has_32_kib() {
    let fixture = Fixture::new().await;
    for (kib, status) in [(31, "200"), (33, "431")] {
        // Each header is far smaller than the whole head may be.
        let filler: String = (0..kib)
            .map(|at| format!("x-{at}: {}\r\n", "y".repeat(1014)))
            .collect();
        let request = format!(
            "GET /healthz HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{filler}\r\n",
            fixture.address()
        );
        let answer = trickle(&fixture, &request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{kib}: {answer}"
        );
    }
}

#[tokio::test]
async fn two_hosts_in_one_request_are_one_too_many() {
    let fixture = Fixture::new().await;
    let own = fixture.address();
    let requests = [
        format!(
            "GET /healthz HTTP/1.1\r\nhost: {own}\r\nhost: evil.example\r\nconnection: close\r\n\r\n"
        ),
        format!(
            "GET http://evil.example/healthz HTTP/1.1\r\nhost: {own}\r\nconnection: close\r\n\r\n"
        ),
        "GET /healthz HTTP/1.0\r\n\r\n".to_owned(),
    ];
    for request in requests {
        let answer = trickle(&fixture, &request).await;
        assert!(!answer.contains(" 200 OK"), "{request}{answer}");
    }
}
