//! Bodies that are a sequence of items (OpenAPI 3.2): JSON in lines, JSON text sequences, server-sent events.

use serde_json::{Map, Value};

use super::json::{self, Unparsed};
use crate::contract::{is_events, is_marked};

/// The items of a body.
pub(super) fn items(body: &[u8], essence: &str) -> Result<Vec<Value>, Unparsed> {
    if is_events(essence) {
        return Ok(events(&String::from_utf8_lossy(body)));
    }
    let separator = if is_marked(essence) { 0x1e } else { b'\n' };
    let items = body.split(|byte| *byte == separator);
    let items = items.filter(|item| !item.trim_ascii().is_empty());
    items.map(|item| Ok(json::parse(item)?.value)).collect()
}

/// Events with `data`, `event`, `id` and `retry`, as OpenAPI 3.2 describes them.
fn events(text: &str) -> Vec<Value> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let events = text.split("\n\n").map(event);
    events
        .filter(|event| !event.is_empty())
        .map(Value::Object)
        .collect()
}

fn event(block: &str) -> Map<String, Value> {
    let mut event: Map<String, Value> = Map::new();
    for line in block.lines().filter(|line| !line.starts_with(':')) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        let retry = value.parse::<u64>().ok().filter(|_| name == "retry");
        match (name, event.get_mut("data")) {
            ("data", Some(Value::String(data))) => {
                data.push('\n');
                data.push_str(value);
            }
            ("data" | "event" | "id" | "retry", _) => {
                let value = retry.map_or_else(|| value.into(), Value::from);
                event.insert(name.to_owned(), value);
            }
            _ => {}
        }
    }
    event
}
