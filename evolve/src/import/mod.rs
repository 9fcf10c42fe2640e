//! Imports a new document: takes its facts into the texts of ours, and leaves our prose, layout and comments as they are.
//!
//! [`diff`] finds the changes, and each change names the elements that differ. The import makes those elements of our
//! document equal to the new one, round by round, until nothing differs or nothing more can be written.

mod edit;
mod write;
mod yaml;

use std::collections::BTreeSet;

use bpx_contract::model::Model;
use bpx_contract::{Api, Diagnostics, Document, Place, described_component, lower};
use serde_json::Value;

use self::edit::Editor;
use self::write::Style;
use crate::change::{Change, Diff};
use crate::compare::diff;
use crate::schema::{returning, schema_api};

/// A round may make further changes visible: renaming an operation, for example, precedes changing it.
const ROUNDS_MAX: usize = 8;

/// The result of an import. Nothing is written to disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// Every change from our OpenAPI document to the new one.
    pub diff: Diff,
    /// The changes that could not be written and must be made by hand.
    pub by_hand: Vec<Change>,
    /// The ids of operations that were left out because they have none of our tags.
    pub outside: Vec<String>,
    /// JSON Pointers and names of what has no description yet.
    pub undescribed: Vec<String>,
    /// The new text of the OpenAPI document.
    pub openapi: String,
    /// The new text of the JSON Schema.
    pub schema: String,
}

/// Our contracts, parsed and as text.
#[derive(Debug, Clone)]
pub struct Contracts<'a> {
    /// The OpenAPI document.
    pub openapi: &'a Document,
    /// Its text, in YAML.
    pub openapi_text: &'a str,
    /// The JSON Schema of one component.
    pub schema: &'a Document,
    /// Its text, in JSON.
    pub schema_text: &'a str,
    /// The table of Rust names (file name and TOML text).
    pub names: Option<(&'a str, &'a str)>,
}

/// Compares our contracts with `new` and writes its facts into our texts. `new` has its overlay applied already.
///
/// An operation that we lack is taken if it has one of our tags. Others are listed in [`Import::outside`].
///
/// # Errors
/// A document that cannot be lowered, a table of names that cannot be read, or a text whose layout cannot be edited.
pub fn import(ours: &Contracts<'_>, new: &Document) -> Result<Import, Diagnostics> {
    let (new, outside) = within_our_tags(ours.openapi, new)?;
    let openapi = update(ours.openapi, ours.names, &Style::OpenApi, &new)?;
    if openapi.diff.changes.is_empty() {
        return Ok(Import {
            diff: openapi.diff,
            by_hand: Vec::new(),
            outside,
            undescribed: Vec::new(),
            openapi: ours.openapi_text.to_owned(),
            schema: ours.schema_text.to_owned(),
        });
    }
    let text = yaml::update(ours.openapi_text, &ours.openapi.value, &openapi.value);
    check(&ours.openapi.file, &text, &openapi.value)?;
    let schema = update_schema(ours, &new)?;
    let (mut by_hand, mut undescribed) = (openapi.remaining, openapi.undescribed);
    by_hand.extend(schema.by_hand);
    undescribed.extend(schema.undescribed);
    Ok(Import {
        diff: openapi.diff,
        by_hand,
        outside,
        undescribed,
        openapi: text,
        schema: schema.text,
    })
}

/// The new document without the operations that have none of our tags, and the ids of those.
fn within_our_tags(ours: &Document, new: &Document) -> Result<(Api, Vec<String>), Diagnostics> {
    let (before, mut after) = (lower(ours)?, lower(new)?);
    let known = tags(ours, &before, |_| true);
    let is_outside = |id: &String, model: &Model| {
        let theirs = tags(new, model, |it| it == id);
        !before.operations.contains_key(id) && !known.is_empty() && theirs.is_disjoint(&known)
    };
    let ids = after.operations.keys();
    let outside: Vec<_> = ids.filter(|id| is_outside(id, &after)).cloned().collect();
    let mut document = new.clone();
    for id in &outside {
        let pointer = after
            .operations
            .get(id)
            .and_then(|it| it.place.pointer.as_deref());
        let parts = pointer.and_then(|it| it.rsplit_once('/'));
        let item = parts.and_then(|(item, method)| {
            Some((document.value.pointer_mut(item)?.as_object_mut()?, method))
        });
        if let Some((item, method)) = item {
            item.shift_remove(method);
        }
    }
    after.retain_operations(|id, _| !outside.iter().any(|it| it == id));
    Ok((Api::new(document, after), outside))
}

