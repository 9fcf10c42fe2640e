//! Responses: statuses, bodies, page headers.

use bpx_contract::model::Content;
use bpx_contract::pointer;
use serde_json::{Map, Value, json};

use super::super::facts::content_of;
use super::super::write::schema_json;
use super::Editor;

impl Editor<'_> {
    /// Every response of a new operation.
    pub(super) fn responses(&self, id: &str) -> Value {
        let Some(operation) = self.new_operation(id) else {
            return json!({});
        };
        let successes = operation.success.statuses.iter().map(|(status, _)| status);
        let failures = operation.errors.iter().map(|failure| &failure.status);
        let written = successes.chain(failures).filter_map(|status| {
            let content = content_of(self.new, operation, status)?;
            Some((status.clone(), self.response(status, &content)))
        });
        let mut responses: Map<String, Value> = written.collect();
        let headers = self.page_headers().filter(|_| operation.success.paged());
        let first = responses.values_mut().find_map(Value::as_object_mut);
        if let (Some(response), Some(headers)) = (first, headers) {
            response.insert("headers".to_owned(), headers);
        }
        Value::Object(responses)
    }

    /// A response that operations of ours share under this status, or a new one.
    fn response(&self, status: &str, content: &Content) -> Value {
        let mut operations = self.ours.operations.iter();
        let shared = operations.find_map(|(id, operation)| {
            let known = content_of(self.ours, operation, status)?;
            let node = self.value.pointer(&self.response_at(id, status)?)?;
            node.get("$ref").filter(|_| known == *content)
        });
        if let Some(shared) = shared {
            return json!({"$ref": shared});
        }
        match self.content(content) {
            Some(content) => json!({"description": "", "content": content}),
            None => json!({"description": ""}),
        }
    }

    fn content(&self, content: &Content) -> Option<Value> {
        match content {
            Content::Json(shape) => Some(self.json_content(&schema_json(shape, self.style))),
            Content::Text => Some(json!({"text/plain": {"schema": {"type": "string"}}})),
            Content::Bytes => Some(json!({"application/octet-stream": {}})),
            Content::Events(None) => {
                Some(json!({"text/event-stream": {"schema": {"type": "string"}}}))
            }
            Content::Events(Some(shape)) => {
                let schema = schema_json(shape, self.style);
                Some(json!({"text/event-stream": {"schema": schema}}))
            }
            Content::Empty => None,
        }
    }

    /// The schema under the JSON media type that the document uses.
    pub(super) fn json_content(&self, schema: &Value) -> Value {
        let media = find_media(&self.value).unwrap_or_else(|| "application/json".to_owned());
        let content = Map::from_iter([(media, json!({"schema": schema}))]);
        Value::Object(content)
    }

    /// The page headers as another operation documents them.
    fn page_headers(&self) -> Option<Value> {
        let mut operations = self.ours.operations.values();
        let paged = operations.find(|operation| operation.success.paged())?;
        let pointer = paged.place.pointer.as_ref()?;
        let responses = self.value.pointer(pointer)?.get("responses")?.as_object()?;
        let mut headers = responses.values().filter_map(|it| it.get("headers"));
        headers.next().cloned()
    }

    fn written_responses(&mut self, id: &str) -> Option<&mut Map<String, Value>> {
        self.operation(id)?.get_mut("responses")?.as_object_mut()
    }

    fn response_at(&self, id: &str, status: &str) -> Option<String> {
        let place = self.ours.operations.get(id)?.place.pointer.as_ref()?;
        Some(pointer::join(&format!("{place}/responses"), status))
    }

    pub(super) fn update_response(&mut self, id: &str, status: &str) {
        let new = self.new_operation(id);
        let Some(wanted) = new.and_then(|new| content_of(self.new, new, status)) else {
            if let Some(responses) = self.written_responses(id) {
                responses.shift_remove(status);
            }
            return;
        };
        let Some(at) = self.response_at(id, status) else {
            return;
        };
        if self.value.pointer(&at).is_none() {
            let response = self.response(status, &wanted);
            if let Some(responses) = self.written_responses(id) {
                responses.insert(status.to_owned(), response);
            }
            return;
        }
        let (shared, is_shared) = self.followed(&at);
        let node = self.value.pointer(&shared).cloned().unwrap_or_default();
        let node = self.with_content(node, &wanted);
        let target = match is_shared && self.all_want(&shared, &wanted) {
            true => shared,
            false => at,
        };
        if let Some(place) = self.value.pointer_mut(&target) {
            *place = node;
        }
    }

    /// A response with another body; its description and headers stay, and so does the spelling of its media type.
    fn with_content(&self, mut node: Value, wanted: &Content) -> Value {
        let body = self.content(wanted);
        let Some(members) = node.as_object_mut() else {
            return node;
        };
        let Some(body) = body else {
            members.shift_remove("content");
            return node;
        };
        let known = members.get_mut("content").and_then(Value::as_object_mut);
        let media = known.and_then(|known| {
            let mut json = known.iter_mut();
            json.find(|(media, _)| bpx_contract::is_json(media))
        });
        match (media, wanted) {
            (Some((_, Value::Object(media))), Content::Json(shape)) => {
                media.insert("schema".to_owned(), schema_json(shape, self.style));
            }
            _ => drop(members.insert("content".to_owned(), body)),
        }
        node
    }

    /// Whether every operation that refers to the shared response has this content under its status.
    fn all_want(&self, component: &str, wanted: &Content) -> bool {
        let mut users = self.ours.operations.iter();
        users.all(|(id, operation)| {
            let successes = operation.success.statuses.iter().map(|(status, _)| status);
            let failures = operation.errors.iter().map(|failure| &failure.status);
            successes.chain(failures).all(|status| {
                let at = self.response_at(id, status);
                let target = at.map(|at| self.followed(&at).0);
                let new = self.new_operation(id);
                let content = new.and_then(|new| content_of(self.new, new, status));
                target.as_deref() != Some(component) || content.is_none_or(|it| it == *wanted)
            })
        })
    }

    pub(super) fn update_pages(&mut self, id: &str, paged: bool) {
        let headers = self.page_headers();
        let responses = self.written_responses(id);
        let response = responses.and_then(|it| it.get_mut("200")?.as_object_mut());
        match (response, paged, headers) {
            (Some(response), true, Some(headers)) => {
                response.insert("headers".to_owned(), headers);
            }
            (Some(response), false, _) => drop(response.shift_remove("headers")),
            _ => {}
        }
    }
}

fn find_media(value: &Value) -> Option<String> {
    match value {
        Value::Object(members) => {
            let content = members.get("content").and_then(Value::as_object);
            let media = content.and_then(|content| content.keys().next());
            let media = media.filter(|media| media.starts_with("application/json"));
            let inside = || members.values().find_map(find_media);
            media.cloned().or_else(inside)
        }
        Value::Array(items) => items.iter().find_map(find_media),
        _ => None,
    }
}
