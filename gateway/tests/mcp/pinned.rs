//! The list of tools is what the capability file and the contract say, byte for byte.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::support::Fixture;

const PINNED: &str = "tests/mcp/tools.json";

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The list as this test reads it from the capability file, without the code under test except for the schemas of the
/// operations, which have tests of their own.
fn from_the_capability_file() -> Value {
    let text = fs::read_to_string(here().join("../capabilities/order.capability.yaml")).unwrap();
    let file: Value = serde_saphyr::from_str(&text).unwrap();
    let exposes = file["capability"]["exposes"].as_array().unwrap();
    let server = exposes
        .iter()
        .find(|server| server["type"] == "mcp")
        .unwrap();
    let tools = server["tools"].as_array().unwrap().iter();
    tools.map(tool).collect()
}

fn tool(entry: &Value) -> Value {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let call = text(&entry["call"]);
    let id = call.rsplit('.').next().unwrap().replace('-', "_");
    let operation = bpx_venue::api().operation(&id).unwrap();
    let hints = &entry["hints"];
    let mut input = as_clients_take_it(operation.input_schema());
    if id == "get_open_orders" {
        // The contract's list has no pages.
        input["properties"]["limit"] = json!({
            "type": "integer", "minimum": 1,
            "description": "Most rows to return; without it, as many as fit.",
        });
        input["properties"]["offset"] = json!({
            "type": "integer", "minimum": 0,
            "description": "How many rows to skip: `nextOffset` of the result before. Rows move up when one ends in between.",
        });
    }
    json!({
        "name": entry["name"],
        "title": entry["label"],
        "description": text(&entry["description"]),
        "inputSchema": input,
        "outputSchema": as_clients_take_it(operation.output_schema()),
        "annotations": {
            "title": entry["label"],
            "readOnlyHint": hints["readOnly"],
            "destructiveHint": hints["destructive"],
            "idempotentHint": hints["idempotent"],
            "openWorldHint": true,
        },
    })
}

/// No schema of ours has a format that all clients know, and only bounds of 64 bits are larger than 53.
fn as_clients_take_it(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let kept = members
                .iter()
                .filter(|(key, value)| *key != "format" || !value.is_string())
                .filter(|(_, value)| value.as_f64().is_none_or(|it| it.abs() < 2_f64.powi(53)));
            kept.map(|(key, value)| (key.clone(), as_clients_take_it(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(as_clients_take_it).collect(),
        scalar => scalar.clone(),
    }
}

fn bytes(mut tools: Value) -> String {
    tools.sort_all_objects();
    serde_json::to_string_pretty(&tools).unwrap() + "\n"
}

#[tokio::test]
async fn the_list_of_tools_is_the_capability_files_byte_for_byte() {
    let fixture = Fixture::unasked().await;
    let list = fixture.send("tools/list", json!({})).await;
    let served = bytes(list.result()["tools"].clone());
    assert_eq!(served, bytes(from_the_capability_file()));
    let path = here().join(PINNED);
    if std::env::var_os("BPX_PIN_TOOLS").is_some() {
        fs::write(&path, &served).unwrap();
    }
    let pinned = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        served == pinned,
        "the tools have changed: read what changed, then run this test with BPX_PIN_TOOLS=1 and change the digest in docs/gateway.md"
    );
    let hex: String = Sha256::digest(&served)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let readme = fs::read_to_string(here().join("../docs/gateway.md")).unwrap_or_default();
    assert!(
        readme.contains(&hex),
        "docs/gateway.md does not name the digest of {PINNED}: {hex}"
    );
}

#[tokio::test]
async fn a_reader_is_shown_what_it_may_call() {
    let fixture = Fixture::unasked().await;
    let first = fixture.send("tools/list", json!({})).await;
    let again = fixture.send("tools/list", json!({})).await;
    assert_eq!(first.result()["tools"], again.result()["tools"]);
    let none = json!({});
    let reader = fixture
        .send_as(bpx_gateway::Scope::Read, "tools/list", json!({}), &none)
        .await;
    let all = first.result()["tools"].as_array().unwrap();
    let reading = all
        .iter()
        .filter(|tool| tool["annotations"]["readOnlyHint"] == true);
    let reading: Vec<_> = reading.cloned().collect();
    assert_eq!((all.len(), reading.len()), (8, 4));
    assert_eq!(reader.result()["tools"], json!(reading));
    assert!(first.result()["ttlMs"].as_u64().unwrap() > 0);
    assert_eq!(first.result()["cacheScope"], "private");
}
