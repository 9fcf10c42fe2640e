//! A contract, compiled: the document's schemas, tables, and the operation of a request.

mod channels;
mod hosts;
mod operation;
mod parameter;
mod plan;
mod root;
mod sequence;

use std::collections::BTreeMap;
use std::path::Path;

use bpx_contract::model::{self, Content, Model, Shape};
use bpx_contract::oracle::{Schemas, Side, UnknownFormat};
use bpx_contract::written;
use bpx_contract::{Api, Document, Matcher, lower, lower_lossy, lower_schema, schema};
use jsonschema::Validator;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use self::channels::Channels;
pub(crate) use self::channels::Fit;
use self::hosts::Hosts;
pub(crate) use self::operation::{Expected, Operation};
pub(crate) use self::parameter::{Form, Parameter, kind_of};
pub(crate) use self::plan::{Envelope, Plan, TypePlan, Use};
pub(crate) use self::root::Root;
pub(crate) use self::sequence::{is_events, is_marked};
use crate::leniency::Leniency;
use crate::quick::{Counts, Tables};
use crate::{Error, Verdict};

/// A contract, compiled.
#[derive(Debug)]
pub struct Contract {
    api: Api,
    operations: BTreeMap<String, Operation>,
    /// For whole URLs.
    matcher: Matcher,
    /// For paths alone.
    relative: Matcher,
    hosts: Hosts,
    pub(crate) plan: Plan,
    tables: Tables,
    sent: Schemas,
    received: Schemas,
    roots: Vec<Root>,
    /// By direction and pointer of the schema, an index into the roots; once for each type that the model has for it.
    root_of: BTreeMap<(Side, String, Option<Shape>), usize>,
    /// Bodies that are forms or texts, by their roots.
    forms: BTreeMap<usize, Parameter>,
    /// The model's types as schemas: those of bodies, and of arms that only their shapes tell apart.
    lowered: BTreeMap<Shape, (Value, Validator)>,
    /// The schema of bare lines, if this is a JSON Schema.
    bare: Option<usize>,
    /// The channels, if this is the contract of an AsyncAPI document.
    channels: Channels,
    streams: Option<Box<Self>>,
    pub(crate) leniency: Leniency,
}

impl Contract {
    /// The contract of an API.
    ///
    /// # Errors
    /// A type that cannot be compiled.
    pub fn from_api(api: Api) -> Result<Self, Error> {
        Self::new(api, None)
    }

    /// Any OpenAPI 3 document, also one of which no client can be generated.
    ///
    /// # Errors
    /// A document of another version.
    pub fn openapi(document: Document) -> Result<Self, Error> {
        let model = lower(&document).or_else(|_| match lower_lossy(&document) {
            Err(faults) if !is_openapi(&document) => Err(faults),
            model => Ok(model.unwrap_or_else(|_| untyped(&document))),
        })?;
        Self::from_api(Api::new(document, model))
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
        // A schema of which no type can be made is still a judge.
        let types = lower_schema(&document, &name).unwrap_or_default();
        let model = Model {
            title: name.clone(),
            types,
            ..Model::default()
        };
        let shape = match model.types.contains_key(&name) {
            true => Shape::Named(name),
            false => Shape::Any,
        };
        Self::new(Api::new(document, model), Some(&shape))
    }

    fn new(api: Api, bare: Option<&Shape>) -> Result<Self, Error> {
        let schemas = [Side::Sent, Side::Received].map(|side| Schemas::new(api.document(), side));
        Self::of_schemas(api, schemas, bare)
    }

    fn of_schemas(
        api: Api,
        [sent, received]: [Schemas; 2],
        bare: Option<&Shape>,
    ) -> Result<Self, Error> {
        let document = api.document();
        let plan = Plan::of(api.model());
        let mut operations = written::operations(document);
        for operation in &mut operations {
            let mut known = api.model().operations.iter();
            let pointer = Some(operation.pointer.as_str());
            if let Some((id, _)) = known.find(|(_, it)| it.place.pointer.as_deref() == pointer) {
                operation.id.clone_from(id);
            }
        }
        let leniency = Leniency::of(&document.value);
        let mut this = Self {
            matcher: Matcher::of(&operations),
            relative: Matcher::relative(&operations),
            hosts: Hosts::of(&operations),
            tables: Tables::new(api.model(), &plan.firsts, &received, leniency),
            sent,
            received,
            operations: BTreeMap::new(),
            plan,
            roots: Vec::new(),
            root_of: BTreeMap::new(),
            forms: BTreeMap::new(),
            lowered: BTreeMap::new(),
            bare: None,
            channels: Channels::default(),
            streams: None,
            leniency,
            api,
        };
        this.add_lowered()?;
        for operation in operations {
            let operation = this.compiled(operation);
            this.operations
                .insert(operation.written.id.clone(), operation);
        }
        this.bare = bare.map(|shape| this.add_root(Side::Received, "", Some(shape)));
        Ok(this)
    }

    /// The types of bodies as schemas, and those of arms that only their shapes tell apart.
    fn add_lowered(&mut self) -> Result<(), Error> {
        let bodies = self.model().operations.values().flat_map(bodies);
        let arms = self.plan.types.iter().flat_map(|plan| match plan {
            TypePlan::Untagged(_, arms) => arms.as_slice(),
            _ => &[],
        });
        let shapes: Vec<_> = bodies.chain(arms.map(|arm| &arm.shape)).cloned().collect();
        for shape in shapes {
            let schema = schema::lowered(&self.model().types, &shape);
            let validator = schema::compiled(&schema).map_err(|error| Error::Schema {
                shape: format!("{shape:?}"),
                reason: error.to_string(),
            })?;
            self.lowered.insert(shape, (schema, validator));
        }
        Ok(())
    }

