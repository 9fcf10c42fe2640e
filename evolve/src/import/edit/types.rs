//! Types: definitions, fields, enum values.

use bpx_contract::model::{Field, Kind, StringEnum, TypeDef};
use bpx_contract::pointer;
use serde_json::{Map, Value, json};

use super::super::write::{field_json, type_json};
use super::Editor;

impl Editor<'_> {
    pub(super) fn update_type(&mut self, name: &str) {
        match (self.ours.types.get(name), self.new.types.get(name)) {
            (_, None) => {
                if let Some(definitions) = self.definitions() {
                    definitions.shift_remove(name);
                }
            }
            (None, Some(new)) => self.write_type(name, new),
            (Some(ours), Some(new)) => match (&ours.kind, &new.kind) {
                // Fields are elements of their own.
                (Kind::Object(_), Kind::Object(_)) => {}
                (Kind::Enum(ours), Kind::Enum(new)) => self.update_enum(name, ours, new),
                (ours, kind) if ours == kind => {}
                _ => self.write_type(name, new),
            },
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

    fn definitions(&mut self) -> Option<&mut Map<String, Value>> {
        self.value
            .pointer_mut(self.style.definitions())?
            .as_object_mut()
    }

    /// The definition of a type, if our document has it under its name.
    fn definition(&mut self, name: &str) -> Option<&mut Map<String, Value>> {
        let pointer = self.style.pointer(name);
        self.value.pointer_mut(&pointer)?.as_object_mut()
    }

    fn write_type(&mut self, name: &str, new: &TypeDef) {
        let mut node = type_json(new, self.style);
        let written = self.definition(name);
        let description = written.and_then(|it| it.get("description").cloned());
        match (node.as_object_mut(), description) {
            (Some(node), Some(description)) => {
                node.insert("description".to_owned(), description);
            }
            _ => self.undescribed.push(self.style.pointer(name)),
        }
        if let Some(definitions) = self.definitions() {
            definitions.insert(name.to_owned(), node);
        }
    }

    fn write_field(&mut self, ty: &str, field: &Field) {
        let mut node = field_json(field, self.style);
        let style = self.style;
        let Some(definition) = self.definition(ty) else {
            return;
        };
        let properties = definition.entry("properties").or_insert_with(|| json!({}));
        let Some(properties) = properties.as_object_mut() else {
            return;
        };
        let written = properties.get(&field.name);
        let description = written.and_then(|it| it.get("description")).cloned();
        let is_described = description.is_some();
        if let Some(description) = description {
            node = style.described(node, description);
        }
        properties.insert(field.name.clone(), node);
        require(definition, &field.name, field.required);
        if !is_described {
            let properties = format!("{}/properties", style.pointer(ty));
            self.undescribed
                .push(pointer::join(&properties, &field.name));
        }
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
