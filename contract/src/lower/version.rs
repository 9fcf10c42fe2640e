//! Which versions of OpenAPI are read, and what is new in one that is not read as its own.

use serde_json::Value;

use super::Lowerer;
use crate::cursor::Cursor;
use crate::model::LossKind;
use crate::{Diagnostics, Place};

impl Lowerer<'_> {
    /// OpenAPI 3.2 is read as 3.1; what is new in it is said.
    pub(super) fn note_version(&mut self, root: &Cursor<'_>) {
        let is_new = root
            .str("openapi")
            .is_some_and(|version| version.starts_with("3.2"));
        if !is_new {
            return;
        }
        self.note(root, "OpenAPI 3.2 is read as 3.1: `query` and `additionalOperations`, `querystring` parameters and `itemSchema` are left out");
        for (_, item) in root.entries("paths") {
            for (key, at) in item.members() {
                if matches!(key, "query" | "additionalOperations") {
                    let problem = format!("`{key}` is new in OpenAPI 3.2 and not read");
                    let fix = "describe the operation under one of the methods of OpenAPI 3.1";
                    self.lose(LossKind::LeftOut, at.fault(problem, fix));
                }
            }
        }
    }
}

pub(super) fn check(root: &Cursor<'_>) -> Result<(), Diagnostics> {
    let file = &root.document.file;
    if root.value.get("swagger").is_some() {
        return Err(Diagnostics::one(
            Place::at(file, "/swagger"),
            "the version of this document is not known: `swagger` is not 2.0, or stands beside `openapi`",
            "give a Swagger 2.0 or OpenAPI 3.0, 3.1 or 3.2 document",
        ));
    }
    let version = text(root.value.get("openapi"));
    let supported = ["3.0", "3.1", "3.2"].iter().any(|known| {
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
        "give an OpenAPI 3.0, 3.1 or 3.2 document",
    ))
}

/// A version, which YAML reads as a number if it has one point and no quotes.
pub(super) fn text(version: Option<&Value>) -> String {
    match version {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}
