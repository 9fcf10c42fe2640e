//! One action carried out.

use std::cmp::Ordering;

use serde_json::{Map, Value};
use serde_json_path::{NormalizedPath, PathElement};

use super::read::{Action, Change};
use crate::Diagnostic;
use crate::load::{DEPTH_MAX, kind};

/// Where a selected node is.
struct Target {
    pointer: String,
    step: Step,
}

/// The last step to a node; the document itself has none.
enum Step {
    Root,
    Name(String),
    Index(usize),
}

/// Carries out `action`, or says why that is impossible or superfluous.
pub(super) fn make(action: &Action<'_>, value: &mut Value, file: &str) -> Result<(), Diagnostic> {
    let number = action.number;
    let fault = |problem: String, fix: &str| Diagnostic::new(action.place.clone(), problem, fix);
    let targets = select(action, value);
    let changed = match action.change {
        Change::Update(update) => {
            // From the outside in, as the path selects them.
            let merged = targets
                .iter()
                .rev()
                .map(|target| update_at(value, target, update));
            merged
                .collect::<Result<Vec<_>, _>>()
                .map(|done| done.contains(&true))
        }
        Change::Remove => {
            let removed = targets.iter().map(|target| remove_at(value, target));
            removed
                .collect::<Result<Vec<_>, _>>()
                .map(|done| done.contains(&true))
        }
    };
    match changed {
        Err(problem) => Err(fault(
            format!("action {number} {problem}"),
            "correct the target or the update",
        )),
        Ok(false) => Err(fault(
            format!("action {number} changes nothing in {file}"),
            "no longer needed: delete it",
        )),
        Ok(true) if too_deep(value, DEPTH_MAX) => {
            let problem =
                format!("after action {number} the nesting is deeper than {DEPTH_MAX} levels");
            Err(fault(
                problem,
                "move inner parts into definitions of their own and refer to them",
            ))
        }
        Ok(true) => Ok(()),
    }
}

/// The selected nodes, each once, inner before outer and last before first, so that removing one does not
/// move another.
fn select(action: &Action<'_>, value: &Value) -> Vec<Target> {
    let selected = action.target.query_located(value);
    let mut locations: Vec<_> = selected.locations().collect();
    locations.sort_by(|a, b| b.partial_cmp(a).unwrap_or(Ordering::Equal));
    locations.dedup();
    locations.into_iter().map(Target::of).collect()
}

impl Target {
    fn of(location: &NormalizedPath<'_>) -> Self {
        let step = match location.last() {
            None => Step::Root,
            Some(PathElement::Name(name)) => Step::Name((*name).to_owned()),
            Some(PathElement::Index(index)) => Step::Index(*index),
        };
        Self {
            pointer: location.to_json_pointer(),
            step,
        }
    }
}

/// Merges into the node; `Ok(true)` if that changed it.
fn update_at(value: &mut Value, target: &Target, update: &Value) -> Result<bool, String> {
    let Some(node) = value.pointer_mut(&target.pointer) else {
        return Ok(false);
    };
    match (node, update) {
        (Value::Object(object), Value::Object(members)) => {
            merge_members(object, members, &target.pointer)
        }
        (Value::Array(list), Value::Array(items)) => Ok(append(list, items)),
        (Value::Array(list), item) => Ok(append(list, std::slice::from_ref(item))),
        (node, update) => Err(mismatch(node, update, &target.pointer)),
    }
}

fn merge_members(
    object: &mut Map<String, Value>,
    members: &Map<String, Value>,
    at: &str,
) -> Result<bool, String> {
    let mut changed = false;
    for (key, update) in members {
        match object.get_mut(key) {
            Some(node) => changed |= merge(node, update, &format!("{at}/{key}"))?,
            None => {
                object.insert(key.clone(), update.clone());
                changed = true;
            }
        }
    }
    Ok(changed)
}

fn merge(node: &mut Value, update: &Value, at: &str) -> Result<bool, String> {
    match (node, update) {
        (Value::Object(object), Value::Object(members)) => merge_members(object, members, at),
        (Value::Array(list), Value::Array(items)) => Ok(append(list, items)),
        (node, update) if is_single(node) && is_single(update) => {
            let changed = node != update;
            *node = update.clone();
            Ok(changed)
        }
        (node, update) => Err(mismatch(node, update, at)),
    }
}

/// Appends what the list does not have yet. No list of an API description means anything by repeating an
/// entry, and without this an action that appends would never expire.
fn append(list: &mut Vec<Value>, items: &[Value]) -> bool {
    let before = list.len();
    for item in items {
        if !list.contains(item) {
            list.push(item.clone());
        }
    }
    list.len() > before
}

fn is_single(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn mismatch(node: &Value, update: &Value, at: &str) -> String {
    format!(
        "cannot merge {} into {} at `{at}`",
        kind(update),
        kind(node)
    )
}

/// Takes the node out of what holds it. Overlay 1.1.0 allows this for single values too, and so do we.
fn remove_at(value: &mut Value, target: &Target) -> Result<bool, String> {
    let parent = target
        .pointer
        .rsplit_once('/')
        .map_or("", |(parent, _)| parent);
    let removed = match (value.pointer_mut(parent), &target.step) {
        (_, Step::Root) => return Err("would remove the whole document".to_owned()),
        (Some(Value::Object(object)), Step::Name(name)) => object.shift_remove(name).is_some(),
        (Some(Value::Array(list)), Step::Index(index)) if *index < list.len() => {
            list.remove(*index);
            true
        }
        _ => false,
    };
    Ok(removed)
}

fn too_deep(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(list) => levels == 0 || list.iter().any(|item| too_deep(item, levels - 1)),
        Value::Object(object) => {
            levels == 0 || object.values().any(|item| too_deep(item, levels - 1))
        }
        _ => false,
    }
}
