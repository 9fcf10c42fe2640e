//! Path items to operations.

use std::collections::BTreeMap;

use super::Lowerer;
use super::hoist::Hint;
use super::look::described;
use super::schema::Use;
use serde_json::Value;

use super::media::{Sent, is_json};
use crate::cursor::Cursor;
use crate::model::{
    Body, Content, Location, LossKind, Media, Method, Operation, Param, Shape, StringFormat, Style,
    Success,
};

impl Lowerer<'_> {
    /// Every operation of the document, by `operationId`.
    pub(super) fn operations(&mut self, root: &Cursor<'_>) -> BTreeMap<String, Operation> {
        let mut found = BTreeMap::new();
        let mut first: BTreeMap<String, String> = BTreeMap::new();
        let mut unnamed = Vec::new();
        for (path, item) in root.entries("paths") {
            if path.starts_with("x-") {
                continue;
            }
            let item = match item.follow() {
                Ok(item) => item,
                Err(fault) => {
                    self.lose(LossKind::LeftOut, fault);
                    continue;
                }
            };
            for (method, key, _) in Method::ALL {
                let Some(at) = item.get(key) else { continue };
                match self.operation_id(&at, &mut first) {
                    Some(id) => self.add(&mut found, root, &item, &at, (method, path, &id)),
                    None => unnamed.push((item.clone(), at, method, path)),
                }
            }
            if let Some(trace) = item.get("trace") {
                let fault = trace.fault(
                    "TRACE is for diagnosing proxies, and no client sends it",
                    "describe the operation under another method",
                );
                self.lose(LossKind::LeftOut, fault);
            }
        }
        // Names that the document gives come first.
        for (item, at, method, path) in unnamed {
            let id = free_id(&at, method, path, &first);
            self.note(
                &at,
                format!("the operation has no id of its own and is called `{id}`"),
            );
            first.insert(id.clone(), at.pointer.clone());
            self.add(&mut found, root, &item, &at, (method, path, &id));
        }
        found
    }

    /// Reads one operation, which is left out if it cannot be called.
    fn add(
        &mut self,
        found: &mut BTreeMap<String, Operation>,
        root: &Cursor<'_>,
        item: &Cursor<'_>,
        at: &Cursor<'_>,
        (method, path, id): (Method, &str, &str),
    ) {
        let operation = self.operation(root, item, at, (method, path, id));
        let obstacles = std::mem::take(&mut self.obstacles);
        if obstacles.is_empty() {
            found.insert(id.to_owned(), operation);
        }
        for obstacle in obstacles {
            self.lose(LossKind::LeftOut, obstacle);
        }
    }

    /// The id that the document gives, unless another operation has it already.
    fn operation_id(
        &mut self,
        at: &Cursor<'_>,
        first: &mut BTreeMap<String, String>,
    ) -> Option<String> {
        let id = at.str("operationId").filter(|id| !id.trim().is_empty())?;
        if let Some(other) = first.get(id) {
            self.note(
                at,
                format!("operationId `{id}` is taken already, at `{other}`"),
            );
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
        for owner in [item, at] {
            if let Some(servers) = owner.get("servers") {
                self.widened(&servers, "servers of a path or operation are not read: calls go to the base URL of the client");
            }
        }
        if is_upgrade(at) {
            let fix = "use a client of that protocol";
            self.obstacles
                .push(at.fault("the operation changes to another protocol", fix));
        }
        let declared = self.declared_params(item, at);
        let signing = self.signing(root, at, &declared);
        let security = match signing {
            Some(_) => Vec::new(),
            None => self.security(root, at),
        };
        let is_secured = signing.is_some() || !security.is_empty();
        let mut params: Vec<_> = declared
            .iter()
            .filter_map(|param| self.param(param, id, signing.is_some(), is_secured))
            .collect();
        let body = match self.body(at, id) {
            Some(Sent::Body(body)) => Some(body),
            Some(Sent::Parts(parts)) => {
                params.extend(parts);
                None
            }
            None => None,
        };
        let is_json = |body: &Body| matches!(body.media, Media::Json(_));
        if signing.is_some() && !body.as_ref().is_none_or(is_json) {
            let fix = "describe it under `application/json`; other bodies cannot be signed";
            self.obstacles
                .push(at.fault("the request body is not JSON", fix));
        }
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
            security,
            signing,
            deprecated: at.flag("deprecated"),
            place: at.place(),
        }
    }

    /// The parameters of the path and of the operation; the latter win.
    fn declared_params<'b>(&mut self, item: &Cursor<'b>, at: &Cursor<'b>) -> Vec<Cursor<'b>> {
        let (mut all, own) = (self.listed_params(item), self.listed_params(at));
        all.retain(|other| !own.iter().any(|it| is_same_param(it, other)));
        all.extend(own);
        all
    }

    /// The parameters of one list. Of a header that is written twice in different letters, the first counts.
    fn listed_params<'b>(&mut self, owner: &Cursor<'b>) -> Vec<Cursor<'b>> {
        let mut listed: Vec<Cursor<'b>> = Vec::new();
        for param in owner.items("parameters") {
            let Some(param) = self.needed(param.follow()) else {
                continue;
            };
            let known = listed.iter_mut().find(|it| is_same_param(it, &param));
            match known {
                None => listed.push(param),
                Some(known) if known.str("name") == param.str("name") => *known = param,
                Some(known) => {
                    let (kept, name) = (known.text("name"), param.text("name"));
                    let text = format!(
                        "header `{name}` is the header `{kept}` once more, since names of headers ignore case; it is left out"
                    );
                    self.note(&param, text);
                }
            }
        }
        listed
    }

    fn param(
        &mut self,
        at: &Cursor<'_>,
        operation: &str,
        signed: bool,
        is_secured: bool,
    ) -> Option<Param> {
        let name = at.str("name").unwrap_or_default();
        let location = at.str("in").and_then(Location::parse);
        let location = match location.filter(|it| *it != Location::Part) {
            Some(Location::Header) if self.signs && super::signing::is_signing_header(name) => {
                if !signed {
                    let text =
                        format!("header `{name}` on an operation that is not signed is left out");
                    self.note(at, text);
                }
                return None;
            }
            Some(Location::Header) if is_http_own(name, is_secured) => {
                let text = format!(
                    "OpenAPI has header `{name}` ignored: media types and `security` say it"
                );
                self.note(at, text);
                return None;
            }
            Some(location) => location,
            None => {
                self.obstacles.push(at.fault(
                    format!("parameter `{name}` does not say where it travels"),
                    "set `in` to query, header, path or cookie",
                ));
                return None;
            }
        };
        let (used, style) = self.param_type(at, &Hint::new(operation, name));
        if at.flag("allowReserved") {
            self.widened(
                at,
                "`allowReserved` is not read: reserved characters are encoded",
            );
        }
        let explode = at.value.get("explode").and_then(Value::as_bool);
        let style = style.or_else(|| Style::parse(location, at.str("style"), explode));
        let Some(style) = style else {
            let problem = format!(
                "parameter `{name}` has the style `{}`, which has no meaning in {}",
                at.str("style").unwrap_or_default(),
                location.as_str()
            );
            self.obstacles
                .push(at.fault(problem, "choose a style that OpenAPI allows there"));
            return None;
        };
        Some(Param {
            name: name.to_owned(),
            location,
            doc: described(at),
            shape: used.shape,
            required: at.flag("required") || location == Location::Path,
            constraints: used.constraints,
            default: used.default,
            style,
            deprecated: at.flag("deprecated"),
        })
    }

    /// What a parameter holds, and its style if the kind of its description decides that.
    fn param_type(&mut self, at: &Cursor<'_>, hint: &Hint) -> (Use, Option<Style>) {
        let json = at
            .entries("content")
            .into_iter()
            .find(|(media, _)| is_json(media));
        match (at.get("schema"), json, at.get("content")) {
            (Some(schema), ..) => (self.use_of(&schema, hint), None),
            (None, Some((_, entry)), _) => {
                let schema = entry.get("schema").unwrap_or(entry);
                (self.use_of(&schema, hint), Some(Style::Json))
            }
            (None, None, content) => {
                let text = "a parameter without a schema is text, given as it travels";
                self.note(&content.unwrap_or(at.clone()), text);
                (Use::of(Shape::String(StringFormat::Plain)), None)
            }
        }
    }
}

