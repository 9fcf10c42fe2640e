//! Several OpenAPI documents as one: for whoever takes their operations for those of one API.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::model::Method;
use crate::pointer::escape;
use crate::{Diagnostics, Document, Place};

impl Document {
    /// One document with the operations of all. Components of one name stay one where they are equal; else those of the
    /// later document get its number after their names. An operation that several documents have is taken from the first.
    ///
    /// # Errors
    /// No document.
    pub fn merged(documents: impl IntoIterator<Item = Self>) -> Result<Self, Diagnostics> {
        let mut documents = documents.into_iter();
        let none = || Diagnostics::one(Place::file(""), "no document is named", "name one");
        let mut whole = documents.next().ok_or_else(none)?;
        for (document, number) in documents.zip(2..) {
            let mut value = document.value;
            own_defaults(&mut value);
            apart(&mut value, &whole.value, number);
            take_paths(&mut whole.value, &mut value);
            take_components(&mut whole.value, &mut value);
            whole.file = format!("{} and {}", whole.file, document.file);
            let both = format!("{}{}", whole.sha256, document.sha256);
            whole.sha256 = hex::encode(Sha256::digest(both));
        }
        Ok(whole)
    }
}

/// Writes what holds for a whole document or path into each operation, where it stays true beside others.
fn own_defaults(document: &mut Value) {
    let security = document.get("security").cloned();
    let items = document.get_mut("paths").and_then(Value::as_object_mut);
    for item in items.into_iter().flat_map(Map::values_mut) {
        let of_path = item.get("parameters").and_then(Value::as_array).cloned();
        for operation in operations(item) {
            if let Some(security) = &security {
                operation
                    .entry("security")
                    .or_insert_with(|| security.clone());
            }
            let Some(of_path) = &of_path else { continue };
            let own = operation
                .entry("parameters")
                .or_insert_with(|| Vec::<Value>::new().into());
            if let Some(own) = own.as_array_mut() {
                let is_same = |it: &Value, other: &Value| {
                    it.get("name").is_some()
                        && (it.get("name"), it.get("in")) == (other.get("name"), other.get("in"))
                };
                let more = of_path
                    .iter()
                    .filter(|it| !own.iter().any(|own| is_same(own, it)));
                let more: Vec<_> = more.cloned().collect();
                own.extend(more);
            }
        }
        if let Some(item) = item.as_object_mut() {
            item.remove("parameters");
        }
    }
}

fn operations(item: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let members = item.as_object_mut().into_iter().flatten();
    let is_method = |key: &str| Method::ALL.iter().any(|(_, method, _)| *method == key);
    members
        .filter(move |(key, _)| is_method(key))
        .filter_map(|(_, operation)| operation.as_object_mut())
}

/// Renames components if one of them differs from the one of the same name in `others`: what refers to it may differ too.
fn apart(document: &mut Value, others: &Value, number: usize) {
    let sections = document.get("components").and_then(Value::as_object);
    let mut renamed = BTreeMap::new();
    let mut differs = false;
    for (section, components) in sections.into_iter().flatten() {
        for (name, component) in components.as_object().into_iter().flatten() {
            let at = format!("/components/{section}/{}", escape(name));
            differs |= others.pointer(&at).is_some_and(|other| other != component);
            if section != "securitySchemes" {
                renamed.insert(format!("#{at}"), format!("#{at}{number}"));
            }
        }
    }
    if !differs {
        return;
    }
    let sections = document
        .get_mut("components")
        .and_then(Value::as_object_mut);
    for (section, components) in sections.into_iter().flatten() {
        if let Some(components) = components
            .as_object_mut()
            .filter(|_| section != "securitySchemes")
        {
            let named = std::mem::take(components).into_iter();
            *components = named
                .map(|(name, it)| (format!("{name}{number}"), it))
                .collect();
        }
    }
    refer(document, &renamed);
}

