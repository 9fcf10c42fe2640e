//! Our document, and edits of it as JSON Patch.

use bpx_conformance::Contract;
use bpx_conformance::diff::{Change, Diff, NAMES, diff};
use bpx_contract::Document;
use serde_json::Value;

pub(crate) fn ours() -> Contract {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../openapi/backpack-order.openapi.yaml"
    );
    Contract::read_openapi(file.as_ref()).unwrap()
}

/// A contract of a document that was made in the test.
pub(crate) fn contract(file: &str, document: &Value) -> Contract {
    let document = Document::parse(file, document.to_string().as_bytes()).unwrap();
    Contract::openapi(document).unwrap_or_else(|error| panic!("{error}"))
}

/// Our document with an edit (RFC 6902) in JSON.
pub(crate) fn edited_by(patch: &str) -> Contract {
    edited(&serde_json::from_str(patch).unwrap())
}

/// Our document with an edit.
pub(crate) fn edited(patch: &json_patch::Patch) -> Contract {
    let mut document = ours().document().value.clone();
    json_patch::patch(&mut document, patch).unwrap();
    contract("new.json", &document)
}

pub(crate) fn compared(old: &Contract, new: &Contract) -> Diff {
    diff(old, new, Some(NAMES)).unwrap()
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
