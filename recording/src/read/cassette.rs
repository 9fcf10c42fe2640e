//! Files of a few interactions, read whole: WireMock mappings (JSON) and VCR cassettes (YAML or JSON).

use std::io::Read;

use bpx_contract::Document;
use serde_json::{Value, json};

use super::{Entry, Fault, FaultKind, See, alias};
use crate::Location;

/// Far above any cassette that a person keeps.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Reads a WireMock file: one mapping, or `mappings`.
pub(super) fn wiremock(name: &str, bytes: impl Read, see: &mut See<'_>) -> Result<(), Fault> {
    let root = tree("mappings.json", bytes)?;
    let single = [root.clone()];
    let mappings = match root.get("mappings") {
        Some(Value::Array(mappings)) => mappings.as_slice(),
        _ => &single,
    };
    for (mapping, number) in mappings.iter().zip(1..) {
        let text = mapping.to_string();
        see(Location::entry(name, number), of_mapping(mapping, &text));
    }
    Ok(())
}

/// A pattern of paths is no path, and a body in another file is not read.
fn of_mapping<'a>(mapping: &Value, text: &'a str) -> Entry<'a> {
    let pattern = ["urlPattern", "urlPathPattern", "urlPathTemplate"];
    let request = mapping.get("request");
    if pattern
        .iter()
        .any(|key| request.is_some_and(|it| it.get(key).is_some()))
    {
        return Err(Fault::new(
            FaultKind::Invalid,
            "the mapping gives a pattern, not a URL",
        ));
    }
    let response = mapping.get("response");
    let has = |key: &str| response.is_some_and(|response| response.get(key).is_some());
    let mut entry = alias::entry(text)?;
    if entry.body.is_none() && !has("bodyFileName") {
        entry.body = Some(Vec::new().into());
    }
    Ok(entry)
}

/// Reads a cassette of vcrpy (`interactions`) or of Ruby's VCR (`http_interactions`).
pub(super) fn vcr(name: &str, bytes: impl Read, see: &mut See<'_>) -> Result<(), Fault> {
    let root = tree("cassette.yaml", bytes)?;
    let keys = ["interactions", "http_interactions"];
    let Some(Value::Array(interactions)) = keys.iter().find_map(|key| root.get(key)) else {
        return Err(Fault::new(
            FaultKind::Unrecognised,
            "a cassette without interactions",
        ));
    };
    for (interaction, number) in interactions.iter().zip(1..) {
        see(
            Location::entry(name, number),
            alias::entry(&plain(interaction).to_string()),
        );
    }
    Ok(())
}

/// An interaction under the names that are known.
fn plain(interaction: &Value) -> Value {
    let at = |pointer: &str| interaction.pointer(pointer).cloned().unwrap_or_default();
    let status = match at("/response/status/code") {
        Value::Null => at("/response/status"),
        code => code,
    };
    let body = match at("/response/body") {
        Value::Object(body) => body.get("string").cloned().unwrap_or_default(),
        body => body,
    };
    let request_body = match at("/request/body") {
        Value::Object(body) => body.get("string").cloned().unwrap_or_default(),
        body => body,
    };
    json!({
        "method": match at("/request/method") {
            Value::String(method) => method.to_ascii_uppercase().into(),
            other => other,
        },
        "url": at("/request/uri"),
        "request_body": request_body,
        "status": status,
        "response_headers": at("/response/headers"),
        "response_body": body,
        "response_body_base64": at("/response/body/base64_string"),
        "recorded_at": at("/recorded_at"),
    })
}

fn tree(name: &str, bytes: impl Read) -> Result<Value, Fault> {
    let mut text = Vec::new();
    let read = bytes.take(BYTES_MAX + 1).read_to_end(&mut text);
    read.map_err(|error| Fault::new(FaultKind::Truncated, error.kind().to_string()))?;
    if text.len() as u64 > BYTES_MAX {
        return Err(Fault::new(
            FaultKind::Unrecognised,
            "larger than 64 MiB; give NDJSON or HAR",
        ));
    }
    let document = Document::parse(name, &text).map_err(|faults| {
        let first = faults.0.into_iter().next();
        let reason = first.map(|fault| {
            let line = fault.place.line.map(|line| format!(" (line {line})"));
            format!("{}{}", fault.problem, line.unwrap_or_default())
        });
        Fault::new(FaultKind::Truncated, reason.unwrap_or_default())
    })?;
    Ok(document.value)
}
