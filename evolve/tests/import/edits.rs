//! A table of edits of our document, each imported: the import finishes, its text is valid, and a second import finds
//! nothing, or only what the first one left to be written by hand.

use bpx_contract::{Api, Document};
use bpx_evolve::import::{Contracts, Import, import};
use serde_json::{Map, Value};

use crate::support::{Ours, wordless};

const TABLE: &str = include_str!("edits.yaml");

fn table() -> Map<String, Value> {
    let table = Document::parse("edits.yaml", TABLE.as_bytes()).unwrap();
    table.value["edits"].as_object().unwrap().clone()
}

fn patched(ours: &Ours, edits: &[&Value]) -> Document {
    let mut venue = ours.openapi.clone();
    venue.file = "venue.yml".to_owned();
    for edit in edits {
        let patch: json_patch::Patch = serde_json::from_value(edit["patch"].clone()).unwrap();
        json_patch::patch(&mut venue.value, &patch).unwrap();
    }
    venue
}

fn imported(ours: &Ours, venue: &Document) -> Import {
    let contracts = Contracts {
        openapi: &ours.openapi,
        openapi_text: &ours.openapi_text,
        schema: &ours.schema,
        schema_text: &ours.schema_text,
        names: None,
    };
    import(&contracts, venue).unwrap()
}

fn left(result: &Import) -> Vec<&str> {
    result.by_hand.iter().map(|it| &*it.what).collect()
}

/// What a second import finds beyond what the first one left.
fn again(ours: &Ours, venue: &Document, first: &Import) -> Vec<String> {
    let after = ours.after(first);
    Api::from_document(after.openapi.clone()).unwrap_or_else(|error| panic!("{error}"));
    let second = imported(&after, venue);
    let mut faults = Vec::new();
    let found = second.diff.changes.iter().map(ToString::to_string);
    let found: Vec<_> = found.collect();
    if left(&second) != left(first) || found.len() != first.by_hand.len() {
        faults.push(format!("found again: {found:#?}, left: {:#?}", left(first)));
    }
    if (&second.openapi, &second.schema) != (&first.openapi, &first.schema) {
        faults.push("another text the second time".to_owned());
    }
    faults
}

fn texts<'a>(edit: &'a Value, key: &str) -> Vec<&'a str> {
    let listed = edit.get(key).and_then(Value::as_array);
    let listed = listed.into_iter().flatten();
    listed.filter_map(Value::as_str).collect()
}

/// What the table expects of an edit and is not so.
fn unexpected(edit: &Value, result: &Import, ours: &Ours) -> Vec<String> {
    let missing = |key: &str, text: &str, is_there: bool| {
        let wanted = texts(edit, key).into_iter();
        let missing = wanted.filter(|it| text.contains(it) != is_there);
        missing.map(|it| format!("{key}: {it}")).collect::<Vec<_>>()
    };
    let mut faults = missing("has", &result.openapi, true);
    faults.extend(missing("lacks", &result.openapi, false));
    faults.extend(missing("schema", &result.schema, true));
    let words = wordless(result);
    let counted = [
        ("by_hand", result.by_hand.len(), Some(0)),
        ("words", words.len(), None),
        ("unread", result.unread.len(), Some(0)),
        ("elsewhere", result.unread_elsewhere, Some(0)),
        ("left_out", result.left_out.len(), Some(0)),
    ];
    for (key, count, default) in counted {
        let wanted = edit.get(key).and_then(Value::as_u64);
        let wanted = wanted.and_then(|it| usize::try_from(it).ok()).or(default);
        if wanted.is_some_and(|wanted| wanted != count) {
            faults.push(format!("{key}: {count}, {words:#?} {:#?}", left(result)));
        }
    }
    let renamed = result.renamed.iter();
    let renamed: Vec<_> = renamed.map(|(a, b)| format!("{a} {b}")).collect();
    if renamed != texts(edit, "renamed") {
        faults.push(format!("renamed: {renamed:?}"));
    }
    let is_same = result.openapi == ours.openapi_text && result.schema == ours.schema_text;
    if is_same != edit.get("same").is_some() {
        faults.push(format!("same text: {is_same}"));
    }
    if is_same && !result.diff.changes.is_empty() {
        let found = &result.diff.changes;
        faults.push(format!("found and not written: {found:#?}"));
    }
    faults
}

#[test]
fn each_edit_is_taken_and_found_no_more() {
    let ours = Ours::read();
    let mut faults = Vec::new();
    for (name, edit) in table() {
        let venue = patched(&ours, &[&edit]);
        let result = imported(&ours, &venue);
        let found = [
            unexpected(&edit, &result, &ours),
            again(&ours, &venue, &result),
        ]
        .concat();
        faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Several edits at once: each that can be applied after those before it.
fn together(ours: &Ours, edits: &[(String, Value)]) -> (Document, Vec<String>) {
    let mut venue = ours.openapi.clone();
    venue.file = "venue.yml".to_owned();
    let applied = edits.iter().filter(|(_, edit)| {
        let patch: json_patch::Patch = serde_json::from_value(edit["patch"].clone()).unwrap();
        json_patch::patch(&mut venue.value, &patch).is_ok()
    });
    let names = applied.map(|(name, _)| name.clone()).collect();
    (venue, names)
}

#[test]
fn several_edits_at_once_are_taken_and_found_no_more() {
    let ours = Ours::read();
    let edits: Vec<_> = table().into_iter().collect();
    let groups = edits.chunks(3).chain(edits.chunks(7)).chain([&*edits]);
    let mut faults = Vec::new();
    for group in groups {
        let (venue, names) = together(&ours, group);
        assert!(names.len() * 2 >= group.len(), "{names:?}");
        let result = imported(&ours, &venue);
        let found = again(&ours, &venue, &result).into_iter();
        faults.extend(found.map(|fault| format!("{names:?}: {fault}")));
        faults.extend(
            left(&result)
                .iter()
                .map(|left| format!("{names:?}: left: {left}")),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
