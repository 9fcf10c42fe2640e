//! References after a translation: into schemas that stand elsewhere now, and by names that have one bearer.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{DOCUMENT, reference};
use crate::pointer::join;

/// Lets every reference of the document lead to the schema that it led to before the translation.
pub(super) fn lead(document: &mut Value, places: &[String]) {
    let mut found = Vec::new();
    let anchors = anchors(document, places);
    collect(document, document, String::new(), &anchors, &mut found);
    for (pointer, target) in found {
        if let Some(Value::Object(schema)) = document.pointer_mut(&pointer) {
            schema.remove("$dynamicRef");
            schema.extend(
                reference(&target)
                    .as_object()
                    .cloned()
                    .into_iter()
                    .flatten(),
            );
        }
    }
}

/// Schemas with a `$dynamicAnchor` that no other schema has: the only ones to which it can lead.
fn anchors(document: &Value, places: &[String]) -> BTreeMap<String, Option<String>> {
    let mut anchors = BTreeMap::new();
    for place in places {
        let schema = document.pointer(place);
        let anchor = schema.and_then(|it| it.get("$dynamicAnchor")?.as_str());
        if let Some(anchor) = anchor {
            let known = anchors.entry(anchor.to_owned());
            known
                .and_modify(|it| *it = None)
                .or_insert_with(|| Some(place.clone()));
        }
    }
    anchors
}

/// Schemas whose reference has to change, and where it leads.
fn collect(
    document: &Value,
    node: &Value,
    at: String,
    anchors: &BTreeMap<String, Option<String>>,
    found: &mut Vec<(String, String)>,
) {
    let target = match (text(node, "$ref"), text(node, "$dynamicRef")) {
        (Some(("" | DOCUMENT, fragment)), None) => {
            let pointer = percent_decode_str(fragment).decode_utf8_lossy();
            // Braces of a path are often written as they are, which no URI may.
            let is_uri = !fragment.contains(['{', '}']);
            moved(document, &pointer).filter(|it| *it != pointer || !is_uri)
        }
        (None, Some(("", anchor))) => anchors.get(anchor).map(|only| {
            // Which of several it is depends on the way there: the schema cannot be applied.
            let nothing = || format!("/$dynamicRef/{anchor}");
            only.clone().unwrap_or_else(nothing)
        }),
        _ => None,
    };
    found.extend(target.map(|target| (at.clone(), target)));
    let items = node.as_array().into_iter().flatten().enumerate();
    for (index, item) in items {
        collect(
            document,
            item,
            join(&at, &index.to_string()),
            anchors,
            found,
        );
    }
    for (name, member) in node.as_object().into_iter().flatten() {
        collect(document, member, join(&at, name), anchors, found);
    }
}

/// A reference before and behind its `#`.
fn text<'a>(node: &'a Value, keyword: &str) -> Option<(&'a str, &'a str)> {
    node.get(keyword)?.as_str()?.split_once('#')
}

/// The pointer to what stood at this one before it was put behind `else`.
fn moved(document: &Value, pointer: &str) -> Option<String> {
    let (mut node, mut at) = (document, String::new());
    for token in pointer.split('/').skip(1) {
        let step = format!("/{token}");
        while node.pointer(&step).is_none() {
            node = node.get("else")?;
            at.push_str("/else");
        }
        node = node.pointer(&step)?;
        at.push_str(&step);
    }
    Some(at)
}
