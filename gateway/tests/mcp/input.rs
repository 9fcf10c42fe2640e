//! Invalid requests, and checks before a call.

use bpx_gateway::Scope;
use serde_json::{Value, json};

use super::support::{BATCH, EXECUTE, Fixture, GET_ORDER, MODERN, OPEN, Plan, bid};

#[tokio::test]
async fn every_bad_argument_is_named_with_place_and_fix_and_nothing_is_sent() {
    let fixture = Fixture::unasked().await;
    let cases = [
        (GET_ORDER, json!({}), "/symbol"),
        (GET_ORDER, json!({"simbol": "SOL_USDC"}), "/simbol"),
        (GET_ORDER, json!({"symbol": 5, "orderId": "1"}), "/symbol"),
        (
            GET_ORDER,
            json!({"symbol": "SOL_USDC", "clientId": "7"}),
            "/clientId",
        ),
        (
            GET_ORDER,
            json!({"symbol": "SOL_USDC", "clientId": 4_294_967_296_u64}),
            "/clientId",
        ),
        (
            EXECUTE,
            json!({"symbol": "SOL_USDC", "side": "buy", "orderType": "Limit"}),
            "/side",
        ),
        (
            EXECUTE,
            json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": 20}),
            "/price",
        ),
        (
            BATCH,
            json!({"orders": [{"side": "Bid"}]}),
            "/orders/0/symbol",
        ),
        (BATCH, json!({"orders": {}}), "/orders"),
    ];
    for (tool, arguments, pointer) in cases {
        let failed = fixture.call(tool, arguments).await.failed();
        assert_eq!(failed["code"], "INVALID_ARGUMENTS");
        let findings = failed["findings"].as_array().unwrap();
        let finding = findings
            .iter()
            .find(|finding| finding["pointer"] == pointer);
        let finding = finding.unwrap_or_else(|| panic!("{tool} {pointer}: {failed}"));
        assert!(!finding["problem"].as_str().unwrap().is_empty());
        assert!(!finding["fix"].as_str().unwrap().is_empty());
    }
    let near = fixture
        .call(GET_ORDER, json!({"simbol": "SOL_USDC"}))
        .await
        .failed();
    assert!(
        near.to_string().contains("did you mean `symbol`?"),
        "{near}"
    );
    assert_eq!(near["findings"][0]["suggestion"], "symbol");
    assert!(fixture.sandbox.verified().is_empty());
}

#[tokio::test]
async fn an_unknown_tool_or_method_is_an_error_of_the_protocol() {
    let fixture = Fixture::unasked().await;
    let tool = fixture.call("backpack-get-orders", json!({})).await;
    assert_eq!(tool.body["error"]["code"], -32602);
    let message = tool.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("backpack-get-open-orders"), "{message}");
    let method = fixture.send("orders/list", json!({})).await;
    assert_eq!(
        (method.status, &method.body["error"]["code"]),
        (404, &json!(-32601))
    );
    let prompts = fixture.send("prompts/list", json!({})).await;
    assert_eq!(prompts.body["error"]["code"], -32601);
}

#[tokio::test]
async fn headers_that_contradict_the_body_are_refused() {
    let fixture = Fixture::unasked().await;
    let params = json!({"name": OPEN, "arguments": {}, "_meta": {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
    }});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let response = fixture
        .bare()
        .bearer_auth(fixture.token(Scope::Read))
        .header("mcp-protocol-version", MODERN)
        .header("mcp-method", "tools/call")
        .header("mcp-name", EXECUTE)
        .json(&message)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(body["error"]["code"], -32020);
}

#[tokio::test]
async fn the_guard_stands_before_this_port_too() {
    let fixture = Fixture::unasked().await;
    let token = fixture.token(Scope::Read);
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let good = fixture.bare().bearer_auth(&token).json(&list);
    assert_eq!(good.send().await.unwrap().status(), 200);
    let large = json!({"jsonrpc": "2.0", "id": 1, "method": "x".repeat(70_000)});
    let cases = [
        (fixture.bare().json(&list), 401, "UNAUTHORIZED"),
        (
            fixture.bare().bearer_auth("wrong").json(&list),
            401,
            "UNAUTHORIZED",
        ),
        (
            fixture
                .bare()
                .bearer_auth(&token)
                .header("host", "evil.example")
                .json(&list),
            403,
            "HOST_NOT_ALLOWED",
        ),
        (
            fixture
                .bare()
                .bearer_auth(&token)
                .header("origin", "http://evil.example")
                .json(&list),
            403,
            "ORIGIN_NOT_ALLOWED",
        ),
        (
            fixture
                .bare()
                .bearer_auth(&token)
                .header("content-type", "text/plain")
                .body("{}"),
            415,
            "CONTENT_TYPE",
        ),
        (
            fixture.bare().bearer_auth(&token).json(&large),
            413,
            "BODY_TOO_LARGE",
        ),
    ];
    for (request, status, code) in cases {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{code}");
        let problem: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(problem["code"], code);
    }
    let elsewhere = fixture.url().replace("/mcp", "/tools");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = http
        .get(elsewhere)
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 404);
    let broken = fixture
        .bare()
        .bearer_auth(&token)
        .header("content-type", "application/json")
        .body("{");
    assert!(broken.send().await.unwrap().status().is_client_error());
}

#[tokio::test]
async fn a_read_token_reads_and_changes_nothing() {
    let fixture = Fixture::unasked().await;
    assert_eq!(
        fixture.call_reading(OPEN, json!({})).await.done(),
        &json!([])
    );
    let denied = fixture.call_reading(EXECUTE, bid("20")).await.failed();
    assert_eq!(denied["code"], "SCOPE");
    assert_eq!(fixture.placements(), 0);
}

#[tokio::test]
async fn with_trading_off_all_tools_are_listed_and_reads_go_through() {
    let fixture = Fixture::built(Plan {
        trading: false,
        ..Plan::default()
    })
    .await;
    let list = fixture.send("tools/list", json!({})).await;
    assert_eq!(list.result()["tools"].as_array().unwrap().len(), 8);
    fixture.call(OPEN, json!({})).await.done();
    assert_eq!(
        fixture.call(EXECUTE, bid("20")).await.code(),
        "TRADING_DISABLED"
    );
}

#[tokio::test]
async fn a_policy_refuses_with_its_rule() {
    let fixture = Fixture::built(Plan {
        policy: Some("trading = true\nsymbols = [\"BTC_USDC\"]\n"),
        gateway: |settings| settings.mcp_settings.confirm = bpx_gateway::Confirm::Never,
        ..Plan::default()
    })
    .await;
    let refused = fixture.call(EXECUTE, bid("20")).await.failed();
    assert_eq!(refused["code"], "POLICY");
    assert_eq!(refused["findings"][0]["pointer"], "/symbol");
    assert_eq!(fixture.placements(), 0);
}
