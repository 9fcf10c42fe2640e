//! Our contracts hold every machine fact of the venue's documents, and none of their sentences.

#![cfg(test)]

use std::collections::BTreeSet;
use std::path::Path;

use bpx_contract::{Api, Document};
use bpx_evolve::{diff, schema_api};
use bpx_tests::workspace::{root, upstream};
use serde_json::{Map, Value, json};

const OPENAPI: &str = "openapi/backpack-order.openapi.yaml";
const SCHEMA: &str = "schemas/order.schema.json";
const UPSTREAM_OPENAPI: &str = "backpack-order-api-openapi.yml";
const UPSTREAM_SCHEMA: &str = "order.schema.json";

/// Longer sentences are the venue's own.
const SENTENCE_WORDS_MAX: usize = 6;
/// Longer runs of words, wherever they begin, are no accident.
const RUN_WORDS_MAX: usize = 7;

fn read(folder: &Path, file: &str) -> Document {
    Document::read(&folder.join(file)).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn our_openapi_document_says_what_the_venues_says_and_what_the_overlay_adds() {
    let Some(upstream) = upstream() else { return };
    let overlay = read(&root(), "openapi/venue.overlay.yaml");
    let venue = Api::from_documents(read(&upstream, UPSTREAM_OPENAPI), Some(&overlay));
    let venue = venue.unwrap_or_else(|error| panic!("{error}"));
    let ours = api(read(&root(), OPENAPI));
    assert_eq!(ours.operations().len(), 8);
    assert_eq!(changes(&ours, &venue), Vec::<String>::new());
}

#[test]
fn without_the_overlay_the_documents_differ_so_the_comparison_sees_something() {
    let Some(upstream) = upstream() else { return };
    let venue = api(read(&upstream, UPSTREAM_OPENAPI));
    let ours = api(read(&root(), OPENAPI));
    assert!(!changes(&ours, &venue).is_empty());
}

fn api(document: Document) -> Api {
    Api::from_document(document).unwrap_or_else(|error| panic!("{error}"))
}

/// Every change as text.
fn changes(old: &Api, new: &Api) -> Vec<String> {
    let found = diff(old, new, None).unwrap();
    found.changes.iter().map(ToString::to_string).collect()
}

#[test]
fn our_order_schema_says_what_the_venues_says() {
    let Some(upstream) = upstream() else { return };
    let (ours, venue) = (read(&root(), SCHEMA), read(&upstream, UPSTREAM_SCHEMA));
    let schema = |document: &Document| schema_api(document.clone(), "Order").unwrap();
    assert_eq!(
        changes(&schema(&ours), &schema(&venue)),
        Vec::<String>::new()
    );
    assert_eq!(facts(&ours.value), facts(&venue.value));
    assert_eq!(ours.value["properties"].as_object().unwrap().len(), 29);
    assert_eq!(ours.value["required"].as_array().unwrap().len(), 8);
    assert_eq!(ours.value["$defs"].as_object().unwrap().len(), 8);
}

/// The schema without words, without the wrapping that only carries words, and without what only we declare: how the
/// checker takes what the schema leaves open.
fn facts(value: &Value) -> Value {
    const WORDS: [&str; 4] = ["title", "description", "$schema", "$id"];
    const OURS: [&str; 2] = ["x-undeclared-null", "x-undocumented-property"];
    match value {
        Value::Object(members) => {
            let kept = members
                .iter()
                .filter(|(name, value)| !(WORDS.contains(&&***name) && value.is_string()))
                .filter(|(name, _)| !OURS.contains(&&***name));
            let kept: Map<_, _> = kept
                .map(|(name, value)| (name.clone(), facts(value)))
                .collect();
            unwrapped(&kept).unwrap_or(Value::Object(kept))
        }
        Value::Array(items) => items.iter().map(facts).collect(),
        scalar => scalar.clone(),
    }
}

/// The one arm of an `allOf` that says something.
fn unwrapped(members: &Map<String, Value>) -> Option<Value> {
    let arms = members.get("allOf").filter(|_| members.len() == 1)?;
    let mut arms = arms.as_array()?.iter().filter(|arm| **arm != json!({}));
    let arm = arms.next()?;
    arms.next().is_none().then(|| arm.clone())
}

/// Every text written for people.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text)
                        if ["description", "summary", "title"].contains(&&**name) =>
                    {
                        found.push(text.clone());
                    }
                    other => texts(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        _ => {}
    }
}

/// Its words without case and punctuation, a space around each.
fn normal(text: &str) -> String {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.fold(" ".to_owned(), |all, word| all + &word.to_lowercase() + " ")
}

/// What must not stand in our texts: sentences of more than six words, and runs of more than seven.
fn copyable(document: &Document) -> BTreeSet<String> {
    let mut found = Vec::new();
    texts(&document.value, &mut found);
    let sentences = found
        .iter()
        .flat_map(|text| text.split(['.', ':', ';', '\n']));
    let sentences = sentences
        .map(normal)
        .filter(|sentence| sentence.split_whitespace().count() > SENTENCE_WORDS_MAX);
    let mut copyable: BTreeSet<_> = sentences.collect();
    for text in &found {
        let text = normal(text);
        let words: Vec<_> = text.split_whitespace().collect();
        copyable.extend(
            words
                .windows(RUN_WORDS_MAX + 1)
                .map(|run| normal(&run.join(" "))),
        );
    }
    copyable
}

#[test]
fn none_of_the_venues_sentences_stands_in_our_contracts() {
    let Some(upstream) = upstream() else { return };
    let theirs: BTreeSet<_> = [UPSTREAM_OPENAPI, UPSTREAM_SCHEMA]
        .iter()
        .flat_map(|file| copyable(&read(&upstream, file)))
        .collect();
    assert!(theirs.len() > 100, "{}", theirs.len());
    for file in [OPENAPI, SCHEMA, "openapi/venue.overlay.yaml"] {
        let mut ours = Vec::new();
        texts(&read(&root(), file).value, &mut ours);
        for text in ours {
            let words = normal(&text);
            let copied = theirs.iter().find(|piece| words.contains(&**piece));
            assert_eq!(copied, None, "{file}: {text}");
        }
    }
}
