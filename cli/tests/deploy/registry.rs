//! What `server.json` tells a client leads to a gateway behind its proxy, with the rules of the MCP registry kept.

use serde_json::{Value, json};

use crate::common::exchange::Exchange;
use crate::{Gateway, text};

#[test]
fn a_client_that_fills_in_the_entry_reaches_the_tools() {
    let entry: Value = serde_json::from_str(&text("server.json")).unwrap();
    let member = |name: &str| entry[name].as_str().unwrap();
    assert_eq!(member("version"), env!("CARGO_PKG_VERSION"));
    // The registry's limits: a name in a namespace, at most 100 characters of description.
    assert_eq!(member("name").matches('/').count(), 1);
    assert!((1..=100).contains(&member("description").chars().count()));

    let remote = &entry["remotes"][0];
    let url = remote["url"].as_str().unwrap();
    assert!(remote["variables"]["host"]["isRequired"].as_bool().unwrap());
    let path = url.strip_prefix("https://{host}").unwrap();
    assert!(text("Caddyfile").contains(&format!("path {path} ")));
    let header = &remote["headers"][0];
    assert!(header["variables"]["token"]["isSecret"].as_bool().unwrap());

    let exchange = Exchange::start();
    let gateway = Gateway::start(&exchange, &[]);
    let gateway_url = gateway.text("mcp");
    let base = gateway_url.strip_suffix(path).unwrap_or(gateway_url);
    let value = header["value"].as_str().unwrap();
    let request = gateway
        .http
        .post(format!("{base}{path}"))
        .header("accept", "application/json, text/event-stream")
        .header(
            header["name"].as_str().unwrap(),
            value.replace("{token}", &gateway.token("read")),
        )
        .json(&json!({
            "jsonrpc": "2.0", "id": 1, "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18", "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"}
            }
        }));
    let response = exchange.runtime.block_on(request.send()).unwrap();
    assert_eq!(response.status(), 200);
}
