//! Criteria: a simple condition, a pattern, or a JSONPath.

use regex::{Regex, RegexBuilder};
use serde_json::Value;
use serde_json_path::JsonPath;

use super::{Condition, EvaluationError, Expression, Scope, Template};
use bpx_contract::Place;
use bpx_contract::overlay::{BRACKET_DEPTH_MAX, bracket_depth};

/// A compiled pattern may take so much memory.
const PATTERN_BYTES_MAX: usize = 1024 * 1024;
const PATTERN_DEPTH_MAX: u32 = 64;

/// One assertion about a step.
#[derive(Debug, Clone)]
pub struct Criterion {
    /// The condition as written.
    pub text: String,
    /// How it is tested.
    pub test: Test,
    /// Where it stands.
    pub place: Place,
}

/// The kinds of criterion.
#[derive(Debug, Clone)]
pub enum Test {
    /// A simple condition.
    Simple(Condition),
    /// The context, as text, contains a match of the pattern.
    Pattern {
        /// What is looked at.
        context: Expression,
        /// The regular expression.
        pattern: Pattern,
    },
    /// The path selects at least one node of the context (RFC 9535).
    Path {
        /// What is looked at.
        context: Expression,
        /// The path.
        path: Path,
    },
    /// The text cannot be read as a criterion; it counts as not met.
    Never {
        /// Why.
        problem: String,
    },
}

/// A regular expression, compiled once unless expressions are filled in.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// Compiled.
    Fixed(Regex),
    /// To be filled in.
    Templated(Template),
}

/// A JSONPath, parsed once unless expressions are filled in.
#[derive(Debug, Clone)]
pub enum Path {
    /// Parsed.
    Fixed(Box<JsonPath>),
    /// To be filled in.
    Templated(Template),
}

impl Criterion {
    /// Whether it holds. An error means that it does not, and says why.
    ///
    /// # Errors
    /// It cannot be decided: the context is null, the syntax is bad, or a condition is neither true nor false.
    pub fn holds(&self, scope: &Scope) -> Result<bool, EvaluationError> {
        match &self.test {
            Test::Simple(condition) => condition.evaluate(scope),
            Test::Pattern { context, pattern } => {
                let value = look_at(context, scope)?;
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                Ok(match pattern {
                    Pattern::Fixed(regex) => regex.is_match(&text),
                    Pattern::Templated(template) => regex(&template.fill(scope)?)?.is_match(&text),
                })
            }
            Test::Path { context, path } => {
                let value = look_at(context, scope)?;
                Ok(match path {
                    Path::Fixed(path) => !path.query(&value).is_empty(),
                    Path::Templated(template) => {
                        !json_path(&template.fill(scope)?)?.query(&value).is_empty()
                    }
                })
            }
            Test::Never { problem } => Err(EvaluationError::Syntax {
                what: "criterion",
                text: self.text.clone(),
                problem: problem.clone(),
            }),
        }
    }

    /// The expressions that are filled into its pattern or path.
    pub(crate) fn filled(&self) -> Vec<&Expression> {
        let template = match &self.test {
            Test::Pattern {
                pattern: Pattern::Templated(it),
                ..
            } => it,
            Test::Path {
                path: Path::Templated(it),
                ..
            } => it,
            _ => return Vec::new(),
        };
        template.expressions().collect()
    }
}

fn look_at(context: &Expression, scope: &Scope) -> Result<Value, EvaluationError> {
    match context.evaluate(scope)? {
        None | Some(Value::Null) => Err(EvaluationError::NoContext(context.as_str().to_owned())),
        Some(value) => Ok(value),
    }
}

/// Compiles a pattern, within bounds.
pub(crate) fn regex(text: &str) -> Result<Regex, EvaluationError> {
    let built = RegexBuilder::new(text)
        .size_limit(PATTERN_BYTES_MAX)
        .nest_limit(PATTERN_DEPTH_MAX)
        .build();
    built.map_err(|error| EvaluationError::Syntax {
        what: "regular expression",
        text: text.to_owned(),
        problem: last_line(&error.to_string()),
    })
}

/// Parses a path, within bounds.
pub(crate) fn json_path(text: &str) -> Result<JsonPath, EvaluationError> {
    let fault = |problem: String| EvaluationError::Syntax {
        what: "JSONPath (RFC 9535)",
        text: text.to_owned(),
        problem,
    };
    if bracket_depth(text) > BRACKET_DEPTH_MAX {
        return Err(fault(format!(
            "it nests more than {BRACKET_DEPTH_MAX} brackets"
        )));
    }
    JsonPath::parse(text).map_err(|error| fault(error.to_string()))
}

/// The regex crate draws the pattern above its message.
fn last_line(message: &str) -> String {
    let last = message.lines().next_back().unwrap_or(message);
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}
