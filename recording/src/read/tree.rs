//! Files that are read whole, as JSON text: YAML becomes JSON, with its binary values as `{"base64_string": …}`.

use std::fmt;
use std::io::Read;
use std::thread;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use serde_saphyr::{Options, Tagged};

use super::{Fault, FaultKind};

/// Far above any cassette that a person keeps.
const BYTES_MAX: u64 = 64 * 1024 * 1024;
const DEPTH_MAX: usize = 128;
const NODES_MAX: usize = 4_000_000;
/// The parser takes some 20 KiB of stack per level, which is more than a caller's thread may have.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// Reads a file of JSON or YAML.
pub(super) fn read(bytes: impl Read) -> Result<Box<RawValue>, Fault> {
    let mut text = Vec::new();
    let read = bytes.take(BYTES_MAX + 1).read_to_end(&mut text);
    read.map_err(|error| Fault::new(FaultKind::Truncated, error.kind().to_string()))?;
    if text.len() as u64 > BYTES_MAX {
        let reason = "larger than 64 MiB; give NDJSON or HAR";
        return Err(Fault::new(FaultKind::Unrecognised, reason));
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let text = std::str::from_utf8(text).map_err(|error| {
        let reason = format!("byte {} starts no character", error.valid_up_to());
        Fault::new(FaultKind::NotUtf8, reason)
    })?;
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| {
            let (fault, line) = (Fault::of_json(&error), error.line());
            let reason = format!("{} (line {line})", fault.reason);
            Fault::new(FaultKind::Truncated, reason)
        });
    }
    let value = yaml(text)?;
    serde_json::value::to_raw_value(&value).map_err(|error| Fault::of_json(&error))
}

fn yaml(text: &str) -> Result<Value, Fault> {
    // The parser's own message can quote the recording.
    let fault = |line: Option<u64>| {
        let line = line.map(|line| format!(" (line {line})"));
        let reason = format!("not valid YAML{}", line.unwrap_or_default());
        Fault::new(FaultKind::Truncated, reason)
    };
    let parse = || {
        serde_saphyr::from_str_with_options::<Node>(text, options())
            .map(|node| node.0)
            .map_err(|error| fault(error.location().map(|at| at.line())))
    };
    thread::scope(|scope| {
        let parser = thread::Builder::new().stack_size(STACK_BYTES);
        let parser = parser.spawn_scoped(scope, parse).map_err(|_| fault(None))?;
        parser.join().unwrap_or_else(|_| Err(fault(None)))
    })
}

/// Tags of Python and Ruby are passed over, and a binary value that is damaged keeps its text.
fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_MAX,
            max_nodes: NODES_MAX,
            max_events: 2 * NODES_MAX,
            enforce_alias_anchor_ratio: false,
        },
        emit_comments: false,
        ignore_binary_tag_for_string: true,
        strict_booleans: true,
        with_snippet: false,
    }
}

/// A YAML value as JSON.
struct Node(Value);

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let Tagged(Untagged(value), tag) = Tagged::deserialize(input)?;
        let is_binary = tag.is_some_and(|tag| tag.ends_with("binary"));
        Ok(Self(match value {
            Value::String(text) if is_binary => json!({ "base64_string": text }),
            value => value,
        }))
    }
}

struct Untagged(Value);

impl<'de> Deserialize<'de> for Untagged {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(Values).map(Self)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Node(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(Node(key)) = members.next_key()? {
            let key = match key {
                Value::String(key) => key,
                Value::Null | Value::Array(_) | Value::Object(_) => {
                    return Err(A::Error::custom("a key is no text"));
                }
                other => other.to_string(),
            };
            let Node(value) = members.next_value()?;
            object.insert(key, value);
        }
        Ok(object.into())
    }
}
