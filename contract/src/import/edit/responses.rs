//! Responses: statuses, bodies, page headers.

use serde_json::{Map, Value, json};

use super::super::compare::content_of;
use super::super::write::schema_json;
use super::Editor;
use crate::model::{Content, Operation};

impl Editor<'_> {
    pub(super) fn responses(&self, operation: &Operation) -> Value {
        let good = operation.success.statuses.iter().map(|(status, _)| status);
        let all = good.chain(operation.errors.iter().map(|failure| &failure.status));
        let entries = all.map(|status| {
            (
                status.clone(),
                self.response(status, &content_of(operation, status)),
            )
        });
        let mut responses: Map<String, Value> = entries.collect();
        if operation.success.paged()
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
    pub(super) fn response(&self, status: &str, content: &Content) -> Value {
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
    pub(super) fn json_content(&self, schema: &Value) -> Value {
        let media = find_media(&self.value).unwrap_or_else(|| "application/json".to_owned());
        let mut content = Map::new();
        content.insert(media, json!({"schema": schema}));
        Value::Object(content)
    }

    pub(super) fn page_headers(&self) -> Option<Value> {
        let paged = self
            .ours
            .operations
            .values()
            .find(|operation| operation.success.paged())?;
        let pointer = paged.place.pointer.as_ref()?;
        let responses = self.value.pointer(pointer)?.get("responses")?.as_object()?;
        responses
            .values()
            .find_map(|response| response.get("headers"))
            .cloned()
    }

    pub(super) fn add_status(&mut self, id: &str, status: &str, content: &Content) {
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

    pub(super) fn remove_status(&mut self, id: &str, status: &str) {
        if let Some(responses) = self
            .operation(id)
            .and_then(|it| it.get_mut("responses")?.as_object_mut())
        {
            responses.shift_remove(status);
        }
    }

    pub(super) fn change_answer(&mut self, id: &str, content: &Content) {
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

    pub(super) fn change_pages(&mut self, id: &str, paged: bool) {
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
