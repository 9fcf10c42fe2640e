//! Path items to operations.

use std::collections::BTreeMap;

use super::Lowerer;
use super::hoist::Hint;
use super::object::described;
use super::schema::Use;
use crate::cursor::Cursor;
use crate::model::{
    Body, Content, Location, Method, Operation, Param, Shape, StringFormat, Success,
};

impl Lowerer<'_> {
    /// Every operation of the document, by `operationId`.
    pub(super) fn operations(&mut self, root: &Cursor<'_>) -> BTreeMap<String, Operation> {
        let mut found = BTreeMap::new();
        let mut first: BTreeMap<String, String> = BTreeMap::new();
        for (path, item) in root.entries("paths") {
            if path.starts_with("x-") {
                continue;
            }
            let Some(item) = self.ok(item.follow()) else {
                continue;
            };
            for (method, key, _) in Method::ALL {
                let Some(at) = item.get(key) else { continue };
                // Without a name of its own an operation is still read, for the sake of its other faults.
                let id = self
                    .operation_id(&at, &mut first)
                    .unwrap_or_else(|| at.pointer.clone());
                let operation = self.operation(root, &item, &at, (method, path, &id));
                found.insert(id, operation);
            }
            if let Some(trace) = item.get("trace") {
                self.note(&trace, "TRACE is left out: no client sends it");
            }
        }
        found
    }

    fn operation_id(
        &mut self,
        at: &Cursor<'_>,
        first: &mut BTreeMap<String, String>,
    ) -> Option<String> {
        let Some(id) = at.str("operationId").filter(|id| !id.trim().is_empty()) else {
            let fix = "add one: it becomes the method's name";
            let fault = at.fault("this operation has no operationId", fix);
            match at.get("operationId") {
                // That it is no text is told already.
                Some(other) if !other.value.is_string() => self.consequences.push(fault),
                _ => self.fault(fault),
            }
            return None;
        };
        if let Some(other) = first.get(id) {
            let problem = format!("operationId `{id}` is taken already, at `{other}`");
            self.fault(at.fault(problem, "give each operation a name of its own"));
            return None;
        }
        first.insert(id.to_owned(), at.pointer.clone());
        Some(id.to_owned())
    }

    fn operation(
        &mut self,
        root: &Cursor<'_>,
        item: &Cursor<'_>,
        at: &Cursor<'_>,
        (method, path, id): (Method, &str, &str),
    ) -> Operation {
        let declared = self.declared_params(item, at);
        let signing = self.signing(root, at, &declared);
        let params: Vec<_> = declared
            .iter()
            .filter_map(|param| self.param(param, id, signing.is_some()))
            .collect();
        let body = self.body(at, id);
        let (mut success, errors, error) = self.responses(at, id);
        if method == Method::Head && success.content != Content::Empty {
            self.note(at, "an answer to HEAD has no body");
            success = Success {
                content: Content::Empty,
                accepted: false,
                absent: false,
                page_headers: None,
                ..success
            };
        }
        Operation {
            method,
            path: path.to_owned(),
            summary: at.text("summary"),
            doc: at.text("description"),
            params,
            body,
            success,
            errors,
            error,
            signing,
            place: at.place(),
        }
    }

    /// The parameters of the path and of the operation; the latter win.
    fn declared_params<'b>(&mut self, item: &Cursor<'b>, at: &Cursor<'b>) -> Vec<Cursor<'b>> {
        let mut kept: Vec<Cursor<'b>> = Vec::new();
        for param in item
            .items("parameters")
            .into_iter()
            .chain(at.items("parameters"))
        {
            let Some(param) = self.ok(param.follow()) else {
                continue;
            };
            let key = (param.str("name"), param.str("in"));
            kept.retain(|other| (other.str("name"), other.str("in")) != key);
            kept.push(param);
        }
        kept
    }

    fn param(&mut self, at: &Cursor<'_>, operation: &str, signed: bool) -> Option<Param> {
        let name = at.str("name").unwrap_or_default();
        let location = match at.str("in") {
            Some("query") => Location::Query,
            Some("path") => Location::Path,
            Some("header") if super::signing::is_signing_header(name) => {
                if !signed {
                    self.note(
                        at,
                        format!("header `{name}` on an operation that is not signed is left out"),
                    );
                }
                return None;
            }
            Some("header") if is_http_own(name) => {
                self.note(
                    at,
                    format!(
                        "OpenAPI has header `{name}` ignored: media types and `security` say it"
                    ),
                );
                return None;
            }
            Some("header") => Location::Header,
            Some("cookie") => {
                self.note(at, "cookie parameters are left out");
                return None;
            }
            _ => {
                self.fault(at.fault(
                    format!("parameter `{name}` does not say where it travels"),
                    "set `in` to query, header or path",
                ));
                return None;
            }
        };
        let used = match (at.get("schema"), at.get("content")) {
            (Some(schema), _) => Some(self.use_of(&schema, &Hint::new(operation, name))),
            (None, Some(content)) => {
                self.note(
                    &content,
                    "a parameter with `content` is text, given as it travels",
                );
                Some(Use::of(Shape::String(StringFormat::Plain)))
            }
            (None, None) => None,
        };
        let Some(used) = used else {
            self.fault(at.fault(
                format!("parameter `{name}` has no schema"),
                "give it a `schema`",
            ));
            return None;
        };
        Some(Param {
            name: name.to_owned(),
            location,
            doc: described(at),
            shape: used.shape,
            required: at.flag("required") || location == Location::Path,
            constraints: used.constraints,
        })
    }

    fn body(&mut self, at: &Cursor<'_>, id: &str) -> Option<Body> {
        let body = at.get("requestBody")?;
        let body = self.ok(body.follow())?;
        let Some((schema, Content::Json(_))) = self.content(&body) else {
            self.fault(body.fault(
                "the request body is not JSON",
                "describe it under `application/json`; other bodies cannot be signed",
            ));
            return None;
        };
        if !body.flag("required") {
            self.note(&body, "an optional request body is always sent");
        }
        let shape = self.use_without_null(&schema, &Hint::new(id, "body"));
        Some(Body {
            doc: body.text("description"),
            shape,
        })
    }

    /// The media type that counts, with its schema: JSON before text before anything else.
    pub(super) fn content<'b>(&mut self, at: &Cursor<'b>) -> Option<(Cursor<'b>, Content)> {
        let entries = at.entries("content");
        let pick = |wanted: fn(&str) -> bool| {
            entries
                .iter()
                .find(|(media, _)| wanted(media))
                .map(|(_, entry)| entry.clone())
        };
        let (entry, content) = if let Some(json) = pick(is_json) {
            (json, Content::Json(Shape::Any))
        } else if let Some(text) = pick(|media| essence(media).starts_with("text/")) {
            (text, Content::Text)
        } else {
            (entries.first()?.1.clone(), Content::Bytes)
        };
        if entries.len() > 1 {
            self.note(at, "of several media types, JSON counts, else text");
        }
        Some((entry.get("schema").unwrap_or(entry), content))
    }
}

