//! What a tool call costs beside bare rmcp servers: one that answers a constant, and one whose tool makes the same signed
//! call.
//!
//! All of it in one run, over the same kind of connection, in turns. What the gateway adds of its own is its call less
//! the signed call made straight; that is what stands beside the constant. The bare server runs as rmcp's examples do, on
//! tokio's default runtime; and once more on one thread, as the gateway does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::serve::ListenerExt as _;
use bpx_client::Client;
use bpx_client::operations::OPERATIONS;
use bpx_runtime::{Key, Signer};
use bpx_venue::operations::GET_OPEN_ORDERS;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData, JsonObject,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::connection::Connection;
use crate::latency::{self, SYMBOL, micros};
use crate::process::{self, House};
use crate::table::{Table, median};

/// The argument that makes this program the bare server.
pub(crate) const BARE: &str = "serve-bare-mcp";
const DEFAULT: &str = "default";
const ONE_THREAD: &str = "one-thread";
const TURNS: usize = 20;
const CALLS_PER_TURN: usize = 250;
const TOOL: &str = "backpack-get-open-orders";
/// The bare server's tool that asks nobody.
const CONSTANT: &str = "constant";
const CALL: &str = "tools/call";
const SCHEMA_URI: &str = "schema://tools/backpack-get-open-orders/input";
const VERSION: &str = "2026-07-28";

/// A server without a guard, limits, validation, policy or metrics.
#[derive(Clone)]
struct Bare {
    client: Client,
    schema: Arc<JsonObject>,
}

impl ServerHandler for Bare {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        Some(Tool::new(
            name.to_owned(),
            "For comparison",
            Arc::clone(&self.schema),
        ))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let result = match request.name.as_ref() {
            CONSTANT => json!({"result": []}),
            _ => {
                let call = self.client.get_open_orders().symbol(SYMBOL);
                json!({"result": call.send().await.unwrap().into_inner()})
            }
        };
        Ok(CallToolResult::structured(result).into())
    }
}

/// Serves until standard input ends; the arguments are the exchange, the secret, and the runtime.
pub(crate) fn serve_bare(arguments: Vec<String>) {
    let [base_url, secret, runtime] = arguments.try_into().unwrap();
    let runtime = match runtime.as_str() {
        ONE_THREAD => bpx_gateway::runtime().unwrap(),
        _ => Runtime::new().unwrap(),
    };
    runtime.block_on(async {
        let signer = Signer::new(Key::from_base64(&secret).unwrap(), OPERATIONS);
        let bare = Bare {
            client: Client::with_options(&base_url, signer, process::options()).unwrap(),
            schema: Arc::new(GET_OPEN_ORDERS.input_schema().as_object().unwrap().clone()),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true);
        let manager = LocalSessionManager::default();
        let service = StreamableHttpService::new(move || Ok(bare.clone()), manager.into(), config);
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
        let routes = Router::new().route_service("/mcp", service);
        tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
        println!("{address} {address}");
        process::input_ends().await;
    });
}

/// A request that is sent over and over, and what each answer has to hold.
struct Asked {
    connection: Connection,
    request: Vec<u8>,
    answer: &'static str,
}

const NAMES: [&str; 8] = [
    "bare rmcp, a constant",
    "bare rmcp, the signed call",
    "bare rmcp on one thread, a constant",
    "bare rmcp on one thread, the signed call",
    "open orders, over MCP",
    "arguments that MCP refuses",
    "a resource, over MCP",
    "the signed call, straight",
];

/// Sorted times of one turn, in the order of [`NAMES`].
type Times = [Vec<Duration>; NAMES.len()];

pub(crate) fn measure(house: &House, table: &mut Table) {
    let bare = |runtime| process::start(&[BARE, &house.base_url, &house.secret, runtime]);
    let mut servers = [DEFAULT, ONE_THREAD].map(bare);
    let [(_, [default, _]), (_, [one_thread, _])] = &servers;
    let mut asked = asked([default, one_thread], house);
    let straight = latency::Caller::new(house);
    // The first turn warms up.
    let turns: Vec<Times> = (0..=TURNS)
        .map(|_| turn(&mut asked, &straight))
        .skip(1)
        .collect();
    for (server, _) in &mut servers {
        server.kill().unwrap();
        server.wait().unwrap();
    }
    report(&turns, table);
}

