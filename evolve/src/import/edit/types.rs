//! Types: definitions, fields, enum values.

use bpx_contract::model::{Field, Kind, StringEnum, TypeDef};
use bpx_contract::pointer;
use serde_json::{Map, Value, json};

use super::super::facts::{is_named, same_kind};
use super::super::theirs::insert;
use super::super::write::{carried, field_json, schema_json, type_json};
use super::Editor;

impl Editor<'_> {
    pub(super) fn update_type(&mut self, name: &str) {
        // What nothing refers to any more is removed at the end of a round.
        let Some(new) = self.new.types.get(name) else {
            return;
        };
        let Some(ours) = self.ours.types.get(name).filter(|_| !self.whole) else {
            return self.write_type(name, new);
        };
        match (&ours.kind, &new.kind) {
            // Fields are elements of their own.
            (Kind::Object(_), Kind::Object(_)) => self.update_object(name, new),
            (Kind::Enum(ours), Kind::Enum(new)) => self.update_enum(name, ours, new),
            (Kind::Union(ours), Kind::Union(new)) => self.update_union(name, ours, new),
            (ours, kind) if same_kind(ours, kind) => {}
            _ => self.write_type(name, new),
        }
        self.mark_type(name, new.deprecated && is_named(name, new));
    }

    fn mark_type(&mut self, name: &str, deprecated: bool) {
        let at = self.style.pointer(name);
        let node = self.value.pointer_mut(&at).and_then(Value::as_object_mut);
        match (node, deprecated) {
            (Some(node), true) => drop(node.insert("deprecated".to_owned(), json!(true))),
            (Some(node), false) => drop(node.shift_remove("deprecated")),
            (None, _) => {}
        }
    }

    /// Updates what an object says of undeclared properties.
    fn update_object(&mut self, name: &str, new: &TypeDef) {
        let extra = new.extra.as_ref();
        let extra = extra.map(|shape| schema_json(shape, self.style));
        let Some(node) = self.definition(name) else {
            return;
        };
        match extra {
            Some(extra) => drop(node.insert("additionalProperties".to_owned(), extra)),
            None => drop(node.shift_remove("additionalProperties")),
        }
    }

    pub(super) fn update_field(&mut self, ty: &str, name: &str) {
        let Some(Kind::Object(fields)) = self.new.types.get(ty).map(|def| &def.kind) else {
            return;
        };
        if self.whole
            && let Some(def) = self.new.types.get(ty)
        {
            return self.write_type(ty, def);
        }
        match fields.iter().find(|field| field.name == name) {
            Some(field) => self.write_field(ty, field),
            None => self.remove_field(ty, name),
        }
    }

    /// Where a type is defined: under its name, else where it is written inline.
    pub(super) fn definition_at(&self, name: &str) -> String {
        let named = self.style.pointer(name);
        let inline = self.ours.types.get(name).map(|def| &def.place);
        let inline = inline.and_then(|place| place.pointer.clone());
        match inline.filter(|_| self.value.pointer(&named).is_none()) {
            Some(inline) if self.value.pointer(&inline).is_some() => inline,
            _ => named,
        }
    }

    /// The definition of a type.
    pub(super) fn definition(&mut self, name: &str) -> Option<&mut Map<String, Value>> {
        let pointer = self.definition_at(name);
        self.value.pointer_mut(&pointer)?.as_object_mut()
    }

    /// The part of an object's definition that has the property, else the part with properties of its own.
    fn owner(&mut self, ty: &str, field: &str) -> Option<&mut Map<String, Value>> {
        let all = self.parts(ty);
        let has = |pointer: &&String, key: &str| {
            let node = self.value.pointer(pointer);
            node.is_some_and(|node| node.pointer(key).is_some())
        };
        let property = pointer::join("/properties", field);
        let is_own = |it: &&String| !self.is_shared(it);
        let mut own = all.iter().filter(is_own);
        let mut found = own.clone().find(|it| has(it, &property));
        found = found.or_else(|| own.find(|it| has(it, "/properties")));
        let found = found.or(all.first())?.clone();
        self.value.pointer_mut(&found)?.as_object_mut()
    }

    /// The definition of a type and the parts that it is composed of, through references.
    fn parts(&self, ty: &str) -> Vec<String> {
        let at = self.definition_at(ty);
        let parts = self.value.pointer(&format!("{at}/allOf"));
        let count = parts.and_then(Value::as_array).map_or(0, Vec::len);
        let parts = (0..count).map(|index| self.followed(&format!("{at}/allOf/{index}")).0);
        std::iter::once(at.clone()).chain(parts).collect()
    }

    /// Whether several places refer to a definition, so that a change of it would change others.
    fn is_shared(&self, at: &str) -> bool {
        let reference = format!("\"#{at}\"");
        self.value.to_string().matches(&reference).count() > 1
    }

    /// A whole new definition with the prose that the written one has for its properties.
    fn with_prose(&self, name: &str, mut node: Value) -> Value {
        let written = |field: &str| {
            let at = pointer::join("/properties", field);
            let mut parts = self.parts(name).into_iter();
            parts.find_map(|part| self.value.pointer(&(part + &at))?.as_object().cloned())
        };
        let properties = node.get_mut("properties").and_then(Value::as_object_mut);
        for (field, node) in properties.into_iter().flatten() {
            if let Some(written) = written(field) {
                *node = self.style.wrapped(carried(node.take(), &written));
            }
        }
        node
    }

    fn write_type(&mut self, name: &str, new: &TypeDef) {
        let mut node = self.inlined(type_json(new, self.style));
        node = self.with_prose(name, node);
        if let Some(written) = self.definition(name) {
            node = carried(node, &written.clone());
        }
        let at = self.definition_at(name);
        insert(&mut self.value, &at, node);
    }

    fn write_field(&mut self, ty: &str, field: &Field) {
        let known = match self.ours.types.get(ty).map(|def| &def.kind) {
            Some(Kind::Object(fields)) => fields.iter().find(|it| it.name == field.name),
            _ => None,
        };
        // Only the list of what is required may differ.
        let is_same = known.is_some_and(|known| {
            let (doc, required) = (known.doc.clone(), known.required);
            *known
                == Field {
                    doc,
                    required,
                    ..field.clone()
                }
        });
        let node = self.inlined(field_json(field, self.style));
        let style = self.style;
        let Some(definition) = self.owner(ty, &field.name) else {
            return;
        };
        let properties = definition.entry("properties").or_insert_with(|| json!({}));
        let Some(properties) = properties.as_object_mut() else {
            return;
        };
        let written = properties.get(&field.name).and_then(Value::as_object);
        if !(is_same && written.is_some()) {
            let written = written.cloned().unwrap_or_default();
            let node = style.wrapped(carried(node, &written));
            properties.insert(field.name.clone(), node);
        }
        require(definition, &field.name, field.required);
    }

    fn remove_field(&mut self, ty: &str, field: &str) {
        let Some(definition) = self.owner(ty, field) else {
            return;
        };
        let properties = definition.get_mut("properties");
        if let Some(properties) = properties.and_then(Value::as_object_mut) {
            properties.shift_remove(field);
        }
        require(definition, field, false);
    }

    /// Changes the list of an enum, under its name or at every place that writes it out.
    fn update_enum(&mut self, ty: &str, ours: &StringEnum, new: &StringEnum) {
        let update = |list: &mut Vec<Value>| {
            list.retain(|value| new.values.iter().any(|it| value == it));
            let added = new.values.iter().filter(|it| !ours.values.contains(it));
            list.extend(added.map(|value| json!(value)));
        };
        let is_named = self.value.pointer(&self.style.pointer(ty)).is_some();
        match self.definition(ty).filter(|_| is_named) {
            Some(definition) => {
                if let Some(list) = definition.get_mut("enum").and_then(Value::as_array_mut) {
                    update(list);
                }
                if !new.closed {
                    definition.shift_remove("x-closed");
                } else if !ours.closed {
                    definition.insert("x-closed".to_owned(), json!(true));
                }
            }
            None => update_lists(&mut self.value, &ours.values, &update),
        }
    }
}

fn require(definition: &mut Map<String, Value>, field: &str, required: bool) {
    let known = definition.get("required").and_then(Value::as_array);
    let listed = known.is_some_and(|list| list.iter().any(|name| name == field));
    if listed == required {
        return;
    }
    let list = definition.entry("required").or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut() {
        match required {
            true => list.push(json!(field)),
            false => list.retain(|name| name != field),
        }
    }
    if definition.get("required") == Some(&json!([])) {
        definition.shift_remove("required");
    }
}

/// Updates every `enum` that lists exactly these values.
fn update_lists(value: &mut Value, values: &[String], update: &impl Fn(&mut Vec<Value>)) {
    match value {
        Value::Object(members) => {
            let list = members.get_mut("enum").and_then(Value::as_array_mut);
            if let Some(list) = list.filter(|list| list.as_slice() == values) {
                update(list);
            }
            let members = members.values_mut();
            members.for_each(|it| update_lists(it, values, update));
        }
        Value::Array(items) => {
            items
                .iter_mut()
                .for_each(|it| update_lists(it, values, update));
        }
        _ => {}
    }
}
