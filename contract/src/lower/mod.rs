//! Makes any OpenAPI 3.0 or 3.1 document digestible, and turns it into the [`Model`].
//!
//! General rules, no knowledge of one venue: `allOf` decoration is flattened, merged objects are merged,
//! equal inline enums become one named type, discriminated unions are recognised, signing headers become
//! a property of the operation, success bodies and error bodies become one each. Every rewrite is noted.

mod headers;
mod hoist;
mod object;
mod operation;
mod params;
mod plain;
mod refs;
mod registry;
mod responses;
mod schema;
mod signing;
mod structure;
mod union;
mod usable;

use std::collections::BTreeMap;

use serde_json::Value;

pub use self::operation::is_json;
use self::registry::Registry;
pub use self::signing::is_signing_header;
pub use self::usable::lower_usable;
use crate::cursor::Cursor;
use crate::model::{Kind, Model, Note, RateLimit, TypeDef};
use crate::{Diagnostic, Diagnostics, Document, Place};

/// State of one lowering: what has been defined, noted and found wrong so far.
pub(crate) struct Lowerer<'a> {
    document: &'a Document,
    types: BTreeMap<String, TypeDef>,
    registry: Registry,
    hoisted: hoist::Hoisted,
    notes: Vec<Note>,
    faults: Vec<Diagnostic>,
    /// Faults that may merely follow from one that stands below them.
    consequences: Vec<Diagnostic>,
}

/// Lowers an OpenAPI document.
///
/// # Errors
/// Everything that is wrong with the document, all at once.
pub fn lower(document: &Document) -> Result<Model, Diagnostics> {
    let root = Cursor::root(document);
    check_version(&root)?;
    let first = [structure::check_openapi(&root), refs::check(&root)].concat();
    let mut this = Lowerer::new(document);
    let operations = this.operations(&root);
    if operations.is_empty() {
        let place = Place::at(&document.file, "/paths");
        this.consequences.push(Diagnostic::new(
            place,
            "the document has no operation",
            "add at least one",
        ));
    }
    this.finish(&root);
    let info = root.get("info").unwrap_or_else(|| root.clone());
    let mut model = Model {
        title: info.text("title"),
        version: info.text("version"),
        doc: info.text("description"),
        server: server(&root),
        rate_limit: this.rate_limit(&root),
        types: this.types,
        operations,
        notes: this.notes,
    };
    this.hoisted.rename(&mut model);
    this.consequences.extend(params::check(&mut model));
    model.settle_sides();
    model.notes.sort();
    model.notes.dedup();
    Diagnostics::or(together(first, this.faults, this.consequences), model)
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
    let first = [structure::check_schema(&root), refs::check(&root)].concat();
    let mut this = Lowerer::new(document);
    this.define(&root, name);
    this.finish(&root);
    let mut types = this.types;
    for def in types.values_mut() {
        for shape in def.kind.shapes_mut() {
            shape.rename(this.hoisted.names());
        }
    }
    Diagnostics::or(together(first, this.faults, this.consequences), types)
}

impl<'a> Lowerer<'a> {
    fn new(document: &'a Document) -> Self {
        Self {
            document,
            types: BTreeMap::new(),
            registry: Registry::of(&Cursor::root(document)),
            hoisted: hoist::Hoisted::default(),
            notes: Vec::new(),
            faults: Vec::new(),
            consequences: Vec::new(),
        }
    }

    /// Defines what is still waiting, and names the inline enumerations.
    fn finish(&mut self, root: &Cursor<'_>) {
        self.define_waiting();
        self.finish_hoisting(root);
        self.define_waiting();
    }

    fn rate_limit(&mut self, root: &Cursor<'_>) -> Option<RateLimit> {
        let at = root.get("x-rate-limit")?;
        let number = |key| at.get(key).and_then(|number| number.value.as_u64());
        let requests = number("requests").and_then(|requests| u32::try_from(requests).ok());
        match (requests, number("window_ms")) {
            (Some(requests @ 2..), Some(window_ms @ 1..)) => Some(RateLimit {
                requests,
                window_ms,
            }),
            _ => {
                let problem = "the rate limit is not a number of requests in a window";
                let fix =
                    "write it like `{requests: 2000, window_ms: 60000}`, with at least 2 requests";
                self.fault(at.fault(problem, fix));
                None
            }
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

/// What is wrong with the form of a document, and those later faults that do not merely follow from it.
fn together(
    first: Vec<Diagnostic>,
    later: Vec<Diagnostic>,
    consequences: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let pointer = |fault: &Diagnostic| fault.place.pointer.clone().unwrap_or_default();
    let within = |inner: &Diagnostic, outer: &Diagnostic| {
        let (inner, outer) = (pointer(inner), pointer(outer));
        inner
            .strip_prefix(&outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let own = |fault: &Diagnostic| !first.iter().any(|cause| within(fault, cause));
    let later: Vec<_> = later.into_iter().filter(own).collect();
    let causes: Vec<_> = first.iter().chain(&later).cloned().collect();
    let alone = |fault: &Diagnostic| {
        !causes
            .iter()
            .any(|cause| within(fault, cause) || within(cause, fault))
    };
    let consequences: Vec<_> = consequences.into_iter().filter(alone).collect();
    [causes, consequences].concat()
}

/// The first server's URL, with its variables at their defaults.
fn server(root: &Cursor<'_>) -> Option<String> {
    let server = root.items("servers").into_iter().next()?;
    let mut url = server.str("url")?.to_owned();
    for (name, variable) in server.entries("variables") {
        url = url.replace(
            &format!("{{{name}}}"),
            variable.str("default").unwrap_or_default(),
        );
    }
    Some(url).filter(|url| !url.is_empty())
}

fn check_version(root: &Cursor<'_>) -> Result<(), Diagnostics> {
    let file = &root.document.file;
    if root.value.get("swagger").is_some() {
        return Err(Diagnostics::one(
            Place::at(file, "/swagger"),
            "this is a Swagger 2.0 document",
            "convert it to OpenAPI 3.0 or 3.1 first",
        ));
    }
    let version = match root.value.get("openapi") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let supported = ["3.0", "3.1"].iter().any(|known| {
        version
            .strip_prefix(known)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    });
    if supported {
        return Ok(());
    }
    let problem = if version.is_empty() {
        "this is not an OpenAPI document: its `openapi` field states no version".to_owned()
    } else {
        format!("OpenAPI {version} is not supported")
    };
    Err(Diagnostics::one(
        Place::at(file, "/openapi"),
        problem,
        "give an OpenAPI 3.0 or 3.1 document",
    ))
}
