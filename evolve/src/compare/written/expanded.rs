//! Schemas written out: for the algebra, and to see whether two are equal.

use std::collections::BTreeMap;

use bpx_contract::Cursor;
use serde_json::{Map, Value, json};

use super::keywords::{Holds, Use, of_schema};
use super::level::Level;
use super::union::Union;
use crate::side::Side;

/// Schemas with more definitions are not written out.
const DEFINITIONS_MAX: usize = 2_000;
/// Neither are those that nest deeper.
const DEPTH_MAX: usize = 128;
/// References are followed this deep to see whether two schemas are equal; below, their names count.
const EQUAL_DEPTH: usize = 12;

/// A schema without references and without what limits nothing. Equal results mean equal schemas.
pub(super) fn plain(at: &Cursor<'_>) -> Value {
    plain_at(at, EQUAL_DEPTH)
}

fn plain_at(at: &Cursor<'_>, depth: usize) -> Value {
    let inner = |at: &Cursor<'_>| plain_at(at, depth.saturating_sub(1));
    if !at.value.is_object() {
        return at.value.clone();
    }
    let members = at.members().into_iter();
    let kept = members.filter(|(key, _)| {
        let used = of_schema(key);
        *key != "$ref" && !matches!(used, Use::Prose | Use::Example | Use::Meaning)
    });
    let mut own: Map<_, _> = kept
        .map(|(key, inside)| (key.to_owned(), member(key, &inside, inner)))
        .collect();
    let target = at.str("$ref").map(|target| (target, at.target(target)));
    match target {
        Some((_, Ok(found))) if depth > 0 && own.is_empty() => inner(&found),
        Some((_, Ok(found))) if depth > 0 => json!({"allOf": [own, inner(&found)]}),
        Some((target, _)) => {
            own.insert("$ref".to_owned(), json!(target));
            own.into()
        }
        None => own.into(),
    }
}

/// The value of a keyword, with the schemas in it.
fn member(key: &str, at: &Cursor<'_>, inner: impl Fn(&Cursor<'_>) -> Value) -> Value {
    match key {
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => at.elements().iter().map(inner).collect(),
        "properties" | "patternProperties" | "dependentSchemas" => {
            let named = at.members().into_iter();
            let named: Map<_, _> = named
                .map(|(name, it)| (name.to_owned(), inner(&it)))
                .collect();
            named.into()
        }
        _ if matches!(of_schema(key), Use::Inside(..)) => inner(at),
        _ => at.value.clone(),
    }
}

