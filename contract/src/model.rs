//! The intermediate representation: what a contract says, sorted, with nothing left to interpret.
//!
//! Every later reader (generator, checkers, diff) looks at this and never at raw JSON.

mod shape;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use self::shape::{IntFormat, Shape, StringFormat};
use crate::Place;

/// A whole API, lowered.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// `info.description`.
    pub doc: String,
    /// The first server's URL, if the document names one.
    pub server: Option<String>,
    /// How many requests the server admits (`x-rate-limit`), if the document says so.
    pub rate_limit: Option<RateLimit>,
    /// Every type an operation reaches, by component name.
    pub types: BTreeMap<String, TypeDef>,
    /// Every operation, by `operationId`.
    pub operations: BTreeMap<String, Operation>,
    /// What lowering rewrote, in document order.
    pub notes: Vec<Note>,
}

/// How many requests a server admits: `x-rate-limit: {requests: 2000, window_ms: 60000}` at the root of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests in any window; at least 2.
    pub requests: u32,
    /// Length of the window, in milliseconds; at least 1.
    pub window_ms: u64,
}

/// One rewrite made while lowering: nothing is changed silently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// What was rewritten.
    pub place: Place,
    /// How.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// A named type.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeDef {
    /// Its description.
    pub doc: String,
    /// What it is.
    pub kind: Kind,
    /// Where it is defined.
    pub place: Place,
    /// Some request can hold it.
    pub sent: bool,
    /// Some response can hold it.
    pub read: bool,
}

/// The three kinds of named type. A component that merely renames another shape is replaced by it.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A JSON object with known fields; unknown ones are tolerated.
    Object(Vec<Field>),
    /// A string out of a list.
    Enum(StringEnum),
    /// One of several types.
    Union(Union),
}

/// One property of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The property's name on the wire.
    pub name: String,
    /// Its description.
    pub doc: String,
    /// Its type.
    pub shape: Shape,
    /// Whether the contract requires it.
    pub required: bool,
    /// Whether the contract allows an explicit `null`.
    pub nullable: bool,
    /// Validation keywords that the type does not express (`pattern`, `maximum`, …).
    pub constraints: BTreeMap<String, serde_json::Value>,
}

impl Field {
    /// Whether a value can do without this field.
    pub fn optional(&self) -> bool {
        !self.required || self.nullable
    }
}

/// A string enumeration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StringEnum {
    /// The wire values, in the document's order.
    pub values: Vec<String>,
    /// Whether the owner of the API has declared that no further value will come (`x-closed`).
    pub closed: bool,
}

/// One of several types.
#[derive(Debug, Clone, PartialEq)]
pub struct Union {
    /// The property that tells the arms apart; `None` where only the shape does.
    pub tag: Option<String>,
    /// The arms, in the document's order.
    pub arms: Vec<Arm>,
}

/// One arm of a union.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// The tag's value, or a name for the arm of an untagged union.
    pub value: String,
    /// What it holds, without the tag.
    pub shape: Shape,
}

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
    /// Where it stands.
    pub place: Place,
}

/// Where a parameter travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Location {
    Query,
    Header,
    Path,
}

impl Location {
    /// The document's spelling of `in`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Header => "header",
            Self::Path => "path",
        }
    }
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

/// A JSON request body.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Its description.
    pub doc: String,
    /// Its type.
    pub shape: Shape,
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
}

/// One status of failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `404`, `4XX` or `default`.
    pub status: String,
    /// Its description.
    pub doc: String,
    /// Whether it comes with a body.
    pub body: bool,
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

impl Operation {
    /// The shapes of the bodies: of the request, of a success and of a failure.
    pub fn bodies(&self) -> impl Iterator<Item = &Shape> {
        let sent = self.body.as_ref().map(|body| &body.shape);
        let received = match &self.success.content {
            Content::Json(shape) => Some(shape),
            _ => None,
        };
        [sent, received, self.error.as_ref()].into_iter().flatten()
    }
}

impl Model {
    /// Keeps the operations for which `keep` returns true, and the types that these reach.
    pub fn retain_operations(&mut self, mut keep: impl FnMut(&str, &Operation) -> bool) {
        self.operations.retain(|id, operation| keep(id, operation));
        self.settle_sides();
    }

    /// Marks every type as sent, read or both, by what the operations reach, and drops the rest.
    pub(crate) fn settle_sides(&mut self) {
        let (mut sent, mut read) = (BTreeSet::new(), BTreeSet::new());
        for operation in self.operations.values() {
            let bodies = operation.body.iter().map(|body| &body.shape);
            for shape in bodies.chain(operation.params.iter().map(|param| &param.shape)) {
                self.reach(shape, &mut sent);
            }
            if let Content::Json(shape) = &operation.success.content {
                self.reach(shape, &mut read);
            }
            if let Some(shape) = &operation.error {
                self.reach(shape, &mut read);
            }
        }
        for (name, def) in &mut self.types {
            def.sent = sent.contains(name);
            def.read = read.contains(name);
        }
        self.types.retain(|_, def| def.sent || def.read);
    }

    /// Adds every type that a value of the shape can hold. No recursion: chains of types have any length.
    fn reach(&self, shape: &Shape, seen: &mut BTreeSet<String>) {
        let mut open = vec![shape];
        while let Some(shape) = open.pop() {
            let Some(name) = shape.named() else { continue };
            if let Some(def) = self.types.get(name)
                && seen.insert(name.to_owned())
            {
                open.extend(def.kind.shapes());
            }
        }
    }
}

impl Kind {
    /// Every shape the type is made of.
    pub fn shapes(&self) -> Vec<&Shape> {
        match self {
            Self::Object(fields) => fields.iter().map(|field| &field.shape).collect(),
            Self::Union(union) => union.arms.iter().map(|arm| &arm.shape).collect(),
            Self::Enum(_) => Vec::new(),
        }
    }

    pub(crate) fn shapes_mut(&mut self) -> Vec<&mut Shape> {
        match self {
            Self::Object(fields) => fields.iter_mut().map(|field| &mut field.shape).collect(),
            Self::Union(union) => union.arms.iter_mut().map(|arm| &mut arm.shape).collect(),
            Self::Enum(_) => Vec::new(),
        }
    }
}
