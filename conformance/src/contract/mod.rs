//! A contract, compiled: validators, tables, and the operation of a request.

mod plan;

use std::collections::BTreeMap;
use std::path::Path;

use bpx_contract::model::{Content, Model, Operation, Shape};
use bpx_contract::{Api, Document, Matcher, lower_schema, schema};
use jsonschema::Validator;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub(crate) use self::plan::{Plan, TypePlan, Use};
use crate::quick::{self, Counts, Tables};
use crate::{Error, Verdict};

/// A contract, compiled.
#[derive(Debug)]
pub struct Contract {
    api: Api,
    matcher: Matcher,
    pub(crate) plan: Plan,
    tables: Tables,
    roots: Vec<Root>,
    /// By shape, an index into the roots.
    root_of: BTreeMap<Shape, usize>,
    /// The type of bare lines, if this is a JSON Schema.
    bare: Option<usize>,
}

/// The shape of whole bodies.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) use_: Use,
    pub(crate) schema: Value,
    pub(crate) validator: Validator,
    kind: quick::Kind,
    /// Any JSON value is valid.
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
    /// The contract of an API.
    ///
    /// # Errors
    /// A document with a keyword that cannot be compiled.
    pub fn from_api(api: Api) -> Result<Self, Error> {
        Self::new(api, None)
    }

    /// Any OpenAPI 3.0 or 3.1 document.
    ///
    /// # Errors
    /// A document that cannot be lowered, or has a keyword that cannot be compiled.
    pub fn openapi(document: Document) -> Result<Self, Error> {
        Self::from_api(Api::from_document(document)?)
    }

    /// An OpenAPI document in a file.
    ///
    /// # Errors
    /// As [`Contract::openapi`], and a file that cannot be read.
    pub fn read_openapi(path: &Path) -> Result<Self, Error> {
        Self::openapi(Document::read(path)?)
    }

    /// A JSON Schema in a file. Each line of a recording is then a bare document of its type.
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
            webhooks: BTreeMap::new(),
            aliases: BTreeMap::new(),
            notes: Vec::new(),
            losses: Vec::new(),
            security: BTreeMap::new(),
        };
        Self::new(Api::new(document, model), Some(&Shape::Named(name)))
    }

    fn new(api: Api, bare: Option<&Shape>) -> Result<Self, Error> {
        let plan = Plan::of(api.model());
        let mut this = Self {
            matcher: Matcher::new(api.model()),
            tables: Tables::new(api.model(), &plan.firsts),
            plan,
            roots: Vec::new(),
            root_of: BTreeMap::new(),
            bare: None,
            api,
        };
        let mut shapes: Vec<Shape> = bare.into_iter().cloned().collect();
        for operation in this.model().operations.values() {
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
        let schema = schema::lowered(&self.model().types, &shape);
        let validator = schema::compiled(&schema).map_err(|error| Error::Schema {
            shape: format!("{shape:?}"),
            reason: error.to_string(),
        })?;
        self.root_of.insert(shape.clone(), self.roots.len());
        self.roots.push(Root {
            use_: self.plan.use_of(&shape),
            schema,
            validator,
            kind: quick::kind(self.model(), &shape),
            is_any: shape == Shape::Any,
        });
        Ok(())
    }

    /// Lets paths of recordings begin with this one, as behind a gateway.
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
            .chain_update(&self.document().sha256);
        hex::encode(hash.finalize())
    }

    /// The document as read.
    #[must_use]
    pub fn document(&self) -> &Document {
        self.api.document()
    }

    /// The model that the document was lowered to.
    #[must_use]
    pub fn model(&self) -> &Model {
        self.api.model()
    }

    /// The file the contract came from, as the caller named it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.document().file
    }

    /// What can be counted as seen, by number: fields `Pet.name`, values `Kind=cat`, arms `Animal:Dog`.
    #[must_use]
    pub fn slots(&self) -> &[String] {
        &self.plan.slots
    }

    /// The JSON Schema by which the oracle judges a body: that of a success with this status, or of a failure.
    ///
    /// `None` where the contract has no such operation, status or body.
    #[must_use]
    pub fn schema_of(&self, operation: &str, status: u16) -> Option<&Value> {
        match self.expected(self.model().operations.get(operation)?, status)? {
            Expected::Json { root, .. } => self.roots.get(root).map(|root| &root.schema),
            _ => None,
        }
    }

    /// The operation that a request belongs to, by method and path.
    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<(&str, &Operation)> {
        let id = self.matcher.find(method, path)?;
        self.model()
            .operations
            .get_key_value(id)
            .map(|(id, operation)| (id.as_str(), operation))
    }

    /// Judges a body by the tables.
    pub(crate) fn judge(&self, root: &Root, body: &[u8], counts: &mut Counts) -> Verdict {
        self.tables.judge(&root.kind, body, counts)
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
                Content::Text | Content::Events(_) => Expected::Text,
                Content::Bytes => Expected::Bytes,
            });
        }
        let failure = operation
            .errors
            .iter()
            .find(|failure| named(&failure.status))?;
        Some(match (&operation.error, failure.has_body()) {
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
