//! What follows from a shape besides its Rust type.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::Names;
use bpx_contract::model::{Direction, Field, Kind, Model, Shape, StringFormat, TypeDef};

/// Whether the type needs the exact reading of decimals and naive date-times at its bottom.
pub(super) fn needs_exact(shape: &Shape) -> bool {
    match shape {
        Shape::Tuple(items) => items.iter().any(needs_exact),
        Shape::String(StringFormat::Decimal | StringFormat::NaiveDateTime) => true,
        Shape::Array(item) | Shape::Map(item) | Shape::Nullable(item) => needs_exact(item),
        _ => false,
    }
}

/// Whether a field tells absence from null.
pub(super) fn is_doubled(field: &Field) -> bool {
    field.nullable && !field.required && field.shape != Shape::Any
}

/// The model as one Rust type for both directions has it: a property that only responses require, or only requests, is
/// optional where the type travels the other way too.
pub(crate) fn of_both_directions(model: &Model) -> Model {
    let mut model = model.clone();
    for def in model.types.values_mut() {
        let (sent, read) = (def.sent, def.read);
        let Kind::Object(fields) = &mut def.kind else {
            continue;
        };
        for field in fields {
            field.required &= match field.direction {
                Direction::Both => true,
                Direction::Read => !sent,
                Direction::Write => !read,
            };
        }
    }
    model
}

/// Members to which the table of names gives a type: decimals have a notation of their own, the others read themselves.
pub(crate) fn give_types(types: &mut BTreeMap<String, TypeDef>, names: &Names) {
    for (component, def) in types {
        let Kind::Object(fields) = &mut def.kind else {
            continue;
        };
        for field in fields {
            if let Some(rust) = names.member_type(component, &field.name) {
                field.shape = Shape::String(match rust {
                    "Decimal" => StringFormat::Decimal,
                    _ => StringFormat::Plain,
                });
            }
        }
    }
}

/// Whether a value of the shape can hold something the contract does not know.
pub(super) fn can_be_unknown(shape: &Shape, model: &Model) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![shape];
    while let Some(shape) = open.pop() {
        let Shape::Named(name) = shape else {
            open.extend(shape.parts());
            continue;
        };
        if !seen.insert(name) {
            continue;
        }
        let Some(def) = model.types.get(name) else {
            continue;
        };
        match &def.kind {
            Kind::Enum(listed) | Kind::IntegerEnum(listed) if !listed.closed => return true,
            Kind::Union(_) => return true,
            _ => open.extend(def.shapes()),
        }
    }
    false
}
