//! Connections that say nothing, as many as there are file handles: a caller with a token is served all the same.

#![cfg(test)]
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command};

use common::exchange::Exchange;
use common::{bpx, ready};
use serde_json::Value;

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A gateway with so many file handles.
fn start(exchange: &Exchange, handles: usize) -> (Ended, Value) {
    let own = bpx(&[]);
    let limited = format!("ulimit -n {handles}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command
        .args(["-c", &limited])
        .arg(own.get_program())
        .args(["serve", "--rest", "127.0.0.1:0", "--mcp", "off"])
        .env("BACKPACK_BASE_URL", exchange.sandbox.base_url())
        .env("BACKPACK_API_SECRET", exchange.sandbox.api_secret())
        .env("BPX_STATE", exchange.state.path());
    let (child, line) = ready(command);
    (Ended(child), serde_json::from_str(&line).unwrap())
}

fn get(host: &str, path: &str, token: &str) -> String {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

/// As many connections as this process may have, up to a bound.
fn silent(host: &str, max: usize) -> Vec<TcpStream> {
    let mut open: Vec<_> = (0..max)
        .map_while(|_| TcpStream::connect(host).ok())
        .collect();
    // Some handles for the rest of the test.
    open.truncate(max.min(open.len().saturating_sub(64)));
    open
}

#[test]
fn a_caller_with_a_token_is_served_beside_them_with_few_handles_or_many() {
    for handles in [96, 1024] {
        let exchange = Exchange::start();
        let (_gateway, ready) = start(&exchange, handles);
        let host = ready["rest"]
            .as_str()
            .unwrap()
            .strip_prefix("http://")
            .unwrap();
        let token = fs::read_to_string(ready["read_token_file"].as_str().unwrap()).unwrap();
        let open = silent(host, 2_000);
        assert!(open.len() > 4 * handles.min(100));
        for path in ["/api/v1/orders", "/metrics"] {
            let response = get(host, path, token.trim());
            assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
        }
        // The journal still finds a handle.
        let response = get(host, "/readyz", token.trim());
        assert!(response.contains(r#""ready":true"#), "{response}");
    }
}
