//! What a run knows so far, and what expressions come to in it.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::{Expression, Part, Piece, Reference, Root, Side, Template};

/// What a run of one workflow knows. The runner fills it; nothing here changes it. Its `Debug` names what there is,
/// without the values, since inputs can be secrets.
#[derive(Clone, Default)]
pub struct Scope {
    /// The URI of the document (`$self`).
    pub self_uri: Option<String>,
    /// The workflow's inputs.
    pub inputs: Map<String, Value>,
    /// `$outputs`: those of the step that has just run, or of the workflow it called.
    pub outputs: Map<String, Value>,
    /// Outputs of the steps that have succeeded, by step id.
    pub steps: BTreeMap<String, Map<String, Value>>,
    /// Workflows that have run, by workflow id.
    pub workflows: BTreeMap<String, Interface>,
    /// Fields of the source descriptions (`url`, `name`, `type`), by the source's name.
    pub sources: BTreeMap<String, Map<String, Value>>,
    /// The request of the current step, with its response.
    pub exchange: Option<Exchange>,
}

/// What went into a workflow and what came out.
#[derive(Clone, Default)]
pub struct Interface {
    /// Its inputs.
    pub inputs: Map<String, Value>,
    /// Its outputs.
    pub outputs: Map<String, Value>,
}

/// One request, with what came of it.
#[derive(Debug, Clone, Default)]
pub struct Exchange {
    /// The URL as sent.
    pub url: String,
    /// The method.
    pub method: String,
    /// The status, if there was a response.
    pub status: Option<u16>,
    /// The request.
    pub request: Message,
    /// The response; empty if there was none.
    pub response: Message,
}

/// The parts of a request or response. Its `Debug` names the headers only, since their values can be secrets.
#[derive(Clone, Default)]
pub struct Message {
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    /// Query parameters, decoded.
    pub query: Vec<(String, String)>,
    /// Path parameters, decoded.
    pub path: Vec<(String, String)>,
    /// The body: JSON, or a string where it is not JSON.
    pub body: Option<Value>,
}

fn names(values: &Map<String, Value>) -> Vec<&String> {
    values.keys().collect()
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("inputs", &names(&self.inputs))
            .field("outputs", &names(&self.outputs))
            .field("steps", &self.steps.keys())
            .field("workflows", &self.workflows)
            .field("exchange", &self.exchange)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interface")
            .field("inputs", &names(&self.inputs))
            .field("outputs", &names(&self.outputs))
            .finish()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Message")
            .field("headers", &headers)
            .field("body", &self.body.is_some())
            .finish_non_exhaustive()
    }
}

/// Why there is not a value. An expression that finds nothing is not an error: it comes to `None`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The expression speaks of something that has no value here.
    #[error("`{0}` has no value here; use it only where the checker allows it")]
    NoValue(String),
    /// A template embeds nothing.
    #[error(
        "`{0}` found nothing to put into the text; guard the step with a criterion that it is not null"
    )]
    NoText(String),
    /// An item of a list found nothing.
    #[error(
        "`{0}` found nothing to put into the list; guard the step with a criterion that it is not null"
    )]
    NoItem(String),
    /// A number beyond what is compared exactly.
    #[error("`{0}` is not a number of at most 28 digits; compare shorter numbers")]
    Number(String),
    /// A condition, or an operand of `!`, `&&` or `||`, is neither true nor false.
    #[error("`{0}` is neither true nor false; compare it with something")]
    NotBoolean(String),
    /// A pattern or path is not valid once its expressions are filled in.
    #[error("`{text}` is no {what}: {problem}; correct it, or what is filled in")]
    Syntax {
        /// What it should be.
        what: &'static str,
        /// What it is.
        text: String,
        /// Why it is not.
        problem: String,
    },
    /// The context of a criterion found nothing to look at.
    #[error("the context `{0}` is null; a criterion on it fails")]
    NoContext(String),
    /// A replacement's target does not exist.
    #[error(
        "`{0}` does not exist in the payload, so nothing can be replaced there; correct the target"
    )]
    NoTarget(String),
}

