//! Contracts, and the import of an edited copy.

use std::path::{Path, PathBuf};

use bpx_contract::{Document, read_text};
use bpx_evolve::import::{Contracts, Import, import};
use serde_json::Value;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

pub(crate) struct Ours {
    pub(crate) openapi: Document,
    pub(crate) openapi_text: String,
    pub(crate) schema: Document,
    pub(crate) schema_text: String,
}

impl Ours {
    pub(crate) fn of(openapi: &str, schema: &str) -> Self {
        Self {
            openapi: Document::parse("pets.yaml", openapi.as_bytes()).unwrap(),
            openapi_text: openapi.to_owned(),
            schema: Document::parse("pet.schema.json", schema.as_bytes()).unwrap(),
            schema_text: schema.to_owned(),
        }
    }

    pub(crate) fn read() -> Self {
        let openapi = root().join("openapi/backpack-order.openapi.yaml");
        let schema = root().join("schemas/order.schema.json");
        Self {
            openapi: Document::read(&openapi).unwrap(),
            openapi_text: read_text(&openapi).unwrap(),
            schema: Document::read(&schema).unwrap(),
            schema_text: read_text(&schema).unwrap(),
        }
    }

    /// The contracts after an import.
    pub(crate) fn after(&self, result: &Import) -> Self {
        let parse = |document: &Document, text: &str| {
            Document::parse(document.file.clone(), text.as_bytes()).unwrap()
        };
        Self {
            openapi: parse(&self.openapi, &result.openapi),
            openapi_text: result.openapi.clone(),
            schema: parse(&self.schema, &result.schema),
            schema_text: result.schema.clone(),
        }
    }

    /// Imports our own document after `edit`, as if the venue had published it.
    pub(crate) fn import(&self, edit: impl Fn(&mut Value)) -> (Import, Document) {
        let mut venue = self.openapi.clone();
        venue.file = "venue.yml".to_owned();
        edit(&mut venue.value);
        let contracts = Contracts {
            openapi: &self.openapi,
            openapi_text: &self.openapi_text,
            schema: &self.schema,
            schema_text: &self.schema_text,
            names: None,
        };
        (import(&contracts, &venue).unwrap(), venue)
    }

    /// The same, and then: nothing is left to do by hand, and a second import finds nothing.
    pub(crate) fn settles(&self, edit: impl Fn(&mut Value)) -> Import {
        let (first, venue) = self.import(edit);
        assert_eq!(first.by_hand, []);
        let openapi = Document::parse("openapi.yaml", first.openapi.as_bytes()).unwrap();
        let schema = Document::parse("order.schema.json", first.schema.as_bytes()).unwrap();
        let again = Contracts {
            openapi: &openapi,
            openapi_text: &first.openapi,
            schema: &schema,
            schema_text: &first.schema,
            names: None,
        };
        let second = import(&again, &venue).unwrap();
        assert_eq!(second.diff.changes, []);
        assert_eq!(second.openapi, first.openapi);
        assert_eq!(second.schema, first.schema);
        first
    }
}

/// What has no words yet, by location, with the value if it is one.
pub(crate) fn wordless(import: &Import) -> Vec<String> {
    let places = import.words.iter().map(|it| {
        let pointer = it.place.pointer.as_deref().unwrap_or_default();
        let file = it.place.file.rsplit('/').next().unwrap();
        let value = it.value.as_ref().map(|value| format!(" {value}"));
        format!("{file}#{pointer}{}", value.unwrap_or_default())
    });
    places.collect()
}

/// Verdict, rule, subject, the operation if it is one, and the new line in Rust or else the problem.
pub(crate) fn shown(import: &Import) -> Vec<String> {
    let changes = import.diff.changes.iter().map(|change| {
        let (verdict, rule, subject) = (change.verdict.as_str(), change.rule, &change.subject);
        let operation = match change.operations.iter().collect::<Vec<_>>()[..] {
            [one] => format!(" of {one}"),
            _ => String::new(),
        };
        let line = change.rust.after.as_ref().unwrap_or(&change.problem);
        format!("{verdict} {rule} {subject}{operation}: {line}")
    });
    changes.collect()
}

/// Lines that one text has and the other has not, both ways.
pub(crate) fn changed_lines(before: &str, after: &str) -> Vec<String> {
    // JSON puts a comma behind a line once another follows.
    let lines = |text: &str| -> Vec<String> {
        let trimmed = text.lines().map(|line| line.trim_end_matches(',').trim());
        trimmed.map(str::to_owned).collect()
    };
    let (before, after) = (lines(before), lines(after));
    let minus = before.iter().filter(|line| !after.contains(line));
    let plus = after.iter().filter(|line| !before.contains(line));
    let minus = minus.map(|line| format!("-{line}"));
    minus.chain(plus.map(|line| format!("+{line}"))).collect()
}

/// A component that is there: an edit of one that is not would mean nothing.
pub(crate) fn component<'a>(value: &'a mut Value, name: &str) -> &'a mut Value {
    value["components"]["schemas"].get_mut(name).unwrap()
}
