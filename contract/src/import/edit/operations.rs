//! Operations: added, removed, moved, signed otherwise, with another body.

use serde_json::{Map, Value, json};

use super::super::write::{param_json, schema_json};
use super::Editor;
use crate::model::{Method, Operation};

impl Editor<'_> {
    pub(super) fn operation(&mut self, id: &str) -> Option<&mut Map<String, Value>> {
        let pointer = self.ours.operations.get(id)?.place.pointer.clone()?;
        self.value.pointer_mut(&pointer)?.as_object_mut()
    }

    pub(super) fn new_operation(&self, id: &str) -> Option<Operation> {
        self.theirs.operations.get(id).cloned()
    }

    pub(super) fn add_operation(&mut self, id: &str) {
        let Some(operation) = self.new_operation(id) else {
            return;
        };
        let mut node = json!({"operationId": id});
        if let Some(node) = node.as_object_mut() {
            self.sign(node, &operation);
            let params: Vec<_> = operation
                .params
                .iter()
                .map(|param| param_json(param, &self.style))
                .collect();
            if !params.is_empty() {
                node.insert("parameters".to_owned(), Value::Array(params));
            }
            if let Some(body) = &operation.body {
                let content = self.json_content(&schema_json(&body.shape, &self.style));
                node.insert(
                    "requestBody".to_owned(),
                    json!({"required": true, "content": content}),
                );
            }
            node.insert("responses".to_owned(), self.responses(&operation));
        }
        let key = operation.method.key();
        let path = operation.path.replace('~', "~0").replace('/', "~1");
        let paths = self.value.get_mut("paths").and_then(Value::as_object_mut);
        let item = paths.map(|paths| {
            paths
                .entry(operation.path.clone())
                .or_insert_with(|| json!({}))
        });
        if let Some(item) = item.and_then(Value::as_object_mut) {
            item.insert(key.to_owned(), node);
            self.wordless.push(format!("/paths/{path}/{key}"));
        }
    }

    pub(super) fn remove_operation(&mut self, id: &str) {
        let Some(operation) = self.ours.operations.get(id) else {
            return;
        };
        let Some(paths) = self.value.get_mut("paths").and_then(Value::as_object_mut) else {
            return;
        };
        let Some(item) = paths
            .get_mut(&operation.path)
            .and_then(Value::as_object_mut)
        else {
            return;
        };
        item.shift_remove(operation.method.key());
        if item.is_empty() {
            paths.shift_remove(&operation.path);
        }
    }

    pub(super) fn move_operation(&mut self, id: &str, method: Method, path: &str) {
        let Some(node) = self.operation(id).map(|node| node.clone()) else {
            return;
        };
        self.remove_operation(id);
        if let Some(paths) = self.value.get_mut("paths").and_then(Value::as_object_mut)
            && let Some(item) = paths
                .entry(path.to_owned())
                .or_insert_with(|| json!({}))
                .as_object_mut()
        {
            item.insert(method.key().to_owned(), Value::Object(node));
        }
    }

    pub(super) fn instruct(&mut self, id: &str) {
        let Some(operation) = self.new_operation(id) else {
            return;
        };
        let Some(mut node) = self.operation(id).map(|node| node.clone()) else {
            return;
        };
        for key in ["x-instruction", "x-instruction-batch"] {
            if operation.signing.is_none() || key == "x-instruction-batch" {
                node.shift_remove(key);
            }
        }
        if operation.signing.is_none() {
            node.shift_remove("security");
        }
        self.sign(&mut node, &operation);
        if let Some(place) = self.operation(id) {
            *place = node;
        }
    }

    pub(super) fn sign(&self, node: &mut Map<String, Value>, operation: &Operation) {
        let Some(signing) = &operation.signing else {
            return;
        };
        let schemes = self
            .value
            .pointer("/components/securitySchemes")
            .and_then(Value::as_object);
        if let Some(scheme) = schemes.and_then(|schemes| schemes.keys().next()) {
            let mut requirement = Map::new();
            requirement.insert(scheme.clone(), json!([]));
            node.insert("security".to_owned(), json!([requirement]));
        }
        node.insert("x-instruction".to_owned(), json!(signing.instruction));
        if signing.batch {
            node.insert("x-instruction-batch".to_owned(), json!(true));
        }
    }

    pub(super) fn change_body(&mut self, id: &str) {
        let Some(operation) = self.new_operation(id) else {
            return;
        };
        let content = operation
            .body
            .as_ref()
            .map(|body| self.json_content(&schema_json(&body.shape, &self.style)));
        let Some(node) = self.operation(id) else {
            return;
        };
        match content {
            None => drop(node.shift_remove("requestBody")),
            Some(content) => {
                let body = node
                    .entry("requestBody")
                    .or_insert_with(|| json!({"required": true}));
                if let Some(body) = body.as_object_mut() {
                    body.insert("content".to_owned(), content);
                }
            }
        }
    }
}
