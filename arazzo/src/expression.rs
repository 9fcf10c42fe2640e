//! Runtime expressions: `$response.body#/status`, `$steps.read.outputs.side`.

mod parse;
mod reference;
mod template;

use std::fmt;

pub use self::reference::Reference;
pub use self::template::{Piece, Template};

/// Which text of the specification holds: the document's `arazzo` field decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Version {
    /// 1.0.0 and 1.0.1.
    #[default]
    V1_0,
    /// 1.1.0: braces are banned from names and pointers, `$self` exists.
    V1_1,
}

/// How an expression may be written: by the version, and by where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules {
    /// The version of the document.
    pub version: Version,
    /// Whether the operators `.` and `[ ]` of conditions apply (`$response.body.items[0]`).
    pub operators: bool,
}

impl Rules {
    /// The rules for values.
    pub fn of(version: Version) -> Self {
        Self {
            version,
            operators: false,
        }
    }

    /// The rules inside a simple condition.
    pub fn in_condition(self) -> Self {
        Self {
            operators: true,
            ..self
        }
    }
}

/// A runtime expression, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    text: String,
    root: Root,
}

/// What an expression speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// `$url`: the URL of the request.
    Url,
    /// `$method`: the method of the request.
    Method,
    /// `$statusCode`: the status of the response, a number.
    StatusCode,
    /// `$self`: the URI of the document (1.1).
    SelfUri,
    /// `$request.…`.
    Request(Part),
    /// `$response.…`.
    Response(Part),
    /// `$inputs.NAME`: an input of the workflow.
    Inputs(Reference),
    /// `$outputs.NAME`: an output of the step that has just run, or of the workflow it called.
    Outputs(Reference),
    /// `$steps.ID.outputs.NAME`.
    Step {
        /// The step.
        id: String,
        /// Its output.
        output: Reference,
    },
    /// `$workflows.ID.inputs.NAME` or `$workflows.ID.outputs.NAME`.
    Workflow {
        /// The workflow.
        id: String,
        /// Inputs or outputs.
        side: Side,
        /// The value.
        value: Reference,
    },
    /// `$sourceDescriptions.NAME.FIELD`.
    Source {
        /// The source description.
        name: String,
        /// One of its fields, or an id inside the source.
        field: String,
    },
    /// `$components.KIND.NAME`.
    Component {
        /// The map of `components`.
        kind: String,
        /// The key in it.
        name: String,
    },
}

/// One half of a workflow's interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Side {
    Inputs,
    Outputs,
}

/// A part of a request or response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// `header.TOKEN`; the token's case means nothing.
    Header(String),
    /// `query.NAME`.
    Query(String),
    /// `path.NAME`.
    Path(String),
    /// `body`, or what stands in it at these tokens of a JSON Pointer, unescaped.
    Body(Vec<String>),
}

impl Expression {
    /// Parses a whole expression.
    ///
    /// # Errors
    /// Where the text leaves the grammar, and what would stay in it.
    pub fn parse(text: &str, rules: Rules) -> Result<Self, ExpressionError> {
        parse::root(text, rules).map(|root| Self {
            text: text.to_owned(),
            root,
        })
    }

    /// What it speaks of.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it leads into a body with the operators of conditions instead of a pointer.
    pub(crate) fn is_dotted(&self) -> bool {
        let after = self.text.split_once(".body").map(|(_, after)| after);
        matches!(
            self.root,
            Root::Request(Part::Body(_)) | Root::Response(Part::Body(_))
        ) && after.is_some_and(|it| it.starts_with(['.', '[']))
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A text that is not an expression, template or condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} (at character {at}); {fix}", at = .at + 1)]
pub struct ExpressionError {
    /// Bytes from the start of the text.
    pub at: usize,
    /// What is wrong.
    pub problem: String,
    /// What to write instead.
    pub fix: String,
}

impl ExpressionError {
    pub(crate) fn new(at: usize, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            at,
            problem: problem.into(),
            fix: fix.into(),
        }
    }

    /// The same, in a text in which this one begins at `offset`.
    pub(crate) fn shifted(self, offset: usize) -> Self {
        Self {
            at: self.at + offset,
            ..self
        }
    }
}
