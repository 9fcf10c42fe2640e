//! One operation as data.

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::arguments::{self, Argument, Body};
use super::example;
use super::published;
use super::written::{Broken, Written};
use crate::model::{self, Content, Method, Model, Signing};
use crate::prose::flowed;
use crate::{Cursor, Document};

/// One operation of an API.
#[derive(Debug)]
pub struct Operation {
    /// Its `operationId`.
    pub id: String,
    /// HTTP method.
    pub method: Method,
    /// Path template below the base path.
    pub path: String,
    /// One line about it; may be empty.
    pub summary: String,
    /// Its description, one line per paragraph; may be empty.
    pub doc: String,
    /// Query, header and path parameters in the document's order, without those of the signature.
    pub params: Vec<Argument>,
    /// The request body, which is JSON.
    pub body: Body,
    /// The statuses of success. Empty where the document gives none by number: any of 200 to 299.
    pub success: Vec<u16>,
    /// A 202 without a body is documented beside one with a body: accepted, not yet executed.
    pub accepted: bool,
    /// The response is one page of a list and comes with page headers.
    pub paged: bool,
    /// Another status without a body is documented beside one with a body.
    pub absent: bool,
    /// The statuses of failure that come with a documented body, those given by number.
    pub errors: Vec<u16>,
    /// Whether the operation changes anything, by its method.
    pub effect: Effect,
    /// How the request is signed; none for a public operation.
    pub signing: Option<Signing>,
    /// Its id in the document.
    own_id: String,
    model: Arc<Model>,
    document: Arc<Document>,
    input_schema: OnceLock<Value>,
    output_schema: OnceLock<Value>,
    written: OnceLock<Written>,
}

/// Two operations are the same if they are one row of one document.
impl PartialEq for Operation {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.document.sha256 == other.document.sha256
    }
}

impl Operation {
    pub(super) fn new(
        id: &str,
        described: &model::Operation,
        model: &Arc<Model>,
        document: &Arc<Document>,
    ) -> Self {
        let success = &described.success;
        let failures = described.errors.iter().filter(|failure| failure.has_body());
        Self {
            id: id.to_owned(),
            method: described.method,
            path: described.path.clone(),
            summary: flowed(&described.summary),
            doc: flowed(&described.doc),
            params: arguments::params(described, model),
            body: arguments::body(described, model),
            success: numbers(success.statuses.iter().map(|(status, _)| status)),
            accepted: success.accepted,
            paged: success.paged() && matches!(success.content, Content::Json(_)),
            absent: success.absent,
            errors: numbers(failures.map(|failure| &failure.status)),
            effect: match described.method.is_safe() {
                true => Effect::Reads,
                false => Effect::Changes,
            },
            signing: described.signing.clone(),
            own_id: id.to_owned(),
            model: Arc::clone(model),
            document: Arc::clone(document),
            input_schema: OnceLock::new(),
            output_schema: OnceLock::new(),
            written: OnceLock::new(),
        }
    }

    /// The same operation under another id.
    #[must_use]
    pub fn renamed(&self, id: String) -> Self {
        Self {
            id,
            own_id: self.own_id.clone(),
            path: self.path.clone(),
            summary: self.summary.clone(),
            doc: self.doc.clone(),
            params: self.params.clone(),
            body: self.body.clone(),
            success: self.success.clone(),
            errors: self.errors.clone(),
            signing: self.signing.clone(),
            model: Arc::clone(&self.model),
            document: Arc::clone(&self.document),
            input_schema: OnceLock::new(),
            output_schema: OnceLock::new(),
            written: OnceLock::new(),
            ..*self
        }
    }

    /// The operation as the model has it.
    #[must_use]
    pub fn described(&self) -> Option<&model::Operation> {
        self.model.operations.get(&self.own_id)
    }

    /// The model that it is part of.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The URL of the first server that its document names.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        self.model.server.as_deref()
    }

    /// Whether a success is plain text.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.described()
            .is_some_and(|described| described.success.content == Content::Text)
    }

    /// A response of success as the document describes it: its status, and a body made of the document's examples or,
    /// where it has none, of the response's schema. No body where none is described.
    #[must_use]
    pub fn example(&self) -> Option<(u16, Option<Value>)> {
        let place = &self.described()?.place;
        example::of(&Cursor::at(&self.document, place.pointer.as_deref()?)?)
    }

    /// Every argument: the parameters, then the fields of the body, or the one argument that is the body.
    pub fn arguments(&self) -> impl Iterator<Item = &Argument> {
        let body = match &self.body {
            Body::None => &[],
            Body::Object { fields, .. } => fields.as_slice(),
            Body::Array { argument, .. } | Body::Value { argument } => {
                std::slice::from_ref(argument)
            }
        };
        self.params.iter().chain(body)
    }

    /// The argument with this name on the wire.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments().find(|argument| argument.name == name)
    }

    /// JSON Schema 2020-12 of the arguments, self-contained. Nothing undeclared is valid, nor is an enum value that the
    /// document does not list.
    #[must_use]
    pub fn input_schema(&self) -> &Value {
        self.input_schema
            .get_or_init(|| published::input(&self.params, &self.body, &self.model))
    }

    /// JSON Schema 2020-12 of `{"result": …}` around a success, self-contained. It is as open as readers have to be:
    /// members and enum values that the document does not list are valid, and so is `null` for what may be absent.
    /// Where [`Operation::accepted`] or [`Operation::absent`], the result itself may be `null`.
    #[must_use]
    pub fn output_schema(&self) -> &Value {
        self.output_schema.get_or_init(|| {
            self.described().map_or(Value::Null, |described| {
                published::output(described, &self.model)
            })
        })
    }

    /// Everything in `arguments` that breaks the document's own schemas.
    ///
    /// The keywords are applied as they are written (OpenAPI 3.0's `nullable` and boolean `exclusiveMinimum` in their
    /// meaning of 3.1). A schema that cannot be compiled is reported as broken at its own pointer.
    #[must_use]
    pub fn judge(&self, arguments: &Value) -> Vec<Broken> {
        self.written
            .get_or_init(|| {
                let place = self.described().map(|described| &described.place);
                let pointer = place.and_then(|place| place.pointer.as_deref());
                Written::new(&self.document, pointer, &self.params, &self.body)
            })
            .judge(arguments)
    }
}

/// What an operation does to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing (GET, HEAD, OPTIONS: RFC 9110, 9.2.1).
    Reads,
    /// Something, perhaps; it must not be sent twice.
    Changes,
}

impl Effect {
    /// Whether the operation only reads.
    #[must_use]
    pub fn only_reads(self) -> bool {
        self == Self::Reads
    }
}

/// The statuses that are numbers.
fn numbers<'a>(statuses: impl Iterator<Item = &'a String>) -> Vec<u16> {
    statuses.filter_map(|status| status.parse().ok()).collect()
}
