//! Corrections to the documents before they are compared.

use std::path::Path;

use bpx_contract::{Diagnostics, Document, apply};
use serde_json::Value;

/// The value of `--overlay` for no corrections at all.
const NONE: &str = "none";

/// The documents with the overlay that is asked for in NEW. Without one, the corrections of this program are applied to each
/// document of its venue that they fit; either is noted.
pub(super) fn corrected(
    asked: Option<&str>,
    old: Document,
    new: Document,
    notes: &mut Vec<String>,
) -> Result<(Document, Document), Diagnostics> {
    match asked {
        Some(NONE) => Ok((old, new)),
        Some(file) => {
            let new = apply(&new, &Document::read(Path::new(file))?)?;
            Ok((old, new))
        }
        None => Ok((by_default(old, notes)?, by_default(new, notes)?)),
    }
}

fn by_default(document: Document, notes: &mut Vec<String>) -> Result<Document, Diagnostics> {
    if !is_of_venue(&document) || has_own_marks(&document.value) {
        return Ok(document);
    }
    let (file, text) = bpx_venue::OVERLAY;
    let overlay = Document::parse(file, text.as_bytes())?;
    let named = &document.file;
    match apply(&document, &overlay) {
        Ok(corrected) => {
            notes.push(format!(
                "{file} was applied to {named} (--overlay none to leave it out)"
            ));
            Ok(corrected)
        }
        Err(faults) => {
            let first = faults.0.first().map_or("", |it| it.problem.as_str());
            notes.push(format!(
                "{file} does not fit {named} and was not applied: {first}"
            ));
            Ok(document)
        }
    }
}

/// Whether a document has `x-undocumented`, which the overlay adds and only documents of this generator have: it is a contract of
/// ours, which needs no corrections.
fn has_own_marks(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.contains_key("x-undocumented") || members.values().any(has_own_marks)
        }
        Value::Array(items) => items.iter().any(has_own_marks),
        _ => false,
    }
}

/// Whether a document has an operation of the embedded API, by method and path.
fn is_of_venue(document: &Document) -> bool {
    let paths = document.value.get("paths");
    bpx_venue::api().operations().any(|known| {
        let method = known.method.as_str().to_lowercase();
        let item = paths.and_then(|it| it.get(&known.path));
        item.is_some_and(|it| it.get(&method).is_some())
    })
}
