//! An API contract at run time: everything that works on operations as data reads it here.
//!
//! [`Api`] is built once, at start, from the documents. An [`Operation`] describes one call: its arguments as one flat
//! JSON object keyed by wire name (query, header and path parameters, and the fields of the body together), its
//! responses, its effect, and how it is signed.
//!
//! Two descriptions of the same arguments stand side by side. [`Operation::input_schema`] is lowered from the model, for
//! readers of JSON Schema such as MCP clients. [`Operation::judge`] applies the document's **own** schemas, keyword by
//! keyword, as they are written.
//!
//! ```
//! use bpx_contract::{Api, Document};
//! use serde_json::json;
//!
//! let document = Document::parse("pets.yaml", br#"
//! openapi: 3.0.3
//! info: {title: Pets, version: '1'}
//! paths:
//!   /pets:
//!     get:
//!       operationId: listPets
//!       parameters:
//!       - {name: tag, in: query, schema: {type: string, pattern: '^[a-z]+$'}}
//!       responses: {'200': {description: All pets.}}
//! "#)?;
//! let api = Api::from_document(document)?;
//! let list = api.operation("listPets").ok_or("no such operation")?;
//! assert!(list.effect.only_reads());
//! assert_eq!(list.judge(&json!({"tag": "cats"})), []);
//! let broken = list.judge(&json!({"tag": "Cats"}));
//! assert_eq!((broken[0].pointer.as_str(), broken[0].keyword.as_str()), ("/tag", "pattern"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arguments;
mod example;
mod operation;
mod published;
mod written;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::arguments::{Argument, Body, DECIMAL_LENGTH_MAX, DECIMAL_PATTERN, Kind, Location};
pub use self::operation::{Effect, Operation};
pub use self::written::Broken;
use crate::model::{self, Media, Model};
use crate::{Diagnostics, Document, apply, lower, lower_lossy};

/// An API contract: its documents, the model they were lowered to, and every operation as data.
#[derive(Debug, Clone)]
pub struct Api {
    document: Arc<Document>,
    model: Arc<Model>,
    /// The models of further documents ([`Api::merged`]).
    further: Vec<Arc<Model>>,
    operations: BTreeMap<String, Arc<Operation>>,
}

impl Api {
    /// Reads an OpenAPI document.
    ///
    /// # Errors
    /// Everything in the document that cannot be lowered.
    pub fn from_document(document: Document) -> Result<Self, Diagnostics> {
        let model = lower(&document)?;
        Ok(Self::new(document, model))
    }

    /// Reads an OpenAPI document with an overlay applied to it.
    ///
    /// # Errors
    /// An overlay that does not fit the document, and all that [`Api::from_document`] refuses.
    pub fn from_documents(
        document: Document,
        overlay: Option<&Document>,
    ) -> Result<Self, Diagnostics> {
        match overlay {
            Some(overlay) => Self::from_document(apply(&document, overlay)?),
            None => Self::from_document(document),
        }
    }

    /// Reads an OpenAPI document as far as it can be called and typed: the losses of [`Api::models`] name the rest.
    ///
    /// # Errors
    /// An overlay that does not fit the document, and a document that is no OpenAPI 3 or has no operation.
    pub fn from_documents_lossy(
        document: Document,
        overlay: Option<&Document>,
    ) -> Result<Self, Diagnostics> {
        let document = match overlay {
            Some(overlay) => apply(&document, overlay)?,
            None => document,
        };
        let model = lower_lossy(&document)?;
        Ok(Self::new(document, model))
    }

    /// Adds the operations of another API. An operation that both describe, with the same id, method and path, stays as it
    /// is here; another one of an id that is taken gets the name of its file before the id.
    #[must_use]
    pub fn merged(mut self, other: &Self) -> Self {
        for (id, operation) in &other.operations {
            let Some(known) = self.operations.get(id) else {
                self.operations.insert(id.clone(), Arc::clone(operation));
                continue;
            };
            if (known.method, &known.path) == (operation.method, &operation.path)
                && server(known) == server(operation)
            {
                continue;
            }
            let renamed = operation.renamed(format!("{}.{id}", stem(&other.document.file)));
            self.operations
                .insert(renamed.id.clone(), Arc::new(renamed));
        }
        self.further.extend(other.models().cloned());
        self
    }

    /// An API from a document and the model it was lowered to.
    #[must_use]
    pub fn new(document: Document, model: Model) -> Self {
        let (document, model) = (Arc::new(document), Arc::new(model));
        let operations = model.operations.iter();
        let operations = operations
            .filter(|(_, described)| takes_json(described))
            .map(|(id, described)| {
                let operation = Operation::new(id, described, &model, &document);
                (id.clone(), Arc::new(operation))
            })
            .collect();
        Self {
            document,
            model,
            further: Vec::new(),
            operations,
        }
    }

    /// `info.title`.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.model.title
    }

    /// The document, with its overlay applied.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// What the document was lowered to.
    #[must_use]
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Adds operations of these documents under ids of their own.
    #[must_use]
    pub fn with_operations<'a>(mut self, more: impl Iterator<Item = &'a Arc<Operation>>) -> Self {
        for operation in more {
            let known = self.operations.entry(operation.id.clone());
            known.or_insert_with(|| Arc::clone(operation));
        }
        self
    }

    /// What each document was lowered to, the first one first.
    pub fn models(&self) -> impl Iterator<Item = &Arc<Model>> + Clone {
        std::iter::once(&self.model).chain(&self.further)
    }

    /// Every operation whose arguments can be given as JSON, sorted by its id. [`Model::operations`] has the others too:
    /// those that take a form, files, text or bytes.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = &Arc<Operation>> {
        self.operations.values()
    }

    /// The operation with this `operationId`.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&Arc<Operation>> {
        self.operations.get(id)
    }

    /// The operation with this method, in upper case, and path template.
    #[must_use]
    pub fn at(&self, method: &str, path: &str) -> Option<&Arc<Operation>> {
        let mut all = self.operations.values();
        all.find(|it| it.method.as_str() == method && it.path == path)
    }
}

/// Where an operation is, whether or not a slash ends that.
fn server(operation: &Operation) -> Option<&str> {
    let server = operation.server();
    server.map(|server| server.trim_end_matches('/'))
}

/// The name of a file without its folder and extension.
fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.split('.').next().unwrap_or(name)
}

/// Whether the arguments of an operation can be given as one JSON object: its body, if any, is JSON or a form without
/// files.
#[must_use]
pub fn takes_json(operation: &model::Operation) -> bool {
    let body = operation.body.as_ref().map(|body| &body.media);
    let is_json = body.is_none_or(|media| matches!(media, Media::Json(_) | Media::Form));
    let mut params = operation.params.iter();
    is_json && params.all(|param| param.location != model::Location::Part)
}