/// The schema of a value that is sent in one direction, alone. What a sender does not name it does not send.
pub(super) fn schema(side: Side, parts: &[Cursor<'_>], is_sender: bool) -> Option<Value> {
    let mut writer = Writer {
        side,
        is_sender,
        definitions: BTreeMap::new(),
    };
    let root = writer.reference(parts, true, DEPTH_MAX)?;
    let definitions: Option<Map<String, Value>> = writer
        .definitions
        .into_values()
        .map(|(id, value)| Some((id, value?)))
        .collect();
    Some(json!({"$ref": root.get("$ref")?, "$defs": definitions?}))
}

struct Writer {
    side: Side,
    is_sender: bool,
    /// By the parts and whether they are closed: the name and the schema, which is missing until it is written.
    definitions: BTreeMap<(Vec<String>, bool), (String, Option<Value>)>,
}

impl Writer {
    /// `may_close`: no other schema that the value has to meet names further properties.
    fn reference(&mut self, parts: &[Cursor<'_>], may_close: bool, depth: usize) -> Option<Value> {
        let key = (
            parts
                .iter()
                .map(|it| it.pointer.clone())
                .collect::<Vec<_>>(),
            may_close,
        );
        if let Some((id, _)) = self.definitions.get(&key) {
            return Some(json!({"$ref": format!("#/$defs/{id}")}));
        }
        let (count, depth) = (self.definitions.len(), depth.checked_sub(1)?);
        if count > DEFINITIONS_MAX {
            return None;
        }
        let id = format!("d{count}");
        self.definitions.insert(key.clone(), (id.clone(), None));
        let level = Level::of(self.side, parts);
        let schema = self.level(&level, may_close, depth)?;
        self.definitions.insert(key, (id.clone(), Some(schema)));
        Some(json!({"$ref": format!("#/$defs/{id}")}))
    }

    fn level(&mut self, level: &Level<'_>, may_close: bool, depth: usize) -> Option<Value> {
        if !level.broken.is_empty()
            || level.has_subtypes()
            || level.parts.iter().any(|it| limits_others(it, level))
        {
            return None;
        }
        let mut schema = level.local();
        let members = schema.as_object_mut()?;
        let is_alone = may_close && level.unions.is_empty();
        let mut properties = Map::new();
        for (name, parts) in &level.properties {
            properties.insert((*name).to_owned(), self.reference(parts, true, depth)?);
        }
        let is_closed = self.is_sender && is_alone && !level.is_open && !properties.is_empty();
        if !properties.is_empty() {
            members.insert("properties".to_owned(), properties.into());
        }
        if !level.required.is_empty() {
            members.insert("required".to_owned(), json!(level.required));
        }
        for ((keyword, name), parts) in &level.inside {
            let inside = self.inside(parts, depth)?;
            match of_schema(keyword) {
                Use::Inside(_, Holds::Named) => {
                    let named = members.entry(*keyword).or_insert_with(|| json!({}));
                    named.as_object_mut()?.insert(name.clone(), inside);
                }
                Use::Inside(_, Holds::Listed) => {
                    let listed = members.entry(*keyword).or_insert_with(|| json!([]));
                    listed.as_array_mut()?.push(inside);
                }
                _ => drop(members.insert((*keyword).to_owned(), inside)),
            }
        }
        if is_closed && !members.contains_key("additionalProperties") {
            members.insert("additionalProperties".to_owned(), json!(false));
        }
        let may_close = may_close && level.properties.is_empty();
        let mut unions = Vec::new();
        for union in &level.unions {
            unions.push(self.union(union, may_close, depth)?);
        }
        if !unions.is_empty() {
            let all = members.entry("allOf").or_insert_with(|| json!([]));
            all.as_array_mut()?.extend(unions);
        }
        let null = level.null && (level.types.is_some() || !level.unions.is_empty());
        Some(match null {
            true => json!({"anyOf": [{"type": "null"}, schema]}),
            false => schema,
        })
    }

    fn inside(&mut self, parts: &[Cursor<'_>], depth: usize) -> Option<Value> {
        match parts.iter().any(|it| it.value == &Value::Bool(false)) {
            true => Some(Value::Bool(false)),
            false => self.reference(parts, true, depth),
        }
    }

    fn union(&mut self, union: &Union<'_>, may_close: bool, depth: usize) -> Option<Value> {
        let mut arms = Vec::new();
        // A value may have properties of several alternatives.
        let may_close = may_close && (union.is_exclusive || union.tag.is_some());
        for arm in &union.arms {
            let parts = [arm.at.clone()];
            let Some(tag) = union.tag else {
                arms.push(self.reference(&parts, may_close, depth)?);
                continue;
            };
            let is_named = Level::of(self.side, &parts).properties.contains_key(tag);
            let own = self.reference(&parts, may_close && is_named, depth)?;
            let tagged = json!({"type": "object", "required": [tag], "properties": {tag: {"const": arm.name}}});
            arms.push(json!({"allOf": [own, tagged]}));
        }
        let keyword = if union.is_exclusive { "oneOf" } else { "anyOf" };
        Some(json!({keyword: arms}))
    }
}

/// Whether a part limits properties that another part names, which one schema cannot say.
fn limits_others(part: &Cursor<'_>, level: &Level<'_>) -> bool {
    let additional = part.value.get("additionalProperties");
    let own = part.value.get("properties");
    let is_own = |name: &str| own.is_some_and(|own| own.get(name).is_some());
    additional.is_some() && level.properties.keys().any(|name| !is_own(name))
}

/// Both schemas for the algebra: the caller keeps to the old document, the server to the new one.
pub(super) fn written_out(
    side: Side,
    old: &[Cursor<'_>],
    new: &[Cursor<'_>],
) -> (Option<Value>, Option<Value>) {
    let is_sent = side == Side::Request;
    (schema(side, old, is_sent), schema(side, new, !is_sent))
}
