//! What the gateway, dispatch or the exchange refuses, as problems.

use std::collections::BTreeSet;

use bpx_gateway::Scope;
use bpx_runtime::http::Method;
use serde_json::json;

use crate::support::{FILLS, Fixture, ORDER, ORDERS, Plan, bid, header, problem, send};

#[tokio::test]
async fn wrong_arguments_are_all_named_with_place_and_fix() {
    let fixture = Fixture::new().await;
    let found = problem(fixture.get(&format!("{ORDERS}?simbol=SOL_USDC&marketType=spot"))).await;
    assert_eq!(found["status"], 400);
    assert_eq!(found["code"], "INVALID_ARGUMENTS");
    assert_eq!(found["outcome"], "refused");
    let findings = found["findings"].as_array().unwrap();
    let fixes: Vec<_> = findings
        .iter()
        .map(|one| one["fix"].as_str().unwrap())
        .collect();
    assert!(
        fixes
            .iter()
            .any(|fix| fix.contains("did you mean `symbol`?")),
        "{fixes:?}"
    );
    assert!(
        fixes.iter().any(|fix| fix.contains("did you mean `SPOT`?")),
        "{fixes:?}"
    );
    let suggestions: BTreeSet<_> = findings
        .iter()
        .map(|one| one["suggestion"].as_str().unwrap())
        .collect();
    assert_eq!(suggestions, ["SPOT", "symbol"].into());

    let found = problem(fixture.get(ORDER)).await;
    assert_eq!(found["findings"][0]["pointer"], "/symbol");
    let found = problem(fixture.get(&format!("{FILLS}?limit=ten"))).await;
    assert_eq!(found["findings"][0]["rule"], "contract.type");
    let found = problem(fixture.get(&format!("{FILLS}?limit=1&limit=2"))).await;
    assert_eq!(found["findings"][0]["pointer"], "/limit");
    let mut order = bid("20");
    order["price"] = json!(20.5);
    let found = problem(fixture.post(ORDER, &order)).await;
    assert_eq!(found["findings"][0]["pointer"], "/price");
    assert!(fixture.sandbox.verified().is_empty());
}

#[tokio::test]
async fn arguments_in_the_wrong_place_are_refused() {
    let fixture = Fixture::new().await;
    let found = problem(fixture.post(&format!("{ORDER}?postOnly=true"), &bid("20"))).await;
    assert_eq!(found["findings"][0]["rule"], "rest.place");
    assert_eq!(found["findings"][0]["fix"], "put it into the body");
    let found = problem(fixture.get(ORDERS).json(&json!({"symbol": "SOL_USDC"}))).await;
    assert_eq!(found["findings"][0]["problem"], "there is a body");
    assert!(fixture.sandbox.verified().is_empty());
}

#[tokio::test]
async fn a_body_that_is_no_json_is_malformed_and_an_empty_one_too() {
    let fixture = Fixture::new().await;
    for body in ["{\"symbol\":", "", "{} {}"] {
        let request = fixture
            .bare(Method::POST, ORDER)
            .bearer_auth(fixture.token(Scope::Trade))
            .header("content-type", "application/json")
            .body(body);
        let found = problem(request).await;
        assert_eq!(
            (&found["status"], &found["code"]),
            (&json!(400), &json!("MALFORMED"))
        );
    }
}

#[tokio::test]
async fn trading_that_is_off_is_refused_with_the_way_to_allow_it() {
    let fixture = Fixture::built(Plan {
        trading: false,
        ..Plan::default()
    })
    .await;
    let found = problem(fixture.post(ORDER, &bid("20"))).await;
    assert_eq!(
        (&found["status"], &found["code"]),
        (&json!(403), &json!("TRADING_DISABLED"))
    );
    assert_eq!(send(fixture.get(ORDERS)).await.status(), 200);
}