    /// Lets paths of recordings begin with this one, as behind a gateway.
    #[must_use]
    pub fn with_base_path(mut self, path: &str) -> Self {
        self.matcher.add_base(path);
        self.relative.add_base(path);
        self
    }

    /// SHA-256 of the bytes of the documents, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        let kind: &[u8] = if self.bare.is_some() {
            b"schema"
        } else {
            b"openapi"
        };
        let mut hash = Sha256::new()
            .chain_update(kind)
            .chain_update(&self.document().sha256);
        if let Some(streams) = self.streams() {
            hash.update("asyncapi");
            hash.update(&streams.document().sha256);
        }
        hex::encode(hash.finalize())
    }

    /// The document as read.
    #[must_use]
    pub fn document(&self) -> &Document {
        self.api.document()
    }

    /// The model that the document was lowered to: types, coverage and drift are of it.
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

    /// The model's type of a body as a JSON Schema: that of a success with this status, or of a failure.
    ///
    /// `None` where the model has no such operation, status or body.
    #[must_use]
    pub fn schema_of(&self, operation: &str, status: u16) -> Option<&Value> {
        let (_, documented) = self.operations.get(operation)?.written.response(status)?;
        let has_body = !documented.content.is_empty();
        let shape = self.shape_of(operation, &documented.status);
        let shape = shape.filter(|_| has_body)?;
        self.lowered.get(shape).map(|(schema, _)| schema)
    }

    /// Whether a value is of the model's type.
    pub(crate) fn is_of(&self, shape: &Shape, value: &Value) -> bool {
        let known = self.lowered.get(shape);
        known.is_some_and(|(_, validator)| validator.is_valid(value))
    }

    /// The model's type of the JSON bodies of this status, as it is documented.
    fn shape_of(&self, operation: &str, status: &str) -> Option<&Shape> {
        let operation = self.model().operations.get(operation)?;
        let named = |documented: &str| documented.eq_ignore_ascii_case(status);
        let mut good = operation.success.statuses.iter();
        if good.any(|(documented, _)| named(documented)) {
            return match &operation.success.content {
                Content::Json(shape) => Some(shape),
                _ => None,
            };
        }
        operation.error.as_ref()
    }

    /// The operation that a request belongs to, by method and path. Without a host, the server's base path may be missing.
    pub(crate) fn operation(&self, method: &str, path: &str, has_host: bool) -> Option<&Operation> {
        let id = self.matcher(has_host).find(method, path)?;
        self.operations.get(id)
    }

    fn matcher(&self, has_host: bool) -> &Matcher {
        match has_host {
            true => &self.matcher,
            false => &self.relative,
        }
    }

    /// The values of path parameters, as they are written.
    pub(crate) fn path_values<'b>(
        &'b self,
        operation: &'b Operation,
        path: &'b str,
        has_host: bool,
    ) -> Vec<(&'b str, &'b str)> {
        let matcher = self.matcher(has_host);
        matcher.values(&operation.written.id, path)
    }

    /// The model's type of a parameter; empty where it has none.
    pub(crate) fn parameter_type(&self, operation: &str, name: &str) -> &str {
        let operation = self.model().operations.get(operation);
        let mut params = operation.into_iter().flat_map(|it| &it.params);
        let found = params.find(|param| param.name == name);
        found
            .and_then(|param| param.shape.named())
            .unwrap_or_default()
    }

    /// Every operation of the document, by its id.
    pub(crate) fn operations(&self) -> &BTreeMap<String, Operation> {
        &self.operations
    }

    /// Judges a body by the tables.
    pub(crate) fn judge(&self, root: &Root, body: &[u8], counts: &mut Counts) -> Verdict {
        self.tables.judge(root.kind(), body, counts)
    }

    pub(crate) fn root(&self, index: usize) -> Option<&Root> {
        self.roots.get(index)
    }

    /// The form or text that a body of this root is.
    pub(crate) fn form(&self, root: usize) -> Option<&Parameter> {
        self.forms.get(&root)
    }

    /// Since OpenAPI 3.1, a media type without a schema is how bytes are described.
    fn omits_schemas_of_bytes(&self) -> bool {
        let version = self.document().value.get("openapi").and_then(Value::as_str);
        version.is_some_and(|version| !version.starts_with("3.0"))
    }

    pub(crate) fn bare(&self) -> Option<usize> {
        self.bare
    }

    /// Formats that are not held, each once.
    pub(crate) fn unknown_formats(&self) -> impl Iterator<Item = &UnknownFormat> {
        let of_streams = self.streams().map(|it| it.received.unknown_formats());
        let own = self.received.unknown_formats();
        own.iter().chain(of_streams.unwrap_or_default())
    }
}

fn is_openapi(document: &Document) -> bool {
    let version = document.value.get("openapi").and_then(Value::as_str);
    let is_known = |version: &str| {
        ["3.0", "3.1", "3.2"]
            .iter()
            .any(|it| version.starts_with(it))
    };
    version.is_some_and(is_known) && document.value.get("swagger").is_none()
}

/// The model of a document without types.
fn untyped(document: &Document) -> Model {
    let title = document
        .value
        .pointer("/info/title")
        .and_then(Value::as_str);
    Model {
        title: title.unwrap_or_default().to_owned(),
        ..Model::default()
    }
}

/// The shapes of an operation's bodies.
pub(crate) fn bodies(operation: &model::Operation) -> Vec<&Shape> {
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
