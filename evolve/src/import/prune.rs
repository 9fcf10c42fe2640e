//! Removes the components that nothing refers to any more.

use std::collections::BTreeSet;

use bpx_contract::pointer;
use serde_json::{Map, Value};

use super::theirs::{reached, references};
use super::write::Style;

/// Members of a document that hold components by kind and name.
const KINDS: [&str; 5] = [
    "schemas",
    "parameters",
    "responses",
    "requestBodies",
    "headers",
];

/// Removes the components that `value` does not use, except those that `before` had and did not use either.
pub(super) fn prune(before: &Value, value: &mut Value, style: &Style) {
    let groups: Vec<String> = match style {
        Style::OpenApi => KINDS
            .iter()
            .map(|kind| format!("/components/{kind}"))
            .collect(),
        Style::JsonSchema(_) => vec![style.definitions().to_owned()],
    };
    let (was, is) = (used(before, &groups), used(value, &groups));
    for group in &groups {
        let is_idle = |at: &String| before.pointer(at).is_some() && !was.contains(at);
        let members = value.pointer_mut(group).and_then(Value::as_object_mut);
        let Some(members) = members else { continue };
        members.retain(|name, _| {
            let at = pointer::join(group, name);
            is.contains(&at) || is_idle(&at)
        });
        if members.is_empty()
            && let Some((owner, key)) = group.rsplit_once('/')
            && let Some(owner) = value.pointer_mut(owner).and_then(Value::as_object_mut)
        {
            owner.shift_remove(key);
        }
    }
}

/// What the rest of the document reaches.
fn used(document: &Value, groups: &[String]) -> BTreeSet<String> {
    let owners: BTreeSet<_> = groups
        .iter()
        .filter_map(|it| it.split('/').nth(1))
        .collect();
    let members = document.as_object();
    let rest = members.into_iter().flatten();
    let rest = rest.filter(|(key, _)| !owners.contains(key.as_str()));
    let rest: Map<_, _> = rest
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    reached(
        document,
        references(&Value::Object(rest)).into_iter().collect(),
    )
}
