//! The intermediate representation: what a contract says, sorted, with nothing left to interpret.
//!
//! Every later reader (generator, checkers, diff) looks at this and never at raw JSON.

mod operation;
mod shape;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use self::operation::{
    Body, Content, Failure, Header, Location, Method, Operation, PageHeaders, Param, Signing,
    Success,
};
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
