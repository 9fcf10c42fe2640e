//! Operations: added, removed, renamed, moved, signed in another way, with another body.

use bpx_contract::model::{Body, Media, Operation};
use serde_json::{Map, Value, json};

use super::super::write::{param_json, schema_json};
use super::Editor;

/// Extensions of an operation that name its signing.
const SIGNING: [&str; 2] = ["x-instruction", "x-instruction-batch"];

impl<'a> Editor<'a> {
    /// The operation as our document writes it.
    pub(super) fn operation(&mut self, id: &str) -> Option<&mut Map<String, Value>> {
        let pointer = self.ours.operations.get(id)?.place.pointer.clone()?;
        self.value.pointer_mut(&pointer)?.as_object_mut()
    }

    pub(super) fn new_operation(&self, id: &str) -> Option<&'a Operation> {
        self.new.operations.get(id)
    }

    pub(super) fn update_operation(&mut self, id: &str) {
        match (self.ours.operations.get(id), self.new_operation(id)) {
            (None, Some(new)) => match self.former_id(new) {
                Some(former) => self.rename_operation(&former, id),
                None => self.add_operation(id, new),
            },
            (Some(ours), None) => self.remove_operation(ours),
            (Some(ours), Some(new)) => {
                if ours.signing != new.signing {
                    self.update_signing(id, new);
                }
                self.mark_deprecated(id, new.deprecated);
                if ours.success.paged() != new.success.paged() {
                    self.update_pages(id, new.success.paged());
                }
                if (ours.method, &ours.path) != (new.method, &new.path) {
                    self.move_operation(id, ours, new);
                }
            }
            (None, None) => {}
        }
    }

    /// The id that the operation has in our document.
    fn former_id(&self, new: &Operation) -> Option<String> {
        let mut ours = self.ours.operations.iter();
        let found = ours.find(|(id, operation)| {
            (operation.method, &operation.path) == (new.method, &new.path)
                && self.new_operation(id).is_none()
        });
        found.map(|(id, _)| id.clone())
    }

    fn rename_operation(&mut self, former: &str, id: &str) {
        if let Some(operation) = self.operation(former) {
            operation.insert("operationId".to_owned(), json!(id));
        }
    }

    fn mark_deprecated(&mut self, id: &str, deprecated: bool) {
        match (self.operation(id), deprecated) {
            (Some(node), true) => drop(node.insert("deprecated".to_owned(), json!(true))),
            (Some(node), false) => drop(node.shift_remove("deprecated")),
            (None, _) => {}
        }
    }

    fn add_operation(&mut self, id: &str, new: &Operation) {
        let mut node = Map::new();
        node.insert("operationId".to_owned(), json!(id));
        let at = new.place.pointer.as_deref().unwrap_or_default();
        let tags = self.source.value.pointer(at).and_then(|it| it.get("tags"));
        node.extend(tags.map(|tags| ("tags".to_owned(), tags.clone())));
        if new.deprecated {
            node.insert("deprecated".to_owned(), json!(true));
        }
        self.sign(&mut node, new);
        let params = new.params.iter();
        let params: Vec<_> = params.map(|param| param_json(param, self.style)).collect();
        if !params.is_empty() {
            node.insert("parameters".to_owned(), Value::Array(params));
        }
        if let Some(body) = &new.body {
            let content = self.body_content(body);
            let body = json!({"required": body.required, "content": content});
            node.insert("requestBody".to_owned(), body);
        }
        node.insert("responses".to_owned(), self.responses(id));
        if let Some(item) = self.path_item(&new.path) {
            item.insert(new.method.key().to_owned(), Value::Object(node));
        }
    }

    /// The schema of a body under its media type.
    fn body_content(&self, body: &Body) -> Value {
        let schema = schema_json(&body.shape, self.style);
        match &body.media {
            Media::Json(_) => self.json_content(&schema),
            media => {
                let content = [(media.as_str().to_owned(), json!({"schema": schema}))];
                Value::Object(Map::from_iter(content))
            }
        }
    }

    /// The path item of a path, which is added if the document has none.
    fn path_item(&mut self, path: &str) -> Option<&mut Map<String, Value>> {
        let paths = self.value.get_mut("paths")?.as_object_mut()?;
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item.as_object_mut()
    }

    /// Removes an operation, and its path item if that is empty then.
    fn remove_operation(&mut self, ours: &Operation) {
        let Some(item) = self.path_item(&ours.path) else {
            return;
        };
        item.shift_remove(ours.method.key());
        if item.is_empty()
            && let Some(paths) = self.value.get_mut("paths").and_then(Value::as_object_mut)
        {
            paths.shift_remove(&ours.path);
        }
    }

    fn move_operation(&mut self, id: &str, ours: &Operation, new: &Operation) {
        let Some(node) = self.operation(id).map(|node| node.clone()) else {
            return;
        };
        self.remove_operation(ours);
        if let Some(item) = self.path_item(&new.path) {
            item.insert(new.method.key().to_owned(), Value::Object(node));
        }
    }

    fn update_signing(&mut self, id: &str, new: &Operation) {
        let Some(mut node) = self.operation(id).map(|node| node.clone()) else {
            return;
        };
        if new.signing.is_none() {
            SIGNING.iter().for_each(|key| drop(node.shift_remove(*key)));
            node.shift_remove("security");
        }
        self.sign(&mut node, new);
        if let Some(operation) = self.operation(id) {
            *operation = node;
        }
    }

    /// Writes the signing of an operation that is signed.
    fn sign(&self, node: &mut Map<String, Value>, operation: &Operation) {
        let Some(signing) = &operation.signing else {
            return;
        };
        let schemes = self.value.pointer("/components/securitySchemes");
        let schemes = schemes.and_then(Value::as_object);
        if let Some(scheme) = schemes.and_then(|schemes| schemes.keys().next()) {
            let requirement = Map::from_iter([(scheme.clone(), json!([]))]);
            node.insert("security".to_owned(), json!([requirement]));
        }
        let [instruction, batch] = SIGNING;
        node.insert(instruction.to_owned(), json!(signing.instruction));
        node.shift_remove(batch);
        if signing.batch {
            node.insert(batch.to_owned(), json!(true));
        }
    }

    pub(super) fn update_request_body(&mut self, id: &str) {
        let Some(new) = self.new_operation(id) else {
            return;
        };
        let known = self.ours.operations.get(id).and_then(|it| it.body.as_ref());
        let Some(body) = &new.body else {
            if let Some(node) = self.operation(id) {
                node.shift_remove("requestBody");
            }
            return;
        };
        let is_same = known.is_some_and(|it| (&it.shape, &it.media) == (&body.shape, &body.media));
        let content = self.body_content(body);
        let Some(node) = self.operation(id) else {
            return;
        };
        let written = node.entry("requestBody").or_insert_with(|| json!({}));
        let Some(written) = written.as_object_mut() else {
            return;
        };
        match body.required {
            true => drop(written.insert("required".to_owned(), json!(true))),
            false => drop(written.shift_remove("required")),
        }
        if !is_same {
            written.insert("content".to_owned(), content);
        }
    }
}
