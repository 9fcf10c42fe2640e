//! What the contract says of a thing; where it says nothing, the name on the wire.

use bpx_contract::model::Field;

use super::docs::{closed, code};

/// The description, and the limits the type does not express.
pub(super) fn field_doc(field: &Field) -> String {
    let mut text = described(&field.doc, &field.name);
    for (keyword, value) in &field.constraints {
        text.push_str(&format!("\n\n`{keyword}`: {}.", code(&value.to_string())));
    }
    if let Some(value) = &field.default {
        text.push_str(&format!(
            "\n\nAbsent, it counts as {}.",
            code(&value.to_string())
        ));
    }
    text
}

/// The description, or the name on the wire where the contract says nothing.
pub(super) fn described(doc: &str, wire: &str) -> String {
    if doc.trim().is_empty() {
        format!("{}.", code(wire))
    } else {
        closed(doc)
    }
}
