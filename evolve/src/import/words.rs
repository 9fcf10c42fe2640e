//! Finds what has no description yet.

use std::collections::BTreeSet;

use bpx_contract::model::{Kind, Method, Model};
use bpx_contract::pointer::join;
use serde_json::Value;

use super::write::Style;

/// The JSON Pointers of what has no words in a document.
pub(super) fn undescribed(document: &Value, style: &Style) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let names = |at: &str| -> Vec<String> {
        let members = document.pointer(at).and_then(Value::as_object);
        let names = members.into_iter().flat_map(|it| it.keys());
        names.map(|name| join(at, name)).collect()
    };
    for item in names("/paths") {
        for (_, method, _) in Method::ALL {
            operation(document, &join(&item, method), &mut found);
        }
    }
    for at in names("/components/parameters")
        .into_iter()
        .chain(names("/components/responses"))
    {
        described(document, at, &mut found);
    }
    let roots = matches!(style, Style::JsonSchema(_)).then(String::new);
    for at in names(style.definitions()).into_iter().chain(roots) {
        for property in names(&format!("{at}/properties")) {
            described(document, property, &mut found);
        }
        described(document, at, &mut found);
    }
    found
}

fn operation(document: &Value, at: &str, found: &mut BTreeSet<String>) {
    let Some(node) = document.pointer(at) else {
        return;
    };
    if node.get("summary").is_none() {
        described(document, at.to_owned(), found);
    }
    let params = node.get("parameters").and_then(Value::as_array);
    for index in 0..params.map_or(0, Vec::len) {
        described(document, format!("{at}/parameters/{index}"), found);
    }
    let responses = node.get("responses").and_then(Value::as_object);
    for status in responses.into_iter().flat_map(|it| it.keys()) {
        described(document, join(&format!("{at}/responses"), status), found);
    }
}

/// Adds the node if it has no description and refers to none.
fn described(document: &Value, at: String, found: &mut BTreeSet<String>) {
    let node = document.pointer(&at);
    let text = |it: &Value| it.get("description")?.as_str().map(str::to_owned);
    let is_parameter_or_response = at.contains("/parameters/") || at.contains("/responses/");
    let is_reference = node.is_some_and(|it| it.get("$ref").is_some()) && is_parameter_or_response;
    let words = node.and_then(text).unwrap_or_default();
    if words.trim().is_empty() && !is_reference {
        found.insert(at);
    }
}

/// Values that types of ours gained: where they are listed, and the value.
pub(super) fn new_values(ours: &Model, new: &Model) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, def) in &new.types {
        let known = ours.types.get(name).map(|it| &it.kind);
        let (Some(Kind::Enum(known)), Kind::Enum(listed)) = (known, &def.kind) else {
            continue;
        };
        let added = listed.values.iter().filter(|it| !known.values.contains(it));
        let at = def.place.pointer.clone().unwrap_or_default();
        found.extend(added.map(|value| (at.clone(), value.clone())));
    }
    found
}