/// Headers that are no parameters, whatever a document says (OpenAPI 3.0.4, Parameter Object).
fn is_http_own(name: &str) -> bool {
    let own = ["Accept", "Content-Type", "Authorization"];
    own.iter().any(|header| header.eq_ignore_ascii_case(name))
}

/// A media type without parameters, in lower case (RFC 9110, 8.3.1).
fn essence(media: &str) -> String {
    media
        .split(';')
        .next()
        .unwrap_or(media)
        .trim()
        .to_ascii_lowercase()
}

/// A media type's essence decides; parameters such as `charset` do not.
pub fn is_json(media: &str) -> bool {
    let essence = essence(media);
    essence == "application/json" || essence.ends_with("+json")
}

impl Operation {
    /// Every shape the operation mentions.
    pub(crate) fn shapes_mut(&mut self) -> Vec<&mut Shape> {
        let mut params: Vec<_> = self
            .params
            .iter_mut()
            .map(|param| &mut param.shape)
            .collect();
        params.extend(bodies(
            &mut self.body,
            &mut self.error,
            &mut self.success.content,
        ));
        params
    }

    /// The shapes of all bodies, sent and received.
    pub(super) fn bodies_mut(&mut self) -> impl Iterator<Item = &mut Shape> {
        bodies(&mut self.body, &mut self.error, &mut self.success.content)
    }
}

fn bodies<'a>(
    body: &'a mut Option<Body>,
    error: &'a mut Option<Shape>,
    content: &'a mut Content,
) -> impl Iterator<Item = &'a mut Shape> {
    let success = match content {
        Content::Json(shape) => Some(shape),
        _ => None,
    };
    body.iter_mut()
        .map(|body| &mut body.shape)
        .chain(error.iter_mut())
        .chain(success)
}
