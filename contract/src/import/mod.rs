//! Takes the facts of a new document into ours: operations, parameters, fields, types, required, enum
//! values, statuses. Our prose, layout and comments stay; what is new has no words yet, and is listed.

mod compare;
mod edit;
mod write;
mod yaml;

use std::collections::BTreeSet;

use serde_json::Value;

pub use compare::{Change, compare};

use crate::agree::described_component;
use crate::model::{Model, Shape};
use crate::{Diagnostics, Document, Place, lower, lower_schema};

/// What an import comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// Every fact that changes.
    pub changes: Vec<Change>,
    /// What could not be written and has to be changed by hand.
    pub by_hand: Vec<Change>,
    /// Operations of the new document that this contract does not cover, by id.
    pub outside: Vec<String>,
    /// JSON Pointers and names of what has no description yet.
    pub wordless: Vec<String>,
    /// The new text of the OpenAPI document.
    pub openapi: String,
    /// The new text of the JSON Schema.
    pub schema: String,
}

/// Our two contracts as they stand: parsed and as text.
#[derive(Debug, Clone)]
pub struct Contracts<'a> {
    /// The OpenAPI document.
    pub openapi: &'a Document,
    /// Its text.
    pub openapi_text: &'a str,
    /// The JSON Schema.
    pub schema: &'a Document,
    /// Its text.
    pub schema_text: &'a str,
}

/// Compares `venue`, already corrected by its overlay, with ours and writes its facts into our texts.
///
/// An operation we do not have is taken if it carries a tag of ours; others are listed as outside.
///
/// # Errors
/// A document that does not lower, or a text that could not be edited into the meaning it should have.
pub fn import(ours: &Contracts<'_>, venue: &Document) -> Result<Import, Diagnostics> {
    let before = lower(ours.openapi)?;
    let mut after = lower(venue)?;
    let outside = leave_out(&mut after, &before, ours.openapi, venue);
    let changes = compare(&before, &after);
    if changes.is_empty() {
        return Ok(Import {
            changes,
            by_hand: Vec::new(),
            outside,
            wordless: Vec::new(),
            openapi: ours.openapi_text.to_owned(),
            schema: ours.schema_text.to_owned(),
        });
    }
    let mut editor = edit::Editor {
        ours: &before,
        theirs: &after,
        value: ours.openapi.value.clone(),
        style: write::Style::OpenApi,
        wordless: Vec::new(),
    };
    changes.iter().for_each(|change| editor.apply(change));
    let openapi = yaml::update(ours.openapi_text, &ours.openapi.value, &editor.value);
    let parsed = checked(&ours.openapi.file, &openapi, &editor.value)?;
    let (schema, more) = import_schema(ours, &after)?;
    let mut wordless = editor.wordless;
    wordless.extend(more);
    let by_hand = compare(&lower(&parsed)?, &after);
    Ok(Import {
        changes,
        by_hand,
        outside,
        wordless,
        openapi,
        schema,
    })
}

/// Removes operations under none of our tags from the new model.
fn leave_out(after: &mut Model, before: &Model, ours: &Document, venue: &Document) -> Vec<String> {
    let tags = tags_of(
        ours,
        before
            .operations
            .values()
            .filter_map(|it| it.place.pointer.clone()),
    );
    let new = after
        .operations
        .iter()
        .filter(|(id, _)| !before.operations.contains_key(*id));
    let outside = new.filter(|(_, operation)| {
        let theirs = tags_of(venue, operation.place.pointer.clone().into_iter());
        !tags.is_empty() && theirs.is_disjoint(&tags)
    });
    let outside: Vec<String> = outside.map(|(id, _)| id.clone()).collect();
    after.operations.retain(|id, _| !outside.contains(id));
    after.settle_sides();
    outside
}

fn tags_of(document: &Document, operations: impl Iterator<Item = String>) -> BTreeSet<String> {
    let tags =
        operations.filter_map(|pointer| document.value.pointer(&pointer)?.get("tags")?.as_array());
    tags.flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The text must mean exactly what the edits made of the document.
fn checked(file: &str, text: &str, wanted: &Value) -> Result<Document, Diagnostics> {
    let parsed = Document::parse(file, text.as_bytes())?;
    if parsed.value == *wanted {
        return Ok(parsed);
    }
    Err(Diagnostics::one(
        Place::file(file),
        "the new facts could not be written into this file's layout",
        "write the file in plain block style (one member per line) around the changed parts, then import again",
    ))
}

/// The same for the JSON Schema, as far as its types are concerned.
fn import_schema(
    ours: &Contracts<'_>,
    after: &Model,
) -> Result<(String, Vec<String>), Diagnostics> {
    let Ok(root) = described_component(after, ours.schema) else {
        return Ok((ours.schema_text.to_owned(), Vec::new()));
    };
    let empty = Model {
        operations: Default::default(),
        notes: Vec::new(),
        ..after.clone()
    };
    let before = Model {
        types: lower_schema(ours.schema, &root)?,
        ..empty.clone()
    };
    let mut wanted = Model {
        types: after.types.clone(),
        ..empty
    };
    let mut reached = BTreeSet::new();
    wanted.reach(&Shape::Named(root.clone()), &mut reached);
    wanted.types.retain(|name, _| reached.contains(name));
    let changes = compare(&before, &wanted);
    // That an enum is closed is said in the OpenAPI document alone.
    let changes: Vec<_> = changes
        .into_iter()
        .filter(|change| !matches!(change, Change::ClosedChanged { .. }))
        .collect();
    if changes.is_empty() {
        return Ok((ours.schema_text.to_owned(), Vec::new()));
    }
    let mut editor = edit::Editor {
        ours: &before,
        theirs: &wanted,
        value: ours.schema.value.clone(),
        style: write::Style::JsonSchema(root),
        wordless: Vec::new(),
    };
    changes.iter().for_each(|change| editor.apply(change));
    let mut text = serde_json::to_string_pretty(&editor.value).unwrap_or_default();
    text.push('\n');
    checked(&ours.schema.file, &text, &editor.value)?;
    let wordless = editor
        .wordless
        .into_iter()
        .map(|at| format!("{}#{at}", ours.schema.file))
        .collect();
    Ok((text, wordless))
}