#[tokio::test]
async fn the_policy_and_the_kill_switch_refuse_by_name() {
    let policy = "trading = true\n[order]\nquantity_max = \"0.5\"";
    let fixture = Fixture::built(Plan {
        policy: Some(policy),
        ..Plan::default()
    })
    .await;
    let found = problem(fixture.post(ORDER, &bid("20"))).await;
    assert_eq!(
        (&found["status"], &found["code"]),
        (&json!(403), &json!("POLICY"))
    );
    assert_eq!(found["findings"][0]["pointer"], "/quantity");

    fixture.dispatch.kill("drill").unwrap();
    let found = problem(fixture.post(ORDER, &bid("20"))).await;
    assert_eq!(
        (&found["status"], &found["code"]),
        (&json!(403), &json!("KILL_SWITCH"))
    );
    assert!(found["detail"].as_str().unwrap().contains("drill"));
    let which = json!({"symbol": "SOL_USDC"});
    assert_eq!(send(fixture.delete(ORDERS, &which)).await.status(), 200);
}

#[tokio::test]
async fn a_client_id_in_use_is_a_conflict() {
    let fixture = Fixture::new().await;
    let mut order = bid("20");
    order["clientId"] = json!(5);
    assert_eq!(send(fixture.post(ORDER, &order)).await.status(), 200);
    let found = problem(fixture.post(ORDER, &order)).await;
    assert_eq!(
        (&found["status"], &found["code"]),
        (&json!(409), &json!("CLIENT_ID_IN_USE"))
    );
    assert_eq!(fixture.arrived("POST", ORDER), 1);
}

#[tokio::test]
async fn what_the_exchange_refuses_keeps_its_status_and_code() {
    let fixture = Fixture::new().await;
    let found = problem(fixture.get(&format!("{ORDER}?symbol=SOL_USDC&orderId=1"))).await;
    assert_eq!(
        (&found["status"], &found["code"]),
        (&json!(404), &json!("RESOURCE_NOT_FOUND"))
    );
    assert_eq!(found["type"], "/docs#exchange");
    assert_eq!(found["outcome"], "rejected");
    assert_eq!(found["message"], found["detail"]);

    let mut order = bid("20");
    order["symbol"] = json!("SOL_NOTHING");
    let response = send(fixture.post(ORDER, &order)).await;
    assert_eq!(response.status(), 400);
    assert_eq!(header(&response, "x-outcome"), "rejected");
    assert!(!header(&response, "x-client-id").is_empty());
}

#[tokio::test]
async fn wrong_keys_are_refused_and_reads_have_no_use_for_them() {
    let fixture = Fixture::new().await;
    let long = "k".repeat(256);
    for key in ["two words", "", &long] {
        let request = fixture
            .post(ORDER, &bid("20"))
            .header("Idempotency-Key", key);
        let found = problem(request).await;
        assert_eq!(found["status"], 400, "{key:?}");
        assert_eq!(found["code"], "IDEMPOTENCY_KEY_INVALID");
    }
    let request = fixture.post(ORDER, &bid("20"));
    let request = request
        .header("Idempotency-Key", "a")
        .header("Idempotency-Key", "b");
    assert_eq!(problem(request).await["code"], "IDEMPOTENCY_KEY_INVALID");
    let request = fixture.get(ORDERS).header("Idempotency-Key", "k");
    assert_eq!(send(request).await.status(), 200);
    assert_eq!(fixture.arrived("POST", ORDER), 0);
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems_and_methods_are_told() {
    let fixture = Fixture::new().await;
    let found = problem(fixture.get("/nowhere")).await;
    assert_eq!(
        (&found["status"], &found["code"]),
        (&json!(404), &json!("NO_SUCH_ROUTE"))
    );
    let put = || {
        fixture
            .bare(Method::PUT, ORDER)
            .bearer_auth(fixture.token(Scope::Trade))
    };
    assert_eq!(problem(put()).await["status"], 405);
    let response = send(put()).await;
    let allow = header(&response, "allow");
    for method in ["GET", "POST", "DELETE"] {
        assert!(allow.contains(method), "{allow}");
    }
    let found = problem(fixture.bare(Method::POST, "/docs")).await;
    assert_eq!(found["status"], 405);
}
