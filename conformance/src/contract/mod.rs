//! What recordings are held against.

mod formats;
mod matching;
mod plan;
pub(crate) mod schema;

use std::collections::BTreeMap;
use std::path::Path;

use bpx_contract::model::{Content, Model, Operation, Shape};
use bpx_contract::{Document, lower, lower_schema};
use jsonschema::Validator;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub(crate) use self::formats::{is_date_time, is_decimal, is_naive_date_time};
use self::matching::Matcher;
pub(crate) use self::plan::{Plan, TypePlan, Use};
use crate::Error;

/// The checked-in contract, so that the binary needs no file. It travels with the crate.
const OPENAPI: &[u8] = include_bytes!("../../contracts/backpack-order.openapi.yaml");
const OPENAPI_FILE: &str = "openapi/backpack-order.openapi.yaml";

/// A contract, compiled.
#[derive(Debug)]
pub struct Contract {
    document: Document,
    model: Model,
    matcher: Matcher,
    pub(crate) plan: Plan,
    roots: Vec<Root>,
    /// By shape, an index into the roots.
    root_of: BTreeMap<Shape, usize>,
    /// The type that bare lines hold, if this is a JSON Schema.
    bare: Option<usize>,
}

/// A shape that whole bodies have.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) use_: Use,
    pub(crate) schema: Value,
    pub(crate) validator: Validator,
    /// Nothing is asked of the value.
    pub(crate) is_any: bool,
}

/// What the contract says about one status of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// No body.
    Nothing,
    /// JSON of this root.
    Json { root: usize, may_be_empty: bool },
    /// Text, unchecked.
    Text,
    /// Any bytes, unchecked.
    Bytes,
}

impl Contract {
    /// The contract this workspace was built from.
    ///
    /// # Errors
    /// None as long as the workspace's tests pass: the contract is checked in.
    pub fn embedded() -> Result<Self, Error> {
        Self::openapi(Document::parse(OPENAPI_FILE, OPENAPI)?)
    }

    /// Any OpenAPI 3.0 or 3.1 document.
    ///
    /// # Errors
    /// A document that cannot be lowered, or holds a keyword that no validator takes.
    pub fn openapi(document: Document) -> Result<Self, Error> {
        let model = lower(&document)?;
        Self::new(document, model, None)
    }

    /// An OpenAPI document in a file.
    ///
    /// # Errors
    /// As [`Contract::openapi`], and a file that cannot be read.
    pub fn read_openapi(path: &Path) -> Result<Self, Error> {
        Self::openapi(Document::read(path)?)
    }

    /// A JSON Schema in a file, against which each line of a recording is held as a bare document.
    ///
    /// # Errors
    /// As [`Contract::read_openapi`].
    pub fn read_schema(path: &Path) -> Result<Self, Error> {
        Self::schema(Document::read(path)?)
    }

    /// A JSON Schema.
    ///
    /// # Errors
    /// As [`Contract::openapi`].
    pub fn schema(document: Document) -> Result<Self, Error> {
        let title = document.value.get("title").and_then(Value::as_str);
        let name = title.unwrap_or("Document").to_owned();
        let types = lower_schema(&document, &name)?;
        let model = Model {
            title: name.clone(),
            version: String::new(),
            doc: String::new(),
            server: None,
            rate_limit: None,
            types,
            operations: BTreeMap::new(),
            notes: Vec::new(),
        };
        Self::new(document, model, Some(&Shape::Named(name)))
    }

    fn new(document: Document, model: Model, bare: Option<&Shape>) -> Result<Self, Error> {
        let mut this = Self {
            matcher: Matcher::of(&model),
            plan: Plan::of(&model),
            roots: Vec::new(),
            root_of: BTreeMap::new(),
            bare: None,
            document,
            model,
        };
        let mut shapes: Vec<Shape> = bare.into_iter().cloned().collect();
        for operation in this.model.operations.values() {
            shapes.extend(bodies(operation).into_iter().cloned());
        }
        for shape in this.untagged_arms() {
            shapes.push(shape);
        }
        for shape in shapes {
            this.add_root(shape)?;
        }
        this.bare = bare.and_then(|shape| this.root_of.get(shape).copied());
        Ok(this)
    }

    fn untagged_arms(&self) -> Vec<Shape> {
        let arms = self.plan.types.iter().flat_map(|plan| match plan {
            TypePlan::Untagged(arms) => arms.as_slice(),
            _ => &[],
        });
        arms.map(|arm| arm.shape.clone()).collect()
    }