/// What is asked over MCP, in the order of [`NAMES`].
fn asked(bare: [&str; 2], house: &House) -> Vec<Asked> {
    let tool = |name: &str, arguments: Value| json!({"name": name, "arguments": arguments});
    let constant = tool(CONSTANT, json!({"symbol": SYMBOL}));
    let signed = tool(TOOL, json!({"symbol": SYMBOL}));
    let refused = tool(TOOL, json!({"simbol": SYMBOL}));
    let resource = json!({"uri": SCHEMA_URI});
    let empty = r#"{"result":[]}"#;
    let [default, one_thread] = bare;
    let ours = house.mcp.as_str();
    let rows = [
        (default, CALL, &constant, empty),
        (default, CALL, &signed, empty),
        (one_thread, CALL, &constant, empty),
        (one_thread, CALL, &signed, empty),
        (ours, CALL, &signed, empty),
        (ours, CALL, &refused, "INVALID_ARGUMENTS"),
        (ours, "resources/read", &resource, "application/schema+json"),
    ];
    let asked = rows.map(|(address, method, params, answer)| Asked {
        connection: Connection::open(address),
        request: request(address, &house.token, method, params.clone()),
        answer,
    });
    asked.into()
}

fn turn(asked: &mut [Asked], straight: &latency::Caller<'_>) -> Times {
    let mut times = Times::default();
    for (asked, times) in asked.iter_mut().zip(&mut times) {
        times.extend((0..CALLS_PER_TURN).map(|_| asked.once()));
    }
    times[asked.len()] = straight.reads_straight(CALLS_PER_TURN);
    times.iter_mut().for_each(|times| times.sort());
    times
}

impl Asked {
    fn once(&mut self) -> Duration {
        let started = Instant::now();
        let answer = self.connection.exchange(&self.request);
        let took = started.elapsed();
        let holds = answer
            .windows(self.answer.len())
            .any(|part| part == self.answer.as_bytes());
        assert!(
            holds,
            "{}: {}",
            self.answer,
            String::from_utf8_lossy(answer)
        );
        took
    }
}

/// As for REST: a percentile is that of a turn, in the middle of all turns.
fn report(turns: &[Times], table: &mut Table) {
    let of =
        |index: usize, percent| median(turns.iter().map(|times| micros(&times[index], percent)));
    for (percent, label) in [(50, "median"), (99, "p99")] {
        for (index, name) in NAMES.iter().enumerate() {
            table.figure(format!("{name}, {label}"), of(index, percent), "us");
        }
    }
    let medians: [f64; NAMES.len()] = std::array::from_fn(|index| of(index, 50));
    let [
        constant,
        signed,
        constant_one,
        signed_one,
        ours,
        refused,
        resource,
        straight,
    ] = medians;
    for (name, ratio) in [
        (
            "open orders over MCP, beside the bare signed call",
            ours / signed,
        ),
        ("the same on one thread", ours / signed_one),
        (
            "arguments that MCP refuses, beside the constant",
            refused / constant,
        ),
        (
            "a resource over MCP, beside the constant",
            resource / constant,
        ),
        (
            "a tool call less the signed call, beside the constant on one thread",
            (ours - straight) / constant_one,
        ),
    ] {
        table.figure(name, ratio, "x");
    }
    table.growth_at_most(
        "a tool call less the signed call, beside the constant",
        [constant, ours - straight],
        1.3,
        "us",
    );
}

/// A request of a client of 2026-07-28, as bytes.
fn request(address: &str, token: &str, method: &str, mut params: Value) -> Vec<u8> {
    let name = params["name"].as_str().or(params["uri"].as_str());
    let name = name.unwrap_or_default().to_owned();
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": VERSION,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
    });
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    format!(
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         accept: application/json, text/event-stream\r\ncontent-type: application/json\r\n\
         mcp-protocol-version: {VERSION}\r\nmcp-method: {method}\r\nmcp-name: {name}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
