//! Types: definitions, fields, enum values.

use serde_json::{Map, Value, json};

use super::super::write::{field_json, type_json};
use super::Editor;
use crate::model::{Field, Kind};

impl Editor<'_> {
    /// The definition of a type, if this document has it under its name.
    pub(super) fn definition(&mut self, name: &str) -> Option<&mut Map<String, Value>> {
        let pointer = self.style.pointer(name);
        self.value.pointer_mut(&pointer)?.as_object_mut()
    }

    pub(super) fn write_type(&mut self, name: &str) {
        let Some(def) = self.theirs.types.get(name) else {
            return;
        };
        let mut node = type_json(def, &self.style);
        let old = self
            .definition(name)
            .and_then(|old| old.get("description").cloned());
        match (node.as_object_mut(), old) {
            (Some(node), Some(description)) => {
                drop(node.insert("description".to_owned(), description))
            }
            _ => self.wordless.push(self.style.pointer(name)),
        }
        if let Some(definitions) = self
            .value
            .pointer_mut(self.style.definitions())
            .and_then(Value::as_object_mut)
        {
            definitions.insert(name.to_owned(), node);
        }
    }

    pub(super) fn remove_type(&mut self, name: &str) {
        if let Some(definitions) = self
            .value
            .pointer_mut(self.style.definitions())
            .and_then(Value::as_object_mut)
        {
            definitions.shift_remove(name);
        }
    }

    pub(super) fn write_field(&mut self, ty: &str, field: &Field) {
        let mut node = field_json(field, &self.style);
        let style = self.style.clone();
        let Some(definition) = self.definition(ty) else {
            return;
        };
        let Some(properties) = definition
            .entry("properties")
            .or_insert_with(|| json!({}))
            .as_object_mut()
        else {
            return;
        };
        let described = properties
            .get(&field.name)
            .and_then(|old| old.get("description"))
            .cloned();
        let wordless = described.is_none();
        if let Some(description) = described {
            node = style.described(node, description);
        }
        properties.insert(field.name.clone(), node);
        require(definition, &field.name, field.required);
        if wordless {
            self.wordless
                .push(format!("{}/properties/{}", style.pointer(ty), field.name));
        }
    }

    pub(super) fn remove_field(&mut self, ty: &str, field: &str) {
        let Some(definition) = self.definition(ty) else {
            return;
        };
        if let Some(properties) = definition
            .get_mut("properties")
            .and_then(Value::as_object_mut)
        {
            properties.shift_remove(field);
        }
        require(definition, field, false);
    }

    /// Changes an enum's list: under its name, or wherever the list is written out.
    pub(super) fn values(&mut self, ty: &str, change: impl Fn(&mut Vec<Value>)) {
        if let Some(list) = self
            .definition(ty)
            .and_then(|it| it.get_mut("enum")?.as_array_mut())
        {
            change(list);
            return;
        }
        let Some(def) = self.ours.types.get(ty) else {
            return;
        };
        let Kind::Enum(listed) = &def.kind else {
            return;
        };
        let before: Vec<Value> = listed.values.iter().map(|value| json!(value)).collect();
        change_lists(&mut self.value, &before, &change);
    }

    pub(super) fn close(&mut self, ty: &str, closed: bool) {
        let Some(definition) = self.definition(ty) else {
            return;
        };
        if closed {
            definition.insert("x-closed".to_owned(), json!(true));
        } else {
            definition.shift_remove("x-closed");
        }
    }
}

fn require(definition: &mut Map<String, Value>, field: &str, required: bool) {
    let known = definition.get("required").and_then(Value::as_array);
    let listed = known.is_some_and(|list| list.iter().any(|name| name == field));
    if listed == required {
        return;
    }
    if let Some(list) = definition
        .entry("required")
        .or_insert_with(|| json!([]))
        .as_array_mut()
    {
        if required {
            list.push(json!(field));
        } else {
            list.retain(|name| name != field);
        }
    }
    if definition.get("required") == Some(&json!([])) {
        definition.shift_remove("required");
    }
}

fn change_lists(value: &mut Value, before: &[Value], change: &impl Fn(&mut Vec<Value>)) {
    match value {
        Value::Object(members) => {
            if let Some(list) = members.get_mut("enum").and_then(Value::as_array_mut)
                && list.as_slice() == before
            {
                change(list);
            }
            members
                .values_mut()
                .for_each(|child| change_lists(child, before, change));
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|child| change_lists(child, before, change)),
        _ => {}
    }
}
