//! What follows from a shape besides its Rust type.

use std::collections::BTreeSet;

use bpx_contract::model::{Kind, Model, Shape, StringFormat};

/// Whether the type needs the exact reading of decimals and naive date-times at its bottom.
pub(super) fn needs_exact(shape: &Shape) -> bool {
    matches!(
        shape.bottom(),
        Shape::String(StringFormat::Decimal | StringFormat::NaiveDateTime)
    )
}

/// Whether a value of the shape can hold something the contract does not know.
pub(super) fn can_be_unknown(shape: &Shape, model: &Model) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![shape];
    while let Some(shape) = open.pop() {
        let Some(name) = shape.named() else { continue };
        if !seen.insert(name) {
            continue;
        }
        match model.types.get(name).map(|def| &def.kind) {
            Some(Kind::Enum(listed)) if !listed.closed => return true,
            Some(Kind::Union(_)) => return true,
            Some(kind) => open.extend(kind.shapes()),
            None => {}
        }
    }
    false
}
