//! The Caddyfile: REST and MCP through TLS, with a certificate of Caddy's own authority.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use reqwest::{Certificate, Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::exchange::Exchange;
use crate::{Gateway, Process, file, has, order};

/// Caddy in front of a gateway.
struct Proxy {
    gateway: Gateway,
    site: String,
    http: Client,
    _process: Process,
    _folder: TempDir,
}

impl Proxy {
    fn start(exchange: &Exchange) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = format!("localhost:{}", listener.local_addr().unwrap().port());
        drop(listener);
        let gateway = Gateway::start(exchange, &["--allow-trading", "--host", &host]);
        let folder = TempDir::new().unwrap();
        let process = caddy(folder.path(), &host, &gateway);
        let root = folder.path().join("pki/authorities/local/root.crt");
        while !root.exists() || TcpStream::connect(&host).is_err() {
            sleep(Duration::from_millis(20));
        }
        let root = Certificate::from_pem(&fs::read(root).unwrap()).unwrap();
        let http = Client::builder().no_proxy().tls_certs_only([root]);
        let proxy = Self {
            gateway,
            site: format!("https://{host}"),
            http: http.build().unwrap(),
            _process: process,
            _folder: folder,
        };
        // It listens before it has the site's certificate.
        while exchange.runtime.block_on(proxy.get("/").send()).is_err() {
            sleep(Duration::from_millis(20));
        }
        proxy
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.site))
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.site));
        request.bearer_auth(self.gateway.token("trade")).json(body)
    }

    fn mcp(&self, session: Option<&str>, body: &Value) -> RequestBuilder {
        let both = "application/json, text/event-stream";
        let request = self.post("/mcp", body).header("accept", both);
        match session {
            Some(id) => request.header("mcp-session-id", id),
            None => request,
        }
    }
}

fn caddy(folder: &Path, host: &str, gateway: &Gateway) -> Process {
    let shown = folder.display();
    let options = format!(
        "{{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n\tstorage file_system {shown}\n}}\n"
    );
    let caddyfile = folder.join("Caddyfile");
    let import = format!("import {}\n", file("Caddyfile").display());
    fs::write(&caddyfile, options + &import).unwrap();
    let address = |member: &str| {
        let url = gateway.text(member).strip_prefix("http://").unwrap();
        url.strip_suffix("/mcp").unwrap_or(url).to_owned()
    };
    let mut command = Command::new("caddy");
    command
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(&caddyfile)
        .env("HOME", folder)
        .env("BPX_SITE", host)
        .env("BPX_REST", address("rest"))
        .env("BPX_MCP", address("mcp"))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Process(command.spawn().unwrap())
}

#[test]
fn rest_passes_with_a_token_alone_and_monitoring_stays_inside() {
    if !has("caddy") {
        return;
    }
    let exchange = Exchange::start();
    let proxy = Proxy::start(&exchange);
    exchange.runtime.block_on(async {
        let placed = proxy.post("/api/v1/order", &order()).send().await.unwrap();
        assert_eq!(placed.status(), 200);
        let nobody = proxy.get("/api/v1/orders").send().await.unwrap();
        assert_eq!(nobody.status(), 401);
        let token = proxy.gateway.token("read");
        for (path, status) in [("/api/v1/orders", 200), ("/metrics", 404), ("/readyz", 404)] {
            let response = proxy.get(path).bearer_auth(&token).send().await.unwrap();
            assert_eq!(response.status(), status, "{path}");
        }
        // The name under which the proxy is called has to be one of the gateway's.
        let other = proxy
            .get("/api/v1/orders")
            .bearer_auth(&token)
            .header("host", "evil.example");
        assert_ne!(
            other.send().await.unwrap().text().await.unwrap().get(..2),
            Some("[{")
        );
    });
    assert_eq!(exchange.requests("POST"), 1);
}

/// The first event of a stream that is such a message.
async fn event(stream: &mut Response, is_it: impl Fn(&Value) -> bool) -> Value {
    let mut text = String::new();
    while let Some(chunk) = stream.chunk().await.unwrap() {
        text.push_str(std::str::from_utf8(&chunk).unwrap());
        let complete = text
            .rsplit_once("\n\n")
            .map_or("", |(complete, _)| complete);
        let messages = complete
            .lines()
            .filter_map(|line| line.strip_prefix("data:"));
        let mut messages = messages.filter_map(|it| serde_json::from_str::<Value>(it).ok());
        if let Some(found) = messages.find(&is_it) {
            return found;
        }
    }
    panic!("the stream ended: {text}")
}

#[test]
fn a_session_of_mcp_streams_the_question_while_the_call_waits() {
    if !has("caddy") {
        return;
    }
    let exchange = Exchange::start();
    let proxy = Proxy::start(&exchange);
    exchange.runtime.block_on(async {
        let begin = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {"elicitation": {}},
            "clientInfo": {"name": "test", "version": "1"}}});
        let begun = proxy.mcp(None, &begin).send().await.unwrap();
        assert_eq!(begun.status(), 200);
        let session = begun.headers()["mcp-session-id"]
            .to_str()
            .unwrap()
            .to_owned();
        let id = session.as_str();
        let session = Some(id);
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        assert_eq!(
            proxy.mcp(session, &ready).send().await.unwrap().status(),
            202
        );
        let stream = proxy.get("/mcp").bearer_auth(proxy.gateway.token("trade"));
        let stream = stream.header("accept", "text/event-stream");
        let stream = stream.header("mcp-session-id", id).send().await.unwrap();
        assert_eq!(stream.headers()["content-type"], "text/event-stream");

        let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
            "name": "backpack-execute-order", "arguments": order()}});
        let mut called = proxy.mcp(session, &call).send().await.unwrap();
        let question = event(&mut called, |it| it["method"] == "elicitation/create").await;
        let answer = json!({"jsonrpc": "2.0", "id": question["id"],
            "result": {"action": "accept", "content": {"confirm": true}}});
        let answered = proxy.mcp(session, &answer).send().await.unwrap();
        assert_eq!(answered.status(), 202);
        let called = event(&mut called, |it| it["id"] == 2).await;
        let placed = &called["result"]["structuredContent"]["result"];
        assert_eq!(placed["status"], "New", "{called}");
        drop(stream);
    });
    assert_eq!(exchange.requests("POST"), 1);
}