/// The tags of the operations whose ids are `wanted`.
fn tags<'a>(
    document: &'a Document,
    model: &Model,
    wanted: impl Fn(&String) -> bool,
) -> BTreeSet<&'a str> {
    let operations = model.operations.iter().filter(|(id, _)| wanted(id));
    let listed = operations.filter_map(|(_, operation)| {
        let pointer = operation.place.pointer.as_deref()?;
        document.value.pointer(pointer)?.get("tags")?.as_array()
    });
    listed.flatten().filter_map(Value::as_str).collect()
}

/// A document with the facts of another.
struct Updated {
    /// What differed at first.
    diff: Diff,
    /// What still differs.
    remaining: Vec<Change>,
    value: Value,
    undescribed: Vec<String>,
}

fn update(
    document: &Document,
    names: Option<(&str, &str)>,
    style: &Style,
    new: &Api,
) -> Result<Updated, Diagnostics> {
    let mut ours = style.read(document.clone())?;
    let first = diff(&ours, new, names)?;
    let (mut remaining, mut undescribed) = (first.changes.clone(), Vec::new());
    for _ in 0..ROUNDS_MAX {
        let mut editor = Editor::new(&ours, new, style);
        let elements: BTreeSet<_> = remaining.iter().flat_map(|it| &it.elements).collect();
        elements
            .into_iter()
            .for_each(|element| editor.update(element));
        undescribed.extend(editor.undescribed);
        if editor.value == ours.document().value {
            break;
        }
        let value = editor.value;
        ours = style.read(Document {
            value,
            ..document.clone()
        })?;
        remaining = diff(&ours, new, names)?.changes;
    }
    let mut seen = BTreeSet::new();
    undescribed.retain(|it| seen.insert(it.clone()));
    Ok(Updated {
        diff: first,
        remaining,
        value: ours.document().value.clone(),
        undescribed,
    })
}

impl Style {
    fn read(&self, document: Document) -> Result<Api, Diagnostics> {
        match self {
            Self::OpenApi => Api::from_document(document),
            Self::JsonSchema(root) => schema_api(document, root),
        }
    }
}

/// Checks that the text means exactly what the edits made of the document.
fn check(file: &str, text: &str, wanted: &Value) -> Result<(), Diagnostics> {
    if Document::parse(file, text.as_bytes())?.value == *wanted {
        return Ok(());
    }
    Err(Diagnostics::one(
        Place::file(file),
        "the new facts could not be written into this file's layout",
        "write the file in plain block style (one member per line) around the changed parts, then import again",
    ))
}

/// The JSON Schema, updated.
struct UpdatedSchema {
    text: String,
    by_hand: Vec<Change>,
    undescribed: Vec<String>,
}

fn update_schema(ours: &Contracts<'_>, new: &Api) -> Result<UpdatedSchema, Diagnostics> {
    let unchanged = UpdatedSchema {
        text: ours.schema_text.to_owned(),
        by_hand: Vec::new(),
        undescribed: Vec::new(),
    };
    let Ok(root) = described_component(new.model(), ours.schema) else {
        return Ok(unchanged);
    };
    let new = returning(new.document().clone(), new.model().types.clone(), &root);
    let updated = update(ours.schema, ours.names, &Style::JsonSchema(root), &new)?;
    // Keywords of two dialects are not comparable, so only what the model keeps counts.
    let by_hand = updated.remaining.into_iter();
    let by_hand = by_hand.filter(|it| !it.elements.is_empty()).collect();
    if updated.value == ours.schema.value {
        return Ok(UpdatedSchema {
            by_hand,
            ..unchanged
        });
    }
    let mut text = serde_json::to_string_pretty(&updated.value).unwrap_or_default();
    text.push('\n');
    check(&ours.schema.file, &text, &updated.value)?;
    let at = |pointer| format!("{}#{pointer}", ours.schema.file);
    Ok(UpdatedSchema {
        text,
        by_hand,
        undescribed: updated.undescribed.into_iter().map(at).collect(),
    })
}
