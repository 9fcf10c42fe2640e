//! AsyncAPI documents of both versions: what becomes a stream, and what is said of everything else.

#![cfg(test)]

mod documents;
mod joined;
mod losses;

use std::path::{Path, PathBuf};

use bpx_contract::model::{Model, Streams};
use bpx_contract::{Document, lower_streams};
use serde_json::{Value, json};

pub(crate) fn fixture(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("tests/fixtures").join(name)
}

pub(crate) fn read(name: &str) -> Document {
    Document::read(&fixture(name)).unwrap()
}

pub(crate) fn lowered(value: &Value) -> Model {
    let document = Document::parse("weather.json", value.to_string().as_bytes()).unwrap();
    lower_streams(&document).unwrap()
}

/// The streams of a document of which nothing is lost.
pub(crate) fn whole(document: &Document) -> (Model, Streams) {
    let model = lower_streams(document).unwrap();
    assert_eq!(model.losses, []);
    let streams = model.streams.clone().unwrap();
    (model, streams)
}

/// What is lost of a document, as pointer and problem.
pub(crate) fn losses(model: &Model) -> Vec<(String, String)> {
    let losses = model.losses.iter().map(|it| &it.diagnostic);
    let losses = losses.map(|it| {
        assert!(!it.fix.is_empty());
        (it.place.pointer.clone().unwrap(), it.problem.clone())
    });
    losses.collect()
}

/// The document of version 3, changed by a JSON merge at a pointer.
pub(crate) fn with(pointer: &str, value: Value) -> Value {
    let mut document = read("weather.asyncapi-3.yaml").value;
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap().as_object_mut();
    parent.unwrap().insert(key.replace("~1", "/"), value);
    document
}

/// An overlay with these actions.
pub(crate) fn overlay(actions: &Value) -> Document {
    let value =
        json!({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": actions});
    Document::parse("overlay.json", value.to_string().as_bytes()).unwrap()
}
