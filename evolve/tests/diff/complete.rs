//! Every member of a document is compared, or said not to be.

use bpx_evolve::{Diff, diff, openapi_api};
use serde_json::{Value, json};

/// Every object of OpenAPI 3.1 with every member that it can have, and every keyword of a schema.
const EVERYTHING: &str = include_str!("everything.json");

/// Members whose change changes nothing: the version of the specification, and what another member says too.
const SILENT: [&str; 9] = [
    "/openapi",
    "/paths/~1parcels~1{id}/parameters/0/required",
    "/paths/~1parcels~1{id}/put/parameters/1/explode",
    "/paths/~1parcels~1{id}/put/parameters/1/schema/items/type",
    "/paths/~1parcels~1{id}/put/responses/200/headers/X-Count/explode",
    "/paths/~1parcels~1{id}/put/responses/200/headers/X-Count/style",
    "/components/schemas/Everything/properties/kind/type",
    "/components/schemas/Everything/properties/all/allOf/0/type",
    "/components/schemas/Everything/properties/all/allOf/1/type",
];

fn reported(old: &Value, new: &Value) -> Option<Diff> {
    let read = |file, value: &Value| {
        let document = bpx_contract::Document::parse(file, value.to_string().as_bytes()).unwrap();
        openapi_api(document)
    };
    let new = read("new.json", new).ok()?;
    Some(diff(&read("old.json", old).ok()?, &new, None).unwrap())
}

fn is_told(found: &Diff) -> bool {
    let counted = found.descriptions + found.examples + found.uncompared.len();
    counted > 0 || !found.changes.is_empty()
}

/// The pointers of all members and items.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(key, it)| (key.replace('~', "~0").replace('/', "~1"), it))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, it)| (index.to_string(), it))
            .collect(),
        _ => return,
    };
    for (key, inside) in members {
        let pointer = format!("{at}/{key}");
        pointers(inside, &pointer, found);
        found.push(pointer);
    }
}

fn removed(document: &Value, pointer: &str) -> Value {
    let mut edited = document.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match edited.pointer_mut(parent).unwrap() {
        Value::Object(members) => {
            drop(members.shift_remove(&key.replace("~1", "/").replace("~0", "~")))
        }
        Value::Array(items) => drop(items.remove(key.parse().unwrap())),
        _ => unreachable!(),
    }
    edited
}

fn other(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Bool(it) => json!(!it),
        Value::Number(it) => json!(it.as_u64()? + 1),
        Value::String(it) if it.starts_with('#') => return None,
        Value::String(it) => json!(format!("{it}x")),
        _ => return None,
    })
}

#[test]
fn every_member_that_changes_or_goes_is_told() {
    let document: Value = serde_json::from_str(EVERYTHING).unwrap();
    let mut all = Vec::new();
    pointers(&document, "", &mut all);
    let (mut silent, mut compared) = (Vec::new(), 0);
    for pointer in &all {
        let edited = removed(&document, pointer);
        let mut pairs = vec![
            (document.clone(), edited.clone()),
            (edited, document.clone()),
        ];
        if let Some(value) = other(document.pointer(pointer).unwrap()) {
            let mut edited = document.clone();
            *edited.pointer_mut(pointer).unwrap() = value;
            pairs.push((document.clone(), edited));
        }
        for (old, new) in pairs {
            let Some(found) = reported(&old, &new) else {
                continue;
            };
            compared += 1;
            if !is_told(&found) {
                silent.push(pointer.clone());
            }
        }
    }
    silent.dedup();
    assert!(compared > 500, "{compared}");
    silent.sort();
    let mut expected = SILENT.to_vec();
    expected.sort_unstable();
    assert_eq!(silent, expected);
}
