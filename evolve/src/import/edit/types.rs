//! Types: definitions, fields, enum values.

use bpx_contract::model::{Field, Kind, StringEnum, TypeDef};
use serde_json::{Map, Value, json};

use super::super::facts::same_kind;
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
        self.mark_type(name, new.deprecated);
    }

    fn mark_type(&mut self, name: &str, deprecated: bool) {
        match (self.definition(name), deprecated) {
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
        match fields.iter().find(|field| field.name == name) {
            Some(field) => self.write_field(ty, field),
            None => self.remove_field(ty, name),
        }
    }

    /// The definition of a type, if our document has it under its name.
    pub(super) fn definition(&mut self, name: &str) -> Option<&mut Map<String, Value>> {
        let pointer = self.style.pointer(name);
        self.value.pointer_mut(&pointer)?.as_object_mut()
    }

    fn write_type(&mut self, name: &str, new: &TypeDef) {
        let mut node = type_json(new, self.style);
        if let Some(written) = self.definition(name) {
            node = carried(node, &written.clone());
        }
        let at = self.style.pointer(name);
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
        let node = field_json(field, self.style);
        let style = self.style;
        let Some(definition) = self.definition(ty) else {
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
        let Some(definition) = self.definition(ty) else {
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
        match self.definition(ty) {
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
