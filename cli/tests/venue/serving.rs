//! A local exchange that knows the documents, a gateway before it, and a person who approves what waits.

use std::fs;
use std::path::Path;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use bpx_gateway::{Approvals, Decision};
use serde_json::{Value, json};

use crate::common::{bpx, ready};
use crate::files::Files;

/// Both processes; they end with the test.
pub(crate) struct Serving {
    children: [Child; 2],
    exchange: Value,
    gateway: Value,
    http: reqwest::Client,
    approving: Arc<AtomicBool>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.approving.store(false, Ordering::Relaxed);
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Serving {
    /// With the order capability, and a policy.
    pub(crate) fn start(files: &Files, policy: &str) -> Self {
        Self::with(files, policy, &[])
    }

    pub(crate) fn with(files: &Files, policy: &str, options: &[&str]) -> Self {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let documents: Vec<_> = files
            .openapi
            .iter()
            .flat_map(|file| ["--openapi".to_owned(), text(file)])
            .collect();
        let mut arguments = vec!["sandbox", "--listen", "127.0.0.1:0"];
        arguments.extend(documents.iter().map(String::as_str));
        let (exchange, line) = ready(bpx(&arguments));
        let described: Value = serde_json::from_str(&line).unwrap();

        // A state folder serves one account.
        let account = described["base_url"].as_str().unwrap().rsplit(':').next();
        let state = files.folder.path().join(account.unwrap());
        let policy_file = files.folder.path().join("policy.toml");
        fs::write(&policy_file, policy).unwrap();
        let capabilities = files
            .capabilities
            .iter()
            .flat_map(|file| ["--capability".to_owned(), text(file)]);
        let capabilities: Vec<_> = capabilities.collect();
        let (state, policy_file) = (text(&state), text(&policy_file));
        let mut arguments = vec![
            "serve",
            "--with-orders",
            "--allow-trading",
            "--confirm",
            "never",
        ];
        arguments.extend([
            "--rest",
            "127.0.0.1:0",
            "--mcp",
            "127.0.0.1:0",
            "--rate",
            "1000",
        ]);
        arguments.extend([
            "--change-rate",
            "1000",
            "--policy",
            &policy_file,
            "--state",
            &state,
        ]);
        arguments.extend(documents.iter().chain(&capabilities).map(String::as_str));
        arguments.extend(options);
        let mut command = bpx(&arguments);
        let secret = described["api_secret"].as_str().unwrap();
        command.env("BACKPACK_BASE_URL", described["base_url"].as_str().unwrap());
        command.env("BACKPACK_API_SECRET", secret);
        let (gateway, line) = ready(command);
        assert!(
            !line.is_empty(),
            "the gateway does not start: {arguments:?}"
        );
        let approving = Arc::new(AtomicBool::new(true));
        approve_all(state, Arc::clone(&approving));
        Self {
            children: [gateway, exchange],
            exchange: described,
            gateway: serde_json::from_str(&line).unwrap(),
            http: reqwest::Client::new(),
            approving,
        }
    }

    /// No person approves anything from here on.
    pub(crate) fn leave_alone(&self) {
        self.approving.store(false, Ordering::Relaxed);
    }

    fn token(&self) -> String {
        let file = self.gateway["trade_token_file"].as_str().unwrap();
        fs::read_to_string(file).unwrap().trim().to_owned()
    }

    /// Status and body.
    pub(crate) async fn rest(
        &self,
        method: &str,
        path: &str,
        query: &[(String, String)],
        body: Option<&Value>,
    ) -> (u16, String) {
        let method = method.parse::<reqwest::Method>().unwrap();
        let mut url: reqwest::Url = self.gateway["rest"].as_str().unwrap().parse().unwrap();
        url.set_path(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.http.request(method, url).bearer_auth(self.token());
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// The result of a tool call.
    pub(crate) async fn tool(&self, name: &str, arguments: &Value) -> Value {
        let params = json!({"name": name, "arguments": arguments, "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "script", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        }});
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let request = self.http.post(self.gateway["mcp"].as_str().unwrap());
        let request = request
            .bearer_auth(self.token())
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", "tools/call")
            .header("mcp-name", name);
        let response = request.body(message.to_string()).send().await.unwrap();
        let text = response.text().await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("data: "));
        let body: Value = serde_json::from_str(line.unwrap_or(&text)).unwrap();
        body["result"].clone()
    }

    /// What a control port of the exchange says.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.exchange["control_url"].as_str().unwrap());
        let method = method.parse::<reqwest::Method>().unwrap();
        let request = self.http.request(method, url);
        let request = request.header("content-type", "application/json");
        let response = request.body(body.to_string()).send().await.unwrap();
        serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default()
    }

    /// Method, path and instruction of every request whose signature verified.
    pub(crate) async fn verified(&self) -> Vec<(String, String, String)> {
        let log = self.control("GET", "/verified", json!(null)).await;
        let rows = log
            .as_array()
            .or(log["verified"].as_array())
            .unwrap()
            .clone();
        let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
        rows.iter()
            .map(|row| {
                let instruction = row["instructions"][0].as_str().unwrap().to_owned();
                (text(row, "method"), text(row, "path"), instruction)
            })
            .collect()
    }
}

/// Approves whatever waits.
fn approve_all(state: String, approving: Arc<AtomicBool>) {
    let look = move || {
        while approving.load(Ordering::Relaxed) {
            let found = Approvals::find(Path::new(&state));
            let waiting = found.as_ref().map(Approvals::waiting);
            if let (Ok(approvals), Ok(Ok(calls))) = (&found, &waiting) {
                for call in calls {
                    let _ = approvals.decide(&call.id, Decision::Approve);
                }
            }
            thread::sleep(Duration::from_millis(50));
        }
    };
    thread::spawn(look);
}

/// A path with its parameters filled in.
pub(crate) fn filled(path: &str, values: &[(String, String)]) -> String {
    values.iter().fold(path.to_owned(), |path, (name, value)| {
        path.replace(&format!("{{{name}}}"), value)
    })
}
