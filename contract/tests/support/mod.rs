//! Documents and overlays made of JSON values.

#![cfg(test)]

use bpx_contract::Document;
use serde_json::{Value, json};

pub(crate) fn document(value: &Value) -> Document {
    Document::parse("venue.yaml", value.to_string().as_bytes()).unwrap()
}

/// An overlay with these actions.
pub(crate) fn overlay_of(actions: &Value) -> Document {
    let value =
        json!({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": actions});
    Document::parse("overlay.yaml", value.to_string().as_bytes()).unwrap()
}
