//! Reads the new document leniently: what no operation of ours reaches cannot stop an import.
//!
//! A part that cannot be read keeps what our document says in its location, and is reported.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::model::{LossKind, Media, Method, Model, Operation};
use bpx_contract::{Api, Diagnostic, Diagnostics, Document, Place, lower_lossy, pointer};
use serde_json::{Map, Value};

/// The new document as far as it is about operations of ours.
pub(super) struct Theirs {
    pub(super) api: Api,
    /// The ids of operations with none of our tags.
    pub(super) outside: Vec<String>,
    /// What could not be read and touches an operation of ours.
    pub(super) unread: Vec<Diagnostic>,
    /// How much else could not be read.
    pub(super) unread_elsewhere: usize,
    /// The new ids of operations, by ours.
    pub(super) ids: BTreeMap<String, String>,
}

pub(super) fn read(ours: &Api, new: &Document) -> Result<Theirs, Diagnostics> {
    let (document, mut model, losses) = filled(ours.document(), new)?;
    let before = ours.model();
    let ids = align_ids(before, &document, &mut model);
    let known = tags(ours.document(), before.operations.values());
    let is_outside = |id: &String, operation: &Operation| {
        let theirs = tags(&document, [operation].into_iter());
        let is_ours = is_former(&ids, id) || before.operations.contains_key(id);
        !is_ours && !known.is_empty() && theirs.is_disjoint(&known)
    };
    let operations = model.operations.iter();
    let outside = operations.filter(|(id, operation)| is_outside(id, operation));
    let outside: Vec<_> = outside.map(|(id, _)| id.clone()).collect();
    let mut document = document;
    for operation in outside.iter().filter_map(|id| model.operations.get(id)) {
        let at = operation.place.pointer.as_deref().unwrap_or_default();
        remove(&mut document.value, at);
    }
    model.retain_operations(|id, _| !outside.iter().any(|it| it == id));
    let is_known = |id: &String| before.operations.contains_key(id) || is_former(&ids, id);
    if !model.operations.keys().any(is_known) {
        return Err(Diagnostics::one(
            Place::at(&*new.file, "/paths"),
            "the document has none of our operations",
            "name the document of the API that our contract describes",
        ));
    }
    let roots = roots(before, &model);
    let reached = reached(&new.value, roots);
    let (unread, elsewhere): (Vec<_>, Vec<_>) = losses
        .into_iter()
        .partition(|loss| reached.iter().any(|at| touches(loss, at)));
    Ok(Theirs {
        api: Api::new(document, model),
        outside,
        unread,
        unread_elsewhere: elsewhere.len(),
        ids,
    })
}

/// Whether an operation of ours has this id now.
fn is_former(ids: &BTreeMap<String, String>, id: &str) -> bool {
    ids.values().any(|new| new == id)
}

/// The document and its model, with our parts in place of those that cannot be read.
fn filled(
    ours: &Document,
    new: &Document,
) -> Result<(Document, Model, Vec<Diagnostic>), Diagnostics> {
    let model = lower_lossy(new)?;
    let losses = model.losses.iter().map(|loss| loss.diagnostic.clone());
    let losses: Vec<_> = losses.collect();
    let mut document = new.clone();
    for loss in &model.losses {
        let at = loss.diagnostic.place.pointer.as_deref().unwrap_or_default();
        fill(&mut document.value, &ours.value, at, loss.kind);
    }
    if document.value == new.value {
        return Ok((document, model, losses));
    }
    complete(&mut document.value, &ours.value);
    let model = lower_lossy(&document)?;
    Ok((document, model, losses))
}

/// Puts our part in place of what cannot be read at `at`.
fn fill(new: &mut Value, ours: &Value, at: &str, kind: LossKind) {
    let steps: Vec<_> = at.split('/').skip(1).collect();
    let at = match steps.as_slice() {
        ["paths", path, method, ..] if kind == LossKind::LeftOut => {
            format!("/paths/{path}/{method}")
        }
        ["paths", path, method, "parameters", ..] => format!("/paths/{path}/{method}"),
        ["paths", path, method, "responses", status, ..] => {
            format!("/paths/{path}/{method}/responses/{status}")
        }
        ["paths", path, method, "requestBody", ..] => format!("/paths/{path}/{method}/requestBody"),
        ["components", ..] => nearest_object(new, ours, at),
        _ => return,
    };
    if let (Some(place), Some(part)) = (new.pointer_mut(&at), ours.pointer(&at)) {
        *place = part.clone();
    }
}

/// The innermost location around `at` that is an object in both documents.
fn nearest_object(new: &Value, ours: &Value, at: &str) -> String {
    let mut at = at.to_owned();
    let is_object = |value: &Value, at: &str| value.pointer(at).is_some_and(Value::is_object);
    // Not above a single component.
    while at.matches('/').count() > 3 && !(is_object(new, &at) && is_object(ours, &at)) {
        at.truncate(at.rfind('/').unwrap_or_default());
    }
    at
}

/// Adds our components that are referred to and missing.
fn complete(new: &mut Value, ours: &Value) {
    loop {
        let all = references(new);
        let missing = all.iter().filter(|at| new.pointer(at).is_none());
        let missing: Vec<_> = missing.filter(|at| ours.pointer(at).is_some()).collect();
        if missing.is_empty() {
            return;
        }
        for at in missing {
            insert(new, at, ours.pointer(at).cloned().unwrap_or_default());
        }
    }
}

