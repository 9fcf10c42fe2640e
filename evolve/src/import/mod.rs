//! Imports a new document: takes its facts into the texts of ours, and leaves our prose, layout and comments as they are.
//!
//! The new document is read leniently, and its operations and types are matched with ours by their use. What differs then
//! is written element by element, round by round, until nothing differs or nothing more can be written. The changes and
//! their verdicts are those of [`diff`](crate::diff()).

mod align;
mod edit;
mod facts;
mod prune;
mod rename;
mod theirs;
mod update;
mod words;
mod write;
mod yaml;

use std::collections::BTreeMap;

use bpx_contract::model::Note;
use bpx_contract::{Api, Diagnostic, Diagnostics, Document, Place, described_component};
use serde_json::Value;

use self::theirs::Theirs;
use self::update::{Target, Updated};
use self::write::Style;
use crate::change::Diff;
use crate::rules::Rule;
use crate::schema::{returning, schema_api};

/// The result of an import. Nothing is written to disk.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Import {
    /// Every change from our OpenAPI document to the new one.
    pub diff: Diff,
    /// Components with another name: ours, and the new one.
    pub renamed: Vec<(String, String)>,
    /// Operations with another id: ours, and the new one.
    pub renamed_operations: Vec<(String, String)>,
    /// The facts that could not be written and must be written by hand.
    pub by_hand: Vec<ByHand>,
    /// The ids of operations that were left out because they have none of our tags.
    pub outside: Vec<String>,
    /// Parts of the new document that could not be read and touch an operation of ours. Ours stay as they are.
    pub unread: Vec<Diagnostic>,
    /// How many other parts could not be read.
    pub unread_elsewhere: usize,
    /// Parts of the new document that repeat others and were left out.
    pub left_out: Vec<Note>,
    /// What has no description yet.
    pub words: Vec<Words>,
    /// The new text of the OpenAPI document.
    pub openapi: String,
    /// The new text of the JSON Schema.
    pub schema: String,
}

/// A fact to be written by hand.
#[derive(Debug, Clone, PartialEq)]
pub struct ByHand {
    /// The fact.
    pub what: String,
    /// The rule of the comparison; `None` for a fact without a verdict.
    pub rule: Option<Rule>,
    /// Where our document says it differently.
    pub ours: Place,
    /// Where the new document says it.
    pub theirs: Place,
}

/// Something to be described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Where the description belongs, in the new text of ours.
    pub place: Place,
    /// The enum value to describe there; `None` for the place itself.
    pub value: Option<String>,
}

impl Import {
    /// Whether our contracts have every fact of the new document already.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let is_renamed = !self.renamed_operations.is_empty();
        self.diff.changes.is_empty() && !is_renamed
    }
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
/// A document of ours that cannot be lowered, a new one that is no OpenAPI 3 or has no operation, or a table of names that
/// cannot be read. Parts of the new document that cannot be read are no errors, see [`Import::unread`].
pub fn import(ours: &Contracts<'_>, new: &Document) -> Result<Import, Diagnostics> {
    let api = Api::from_document(ours.openapi.clone())?;
    let theirs = theirs::read(&api, new)?;
    let target = Target {
        file: &ours.openapi.file,
        text: ours.openapi_text,
        style: Style::OpenApi,
        names: ours.names,
    };
    let openapi = target.update(&api, &theirs.api, &theirs.ids)?;
    let schema = update_schema(ours, &api, &openapi, &theirs)?;
    let left_out = theirs.api.model().notes.iter();
    let left_out = left_out.filter(|note| note.text.ends_with("left out"));
    let left_out = left_out.cloned().collect();
    let (mut by_hand, mut words) = (openapi.by_hand, openapi.words);
    let schema_text = match schema {
        Some(schema) => {
            // Keywords of two dialects are not comparable, so only what the model keeps counts.
            let kept = schema.by_hand.into_iter();
            by_hand.extend(kept.filter(|it| it.rule != Some(Rule::Unread)));
            words.extend(schema.words);
            schema.text
        }
        None => ours.schema_text.to_owned(),
    };
    Ok(Import {
        diff: openapi.diff,
        renamed: openapi.renamed.into_iter().collect(),
        renamed_operations: theirs.ids.into_iter().collect(),
        by_hand,
        outside: theirs.outside,
        unread: theirs.unread,
        unread_elsewhere: theirs.unread_elsewhere,
        left_out,
        words,
        openapi: openapi.text,
        schema: schema_text,
    })
}

/// The JSON Schema, updated; `None` if it describes no component of the new document.
fn update_schema(
    ours: &Contracts<'_>,
    api: &Api,
    openapi: &Updated,
    theirs: &Theirs,
) -> Result<Option<Updated>, Diagnostics> {
    let Ok(former) = described_component(api.model(), ours.schema) else {
        return Ok(None);
    };
    let root = openapi.renamed.get(&former).unwrap_or(&former);
    let new = &openapi.new;
    if !new.model().types.contains_key(root) {
        return Ok(None);
    }
    let new = returning(
        theirs.api.document().clone(),
        new.model().types.clone(),
        root,
    );
    let (document, text) = entitled(ours, &former, root);
    let known = schema_api(document, root)?;
    let target = Target {
        file: &ours.schema.file,
        text: &text,
        style: Style::JsonSchema(root.clone()),
        names: ours.names,
    };
    target.update(&known, &new, &BTreeMap::new()).map(Some)
}

/// The JSON Schema under the new name of its component, which its title ends in.
fn entitled(ours: &Contracts<'_>, former: &str, root: &str) -> (Document, String) {
    let (mut document, text) = (ours.schema.clone(), ours.schema_text.to_owned());
    let title = document.value.get("title").and_then(Value::as_str);
    let title = title.unwrap_or_default().to_owned();
    if former == root {
        return (document, text);
    }
    let words = title.rsplit_once(' ').map_or("", |(words, _)| words);
    let renamed = format!("{words} {root}").trim().to_owned();
    let (before, after) = (Value::from(title), Value::from(renamed));
    let text = text.replacen(
        &format!("\"title\": {before}"),
        &format!("\"title\": {after}"),
        1,
    );
    if let Some(members) = document.value.as_object_mut() {
        members.insert("title".to_owned(), after);
    }
    (document, text)
}
