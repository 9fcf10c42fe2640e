//! A gateway's MCP server, and requests as a client of 2026-07-28 sends them.

use std::time::Duration;

use bpx_gateway::{Confirm, Scope};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::common::Setup;
pub(crate) use crate::common::{Fixture, Plan, bid};

pub(crate) const MODERN: &str = "2026-07-28";
pub(crate) const GET_ORDER: &str = "backpack-get-order";
pub(crate) const EXECUTE: &str = "backpack-execute-order";
pub(crate) const BATCH: &str = "backpack-execute-order-batch";
pub(crate) const CANCEL: &str = "backpack-cancel-order";
pub(crate) const CANCEL_ALL: &str = "backpack-cancel-open-orders";
pub(crate) const OPEN: &str = "backpack-get-open-orders";
pub(crate) const FILLS: &str = "backpack-get-fills";
pub(crate) const HISTORY: &str = "backpack-get-order-history";

const MCP: Setup = Setup {
    window_ms: 1_500,
    settle_max: Duration::from_secs(20),
    listen: |settings| {
        settings.mcp = Some(([127, 0, 0, 1], 0).into());
        settings.mcp_settings.approval_wait = Duration::ZERO;
    },
};

/// The response to one request.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Reply {
    /// The result of a request without a protocol error.
    pub(crate) fn result(&self) -> &Value {
        assert!(self.body["error"].is_null(), "{}", self.body);
        &self.body["result"]
    }

    /// `result` of a tool's `structuredContent`.
    pub(crate) fn done(&self) -> &Value {
        let result = self.result();
        assert_eq!(result["isError"], false, "{result}");
        &result["structuredContent"]["result"]
    }

    /// What the second text of a success says about the call.
    pub(crate) fn about(&self) -> Value {
        let about: Value = text(&self.result()["content"][1]);
        assert_eq!(about, self.result()["_meta"]["backpack/call"]);
        about
    }

    /// The one text of a failure.
    pub(crate) fn failed(&self) -> Value {
        let result = self.result();
        assert_eq!(result["isError"], true, "{result}");
        assert!(result["structuredContent"].is_null());
        assert_eq!(result["content"].as_array().unwrap().len(), 1);
        text(&result["content"][0])
    }

    pub(crate) fn code(&self) -> String {
        self.failed()["code"].as_str().unwrap().to_owned()
    }
}

fn text(block: &Value) -> Value {
    serde_json::from_str(block["text"].as_str().unwrap()).unwrap()
}

impl Fixture {
    /// A gateway with trading on and without consent.
    pub(crate) async fn unasked() -> Self {
        Self::built(Plan {
            gateway: |settings| settings.mcp_settings.confirm = Confirm::Never,
            ..Plan::default()
        })
        .await
    }

    pub(crate) async fn built(plan: Plan) -> Self {
        Self::start(&MCP, plan).await
    }

    /// Ends the gateway, and starts another over the same exchange and state folder.
    pub(crate) async fn restarted(self, plan: Plan) -> Self {
        self.gateway.shutdown().await;
        Self::over(self.sandbox, self.state, &MCP, plan).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.gateway.mcp_address().unwrap())
    }

    /// A request without the MCP headers.
    pub(crate) fn bare(&self) -> RequestBuilder {
        self.http
            .post(self.url())
            .header("accept", "application/json, text/event-stream")
    }

    /// A request of 2026-07-28 by a client that can show forms.
    pub(crate) async fn send(&self, method: &str, params: Value) -> Reply {
        self.send_as(
            Scope::Trade,
            method,
            params,
            &json!({"elicitation": {"form": {}}}),
        )
        .await
    }

    pub(crate) async fn send_as(
        &self,
        scope: Scope,
        method: &str,
        mut params: Value,
        capabilities: &Value,
    ) -> Reply {
        let meta = params["_meta"].take();
        let mut whole = json!({
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": capabilities,
        });
        for (name, value) in meta.as_object().into_iter().flatten() {
            whole[name] = value.clone();
        }
        params["_meta"] = whole;
        let mut request = self
            .bare()
            .bearer_auth(self.token(scope))
            .header("mcp-protocol-version", MODERN)
            .header("mcp-method", method);
        if let Some(name) = params["name"].as_str().or(params["uri"].as_str()) {
            request = request.header("mcp-name", name);
        }
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let response = request.json(&message).send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: {text}"));
        Reply { status, body }
    }

    /// Calls a tool.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Reply {
        self.send("tools/call", json!({"name": tool, "arguments": arguments}))
            .await
    }

    /// Calls a tool with a token that only reads.
    pub(crate) async fn call_reading(&self, tool: &str, arguments: Value) -> Reply {
        let params = json!({"name": tool, "arguments": arguments});
        self.send_as(Scope::Read, "tools/call", params, &json!({}))
            .await
    }

    /// Orders that reached the exchange, alone or in a batch.
    pub(crate) fn placements(&self) -> usize {
        self.arrived("POST", "/api/v1/order") + self.arrived("POST", "/api/v1/orders")
    }
}

/// Asserts that a person is shown the whole of [`bid`] at 20, and what it comes to.
pub(crate) fn assert_shows_the_order(summary: &str) {
    for line in [
        "symbol: SOL_USDC",
        "side: Bid, which buys",
        "quantity: 1",
        "price: 20",
        "comes to: 20 USDC",
    ] {
        assert!(
            summary.lines().any(|found| found == line),
            "{line}\n{summary}"
        );
    }
}

/// The same with a client order id.
pub(crate) fn numbered(price: &str, client_id: u32) -> Value {
    let mut order = bid(price);
    order["clientId"] = client_id.into();
    order
}