/// Rewrites every reference to a renamed component.
fn refer(value: &mut Value, renamed: &BTreeMap<String, String>) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|it| refer(it, renamed)),
        Value::Array(items) => items.iter_mut().for_each(|it| refer(it, renamed)),
        Value::String(text) if text.starts_with("#/components/") => {
            let end = text
                .match_indices('/')
                .nth(3)
                .map_or(text.len(), |(at, _)| at);
            let (component, rest) = text.split_at(end);
            if let Some(name) = renamed.get(component) {
                *text = format!("{name}{rest}");
            }
        }
        _ => {}
    }
}

fn take_paths(whole: &mut Value, more: &mut Value) {
    own_defaults(whole);
    let Some(Value::Object(more)) = more.get_mut("paths").map(Value::take) else {
        return;
    };
    let Some(paths) = member(whole, "paths") else {
        return;
    };
    for (path, item) in more {
        let known = paths.entry(path).or_insert_with(|| Map::new().into());
        if let (Value::Object(known), Value::Object(item)) = (known, item) {
            for (key, value) in item {
                known.entry(key).or_insert(value);
            }
        }
    }
}

fn take_components(whole: &mut Value, more: &mut Value) {
    let Some(Value::Object(more)) = more.get_mut("components").map(Value::take) else {
        return;
    };
    let Some(components) = member(whole, "components") else {
        return;
    };
    for (section, named) in more {
        let known = components
            .entry(section)
            .or_insert_with(|| Map::new().into());
        if let (Value::Object(known), Value::Object(named)) = (known, named) {
            for (name, value) in named {
                known.entry(name).or_insert(value);
            }
        }
    }
}

/// The object at a key, made where it is missing.
fn member<'a>(value: &'a mut Value, key: &str) -> Option<&'a mut Map<String, Value>> {
    let members = value.as_object_mut()?;
    let inner = members.entry(key).or_insert_with(|| Map::new().into());
    inner.as_object_mut()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Api;

    const FIRST: &str = "
openapi: 3.0.3
info: {title: First, version: '1'}
paths:
  /a: {get: {operationId: getA, responses: {'200': {description: A., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}}}
components: {schemas: {Thing: {type: object, properties: {a: {type: string}}}}}
";

    fn document(text: &str) -> Document {
        Document::parse("d.yaml", text.as_bytes()).unwrap()
    }

    #[test]
    fn components_of_one_name_stay_apart_where_they_differ() {
        let second = FIRST
            .replace("/a:", "/b:")
            .replace("getA", "getB")
            .replace("a: {type: string}", "b: {type: integer}");
        let merged = Document::merged([document(FIRST), document(&second)]).unwrap();
        let api = Api::from_document(merged).unwrap();
        let property = |id: &str, name: &str| {
            let schema = api.operation(id).unwrap().output_schema().clone();
            schema["$defs"]
                .as_object()
                .unwrap()
                .values()
                .any(|it| it["properties"].get(name).is_some())
        };
        assert!(property("getA", "a") && !property("getA", "b"));
        assert!(property("getB", "b") && !property("getB", "a"));
        let same = Document::merged([
            document(FIRST),
            document(&FIRST.replace("/a:", "/b:").replace("getA", "getB")),
        ])
        .unwrap();
        assert_eq!(
            same.value["components"]["schemas"]
                .as_object()
                .unwrap()
                .len(),
            1
        );
    }

    #[test]
    fn an_operation_of_both_is_the_first_ones_and_defaults_of_a_document_stay_its_own() {
        let second = "
openapi: 3.0.3
info: {title: Second, version: '1'}
security: [{key: []}]
paths:
  /a:
    parameters: [{name: q, in: query, schema: {type: string}}]
    get: {operationId: other, responses: {'200': {description: B.}}}
    post: {operationId: postA, responses: {'200': {description: B.}}}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Token}}}
";
        let merged = Document::merged([document(FIRST), document(second)]).unwrap();
        let api = Api::from_document(merged).unwrap();
        assert!(api.operation("other").is_none());
        let [read, write] = ["getA", "postA"].map(|id| api.operation(id).unwrap());
        assert_eq!((read.params.len(), write.params.len()), (0, 1));
        let security = |it: &crate::api::Operation| it.described().unwrap().security.len();
        assert_eq!((security(read), security(write)), (0, 1));
    }
}
