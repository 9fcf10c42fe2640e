//! Changes of facts as edits of a document: the prose around them stays.

use serde_json::{Map, Value, json};

use super::compare::{Change, content_of};
use super::write::{Style, param_json, schema_json, type_json};
use crate::model::{Content, Field, Method, Model, Operation, Param};

/// A document being brought up to date.
pub(super) struct Editor<'a> {
    /// What the document says now, for places.
    pub(super) ours: &'a Model,
    /// What it shall say.
    pub(super) theirs: &'a Model,
    /// The document.
    pub(super) value: Value,
    pub(super) style: Style,
    /// JSON Pointers of what now needs words.
    pub(super) wordless: Vec<String>,
}

impl Editor<'_> {
    /// Applies what it can; the caller finds the rest by comparing again.
    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::OperationAdded { id } => self.add_operation(id),
            Change::OperationRemoved { id } => self.remove_operation(id),
            Change::OperationMoved { id, method, path } => self.move_operation(id, *method, path),
            Change::InstructionChanged { id, .. } => self.instruct(id),
            Change::ParamAdded { id, param } => self.add_param(id, param),
            Change::ParamRemoved { id, param } => self.remove_param(id, param),
            Change::ParamChanged { id, param } => self.change_param(id, param),
            Change::BodyChanged { id, .. } => self.change_body(id),
            Change::StatusAdded {
                id,
                status,
                content,
            } => self.add_status(id, status, content),
            Change::StatusRemoved { id, status } => self.remove_status(id, status),
            Change::AnswerChanged { id, content } => self.change_answer(id, content),
            Change::PagesChanged { id, paged } => self.change_pages(id, *paged),
            Change::TypeAdded { name } | Change::TypeChanged { name } => self.write_type(name),
            Change::TypeRemoved { name } => self.remove_type(name),
            Change::FieldAdded { ty, field } | Change::FieldChanged { ty, field } => {
                self.write_field(ty, field)
            }
            Change::FieldRemoved { ty, field } => self.remove_field(ty, field),
            Change::ValueAdded { ty, value } => self.values(ty, |list| list.push(json!(value))),
            Change::ValueRemoved { ty, value } => {
                self.values(ty, |list| list.retain(|known| known != value))
            }
            Change::ClosedChanged { ty, closed } => self.close(ty, *closed),
        }
    }

    fn operation(&mut self, id: &str) -> Option<&mut Map<String, Value>> {
        let pointer = self.ours.operations.get(id)?.place.pointer.clone()?;
        self.value.pointer_mut(&pointer)?.as_object_mut()
    }

    fn new_operation(&self, id: &str) -> Option<Operation> {
        self.theirs.operations.get(id).cloned()
    }

    fn add_operation(&mut self, id: &str) {
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
        let key = method_key(operation.method);
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

    fn responses(&self, operation: &Operation) -> Value {
        let good = operation.success.statuses.iter().map(|(status, _)| status);
        let all = good.chain(operation.errors.iter().map(|failure| &failure.status));
        let entries = all.map(|status| {
            (
                status.clone(),
                self.response(status, &content_of(operation, status)),
            )
        });
        let mut responses: Map<String, Value> = entries.collect();
        if operation.success.paged
            && let Some(headers) = self.page_headers()
        {
            for response in responses
                .values_mut()
                .filter_map(Value::as_object_mut)
                .take(1)
            {
                response.insert("headers".to_owned(), headers.clone());
            }
        }
        Value::Object(responses)
    }

    /// A response that other operations share, or a new one.
    fn response(&self, status: &str, content: &Content) -> Value {
        let shared = || {
            let paths = self.value.get("paths")?.as_object()?;
            let operations = paths
                .values()
                .filter_map(Value::as_object)
                .flat_map(Map::values);
            let mut found = operations
                .filter_map(|operation| operation.get("responses")?.get(status)?.get("$ref"));
            found.next().cloned()
        };
        match content {
            Content::Json(_) if !status.starts_with('2') && shared().is_some() => {
                json!({"$ref": shared()})
            }
            Content::Json(shape) => {
                json!({"description": "", "content": self.json_content(&schema_json(shape, &self.style))})
            }
            Content::Text | Content::Bytes => {
                json!({"description": "", "content": {"text/plain": {"schema": {"type": "string"}}}})
            }
            Content::Empty => json!({"description": ""}),
        }
    }

    /// The schema under the media type that the document uses.
    fn json_content(&self, schema: &Value) -> Value {
        let media = find_media(&self.value).unwrap_or_else(|| "application/json".to_owned());
        let mut content = Map::new();
        content.insert(media, json!({"schema": schema}));
        Value::Object(content)
    }

    fn page_headers(&self) -> Option<Value> {
        let paged = self
            .ours
            .operations
            .values()
            .find(|operation| operation.success.paged)?;
        let pointer = paged.place.pointer.as_ref()?;
        let responses = self.value.pointer(pointer)?.get("responses")?.as_object()?;
        responses
            .values()
            .find_map(|response| response.get("headers"))
            .cloned()
    }

    fn remove_operation(&mut self, id: &str) {
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
        item.shift_remove(method_key(operation.method));
        if item.is_empty() {
            paths.shift_remove(&operation.path);
        }
    }

    fn move_operation(&mut self, id: &str, method: Method, path: &str) {
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
            item.insert(method_key(method).to_owned(), Value::Object(node));
        }
    }

    fn instruct(&mut self, id: &str) {
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

    fn sign(&self, node: &mut Map<String, Value>, operation: &Operation) {
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

    fn add_param(&mut self, id: &str, param: &Param) {
        let node = param_json(param, &self.style);
        let Some(operation) = self.operation(id) else {
            return;
        };
        if let Some(list) = operation
            .entry("parameters")
            .or_insert_with(|| json!([]))
            .as_array_mut()
        {
            list.push(node);
            self.wordless
                .push(format!("parameter {} of {id}", param.name));
        }
    }

    fn remove_param(&mut self, id: &str, param: &Param) {
        let Some(index) = self.param_index(id, param) else {
            return;
        };
        let Some(operation) = self.operation(id) else {
            return;
        };
        let Some(list) = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
        else {
            return;
        };
        list.remove(index);
        if list.is_empty() {
            operation.shift_remove("parameters");
        }
    }

    fn change_param(&mut self, id: &str, param: &Param) {
        let Some(index) = self.param_index(id, param) else {
            return;
        };
        let mut node = param_json(param, &self.style);
        let old = self.param_at(id, index).cloned();
        // A shared parameter becomes this operation's own: the others keep theirs.
        let description = old.as_ref().and_then(|old| old.get("description")).cloned();
        if let (Some(node), Some(description)) = (node.as_object_mut(), description) {
            node.insert("description".to_owned(), description);
        }
        let list = self
            .operation(id)
            .and_then(|operation| operation.get_mut("parameters")?.as_array_mut());
        if let Some(place) = list.and_then(|list| list.get_mut(index)) {
            *place = node;
        }
    }

    fn param_at(&mut self, id: &str, index: usize) -> Option<&Value> {
        let param = self.operation(id)?.get("parameters")?.get(index)?.clone();
        match param.get("$ref").and_then(Value::as_str) {
            Some(target) => self.value.pointer(target.strip_prefix('#')?),
            None => self.operation(id)?.get("parameters")?.get(index),
        }
    }

    fn param_index(&mut self, id: &str, param: &Param) -> Option<usize> {
        let count = self.operation(id)?.get("parameters")?.as_array()?.len();
        (0..count).find(|index| {
            self.param_at(id, *index).is_some_and(|at| {
                at.get("name").and_then(Value::as_str) == Some(&param.name)
                    && at.get("in").and_then(Value::as_str) == Some(param.location.as_str())
            })
        })
    }

    fn change_body(&mut self, id: &str) {
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

    fn add_status(&mut self, id: &str, status: &str, content: &Content) {
        let response = self.response(status, content);
        if response.get("$ref").is_none() {
            self.wordless.push(format!("status {status} of {id}"));
        }
        if let Some(responses) = self
            .operation(id)
            .and_then(|it| it.get_mut("responses")?.as_object_mut())
        {
            responses.insert(status.to_owned(), response);
        }
    }

    fn remove_status(&mut self, id: &str, status: &str) {
        if let Some(responses) = self
            .operation(id)
            .and_then(|it| it.get_mut("responses")?.as_object_mut())
        {
            responses.shift_remove(status);
        }
    }

    fn change_answer(&mut self, id: &str, content: &Content) {
        let Content::Json(shape) = content else {
            return;
        };
        let content = self.json_content(&schema_json(shape, &self.style));
        let Some(responses) = self
            .operation(id)
            .and_then(|it| it.get_mut("responses")?.as_object_mut())
        else {
            return;
        };
        let good = responses
            .iter_mut()
            .filter(|(status, _)| status.starts_with('2'));
        for response in good.filter_map(|(_, response)| response.as_object_mut()) {
            if response.contains_key("content") {
                response.insert("content".to_owned(), content.clone());
            }
        }
    }

    fn change_pages(&mut self, id: &str, paged: bool) {
        let headers = self.page_headers();
        let Some(responses) = self
            .operation(id)
            .and_then(|it| it.get_mut("responses")?.as_object_mut())
        else {
            return;
        };
        let Some(response) = responses.get_mut("200").and_then(Value::as_object_mut) else {
            return;
        };
        match (paged, headers) {
            (true, Some(headers)) => drop(response.insert("headers".to_owned(), headers)),
            (false, _) => drop(response.shift_remove("headers")),
            _ => {}
        }
    }

    /// The definition of a type, if this document has it under its name.
    fn definition(&mut self, name: &str) -> Option<&mut Map<String, Value>> {
        let pointer = self.style.pointer(name);
        self.value.pointer_mut(&pointer)?.as_object_mut()
    }

    fn write_type(&mut self, name: &str) {
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

    fn remove_type(&mut self, name: &str) {
        if let Some(definitions) = self
            .value
            .pointer_mut(self.style.definitions())
            .and_then(Value::as_object_mut)
        {
            definitions.shift_remove(name);
        }
    }

    fn write_field(&mut self, ty: &str, field: &Field) {
        let mut node = schema_json(&field.shape, &self.style);
        if let Some(node) = node.as_object_mut() {
            if field.nullable {
                node.insert("nullable".to_owned(), json!(true));
            }
            node.extend(field.constraints.clone());
        }
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

    fn remove_field(&mut self, ty: &str, field: &str) {
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
    fn values(&mut self, ty: &str, change: impl Fn(&mut Vec<Value>)) {
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
        let crate::model::Kind::Enum(listed) = &def.kind else {
            return;
        };
        let before: Vec<Value> = listed.values.iter().map(|value| json!(value)).collect();
        change_lists(&mut self.value, &before, &change);
    }

    fn close(&mut self, ty: &str, closed: bool) {
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

fn find_media(value: &Value) -> Option<String> {
    match value {
        Value::Object(members) => {
            let here = members
                .get("content")
                .and_then(Value::as_object)
                .and_then(|content| content.keys().next());
            let here = here
                .filter(|media| media.starts_with("application/json"))
                .cloned();
            here.or_else(|| members.values().find_map(find_media))
        }
        Value::Array(items) => items.iter().find_map(find_media),
        _ => None,
    }
}

fn method_key(method: Method) -> &'static str {
    Method::ALL
        .into_iter()
        .find(|(this, ..)| *this == method)
        .map_or("get", |(_, key, _)| key)
}
