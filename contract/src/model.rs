//! The intermediate representation: what a contract says, sorted, with nothing left to interpret.
//!
//! Every later reader (generator, checkers, diff) looks at this and never at raw JSON.

mod location;
mod operation;
mod security;
mod shape;
mod streams;
mod style;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use self::location::Location;
pub use self::operation::{
    Body, Content, Failure, Header, Media, Method, Operation, PageHeaders, Param, Signing, Success,
};
pub use self::security::{ApiKeyIn, Scheme};
pub use self::shape::{IntFormat, Shape, StringFormat};
pub use self::streams::{Channel, ChannelParam, Signed, StreamCall, Streams};
pub use self::style::Style;
use heck::ToUpperCamelCase as _;

use crate::{Diagnostic, Place};

/// A whole API, lowered.
#[derive(Debug, Default, Clone, PartialEq)]
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
    /// Definitions that are no types of their own, such as lists: of a schema that stands alone, by name.
    pub aliases: BTreeMap<String, Shape>,
    /// Every operation, by `operationId`.
    pub operations: BTreeMap<String, Operation>,
    /// The bodies that a server sends to whoever listens (`webhooks`), by the name of the hook.
    pub webhooks: BTreeMap<String, Shape>,
    /// What a server sends over one connection to whoever subscribes, if a document describes it.
    pub streams: Option<Streams>,
    /// What lowering rewrote, in document order.
    pub notes: Vec<Note>,
    /// What the model does not have as the document says it, in document order.
    pub losses: Vec<Loss>,
    /// How callers show who they are (`components/securitySchemes`), by name.
    pub security: BTreeMap<String, Scheme>,
}

/// A part of a document that the model does not have as written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// What became of the part.
    pub kind: LossKind,
    /// Where, why, and what to do to have it.
    pub diagnostic: Diagnostic,
}

impl Loss {
    /// A loss, and why.
    pub fn new(kind: LossKind, diagnostic: Diagnostic) -> Self {
        Self { kind, diagnostic }
    }
}

/// What became of a part that the model cannot have as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LossKind {
    /// It is not there: an operation, a parameter.
    LeftOut,
    /// It has a wider type than the document says, in the end any JSON value.
    Widened,
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
    /// Whether the types say less than the document does.
    pub is_loss: bool,
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
    /// What properties hold that an object does not declare, where the contract describes them (`additionalProperties`).
    pub extra: Option<Shape>,
    /// The contract advises against it (`deprecated`).
    pub deprecated: bool,
    /// Some request can hold it.
    pub sent: bool,
    /// Some response can hold it.
    pub read: bool,
}

/// The kinds of named type. A component that merely renames another shape is replaced by it.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A JSON object with known fields; unknown ones are tolerated.
    Object(Vec<Field>),
    /// A string out of a list.
    Enum(StringEnum),
    /// An integer out of a list: the values are written as text.
    IntegerEnum(StringEnum),
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
    /// What absence stands for (`default`).
    pub default: Option<serde_json::Value>,
    /// Who may give it a value.
    pub direction: Direction,
    /// The contract advises against it (`deprecated`).
    pub deprecated: bool,
    /// The name that the document gives it in Rust (`x-rust-name`).
    pub rust_name: Option<String>,
}

/// The direction that a property travels in: `readOnly` and `writeOnly` of OpenAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// In requests and in responses.
    #[default]
    Both,
    /// In responses only (`readOnly`).
    Read,
    /// In requests only (`writeOnly`).
    Write,
}

impl Field {
    /// Whether a value can do without this field.
    pub fn optional(&self) -> bool {
        !self.required || self.nullable
    }
}

/// An enumeration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StringEnum {
    /// The wire values, in the document's order.
    pub values: Vec<String>,
    /// Names that the document gives to values (`x-enum-varnames`).
    pub names: BTreeMap<String, String>,
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
    /// For bodies of different statuses: those of each arm, as the document writes them (`404`, `4XX`, `default`); empty
    /// for any other union.
    pub statuses: Vec<Vec<String>>,
}

/// One arm of a union.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// The tag's value, or a name for the arm of an untagged union.
    pub value: String,
    /// What it holds, without the tag.
    pub shape: Shape,
}

