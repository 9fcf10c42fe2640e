//! Selector Objects (1.1.0): a part of what an expression comes to.

use serde_json::{Map, Value};

use super::criterion::json_path;
use super::scope::walk;
use super::{EvaluationError, Expression, ExpressionError, Rules, Scope, Version};
use bpx_contract::pointer::unescape;
use serde_json_path::JsonPath;

/// A part of a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Selector {
    /// What is looked at.
    pub context: Expression,
    /// The selector as written.
    pub text: String,
    /// How it is read.
    pub kind: Selection,
}

/// The kinds of selector.
#[derive(Debug, Clone, PartialEq)]
pub enum Selection {
    /// The nodes that a JSONPath selects, as a list; of a path that selects one node at most, that node.
    Path(Box<JsonPath>),
    /// The value at the tokens of a JSON Pointer, unescaped.
    Pointer(Vec<String>),
}

impl Selector {
    /// Whether an object is a selector.
    pub(crate) fn is_one(members: &Map<String, Value>, rules: Rules) -> bool {
        let keys = ["context", "selector", "type"];
        rules.version == Version::V1_1
            && members.len() == keys.len()
            && keys.iter().all(|it| members.contains_key(*it))
            && members
                .get("context")
                .is_some_and(|it| it.as_str().is_some_and(|text| text.starts_with('$')))
    }

    /// Reads a selector; an error comes with the pointer of the text inside it.
    pub(crate) fn read(
        members: &Map<String, Value>,
        rules: Rules,
    ) -> Result<Self, (String, ExpressionError)> {
        let text = |key: &str| members.get(key).and_then(Value::as_str).unwrap_or_default();
        let at = |key: &str, error| (format!("/{key}"), error);
        let context = Expression::parse(text("context"), rules);
        let kind = members.get("type").unwrap_or(&Value::Null);
        let kind = kind.as_str().or_else(|| kind.get("type")?.as_str());
        let selector = text("selector");
        let kind = match kind.unwrap_or_default() {
            "jsonpath" => json_path(selector)
                .map(|path| Selection::Path(Box::new(path)))
                .map_err(|error| ExpressionError::new(0, error.to_string(), "correct the path")),
            "jsonpointer" if selector.is_empty() || selector.starts_with('/') => {
                let tokens = selector.split('/').skip(1);
                Ok(Selection::Pointer(
                    tokens.map(|it| unescape(it).into_owned()).collect(),
                ))
            }
            "jsonpointer" => {
                let problem = format!("`{selector}` is not a JSON Pointer");
                Err(ExpressionError::new(0, problem, "begin it with `/`"))
            }
            other => {
                let problem = format!("selectors of type `{other}` are not evaluated");
                let fix = "write a `jsonpath` or `jsonpointer` selector";
                return Err(at("type", ExpressionError::new(0, problem, fix)));
            }
        };
        Ok(Self {
            context: context.map_err(|error| at("context", error))?,
            text: selector.to_owned(),
            kind: kind.map_err(|error| at("selector", error))?,
        })
    }

    /// What it selects; `None` if that is nothing.
    pub(crate) fn evaluate(&self, scope: &Scope) -> Result<Option<Value>, EvaluationError> {
        let Some(value) = self.context.evaluate(scope)? else {
            return Ok(None);
        };
        Ok(match &self.kind {
            Selection::Pointer(tokens) => walk(&value, tokens.iter().map(String::as_str)).cloned(),
            Selection::Path(path) => {
                let nodes = path.query(&value).all();
                match is_singular(&self.text) {
                    true => nodes.first().map(|it| (*it).clone()),
                    false => Some(nodes.into_iter().cloned().collect()),
                }
            }
        })
    }
}

/// Whether a valid path names one node at most: by names and indices alone (RFC 9535, 2.3.5.1).
fn is_singular(path: &str) -> bool {
    let mut quote = None;
    let mut before = '$';
    for c in path.chars() {
        match quote {
            Some(open) if c == open && before != '\\' => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if "*?:,".contains(c) || (c == '.' && before == '.') => return false,
            None => {}
        }
        before = if before == '\\' { ' ' } else { c };
    }
    true
}
