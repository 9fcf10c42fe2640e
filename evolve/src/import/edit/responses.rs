//! Responses: statuses, bodies, page headers.

use bpx_contract::model::{Content, Operation};
use serde_json::{Map, Value, json};

use super::super::write::schema_json;
use super::Editor;

/// The content of one status of an operation; `None` if the operation does not document the status.
fn content_of(operation: &Operation, status: &str) -> Option<Content> {
    let mut failures = operation.errors.iter();
    if let Some(failure) = failures.find(|failure| failure.status == status) {
        return Some(match (&operation.error, failure.has_body()) {
            (Some(shape), true) => Content::Json(shape.clone()),
            _ => Content::Empty,
        });
    }
    let success = &operation.success;
    let mut statuses = success.statuses.iter();
    statuses.find(|(documented, _)| documented == status)?;
    let is_empty = (status == "202" && success.accepted) || (status == "204" && success.absent);
    Some(match is_empty {
        true => Content::Empty,
        false => success.content.clone(),
    })
}

impl Editor<'_> {
    /// Every response of a new operation.
    pub(super) fn responses(&self, operation: &Operation) -> Value {
        let successes = operation.success.statuses.iter().map(|(status, _)| status);
        let failures = operation.errors.iter().map(|failure| &failure.status);
        let written = successes.chain(failures).filter_map(|status| {
            let content = content_of(operation, status)?;
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

    /// A response that other operations share, or a new one.
    fn response(&self, status: &str, content: &Content) -> Value {
        let shared = || {
            let paths = self.value.get("paths")?.as_object()?;
            let items = paths.values().filter_map(Value::as_object);
            let mut found = items.flat_map(Map::values).filter_map(|operation| {
                let reference = operation.get("responses")?.get(status)?.get("$ref")?;
                Some(reference.clone())
            });
            found.next()
        };
        if let (Content::Json(_), false, Some(shared)) =
            (content, status.starts_with('2'), shared())
        {
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
            Content::Text | Content::Bytes => {
                Some(json!({"text/plain": {"schema": {"type": "string"}}}))
            }
            Content::Events(_) => {
                Some(json!({"text/event-stream": {"schema": {"type": "string"}}}))
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

    pub(super) fn update_response(&mut self, id: &str, status: &str) {
        let new = self.new_operation(id);
        let content = new.and_then(|new| content_of(new, status));
        let Some(content) = content else {
            if let Some(responses) = self.written_responses(id) {
                responses.shift_remove(status);
            }
            return;
        };
        let response = self.response(status, &content);
        let body = self.content(&content);
        let Some(responses) = self.written_responses(id) else {
            return;
        };
        match responses.get_mut(status).and_then(Value::as_object_mut) {
            // The description of a response that was here before stays.
            Some(written) if !written.contains_key("$ref") => match body {
                Some(body) => drop(written.insert("content".to_owned(), body)),
                None => drop(written.shift_remove("content")),
            },
            _ => {
                let is_new = response.get("$ref").is_none();
                responses.insert(status.to_owned(), response);
                if is_new {
                    self.undescribed.push(format!("status {status} of {id}"));
                }
            }
        }
    }

    pub(super) fn update_successes(&mut self, id: &str) {
        let new = self.new_operation(id);
        let statuses = new.into_iter().flat_map(|new| &new.success.statuses);
        for (status, _) in statuses {
            self.update_response(id, status);
        }
    }

    pub(super) fn update_failures(&mut self, id: &str) {
        let new = self.new_operation(id);
        for failure in new.into_iter().flat_map(|new| &new.errors) {
            self.update_response(id, &failure.status);
        }
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