impl Model {
    /// Whether some operation is signed.
    pub fn signs(&self) -> bool {
        let mut operations = self.operations.values();
        operations.any(|operation| operation.signing.is_some())
    }

    /// Keeps the operations for which `keep` returns true, and the types that these reach.
    pub fn retain_operations(&mut self, mut keep: impl FnMut(&str, &Operation) -> bool) {
        self.operations.retain(|id, operation| keep(id, operation));
        self.settle_sides();
    }

    /// Gives types other names, here and wherever they are used.
    pub fn rename_types(&mut self, names: &BTreeMap<String, String>) {
        let types = std::mem::take(&mut self.types).into_iter();
        let renamed = types.map(|(name, mut def)| {
            if let Kind::Union(union) = &mut def.kind {
                union.rename_arms(names);
            }
            let shapes = def.shapes_mut().into_iter();
            shapes.for_each(|shape| shape.rename(names));
            (names.get(&name).cloned().unwrap_or(name), def)
        });
        self.types = renamed.collect();
        let operations = self.operations.values_mut();
        let used = operations.flat_map(Operation::shapes_mut);
        let streams = self.streams.iter_mut().flat_map(Streams::shapes_mut);
        used.chain(self.webhooks.values_mut())
            .chain(streams)
            .for_each(|shape| shape.rename(names));
    }

    /// Marks every type as sent, read or both, by what the operations reach, and drops the rest.
    pub(crate) fn settle_sides(&mut self) {
        let (mut sent, mut read) = (BTreeSet::new(), BTreeSet::new());
        for operation in self.operations.values() {
            let bodies = operation.body.iter().map(|body| &body.shape);
            for shape in bodies.chain(operation.params.iter().map(|param| &param.shape)) {
                self.reach(shape, &mut sent);
            }
            for shape in operation.received() {
                self.reach(shape, &mut read);
            }
        }
        for shape in self.webhooks.values() {
            self.reach(shape, &mut read);
        }
        let streams = self.streams.iter();
        for channel in streams.flat_map(|it| it.channels.values()) {
            self.reach(&channel.message, &mut read);
            for param in &channel.params {
                self.reach(&param.shape, &mut sent);
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
            let Shape::Named(name) = shape else {
                open.extend(shape.parts());
                continue;
            };
            if let Some(def) = self.types.get(name)
                && seen.insert(name.to_owned())
            {
                open.extend(def.shapes());
            }
        }
    }
}

impl Union {
    /// Arms that no tag tells apart are called after their types.
    fn rename_arms(&mut self, names: &BTreeMap<String, String>) {
        for arm in self.arms.iter_mut().filter(|_| self.tag.is_none()) {
            if let Shape::Named(name) = &arm.shape
                && arm.value == name.to_upper_camel_case()
                && let Some(new) = names.get(name)
            {
                arm.value = new.to_upper_camel_case();
            }
        }
    }
}

impl TypeDef {
    /// Every shape the type is made of, that of undeclared properties included.
    pub fn shapes(&self) -> Vec<&Shape> {
        self.kind.shapes().into_iter().chain(&self.extra).collect()
    }

    pub(crate) fn shapes_mut(&mut self) -> Vec<&mut Shape> {
        self.kind
            .shapes_mut()
            .into_iter()
            .chain(&mut self.extra)
            .collect()
    }
}

impl Kind {
    /// Every shape the type is made of.
    pub fn shapes(&self) -> Vec<&Shape> {
        match self {
            Self::Object(fields) => fields.iter().map(|field| &field.shape).collect(),
            Self::Union(union) => union.arms.iter().map(|arm| &arm.shape).collect(),
            Self::Enum(_) | Self::IntegerEnum(_) => Vec::new(),
        }
    }

    pub(crate) fn shapes_mut(&mut self) -> Vec<&mut Shape> {
        match self {
            Self::Object(fields) => fields.iter_mut().map(|field| &mut field.shape).collect(),
            Self::Union(union) => union.arms.iter_mut().map(|arm| &mut arm.shape).collect(),
            Self::Enum(_) | Self::IntegerEnum(_) => Vec::new(),
        }
    }
}
