//! Health, readiness, metrics, the docs page.

use bpx_dispatch::Policy;
use bpx_runtime::http::Method;
use bpx_sandbox::Fault;
use serde_json::json;

use crate::support::{FILLS, Fixture, ORDER, ORDERS, answer, bid, header, problem, send};

#[tokio::test]
async fn health_needs_no_token_and_says_nothing_about_the_account() {
    let fixture = Fixture::new().await;
    let (status, body) = answer(fixture.bare(Method::GET, "/healthz")).await;
    assert_eq!((status, body), (200, json!({"status": "ok"})));
    let (status, body) = answer(fixture.bare(Method::GET, "/readyz")).await;
    let ready = json!({
        "ready": true, "journal": "ok", "exchange": "ok", "killSwitch": "off", "trading": "on",
    });
    assert_eq!((status, body), (200, ready));
}

#[tokio::test]
async fn readiness_asks_the_exchange_seldom() {
    let fixture = Fixture::new().await;
    for _ in 0..5 {
        send(fixture.bare(Method::GET, "/readyz")).await;
    }
    assert_eq!(fixture.arrived("GET", FILLS), 1);
}

#[tokio::test]
async fn an_exchange_that_refuses_the_clock_or_is_gone_makes_it_unready() {
    let fixture = Fixture::new().await;
    fixture.sandbox.set_clock_skew(600_000).unwrap();
    let (status, body) = answer(fixture.bare(Method::GET, "/readyz")).await;
    assert_eq!((status, &body["exchange"]), (503, &json!("refusing")));
    assert_eq!(body["ready"], false);

    let fixture = Fixture::new().await;
    fixture
        .sandbox
        .arm(Fault::DropBefore.on("get_fills").always())
        .unwrap();
    let (status, body) = answer(fixture.bare(Method::GET, "/readyz")).await;
    assert_eq!((status, &body["exchange"]), (503, &json!("unreachable")));
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_makes_it_unready_until_it_can() {
    let fixture = Fixture::new().await;
    let journal = fixture.dispatch.state().join("journal.sqlite");
    let away = journal.with_file_name("away");
    std::fs::rename(&journal, &away).unwrap();
    let (status, body) = answer(fixture.bare(Method::GET, "/readyz")).await;
    assert_eq!((status, &body["journal"]), (503, &json!("failing")));
    assert_eq!(body["ready"], false);
    assert!(!body.to_string().contains("sqlite"), "fixed words: {body}");
    let refused = answer(fixture.post(ORDER, &bid("20"))).await;
    assert_eq!((refused.0, &refused.1["code"]), (503, &json!("JOURNAL")));
    assert_eq!(send(fixture.get(ORDERS)).await.status(), 200);

    std::fs::rename(&away, &journal).unwrap();
    assert_eq!(send(fixture.post(ORDER, &bid("20"))).await.status(), 200);
    assert_eq!(
        fixture.metric(r#"bpx_journal_up{account="own"}"#).await,
        Some(1.0)
    );
}

#[tokio::test]
async fn the_kill_switch_shows_at_once_and_reads_stay_ready() {
    let fixture = Fixture::new().await;
    let shown = async || answer(fixture.bare(Method::GET, "/readyz")).await;
    assert_eq!(shown().await.1["killSwitch"], "off");
    fixture.dispatch.kill("drill").unwrap();
    let (status, body) = shown().await;
    assert_eq!((status, &body["killSwitch"]), (200, &json!("on")));
    let policy = Policy::parse("trading = false", "policy.toml").unwrap();
    fixture.dispatch.set_policy(policy);
    assert_eq!(shown().await.1["trading"], "off");
    // The exchange is not asked each time.
    assert_eq!(fixture.arrived("GET", FILLS), 1);
    assert_eq!(
        fixture.metric(r#"bpx_kill_switch{account="own"}"#).await,
        Some(1.0)
    );
}

#[tokio::test]
async fn calls_requests_and_problems_are_counted() {
    let fixture = Fixture::new().await;
    send(fixture.post(ORDER, &bid("20"))).await;
    send(fixture.post(ORDER, &bid("twenty"))).await;
    send(fixture.get(ORDERS)).await;
    send(fixture.get(ORDERS)).await;
    send(fixture.bare(Method::GET, ORDERS)).await;
    for (name, count) in [
        (
            r#"bpx_calls_total{account="own",face="rest",operation="execute_order",outcome="done"}"#,
            1.0,
        ),
        (
            r#"bpx_calls_total{account="own",face="rest",operation="execute_order",outcome="INVALID_ARGUMENTS"}"#,
            1.0,
        ),
        (
            r#"bpx_calls_total{account="own",face="rest",operation="get_open_orders",outcome="done"}"#,
            2.0,
        ),
        (
            r#"bpx_call_duration_seconds_count{account="own",face="rest",operation="get_open_orders"}"#,
            2.0,
        ),
        (
            r#"bpx_problems_total{face="rest",code="UNAUTHORIZED"}"#,
            1.0,
        ),
        (r#"bpx_requests_total{face="rest",status="401"}"#, 1.0),
        (r#"bpx_requests_in_flight{face="rest"}"#, 1.0),
        (r#"bpx_changes_in_flight{account="own"}"#, 0.0),
        (r#"bpx_journal_up{account="own"}"#, 1.0),
        (r#"bpx_kill_switch{account="own"}"#, 0.0),
    ] {
        assert_eq!(fixture.metric(name).await, Some(count), "{name}");
    }
    let writes = async || {
        fixture
            .metric(r#"bpx_journal_write_seconds_count{account="own"}"#)
            .await
    };
    let before = writes().await.unwrap();
    send(fixture.post(ORDER, &bid("20"))).await;
    // Two for the order (intent, outcome), and one for each request to `/metrics`.
    assert_eq!(writes().await.unwrap() - before, 3.0);
    let response = send(fixture.get("/metrics")).await;
    assert!(header(&response, "content-type").starts_with("application/openmetrics-text"));
    assert!(response.text().await.unwrap().ends_with("# EOF\n"));
}

#[tokio::test]
async fn labels_do_not_grow_with_what_callers_send() {
    let fixture = Fixture::new().await;
    for path in ["/a", "/b", "/c"] {
        send(fixture.get(path)).await;
    }
    let text = send(fixture.get("/metrics")).await.text().await.unwrap();
    assert!(!text.contains("/a"), "{text}");
    assert_eq!(
        fixture
            .metric(r#"bpx_requests_total{face="rest",status="404"}"#)
            .await,
        Some(3.0)
    );
}

#[tokio::test]
async fn the_docs_page_loads_nothing_from_elsewhere() {
    let fixture = Fixture::new().await;
    for (path, kind) in [
        ("/docs", "text/html"),
        ("/docs/page.js", "text/javascript"),
        ("/docs/page.css", "text/css"),
    ] {
        let response = send(fixture.bare(Method::GET, path)).await;
        assert_eq!(response.status(), 200, "{path}");
        assert!(header(&response, "content-type").starts_with(kind));
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        let policy = header(&response, "content-security-policy").to_owned();
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let text = response.text().await.unwrap();
        for elsewhere in [
            "http://",
            "https://",
            "innerHTML",
            "eval(",
            "onclick=",
            "style=",
        ] {
            assert!(!text.contains(elsewhere), "{path}: {elsewhere}");
        }
    }
    let found = problem(fixture.bare(Method::GET, "/docs/other.js")).await;
    assert_eq!(found["status"], 404);
}
