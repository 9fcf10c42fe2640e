//! The repository's own document, and edits of it as JSON Patch.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bpx_contract::{Api, Document, read_text};
use bpx_evolve::{Change, Diff, diff, openapi_api};
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
    openapi_api(document).unwrap_or_else(|error| panic!("{error}"))
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

/// A small generator of numbers (xorshift64*), so that a failure can be had again.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(drawn).unwrap() % limit
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
