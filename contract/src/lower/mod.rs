//! Makes any OpenAPI 3.0 or 3.1 document digestible, and turns it into the [`Model`].
//!
//! General rules, no knowledge of one venue: `allOf` decoration is flattened, merged objects are merged,
//! equal inline enums become one named type, discriminated unions are recognised, signing headers become
//! a property of the operation, success bodies and error bodies become one each. Every rewrite is noted.

mod hoist;
mod object;
mod operation;
mod refs;
mod responses;
mod schema;
mod signing;
mod union;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cursor::Cursor;
use crate::model::{Kind, Model, Note, TypeDef};
use crate::{Diagnostic, Diagnostics, Document, Place};

/// State of one lowering: what has been defined, noted and found wrong so far.
pub(crate) struct Lowerer<'a> {
    document: &'a Document,
    types: BTreeMap<String, TypeDef>,
    /// Names whose definition is under way or done; breaks recursion.
    begun: BTreeSet<String>,
    hoisted: hoist::Hoisted,
    notes: Vec<Note>,
    faults: Vec<Diagnostic>,
}

/// Lowers an OpenAPI document.
///
/// # Errors
/// Everything that is wrong with the document, all at once.
pub fn lower(document: &Document) -> Result<Model, Diagnostics> {
    let root = Cursor::root(document);
    check_version(&root)?;
    let mut this = Lowerer::new(document);
    this.faults.extend(refs::check(&root));
    if !this.faults.is_empty() {
        return Err(Diagnostics::or(this.faults, ())
            .err()
            .unwrap_or(Diagnostics(Vec::new())));
    }
    let operations = this.operations(&root);
    this.finish_hoisting(&root);
    let info = root.get("info").unwrap_or_else(|| root.clone());
    let mut model = Model {
        title: info.text("title"),
        version: info.text("version"),
        doc: info.text("description"),
        server: root
            .items("servers")
            .first()
            .and_then(|server| server.str("url"))
            .map(str::to_owned),
        types: this.types,
        operations,
        notes: this.notes,
    };
    this.hoisted.rename(&mut model);
    model.settle_sides();
    model.notes.sort();
    model.notes.dedup();
    Diagnostics::or(this.faults, model)
}

/// Lowers a JSON Schema document: the type of its root, under `name`, with all it reaches.
///
/// # Errors
/// Everything that is wrong with the document, all at once.
pub fn lower_schema(
    document: &Document,
    name: &str,
) -> Result<BTreeMap<String, TypeDef>, Diagnostics> {
    let root = Cursor::root(document);
    let mut this = Lowerer::new(document);
    this.faults.extend(refs::check(&root));
    if this.faults.is_empty() {
        this.define(&root, name);
        this.finish_hoisting(&root);
    }
    let mut types = this.types;
    for def in types.values_mut() {
        for shape in def.kind.shapes_mut() {
            shape.rename(this.hoisted.names());
        }
    }
    Diagnostics::or(this.faults, types)
}

impl<'a> Lowerer<'a> {
    fn new(document: &'a Document) -> Self {
        Self {
            document,
            types: BTreeMap::new(),
            begun: BTreeSet::new(),
            hoisted: hoist::Hoisted::default(),
            notes: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn note(&mut self, at: &Cursor<'_>, text: impl Into<String>) {
        self.notes.push(Note {
            place: at.place(),
            text: text.into(),
        });
    }

    fn fault(&mut self, fault: Diagnostic) {
        self.faults.push(fault);
    }

    /// Records a failure and goes on without the value.
    fn ok<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|fault| self.faults.push(fault)).ok()
    }

    fn add_type(&mut self, at: &Cursor<'_>, name: &str, doc: String, kind: Kind) {
        let def = TypeDef {
            doc,
            kind,
            place: at.place(),
            sent: false,
            read: false,
        };
        self.types.insert(name.to_owned(), def);
    }
}

fn check_version(root: &Cursor<'_>) -> Result<(), Diagnostics> {
    let file = Place::file(root.document.file.clone());
    if root.value.get("swagger").is_some() {
        return Err(Diagnostics::one(
            file,
            "this is a Swagger 2.0 document",
            "convert it to OpenAPI 3.0 or 3.1 first",
        ));
    }
    let version = match root.value.get("openapi") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    if version.starts_with("3.0") || version.starts_with("3.1") {
        return Ok(());
    }
    let problem = if version.is_empty() {
        "this is not an OpenAPI document: it has no `openapi` field".to_owned()
    } else {
        format!("OpenAPI {version} is not supported")
    };
    Err(Diagnostics::one(
        file,
        problem,
        "give an OpenAPI 3.0 or 3.1 document",
    ))
}
