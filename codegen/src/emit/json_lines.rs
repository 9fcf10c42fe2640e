//! JSON inside a Rust file, so that a reviewer can read what changed.

use proc_macro2::TokenStream;
use serde_json::Value;

use super::Fault;

/// The schema as a raw string literal: compact, but each property and each definition on a line of its own.
pub(super) fn literal(schema: &Value) -> Result<TokenStream, Fault> {
    let mut text = String::new();
    write(schema, false, &mut text);
    let mut hashes = "#".to_owned();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    let literal = format!("r{hashes}\"{text}\"{hashes}");
    literal
        .parse()
        .map_err(|error| Fault::backend("proc-macro2", &error))
}

fn write(value: &Value, broken: bool, text: &mut String) {
    match value {
        Value::Object(members) => object(members, broken, text),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index > 0 { "," } else { "[" });
                write(item, false, text);
            }
            text.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        other => text.push_str(&other.to_string()),
    }
}

fn object(members: &serde_json::Map<String, Value>, broken: bool, text: &mut String) {
    text.push('{');
    for (index, (key, member)) in members.iter().enumerate() {
        text.push_str(if index > 0 { "," } else { "" });
        text.push_str(if broken { "\n" } else { "" });
        text.push_str(&Value::from(key.as_str()).to_string());
        text.push(':');
        let breaks = !broken && matches!(key.as_str(), "properties" | "$defs");
        write(member, breaks, text);
    }
    text.push('}');
}
