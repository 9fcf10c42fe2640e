//! Media types: which of several counts, and how its content is written.

use super::Lowerer;
use super::hoist::Hint;
use crate::cursor::Cursor;
use crate::model::{Body, Content, Location, Media, Param, Shape, StringFormat, Style};

/// What a body is made of, as far as a client can write it.
pub(super) enum Sent {
    Body(Body),
    /// The parts of a form with files.
    Parts(Vec<Param>),
}

impl Lowerer<'_> {
    /// What a request carries: JSON before forms before text before bytes.
    pub(super) fn body(&mut self, at: &Cursor<'_>, id: &str) -> Option<Sent> {
        let body = at.get("requestBody")?;
        let body = self.needed(body.follow())?;
        let entries = body.entries("content");
        let Some((media, entry)) = best(&entries, REQUESTS) else {
            return body.flag("required").then(|| self.undescribed(&body));
        };
        self.note_others(&body, &entries, media);
        if entry.get("encoding").is_some() {
            self.widened(
                entry,
                "`encoding` is not read: parts and members are written by their types",
            );
        }
        let schema = entry.get("schema").unwrap_or(entry.clone());
        let kind = essence(media);
        if kind == "multipart/form-data" {
            return self.parts(&schema, id).map(Sent::Parts);
        }
        if kind.starts_with("multipart/") {
            let fix = "describe the body as `multipart/form-data`";
            self.obstacles
                .push(entry.fault(format!("a body of `{media}` has no generated form"), fix));
            return None;
        }
        let required = body.flag("required");
        let doc = body.text("description");
        let (shape, media) = if kind == "application/x-www-form-urlencoded" {
            (
                self.use_without_null(&schema, &Hint::new(id, "body")),
                Media::Form,
            )
        } else if is_json(media) || is_json_by_schema(media, &schema) {
            let media = if is_json(media) {
                kind
            } else {
                "application/json".to_owned()
            };
            let shape = self.use_without_null(&schema, &Hint::new(id, "body"));
            (shape, Media::Json(media))
        } else if kind.starts_with("text/") {
            (
                Shape::String(StringFormat::Plain),
                Media::Text((*media).to_owned()),
            )
        } else {
            let media: &str = if media.contains('*') {
                "application/octet-stream"
            } else {
                media
            };
            (
                Shape::String(StringFormat::Binary),
                Media::Bytes(media.to_owned()),
            )
        };
        Some(Sent::Body(Body {
            doc,
            shape,
            media,
            required,
        }))
    }

    /// A body that has to be there, of which nothing else is known.
    fn undescribed(&mut self, body: &Cursor<'_>) -> Sent {
        self.widened(
            body,
            "nothing describes the request body, which is required: any bytes",
        );
        Sent::Body(Body {
            doc: body.text("description"),
            shape: Shape::String(StringFormat::Binary),
            media: Media::Bytes("application/octet-stream".to_owned()),
            required: true,
        })
    }

    /// Each property of a form with files is a parameter.
    fn parts(&mut self, schema: &Cursor<'_>, id: &str) -> Option<Vec<Param>> {
        let at = self.needed(schema.follow())?;
        if !super::look::is_object(&at) {
            let fix = "describe the parts as properties of an object";
            self.obstacles
                .push(at.fault("the parts of this form are not described", fix));
            return None;
        }
        let owner = format!("{id}_form");
        let fields = self.object_fields(&at, &owner);
        if self.extras.remove(&owner).is_some() {
            self.widened(&at, "parts that the form does not declare cannot be sent");
        }
        if fields.is_empty() {
            let fix = "describe the parts as properties of an object";
            self.obstacles
                .push(at.fault("the parts of this form are not described", fix));
            return None;
        }
        let part = |field: crate::model::Field| Param {
            required: field.required && !field.nullable,
            name: field.name,
            location: Location::Part,
            doc: field.doc,
            shape: field.shape,
            constraints: field.constraints,
            default: field.default,
            style: Style::FormExploded,
            deprecated: field.deprecated,
        };
        Some(fields.into_iter().map(part).collect())
    }

    /// What a response carries.
    pub(super) fn content(&mut self, at: &Cursor<'_>, hint: &Hint) -> Content {
        let entries = at.entries("content");
        let Some((media, entry)) = best(&entries, RESPONSES) else {
            return Content::Empty;
        };
        self.note_others(at, &entries, media);
        let schema = entry.get("schema").or_else(|| entry.get("itemSchema"));
        let schema = schema.unwrap_or(entry.clone());
        let kind = essence(media);
        if is_json(media) || is_json_by_schema(media, &schema) {
            Content::Json(self.use_without_null(&schema, hint))
        } else if kind == "text/event-stream" {
            let shape = self.use_without_null(&schema, hint);
            let is_text = matches!(shape, Shape::String(_) | Shape::Any);
            Content::Events((!is_text).then_some(shape))
        } else if kind.starts_with("text/") || (media.contains('*') && is_text(&schema)) {
            Content::Text
        } else {
            Content::Bytes
        }
    }

    fn note_others(&mut self, at: &Cursor<'_>, entries: &[(&str, Cursor<'_>)], media: &str) {
        if entries.len() > 1 {
            self.note(at, format!("of several media types, `{media}` counts"));
        }
    }
}

/// The media types that count, best first.
type Order = [fn(&str) -> bool];

const REQUESTS: &Order = &[
    is_json,
    |media| essence(media) == "application/x-www-form-urlencoded",
    |media| essence(media) == "multipart/form-data",
    |media| media.contains('*'),
    |media| essence(media).starts_with("text/"),
    |_| true,
];

const RESPONSES: &Order = &[
    is_json,
    |media| media.contains('*'),
    |media| essence(media) == "text/event-stream",
    |media| essence(media).starts_with("text/"),
    |_| true,
];

fn best<'c, 'a>(
    entries: &'c [(&'a str, Cursor<'a>)],
    order: &Order,
) -> Option<&'c (&'a str, Cursor<'a>)> {
    order
        .iter()
        .find_map(|wanted| entries.iter().find(|(media, _)| wanted(media)))
}

/// Any media type, with a schema of more than text: JSON in practice.
fn is_json_by_schema(media: &str, schema: &Cursor<'_>) -> bool {
    media.contains('*') && schema.pointer.ends_with("/schema") && !is_text(schema)
}

fn is_text(schema: &Cursor<'_>) -> bool {
    schema
        .follow()
        .is_ok_and(|at| at.str("type") == Some("string"))
}

/// A media type without parameters, in lower case (RFC 9110, 8.3.1).
fn essence(media: &str) -> String {
    let essence = media.split(';').next().unwrap_or(media);
    essence.trim().to_ascii_lowercase()
}

/// A media type's essence decides; parameters such as `charset` do not.
pub fn is_json(media: &str) -> bool {
    let essence = essence(media);
    essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
}
