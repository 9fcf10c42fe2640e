//! A value inside a document that knows its own pointer, and how references are followed.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::load::DEPTH_MAX;
use crate::{Diagnostic, Document, Place, pointer};

/// A value inside a document.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    /// The document it stands in.
    pub document: &'a Document,
    /// The value.
    pub value: &'a Value,
    /// JSON Pointer to it (RFC 6901).
    pub pointer: String,
}

impl<'a> Cursor<'a> {
    /// The whole document.
    pub fn root(document: &'a Document) -> Self {
        Self {
            document,
            value: &document.value,
            pointer: String::new(),
        }
    }

    /// The value at a JSON Pointer.
    pub fn at(document: &'a Document, pointer: &str) -> Option<Self> {
        let value = document.value.pointer(pointer)?;
        Some(Self {
            document,
            value,
            pointer: pointer.to_owned(),
        })
    }

    /// Where it is, for a diagnostic.
    pub fn place(&self) -> Place {
        Place::at(self.document.file.clone(), self.pointer.clone())
    }

    /// A diagnostic at this place.
    pub fn fault(&self, problem: impl Into<String>, fix: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.place(), problem, fix)
    }

    /// The member of this object called `key`.
    pub fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        Some(self.child(key, value))
    }

    /// The string member called `key`.
    pub fn str(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    /// Whether the member called `key` is `true`.
    pub fn flag(&self, key: &str) -> bool {
        self.value
            .get(key)
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    /// A text field, trimmed; empty when missing.
    pub fn text(&self, key: &str) -> String {
        self.str(key).unwrap_or_default().trim().to_owned()
    }

    /// The members of the object at `key`, sorted.
    pub fn entries(&self, key: &str) -> Vec<(&'a str, Self)> {
        self.get(key)
            .map(|object| object.members())
            .unwrap_or_default()
    }

    /// The members of this object, sorted: their order in a document means nothing, and must not show.
    pub fn members(&self) -> Vec<(&'a str, Self)> {
        let members = self.value.as_object().into_iter().flatten();
        let mut members: Vec<_> = members
            .map(|(key, value)| (key.as_str(), self.child(key, value)))
            .collect();
        members.sort_by_key(|(key, _)| *key);
        members
    }

    /// The items of the array at `key`.
    pub fn items(&self, key: &str) -> Vec<Self> {
        self.get(key)
            .map(|array| array.elements())
            .unwrap_or_default()
    }

    /// The items of this array.
    pub fn elements(&self) -> Vec<Self> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items
            .map(|(index, value)| self.child(&index.to_string(), value))
            .collect()
    }

    /// The named schemas of an OpenAPI document, or of a JSON Schema.
    pub fn definitions(&self) -> Vec<(&'a str, Self)> {
        match self.get("components") {
            Some(components) => components.entries("schemas"),
            None => ["$defs", "definitions"]
                .iter()
                .flat_map(|key| self.entries(key))
                .collect(),
        }
    }

    /// Whether this schema itself says that a value may be `null`, in the way of OpenAPI 3.0 or 3.1.
    pub fn allows_null(&self) -> bool {
        let null_type = |value: &Value| {
            value
                .as_array()
                .is_some_and(|types| types.iter().any(|it| it == "null"))
        };
        self.flag("nullable") || self.value.get("type").is_some_and(null_type)
    }

    /// Follows `$ref` until a value that is none.
    ///
    /// # Errors
    /// A reference that leads nowhere, out of the document, or in a circle.
    pub fn follow(&self) -> Result<Self, Diagnostic> {
        let mut seen = BTreeSet::new();
        let mut at = self.clone();
        while let Some(target) = at.str("$ref") {
            if !seen.insert(target.to_owned()) {
                return Err(self.fault(
                    format!("`$ref` goes round in a circle through `{target}`"),
                    "let one of the references on the circle be a definition",
                ));
            }
            if seen.len() > DEPTH_MAX {
                return Err(self.fault(
                    format!("`$ref` leads through more than {DEPTH_MAX} further references"),
                    "refer to the definition itself",
                ));
            }
            at = at.target(target)?;
        }
        Ok(at)
    }

    /// The value a local reference names.
    ///
    /// # Errors
    /// A reference that leads nowhere or out of the document.
    pub fn target(&self, target: &str) -> Result<Self, Diagnostic> {
        let Some(pointer) = target.strip_prefix('#') else {
            return Err(self.fault(
                format!("`$ref: {target}` leaves the document"),
                "put the file there, or bundle the document into one, for instance with `npx @redocly/cli bundle`",
            ));
        };
        // A reference is a URI: its fragment may be percent-encoded (RFC 6901, 6).
        let pointer = percent_decode_str(pointer).decode_utf8_lossy();
        match Self::at(self.document, &pointer) {
            Some(found) => Ok(found),
            None => Err(self.fault(
                format!("`$ref: {target}` names nothing in this document"),
                "correct the reference or add the definition",
            )),
        }
    }

    fn child(&self, key: &str, value: &'a Value) -> Self {
        Self {
            document: self.document,
            value,
            pointer: pointer::join(&self.pointer, key),
        }
    }
}

/// The last step of a reference, unescaped: the name of a component or definition.
pub(crate) fn ref_name(target: &str) -> String {
    let target = percent_decode_str(target).decode_utf8_lossy();
    let last = target.rsplit('/').next().unwrap_or(&target);
    pointer::unescape(last).into_owned()
}