/// Inserts a value, with the objects around it.
pub(super) fn insert(document: &mut Value, at: &str, value: Value) {
    let mut place = document;
    for step in at.split('/').skip(1) {
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        let inner = match place {
            Value::Object(members) => {
                let key = pointer::unescape(step).into_owned();
                Some(members.entry(key).or_insert(Value::Null))
            }
            Value::Array(items) => step
                .parse()
                .ok()
                .and_then(|index: usize| items.get_mut(index)),
            _ => None,
        };
        let Some(inner) = inner else { return };
        place = inner;
    }
    *place = value;
}

/// Removes a member, and the object around it if that is empty then.
pub(super) fn remove(document: &mut Value, at: &str) {
    let Some((owner_at, key)) = at.rsplit_once('/') else {
        return;
    };
    let owner = document.pointer_mut(owner_at);
    let Some(owner) = owner.and_then(Value::as_object_mut) else {
        return;
    };
    owner.shift_remove(&*pointer::unescape(key));
    if owner.is_empty() {
        remove(document, owner_at);
    }
}

/// The pointers of every reference inside the document.
pub(super) fn references(value: &Value) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), vec![value]);
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                let mapping = members.get("mapping").and_then(Value::as_object);
                let mapped = mapping.into_iter().flat_map(Map::values);
                let targets = members.get("$ref").into_iter().chain(mapped);
                let targets = targets.filter_map(|it| it.as_str()?.strip_prefix('#'));
                found.extend(targets.map(str::to_owned));
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

/// What the locations reach by references, themselves included.
pub(super) fn reached(document: &Value, roots: Vec<String>) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), roots);
    while let Some(at) = open.pop() {
        if let Some(value) = document.pointer(&at)
            && found.insert(at)
        {
            open.extend(references(value));
        }
    }
    found
}

/// The locations of operations in either document, with the parameters of their paths.
fn roots(ours: &Model, new: &Model) -> Vec<String> {
    let operations = ours.operations.values().chain(new.operations.values());
    let both = operations.flat_map(|operation| {
        let item = pointer::join("/paths", &operation.path);
        [operation.method.key(), "parameters"].map(|key| pointer::join(&item, key))
    });
    both.collect()
}

/// Whether a fault is inside or around a location.
fn touches(fault: &Diagnostic, at: &str) -> bool {
    let is_inside = |inner: &str, outer: &str| {
        let rest = inner.strip_prefix(outer);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let fault = fault.place.pointer.as_deref().unwrap_or_default();
    is_inside(fault, at) || is_inside(at, fault)
}

/// Pairs operations by method and path. One without an id of its own gets ours; the result has the others that differ.
fn align_ids(ours: &Model, document: &Document, new: &mut Model) -> BTreeMap<String, String> {
    let by_request: BTreeMap<(Method, &str), &String> = ours
        .operations
        .iter()
        .map(|(id, operation)| ((operation.method, &*operation.path), id))
        .collect();
    let (mut renamed, mut aligned) = (BTreeMap::new(), BTreeMap::new());
    let mut types = BTreeMap::new();
    for (id, mut operation) in std::mem::take(&mut new.operations) {
        let former = by_request
            .get(&(operation.method, &*operation.path))
            .copied();
        let Some(former) = former else {
            aligned.insert(id, operation);
            continue;
        };
        spell_media(ours.operations.get(former), &mut operation);
        if id != *former && has_id(document, &operation, &id) {
            renamed.insert(former.clone(), id.clone());
            aligned.insert(id, operation);
        } else {
            types.extend(named_after(new, &id, former));
            aligned.insert(former.clone(), operation);
        }
    }
    new.operations = aligned;
    new.rename_types(&types);
    renamed
}

/// Types without a name of their own, which are named after their operation, with the names that our id gives.
fn named_after(model: &Model, id: &str, ours: &str) -> BTreeMap<String, String> {
    let is_component = |name: &str| {
        let place = model
            .types
            .get(name)
            .and_then(|it| it.place.pointer.as_ref());
        place.is_some_and(|it| *it == pointer::join("/components/schemas", name))
    };
    let names = model.types.keys().filter(|name| !is_component(name));
    let renamed = names.filter_map(|name| {
        let rest = name.strip_prefix(id)?.strip_prefix('_')?;
        Some((name.clone(), format!("{ours}_{rest}")))
    });
    renamed.collect()
}

fn has_id(document: &Document, operation: &Operation, id: &str) -> bool {
    let at = operation.place.pointer.as_deref().unwrap_or_default();
    let node = document.value.pointer(at);
    node.and_then(|it| it.get("operationId")?.as_str()) == Some(id)
}

/// Parameters of a JSON media type, such as `charset`, are spelled as ours are.
fn spell_media(ours: Option<&Operation>, new: &mut Operation) {
    let known = ours.and_then(|it| it.body.as_ref()).map(|it| &it.media);
    let essence = |media: &str| {
        let name = media.split(';').next().unwrap_or_default();
        name.trim().to_ascii_lowercase()
    };
    if let (Some(Media::Json(known)), Some(body)) = (known, &mut new.body)
        && let Media::Json(media) = &mut body.media
        && essence(known) == essence(media)
    {
        media.clone_from(known);
    }
}

/// The tags of operations.
fn tags<'a>(
    document: &'a Document,
    operations: impl Iterator<Item = &'a Operation>,
) -> BTreeSet<&'a str> {
    let listed = operations.filter_map(|operation| {
        let pointer = operation.place.pointer.as_deref()?;
        document.value.pointer(pointer)?.get("tags")?.as_array()
    });
    let names = listed.flatten().filter_map(Value::as_str);
    names.map(str::trim).collect()
}
