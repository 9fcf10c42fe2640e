//! The repository's own document, and edits of it as JSON Patch.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bpx_contract::{Api, Document, read_text};
use bpx_evolve::{Change, Diff, diff};
use serde_json::Value;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

static OURS: LazyLock<Api> = LazyLock::new(|| {
    let path = root().join("openapi/backpack-order.openapi.yaml");
    Api::from_document(Document::read(&path).unwrap()).unwrap()
});

static NAMES: LazyLock<String> =
    LazyLock::new(|| read_text(&root().join("openapi/names.toml")).unwrap());

pub(crate) fn ours() -> Api {
    OURS.clone()
}

/// The contract of a document that was made in the test.
pub(crate) fn contract(file: &str, document: &Value) -> Api {
    let document = Document::parse(file, document.to_string().as_bytes()).unwrap();
    Api::from_document(document).unwrap_or_else(|error| panic!("{error}"))
}

/// Our document with an edit (RFC 6902) in JSON.
pub(crate) fn edited_by(patch: &str) -> Api {
    edited(&serde_json::from_str(patch).unwrap())
}

/// Our document with an edit.
pub(crate) fn edited(patch: &json_patch::Patch) -> Api {
    let mut document = OURS.document().value.clone();
    json_patch::patch(&mut document, patch).unwrap();
    contract("new.json", &document)
}

pub(crate) fn compared(old: &Api, new: &Api) -> Diff {
    diff(old, new, Some(("names.toml", &NAMES))).unwrap()
}

/// `breaking response-field-removed Order.price major`, with `!` for a witness.
pub(crate) fn line(change: &Change) -> String {
    let witness = if change.witness.is_some() { "!" } else { "" };
    format!(
        "{}{witness} {} {} {}",
        change.verdict.as_str(),
        change.rule,
        change.subject,
        change.rust.step.as_str()
    )
}