/// Whether nothing but another protocol follows, such as WebSocket: by its responses, or as dropshot says it.
fn is_upgrade(at: &Cursor<'_>) -> bool {
    let responses = at.entries("responses");
    let has = |start: &str| {
        responses
            .iter()
            .any(|(status, _)| status.starts_with(start))
    };
    has("101") && !has("2") || at.value.get("x-dropshot-websocket").is_some()
}

/// A name out of method and path: `get_a_id_b` for `GET /a/{id}/b`.
fn free_id(
    at: &Cursor<'_>,
    method: Method,
    path: &str,
    taken: &BTreeMap<String, String>,
) -> String {
    let given = at
        .str("operationId")
        .map(str::trim)
        .filter(|id| !id.is_empty());
    let words = path.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let rule = format!("{}_{}", method.key(), words.join("_"));
    let wanted = given.map_or(rule, str::to_owned);
    let numbered = (2_usize..).map(|number| format!("{wanted}_{number}"));
    let mut candidates = std::iter::once(wanted.clone()).chain(numbered);
    candidates
        .find(|id| !taken.contains_key(id))
        .unwrap_or_default()
}

/// Whether two parameters have one name in one location. Names of headers ignore case (RFC 9110, 5.1).
fn is_same_param(one: &Cursor<'_>, other: &Cursor<'_>) -> bool {
    let (names, location) = ((one.str("name"), other.str("name")), one.str("in"));
    let same = match (names, location) {
        ((Some(one), Some(other)), Some("header")) => one.eq_ignore_ascii_case(other),
        ((one, other), _) => one == other,
    };
    same && location == other.str("in")
}

/// Headers that are no parameters, whatever a document says (OpenAPI 3.0.4, Parameter Object). Without any `security`, a
/// parameter is the only way to send credentials.
fn is_http_own(name: &str, is_secured: bool) -> bool {
    let own = ["Accept", "Content-Type"];
    own.iter().any(|header| header.eq_ignore_ascii_case(name))
        || is_secured && name.eq_ignore_ascii_case("Authorization")
}

impl Operation {
    /// Every shape the operation mentions.
    pub(crate) fn shapes_mut(&mut self) -> Vec<&mut Shape> {
        let failures = self.errors.iter_mut();
        let failed = failures.filter_map(|failure| json_of(&mut failure.content));
        let mut params: Vec<_> = self
            .params
            .iter_mut()
            .map(|param| &mut param.shape)
            .chain(failed)
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
    body.iter_mut()
        .map(|body| &mut body.shape)
        .chain(error.iter_mut())
        .chain(json_of(content))
}

fn json_of(content: &mut Content) -> Option<&mut Shape> {
    match content {
        Content::Json(shape) | Content::Events(Some(shape)) => Some(shape),
        _ => None,
    }
}