    fn add_root(&mut self, shape: Shape) -> Result<(), Error> {
        if self.root_of.contains_key(&shape) {
            return Ok(());
        }
        let schema = schema::lowered(&self.model.types, &shape);
        let validator = schema::compiled(&schema, &shape)?;
        self.root_of.insert(shape.clone(), self.roots.len());
        self.roots.push(Root {
            use_: self.plan.use_of(&shape),
            schema,
            validator,
            is_any: shape == Shape::Any,
        });
        Ok(())
    }

    /// Takes paths of recordings that begin with this one for paths of the contract, as behind a gateway.
    #[must_use]
    pub fn with_base_path(mut self, path: &str) -> Self {
        self.matcher.add_base(path);
        self
    }

    /// SHA-256 of the document's bytes, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        let kind: &[u8] = if self.bare.is_some() {
            b"schema"
        } else {
            b"openapi"
        };
        let hash = Sha256::new()
            .chain_update(kind)
            .chain_update(&self.document.sha256);
        crate::hash::hex(&hash.finalize())
    }

    /// The document as read.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// What the document says.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The file the contract came from, as the caller named it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.document.file
    }

    /// What can be counted as seen, by number: fields `Order.price`, values `Side=Bid`, arms `LiveOrder:Market`.
    #[must_use]
    pub fn slots(&self) -> &[String] {
        &self.plan.slots
    }

    /// The JSON Schema a body is held against: that of a success with this status, or of a failure.
    ///
    /// None where the contract knows no such operation, status or body.
    #[must_use]
    pub fn schema_of(&self, operation: &str, status: u16) -> Option<&Value> {
        match self.expected(self.model.operations.get(operation)?, status)? {
            Expected::Json { root, .. } => self.roots.get(root).map(|root| &root.schema),
            _ => None,
        }
    }

    /// The operation that a request belongs to, by method and path.
    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<(&str, &Operation)> {
        let id = self.matcher.find(method, path)?;
        self.model
            .operations
            .get_key_value(id)
            .map(|(id, operation)| (id.as_str(), operation))
    }

    pub(crate) fn root(&self, index: usize) -> Option<&Root> {
        self.roots.get(index)
    }

    pub(crate) fn root_of(&self, shape: &Shape) -> Option<usize> {
        self.root_of.get(shape).copied()
    }

    pub(crate) fn bare(&self) -> Option<usize> {
        self.bare
    }

    /// What the operation documents for a status: by the status itself, by its class, by default.
    pub(crate) fn expected(&self, operation: &Operation, status: u16) -> Option<Expected> {
        let exact = status.to_string();
        let class = format!("{}XX", status / 100);
        let spellings = [exact.as_str(), class.as_str(), "default"];
        spellings
            .into_iter()
            .find_map(|spelling| self.expected_as(operation, spelling, status))
    }

    fn expected_as(&self, operation: &Operation, spelling: &str, status: u16) -> Option<Expected> {
        let named = |documented: &str| documented.eq_ignore_ascii_case(spelling);
        let success = &operation.success;
        if success
            .statuses
            .iter()
            .any(|(documented, _)| named(documented))
        {
            return Some(match &success.content {
                Content::Empty => Expected::Nothing,
                Content::Json(_) if success.accepted && status == 202 => Expected::Nothing,
                Content::Json(_) if success.absent && matches!(status, 204 | 205) => {
                    Expected::Nothing
                }
                Content::Json(shape) => self.json(shape, success.absent),
                Content::Text => Expected::Text,
                Content::Bytes => Expected::Bytes,
            });
        }
        let failure = operation
            .errors
            .iter()
            .find(|failure| named(&failure.status))?;
        Some(match (&operation.error, failure.body) {
            (_, false) => Expected::Nothing,
            (Some(shape), true) => self.json(shape, false),
            (None, true) => Expected::Bytes,
        })
    }

    fn json(&self, shape: &Shape, may_be_empty: bool) -> Expected {
        match self.root_of(shape) {
            Some(root) => Expected::Json { root, may_be_empty },
            None => Expected::Bytes,
        }
    }
}

/// The shapes of an operation's bodies.
pub(crate) fn bodies(operation: &Operation) -> Vec<&Shape> {
    let success = match &operation.success.content {
        Content::Json(shape) => Some(shape),
        _ => None,
    };
    let sent = operation.body.as_ref().map(|body| &body.shape);
    [sent, success, operation.error.as_ref()]
        .into_iter()
        .flatten()
        .collect()
}
