//! One operation of a contract: its request and its responses.

use std::collections::BTreeMap;

use super::location::Location;
use super::{Shape, Style};
use crate::Place;

/// An HTTP method (RFC 9110).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Put,
    Post,
    Delete,
    Options,
    Head,
    Patch,
}

impl Method {
    /// All methods with the key of a path item and the name on the wire.
    pub const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Get, "get", "GET"),
        (Self::Put, "put", "PUT"),
        (Self::Post, "post", "POST"),
        (Self::Delete, "delete", "DELETE"),
        (Self::Options, "options", "OPTIONS"),
        (Self::Head, "head", "HEAD"),
        (Self::Patch, "patch", "PATCH"),
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        Self::ALL
            .into_iter()
            .find(|(this, ..)| *this == self)
            .map_or("GET", |(.., wire)| wire)
    }

    /// The key of a path item.
    pub fn key(self) -> &'static str {
        Self::ALL
            .into_iter()
            .find(|(this, ..)| *this == self)
            .map_or("get", |(_, key, _)| key)
    }

    /// Whether the method only reads (RFC 9110, 9.2.1).
    pub fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options)
    }
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Method of the request.
    pub method: Method,
    /// Path template.
    pub path: String,
    /// One line.
    pub summary: String,
    /// The long description.
    pub doc: String,
    /// Query, header and path parameters, without those of the signature; document order.
    pub params: Vec<Param>,
    /// The request body.
    pub body: Option<Body>,
    /// What success brings.
    pub success: Success,
    /// The statuses of failure, sorted.
    pub errors: Vec<Failure>,
    /// The one type of all error bodies, if they have any.
    pub error: Option<Shape>,
    /// How the request is signed; `None` for a public operation.
    pub signing: Option<Signing>,
    /// The alternatives of authentication: each the names of the schemes of [`Model::security`](super::Model::security)
    /// that it needs together. Empty where none is needed.
    pub security: Vec<Vec<String>>,
    /// The contract advises against it (`deprecated`).
    pub deprecated: bool,
    /// Where it stands.
    pub place: Place,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Its name on the wire.
    pub name: String,
    /// Where it travels.
    pub location: Location,
    /// Its description.
    pub doc: String,
    /// Its type.
    pub shape: Shape,
    /// Whether the contract requires it.
    pub required: bool,
    /// Validation keywords that the type does not express.
    pub constraints: BTreeMap<String, serde_json::Value>,
    /// What absence stands for (`default`).
    pub default: Option<serde_json::Value>,
    /// How more than one value is written.
    pub style: Style,
    /// The contract advises against it (`deprecated`).
    pub deprecated: bool,
}

impl Param {
    /// Whether this is the parameter `name` in `location`. Names of headers ignore case.
    pub fn is(&self, name: &str, location: Location) -> bool {
        let same = match location {
            Location::Header => self.name.eq_ignore_ascii_case(name),
            _ => self.name == name,
        };
        same && self.location == location
    }
}

/// A request body. The parts of a `multipart/form-data` body are parameters instead ([`Location::Part`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Its description.
    pub doc: String,
    /// Its type; of a text a string, of bytes a binary string.
    pub shape: Shape,
    /// How it is written.
    pub media: Media,
    /// Whether the contract requires it.
    pub required: bool,
}

/// How a request body is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Media {
    /// JSON, under this media type.
    Json(String),
    /// `application/x-www-form-urlencoded`.
    Form,
    /// Text, under this media type.
    Text(String),
    /// Bytes, under this media type.
    Bytes(String),
}

impl Media {
    /// The media type.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Json(media) | Self::Text(media) | Self::Bytes(media) => media,
            Self::Form => "application/x-www-form-urlencoded",
        }
    }
}

/// What success brings, over all its statuses.
#[derive(Debug, Clone, PartialEq)]
pub struct Success {
    /// Statuses with their descriptions, sorted.
    pub statuses: Vec<(String, String)>,
    /// The body.
    pub content: Content,
    /// A 202 without a body stands beside the body: accepted, not yet executed.
    pub accepted: bool,
    /// Another status without a body (204) stands beside the body: there is nothing.
    pub absent: bool,
    /// The headers that make the body a page of a list.
    pub page_headers: Option<PageHeaders>,
    /// The headers that the responses document, sorted by name. Required are those that every response requires.
    pub headers: Vec<Header>,
}

impl Success {
    /// Whether the body is one page of a list.
    pub fn paged(&self) -> bool {
        self.page_headers.is_some()
    }
}

/// The names of the headers of a page, as the document spells them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageHeaders {
    /// How many pages there are.
    pub page_count: String,
    /// Which page this is.
    pub current_page: String,
    /// How many items a full page holds.
    pub page_size: String,
    /// How many items there are on all pages.
    pub total: String,
}

impl PageHeaders {
    /// What the names end with, after an optional `X-`, in the order of the fields.
    pub const NAMES: [&str; 4] = ["page-count", "current-page", "page-size", "total"];

    /// Which of the four a header is, whatever its case.
    pub fn position(header: &str) -> Option<usize> {
        let lower = header.to_ascii_lowercase();
        let name = lower.strip_prefix("x-").unwrap_or(&lower);
        Self::NAMES.iter().position(|known| *known == name)
    }
}

/// One documented response header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its name as the document spells it; case does not count.
    pub name: String,
    /// Whether every success must have it.
    pub required: bool,
    /// An integer, or a string of any form.
    pub shape: Shape,
}

/// The body of a success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// None.
    Empty,
    /// JSON of this shape.
    Json(Shape),
    /// Plain text.
    Text,
    /// Anything else, as bytes.
    Bytes,
    /// Server-sent events (`text/event-stream`), each with JSON of this shape or, without one, text.
    Events(Option<Shape>),
}

/// One status of failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `404`, `4XX` or `default`.
    pub status: String,
    /// Its description.
    pub doc: String,
    /// Its body.
    pub content: Content,
    /// Seen, though the owner of the API does not document it (`x-undocumented`).
    pub undocumented: bool,
}

/// How a request is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// The instruction that opens the signing string.
    pub instruction: String,
    /// The instruction is repeated for every item of an array body.
    pub batch: bool,
}

impl Failure {
    /// Whether it comes with a body.
    pub fn has_body(&self) -> bool {
        self.content != Content::Empty
    }
}

impl Content {
    /// The JSON in it.
    pub fn json(&self) -> Option<&Shape> {
        match self {
            Self::Json(shape) => Some(shape),
            Self::Events(shape) => shape.as_ref(),
            _ => None,
        }
    }
}

impl Operation {
    /// The shapes of the bodies: of the request, of a success and of a failure.
    pub fn bodies(&self) -> impl Iterator<Item = &Shape> {
        let sent = self.body.as_ref().map(|body| &body.shape);
        sent.into_iter().chain(self.received())
    }

    /// The shapes of the JSON that responses hold.
    pub fn received(&self) -> impl Iterator<Item = &Shape> {
        [self.success.content.json(), self.error.as_ref()]
            .into_iter()
            .flatten()
    }
}
