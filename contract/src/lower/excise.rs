//! Cuts out of a document what has not the form of OpenAPI or refers to nothing, so that the rest can be lowered.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::refs;
use crate::cursor::Cursor;
use crate::model::{Loss, LossKind, Method};
use crate::{Diagnostic, Document, pointer};

/// What was cut out may have been referred to, and so on; a document has few such layers.
const ROUNDS_MAX: usize = 8;

/// Keywords without which a schema allows the same values and more.
const NARROWING: [&str; 15] = [
    "title",
    "description",
    "format",
    "enum",
    "required",
    "discriminator",
    "pattern",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "multipleOf",
    "x-closed",
];

/// The document without its malformed parts, and what they were.
pub(super) fn sound(
    document: &Document,
    check: fn(&Cursor<'_>) -> Vec<Diagnostic>,
) -> (Cow<'_, Document>, Vec<Loss>) {
    let mut sound = Cow::Borrowed(document);
    let mut losses: Vec<Loss> = Vec::new();
    for round in 0..ROUNDS_MAX {
        let root = Cursor::root(&sound);
        let faults = [check(&root), refs::check(&root)].concat();
        // What is missing from the root once its malformed members are cut out is reported by these.
        let new = |fault: &&Diagnostic| {
            let is_of_root = fault.place.pointer.as_deref() == Some("");
            let is_known = losses.iter().any(|loss| loss.diagnostic == **fault);
            !(is_known || is_of_root && round > 0)
        };
        let faults: Vec<_> = faults.iter().filter(new).cloned().collect();
        if faults.is_empty() {
            break;
        }
        let value = &mut sound.to_mut().value;
        for fault in faults {
            let at = fault.place.pointer.clone().unwrap_or_default();
            losses.push(Loss::new(cut(value, &at), fault));
        }
    }
    (sound, losses)
}

/// Cuts out the smallest part around `at` without which the rest still says what it said.
fn cut(document: &mut Value, at: &str) -> LossKind {
    let steps: Vec<_> = at.split('/').skip(1).collect();
    if let Some(schema) = schema_around(&steps) {
        let keyword = at
            .strip_prefix(&*schema)
            .and_then(|rest| rest.split('/').nth(1));
        match keyword.filter(|keyword| NARROWING.contains(keyword)) {
            Some(keyword) => remove(document, &format!("{schema}/{keyword}")),
            None => put(document, &schema, json!({})),
        }
        return LossKind::Widened;
    }
    match steps.as_slice() {
        ["paths", path, method, "responses", status, ..] if is_method(method) => {
            let response = format!("/paths/{path}/{method}/responses/{status}");
            put(
                document,
                &response,
                json!({"description": "", "content": {"*/*": {}}}),
            );
            LossKind::Widened
        }
        [
            "paths",
            _,
            method,
            "operationId" | "summary" | "description",
        ] if is_method(method) => {
            remove(document, at);
            LossKind::Widened
        }
        ["paths", path, method, ..] if is_method(method) => {
            remove(document, &format!("/paths/{path}/{method}"));
            LossKind::LeftOut
        }
        ["paths", path, _, ..] => {
            remove(document, &format!("/paths/{path}"));
            LossKind::LeftOut
        }
        ["components", kind, name, ..] => {
            remove(document, &format!("/components/{kind}/{name}"));
            LossKind::LeftOut
        }
        _ => {
            remove(document, at);
            LossKind::LeftOut
        }
    }
}

fn is_method(key: &str) -> bool {
    Method::ALL.iter().any(|(_, method, _)| *method == key)
}

/// The innermost schema that holds what the steps lead to.
fn schema_around(steps: &[&str]) -> Option<String> {
    let is_schema = |end: usize| {
        let last = end.checked_sub(1).and_then(|last| steps.get(last)).copied();
        let before = end
            .checked_sub(2)
            .and_then(|before| steps.get(before))
            .copied();
        let alone = ["items", "schema", "additionalProperties", "not"];
        let inside = [
            "properties",
            "schemas",
            "$defs",
            "definitions",
            "patternProperties",
            "allOf",
            "oneOf",
            "anyOf",
            "prefixItems",
        ];
        last.is_some_and(|last| alone.contains(&last))
            || before.is_some_and(|before| inside.contains(&before))
    };
    let end = (1..=steps.len()).rev().find(|end| is_schema(*end))?;
    Some(
        steps
            .get(..end)?
            .iter()
            .map(|step| format!("/{step}"))
            .collect(),
    )
}

fn put(document: &mut Value, at: &str, new: Value) {
    if let Some(place) = document.pointer_mut(at) {
        *place = new;
    }
}

fn remove(document: &mut Value, at: &str) {
    let Some((parent, key)) = at.rsplit_once('/') else {
        return;
    };
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.shift_remove(&*pointer::unescape(key));
        }
        // Places in a list must stay: the faults behind this one are still to be cut out.
        Some(Value::Array(items)) => {
            if let Some(item) = key
                .parse()
                .ok()
                .and_then(|index: usize| items.get_mut(index))
            {
                *item = json!({});
            }
        }
        _ => {}
    }
}
