//! The document's own schemas as validators: every keyword as it is written, wherever the schema stands.
//!
//! Two dialects are read as JSON Schema 2020-12 with OpenAPI's additions (`translate`): that of OpenAPI 3.0, and that of
//! 3.1 and 3.2. A 3.1 document whose `jsonSchemaDialect` names an earlier draft is applied by that draft. What cannot be
//! applied is a [`Unusable`] at its pointer, never a schema that everything fits.

mod discriminator;
mod positions;
mod references;
mod translate;

pub use self::discriminator::{SELECTS, choices};
use jsonschema::{Draft, Registry, Validator};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::{Document, schema};

/// What a pointer may hold that a URI's fragment may not.
const NOT_IN_FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'~')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.');

/// The name under which schemas refer to the document.
const DOCUMENT: &str = "urn:document";

/// Extension at the root of a document: `note` takes an undeclared `null` in a property that is not required as absence.
const UNDECLARED_NULL: &str = "x-undeclared-null";

/// Keywords that no value breaks.
pub const ANNOTATIONS: [&str; 16] = [
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "contentSchema",
    "default",
    "definitions",
    "deprecated",
    "description",
    "example",
    "examples",
    "externalDocs",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// Which way a value travels: `readOnly` properties are not sent, `writeOnly` ones are not received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// In a request.
    Sent,
    /// In a response.
    Received,
    /// Either: `readOnly` and `writeOnly` are annotations.
    Any,
}

/// A schema that cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// JSON pointer to the schema.
    pub pointer: String,
    /// Why.
    pub reason: String,
}

/// A `format` that no validator knows; values of any form pass it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownFormat {
    /// The format.
    pub format: String,
    /// JSON pointer to the first schema that has it.
    pub pointer: String,
}

/// The schemas of a document, for one direction.
#[derive(Debug)]
pub struct Schemas {
    translated: Value,
    registry: Result<Registry<'static>, String>,
    draft: Draft,
    unknown_formats: Vec<UnknownFormat>,
}

impl Schemas {
    /// The schemas of an OpenAPI document, or a JSON Schema.
    #[must_use]
    pub fn new(document: &Document, side: Side) -> Self {
        let dialect = draft(&document.value);
        let draft = dialect.as_ref().copied().unwrap_or_default();
        let places = positions::schemas(&document.value);
        let translated = translate::translated(&document.value, &places, side);
        let registry = dialect.and_then(|draft| {
            Registry::new()
                .draft(draft)
                .add(DOCUMENT, draft.create_resource(translated.clone()))
                .and_then(|registry| registry.prepare())
                .map_err(|error| error.to_string())
        });
        Self {
            unknown_formats: unknown_formats(&document.value, &places, draft),
            translated,
            registry,
            draft,
        }
    }

    /// The schema at this pointer of the document, in the dialect in which it is applied.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.translated.pointer(pointer)
    }

    /// A validator of the schema at this pointer, formats asserted.
    ///
    /// # Errors
    /// A keyword, a reference or a dialect that cannot be applied.
    pub fn validator(&self, pointer: &str) -> Result<Validator, Unusable> {
        self.compiled(&reference(pointer))
            .map_err(|reason| Unusable {
                pointer: pointer.to_owned(),
                reason,
            })
    }

    /// A validator of a schema that refers to the document by [`reference`].
    pub(crate) fn compiled(&self, schema: &Value) -> Result<Validator, String> {
        let registry = self.registry.as_ref().map_err(Clone::clone)?;
        schema::options()
            .with_draft(self.draft)
            .with_registry(registry)
            .build(schema)
            .map_err(|error| error.masked().to_string())
    }

    /// Formats that are not held, each once.
    #[must_use]
    pub fn unknown_formats(&self) -> &[UnknownFormat] {
        &self.unknown_formats
    }
}

/// Whether a document takes undeclared nulls in properties that are not required as absence: `x-undeclared-null: note`.
#[must_use]
pub fn takes_undeclared_null(document: &Value) -> bool {
    document.get(UNDECLARED_NULL).and_then(Value::as_str) == Some("note")
}

/// A pointer in a URI's fragment is percent-encoded (RFC 6901, 6).
pub(crate) fn reference(pointer: &str) -> Value {
    let fragment = utf8_percent_encode(pointer, NOT_IN_FRAGMENT);
    json!({"$ref": format!("{DOCUMENT}#{fragment}")})
}

/// The draft of JSON Schema by which the schemas of the document are applied.
fn draft(document: &Value) -> Result<Draft, String> {
    let key = match document.get("openapi") {
        Some(_) => "jsonSchemaDialect",
        None => "$schema",
    };
    let Some(dialect) = document.get(key).and_then(Value::as_str) else {
        return Ok(Draft::Draft202012);
    };
    let known = [
        ("json-schema.org/draft/2020-12/schema", Draft::Draft202012),
        ("json-schema.org/draft/2019-09/schema", Draft::Draft201909),
        ("json-schema.org/draft-07/schema", Draft::Draft7),
        ("json-schema.org/draft-06/schema", Draft::Draft6),
        ("json-schema.org/draft-04/schema", Draft::Draft4),
    ];
    let name = dialect.trim_end_matches('#');
    let name = name.split_once("://").map_or(name, |(_, name)| name);
    if name.starts_with("spec.openapis.org/oas/3.") {
        return Ok(Draft::Draft202012);
    }
    let mut known = known.iter();
    let found = known.find(|(uri, _)| *uri == name);
    found
        .map(|(_, draft)| *draft)
        .ok_or_else(|| format!("nobody knows the dialect `{dialect}`"))
}

/// Formats of strings that say nothing that can be checked: a hint to user interfaces, or any bytes.
const WITHOUT_FORM: [&str; 9] = [
    "binary",
    "password",
    "float",
    "double",
    "double-int",
    "html",
    "commonmark",
    "int",
    "uint",
];

fn unknown_formats(document: &Value, places: &[String], draft: Draft) -> Vec<UnknownFormat> {
    let options = schema::options();
    let is_known = |format: &str| {
        options.is_known_format(draft, format)
            || crate::model::IntFormat::parse(format).is_some()
            || WITHOUT_FORM.contains(&format)
    };
    let mut found: Vec<UnknownFormat> = Vec::new();
    for place in places {
        let format = document.pointer(place).and_then(|it| it.get("format"));
        let Some(format) = format.and_then(Value::as_str) else {
            continue;
        };
        if !is_known(format) && !found.iter().any(|known| known.format == format) {
            found.push(UnknownFormat {
                format: format.to_owned(),
                pointer: place.clone(),
            });
        }
    }
    found.sort();
    found
}
