//! Sessions for older clients, unless the operator turned them off.

use std::sync::atomic::Ordering;

use bpx_gateway::{GatewaySettings, Scope};
use rmcp::model::CallToolRequestParams;
use rmcp::service::ClientLifecycleMode;
use serde_json::json;

use super::clients::{Person, connect, modern, order};
use super::support::{EXECUTE, Fixture, OPEN, Plan, bid};

fn on(settings: &mut GatewaySettings) {
    settings.mcp_settings.sessions = true;
    settings.mcp_settings.sessions_max = 2;
}

async fn with_sessions() -> Fixture {
    Fixture::built(Plan {
        gateway: on,
        ..Plan::default()
    })
    .await
}

#[tokio::test]
async fn within_a_session_an_older_client_is_asked_while_its_call_waits() {
    let fixture = with_sessions().await;
    let person = Person::new(true);
    let client = connect(&fixture, &person, ClientLifecycleMode::Initialize).await;
    let placed = client.call_tool(order()).await.unwrap();
    assert_eq!(placed.is_error, Some(false), "{placed:?}");
    assert!(person.was_asked.load(Ordering::SeqCst));
    assert_eq!(fixture.placements(), 1);
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn within_a_session_a_no_is_a_no() {
    let fixture = with_sessions().await;
    let client = connect(
        &fixture,
        &Person::new(false),
        ClientLifecycleMode::Initialize,
    )
    .await;
    let refused = client.call_tool(order()).await.unwrap();
    assert!(
        serde_json::to_string(&refused.content)
            .unwrap()
            .contains("CONFIRMATION_DECLINED")
    );
    assert_eq!(fixture.placements(), 0);
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn sessions_are_bounded_and_modern_clients_need_none() {
    let fixture = with_sessions().await;
    let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }});
    let open = || {
        let token = fixture.token(Scope::Read);
        fixture.bare().bearer_auth(token).json(&initialize).send()
    };
    let first = open().await.unwrap();
    assert_eq!(first.status(), 200);
    let session = first.headers()["mcp-session-id"].clone();
    assert_eq!(open().await.unwrap().status(), 200);
    assert_eq!(open().await.unwrap().status(), 503);
    // The other token has places of its own.
    let trade = fixture.token(Scope::Trade);
    let other = fixture.bare().bearer_auth(trade).json(&initialize).send();
    assert_eq!(other.await.unwrap().status(), 200);
    fixture.call(OPEN, json!({})).await.done();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let end = http
        .delete(fixture.url())
        .bearer_auth(fixture.token(Scope::Read))
        .header("mcp-session-id", session);
    assert!(end.send().await.unwrap().status().is_success());
    assert_eq!(open().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_older_client_may_call_without_a_session() {
    let fixture = with_sessions().await;
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": OPEN, "arguments": {"marketType": null, "symbol": null},
    }});
    let sent = fixture.bare().bearer_auth(fixture.token(Scope::Read));
    let reply = sent
        .header("mcp-protocol-version", "2025-06-18")
        .json(&call)
        .send();
    let reply: serde_json::Value = reply.await.unwrap().json().await.unwrap();
    assert_eq!(
        reply["result"]["structuredContent"],
        json!({"result": []}),
        "{reply}"
    );
}

#[tokio::test]
async fn a_shutdown_ends_sessions_and_finishes_calls() {
    let fixture = with_sessions().await;
    let person = Person::new(true);
    let older = connect(&fixture, &person, ClientLifecycleMode::Initialize).await;
    let newer = connect(&fixture, &person, modern()).await;
    older
        .call_tool(CallToolRequestParams::new(OPEN))
        .await
        .unwrap();
    assert_eq!(
        newer.call_tool(order()).await.unwrap().is_error,
        Some(false)
    );
    fixture.gateway.shutdown().await;
    assert_eq!(
        fixture
            .sandbox
            .verified()
            .iter()
            .filter(|seen| seen.method == "POST")
            .count(),
        1
    );
    drop((older, newer));
}

#[tokio::test]
async fn with_sessions_a_modern_client_still_gets_its_form() {
    let fixture = with_sessions().await;
    let asking = fixture.call(EXECUTE, bid("20")).await;
    assert_eq!(asking.result()["resultType"], "input_required");
}