impl Expression {
    /// What the expression comes to; `None` if it finds nothing.
    ///
    /// # Errors
    /// [`EvaluationError::NoValue`] for `$components`, which only reusable objects refer to.
    pub fn evaluate(&self, scope: &Scope) -> Result<Option<Value>, EvaluationError> {
        let exchange = scope.exchange.as_ref();
        let text = |text: &str| Some(Value::from(text));
        Ok(match self.root() {
            Root::Url => exchange.and_then(|it| text(&it.url)),
            Root::Method => exchange.and_then(|it| text(&it.method)),
            Root::StatusCode => exchange.and_then(|it| it.status).map(Value::from),
            Root::SelfUri => scope.self_uri.as_deref().and_then(text),
            Root::Request(part) => exchange.and_then(|it| it.request.part(part)),
            Root::Response(part) => exchange.and_then(|it| it.response.part(part)),
            Root::Inputs(name) => named(&scope.inputs, name),
            Root::Outputs(name) => named(&scope.outputs, name),
            Root::Step { id, output } => {
                scope.steps.get(id).and_then(|values| named(values, output))
            }
            Root::Workflow { id, side, value } => scope.workflows.get(id).and_then(|it| {
                let values = match side {
                    Side::Inputs => &it.inputs,
                    Side::Outputs => &it.outputs,
                };
                named(values, value)
            }),
            Root::Source { name, field } => {
                let found = scope.sources.get(name).and_then(|it| it.get(field));
                found.cloned()
            }
            Root::Component { .. } => {
                return Err(EvaluationError::NoValue(self.as_str().to_owned()));
            }
        })
    }
}

fn named(values: &Map<String, Value>, name: &Reference) -> Option<Value> {
    let (found, pointer) = name.resolve(|name| values.get(name))?;
    walk(found, pointer).cloned()
}

/// The value at the tokens of a JSON Pointer.
pub(crate) fn walk<'v, 't>(
    value: &'v Value,
    tokens: impl IntoIterator<Item = &'t str>,
) -> Option<&'v Value> {
    tokens.into_iter().try_fold(value, |at, token| match at {
        Value::Object(members) => members.get(token),
        Value::Array(items) => items.get(index(token)?),
        _ => None,
    })
}

/// An index as RFC 6901 writes it: no sign, no leading zero.
pub(crate) fn index(token: &str) -> Option<usize> {
    let plain = token == "0" || !token.starts_with('0');
    (plain && token.bytes().all(|it| it.is_ascii_digit()))
        .then(|| token.parse().ok())
        .flatten()
}

impl Message {
    fn part(&self, part: &Part) -> Option<Value> {
        let find = |list: &[(String, String)], name: &str| {
            let found = list.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| Value::from(value.as_str()))
        };
        match part {
            Part::Header(name) => {
                let found = self
                    .headers
                    .iter()
                    .find(|(known, _)| known.eq_ignore_ascii_case(name));
                found.map(|(_, value)| Value::from(value.as_str()))
            }
            Part::Query(name) => find(&self.query, name),
            Part::Path(name) => find(&self.path, name),
            Part::Body(tokens) => {
                walk(self.body.as_ref()?, tokens.iter().map(String::as_str)).cloned()
            }
        }
    }
}

impl Template {
    /// The text with its expressions filled in: scalars as text, lists and objects as JSON.
    ///
    /// # Errors
    /// One of the expressions finds nothing, or has no value here.
    pub fn fill(&self, scope: &Scope) -> Result<String, EvaluationError> {
        let mut filled = String::new();
        for piece in self.pieces() {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Expression(expression) => match expression.evaluate(scope)? {
                    None | Some(Value::Null) => {
                        return Err(EvaluationError::NoText(expression.as_str().to_owned()));
                    }
                    Some(Value::String(text)) => filled.push_str(&text),
                    Some(other) => filled.push_str(&other.to_string()),
                },
            }
        }
        Ok(filled)
    }
}
