//! A tool call beside a call of a bare rmcp server, which answers a constant and asks nobody.

use std::time::{Duration, Instant};

use axum::Router;
use axum::serve::ListenerExt as _;
use bpx_client::table::GET_OPEN_ORDERS;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData, ServerCapabilities,
    ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::connection::Connection;
use crate::process::{self, House};
use crate::table::Table;

/// The argument that makes this program the bare server.
pub(crate) const BARE: &str = "serve-bare-mcp";
const TURNS: usize = 20;
const CALLS_PER_TURN: usize = 250;
const TOOL: &str = "backpack-get-open-orders";
const VERSION: &str = "2026-07-28";

/// A server without a guard, a journal, an exchange, or a second tool.
#[derive(Clone)]
struct Bare;

impl ServerHandler for Bare {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    fn get_tool(&self, name: &str) -> Option<rmcp::model::Tool> {
        let schema: serde_json::Map<_, _> =
            serde_json::from_str(GET_OPEN_ORDERS.input_schema).unwrap();
        (name == TOOL).then(|| rmcp::model::Tool::new(TOOL, "A constant", schema))
    }

    async fn call_tool(
        &self,
        _request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        Ok(CallToolResult::structured(json!({"result": []})).into())
    }
}

/// Serves until standard input ends.
pub(crate) fn serve_bare() {
    Runtime::new().unwrap().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true);
        let manager = LocalSessionManager::default();
        let service = StreamableHttpService::new(|| Ok(Bare), manager.into(), config);
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
        let routes = Router::new().route_service("/mcp", service);
        tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
        println!("{address} {address}");
        process::input_ends().await;
    });
}

pub(crate) fn measure(house: &House, table: &mut Table) {
    let (mut bare, [address, _]) = process::start(&[BARE]);
    let callers = [
        (address.as_str(), call(&address, "")),
        (house.mcp.as_str(), call(&house.mcp, &house.token)),
    ];
    let mut connections = callers.map(|(address, call)| (Connection::open(address), call));
    let mut times: [Vec<Duration>; 2] = Default::default();
    for turn in 0..=TURNS {
        for ((connection, call), times) in connections.iter_mut().zip(&mut times) {
            for _ in 0..CALLS_PER_TURN {
                let started = Instant::now();
                let answer = connection.exchange(call);
                let took = started.elapsed();
                assert!(answer.windows(13).any(|part| part == br#"{"result":[]}"#));
                // The first turn warms up.
                if turn > 0 {
                    times.push(took);
                }
            }
        }
    }
    bare.kill().unwrap();
    bare.wait().unwrap();
    report(times, table);
}

fn report(mut times: [Vec<Duration>; 2], table: &mut Table) {
    times.iter_mut().for_each(|times| times.sort());
    let micros = |which: usize, percent: usize| {
        let times = &times[which];
        times[times.len() * percent / 100].as_secs_f64() * 1e6
    };
    for (percent, label) in [(50, "median"), (99, "p99")] {
        table.figure(
            format!("bare rmcp, a constant, {label}"),
            micros(0, percent),
            "us",
        );
        table.figure(
            format!("open orders, over MCP, {label}"),
            micros(1, percent),
            "us",
        );
    }
    let both = [micros(0, 50), micros(1, 50)];
    table.growth_at_most("a tool call beside the constant, median", both, 1.3, "us");
}

/// The call of a client of 2026-07-28, as bytes.
fn call(address: &str, token: &str) -> Vec<u8> {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": TOOL,
        "arguments": {"symbol": "SOL_USDC"},
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": VERSION,
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
        },
    }})
    .to_string();
    format!(
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         accept: application/json, text/event-stream\r\ncontent-type: application/json\r\n\
         mcp-protocol-version: {VERSION}\r\nmcp-method: tools/call\r\nmcp-name: {TOOL}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
