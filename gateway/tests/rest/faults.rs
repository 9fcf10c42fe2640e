//! Faults of the exchange, seen through the gateway.

use bpx_sandbox::Fault;
use serde_json::{Value, json};

use crate::support::{Fixture, ORDER, ORDERS, answer, bid, header, problem, send};

#[tokio::test]
async fn an_order_whose_answer_is_lost_is_found_again_and_sent_once() {
    let faults = [
        Fault::DropAfter,
        Fault::Unavailable { acted: true },
        Fault::Truncated,
        Fault::CutJson,
        // Longer than the request timeout.
        Fault::DelayAfter { delay_ms: 2_500 },
    ];
    for fault in faults {
        let fixture = Fixture::new().await;
        fixture
            .sandbox
            .arm(fault.clone().on("execute_order"))
            .unwrap();
        let response = send(fixture.post(ORDER, &bid("20"))).await;
        assert_eq!(response.status(), 200, "{fault}");
        assert_eq!(header(&response, "x-source"), "open orders", "{fault}");
        let order: Value = response.json().await.unwrap();
        assert_eq!(order["status"], "New", "{fault}");
        assert_eq!(fixture.arrived("POST", ORDER), 1, "{fault}");
    }
}

#[tokio::test]
async fn an_order_that_never_arrived_is_rejected_only_when_that_is_certain_else_unknown() {
    let fixture = Fixture::new().await;
    // Proving that an order is absent needs a known order in the history.
    let which = json!({"symbol": "SOL_USDC"});
    fixture
        .sandbox
        .arm(Fault::DropBefore.on("execute_order"))
        .unwrap();
    let found = problem(fixture.post(ORDER, &bid("20"))).await;
    assert!(
        [502, 504].contains(&found["status"].as_u64().unwrap()),
        "{found}"
    );
    assert!(
        ["rejected", "unknown"].contains(&found["outcome"].as_str().unwrap()),
        "{found}"
    );
    assert_eq!(found["intent"].as_str().unwrap().len(), 32);
    assert_eq!(found["clientIds"].as_array().unwrap().len(), 1);
    let (_, open) = answer(fixture.get(ORDERS)).await;
    assert_eq!(open, json!([]));
    assert_eq!(send(fixture.delete(ORDERS, &which)).await.status(), 200);
}

#[tokio::test]
async fn an_unknown_outcome_says_so_and_what_to_do() {
    let fixture = Fixture::new().await;
    for operation in [
        "execute_order",
        "get_order",
        "get_open_orders",
        "get_order_history",
        "get_fills",
    ] {
        let rule = Fault::Unavailable { acted: false }.on(operation);
        fixture.sandbox.arm(rule.always()).unwrap();
    }
    let request = fixture
        .post(ORDER, &bid("20"))
        .header("Idempotency-Key", "k");
    let found = problem(request).await;
    assert_eq!(
        (&found["status"], &found["code"]),
        (&json!(504), &json!("OUTCOME_UNKNOWN"))
    );
    assert_eq!(found["outcome"], "unknown");
    assert!(!found["next"].as_str().unwrap().is_empty());
    let sent = fixture.sandbox.faults_fired();
    let sent = sent.iter().filter(|fired| fired.method == "POST");
    assert_eq!(sent.count(), 1);
    assert_eq!(
        fixture
            .metric(r#"bpx_calls_total{account="own",face="rest",operation="execute_order",outcome="unknown"}"#)
            .await,
        Some(1.0)
    );
}

#[tokio::test]
async fn a_read_that_gets_no_usable_answer_is_a_bad_gateway() {
    for fault in [Fault::Truncated, Fault::CutJson] {
        let fixture = Fixture::new().await;
        let rule = fault.clone().on("get_open_orders");
        fixture.sandbox.arm(rule.always()).unwrap();
        let found = problem(fixture.get(ORDERS)).await;
        assert_eq!(
            (&found["status"], &found["code"]),
            (&json!(502), &json!("EXCHANGE_UNREADABLE")),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn maintenance_and_pace_keep_the_exchanges_status_and_code() {
    for (fault, status, code) in [
        (Fault::Maintenance, 503, "MAINTENANCE"),
        (
            Fault::TooManyRequests {
                retry_after_s: None,
            },
            429,
            "TOO_MANY_REQUESTS",
        ),
    ] {
        let fixture = Fixture::new().await;
        fixture.sandbox.arm(fault.on("execute_order")).unwrap();
        let found = problem(fixture.post(ORDER, &bid("20"))).await;
        assert_eq!(
            (&found["status"], &found["code"]),
            (&json!(status), &json!(code))
        );
        assert_eq!(found["outcome"], "rejected");
    }
}

#[tokio::test]
async fn how_long_the_exchange_wants_one_to_wait_is_handed_on() {
    let fixture = Fixture::new().await;
    let busy = Fault::TooManyRequests {
        retry_after_s: Some(7),
    };
    fixture.sandbox.arm(busy.on("execute_order")).unwrap();
    let response = send(fixture.post(ORDER, &bid("20"))).await;
    assert_eq!(response.status(), 429);
    assert_eq!(header(&response, "retry-after"), "7");
}

#[tokio::test]
async fn what_no_document_knows_passes_through_as_it_came() {
    for fault in [Fault::UnknownEnum, Fault::UnknownField] {
        let fixture = Fixture::new().await;
        fixture.sandbox.arm(fault.on("execute_order")).unwrap();
        assert_eq!(send(fixture.post(ORDER, &bid("20"))).await.status(), 200);
    }
}

#[tokio::test]
async fn a_page_of_a_proxy_is_not_shown() {
    let fixture = Fixture::new().await;
    fixture
        .sandbox
        .arm(Fault::Html.on("get_open_orders").always())
        .unwrap();
    let found = problem(fixture.get(ORDERS)).await;
    assert!(!found.to_string().contains('<'), "{found}");
    assert_eq!(found["status"], 502);
}

#[tokio::test]
async fn an_exchange_that_is_gone_is_told_from_one_that_refuses() {
    let fixture = Fixture::new().await;
    let Fixture {
        sandbox,
        http,
        gateway,
        state,
        dispatch,
    } = fixture;
    sandbox.shutdown().await;
    let token = std::fs::read_to_string(gateway.token_file(bpx_gateway::Scope::Trade)).unwrap();
    let url = format!("http://{}{ORDER}", gateway.rest_address().unwrap());
    let found = problem(http.post(url).bearer_auth(token.trim()).json(&bid("20"))).await;
    assert_eq!(
        (&found["status"], &found["code"]),
        (&json!(502), &json!("NOT_SENT"))
    );
    assert_eq!(found["outcome"], "not_sent");
    drop((state, dispatch));
}
