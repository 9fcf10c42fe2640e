//! Values with expressions in them: arguments, bodies, replacements, outputs.

use bpx_contract::pointer::escape;
use serde_json::{Map, Value};

use super::number::decimal;
use super::scope::index;
use super::selector::Selector;
use super::{Condition, EvaluationError, Expression, ExpressionError, Rules, Scope, Template};

/// A value with expressions in it.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// A value as it stands.
    Literal(Value),
    /// The whole value is an expression; its type is kept.
    Expression(Expression),
    /// A text with expressions in it.
    Text(Template),
    /// A list.
    List(Vec<Payload>),
    /// An object, in the document's order.
    Object(Vec<(String, Payload)>),
    /// A part of a value, by JSONPath or JSON Pointer (Selector Object, 1.1).
    Selector(Box<Selector>),
    /// One decimal less another (`x-bpx-minus`), as text.
    Difference(Box<Difference>),
}

/// A decimal, and what is taken from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The decimal.
    pub whole: Payload,
    /// What is taken from it.
    pub taken: Payload,
    /// Nothing is taken unless this holds.
    pub when: Option<Condition>,
}

impl Payload {
    /// Reads a value of a document; errors come with the pointer of the text inside it.
    pub(crate) fn read(
        value: &Value,
        rules: Rules,
        errors: &mut Vec<(String, ExpressionError)>,
    ) -> Self {
        match value {
            Value::String(text) => Self::of_text(text, rules).unwrap_or_else(|error| {
                errors.push((String::new(), error));
                Self::Literal(value.clone())
            }),
            Value::Array(items) => {
                let items = items.iter().enumerate();
                let read =
                    items.map(|(at, item)| Self::below(&at.to_string(), item, rules, errors));
                Self::List(read.collect())
            }
            Value::Object(members) if Selector::is_one(members, rules) => {
                match Selector::read(members, rules) {
                    Ok(selector) => Self::Selector(Box::new(selector)),
                    Err(error) => {
                        errors.push(error);
                        Self::Literal(Value::Null)
                    }
                }
            }
            Value::Object(members) => {
                let read = members
                    .iter()
                    .map(|(key, item)| (key.clone(), Self::below(key, item, rules, errors)));
                Self::Object(read.collect())
            }
            other => Self::Literal(other.clone()),
        }
    }

    fn below(
        key: &str,
        value: &Value,
        rules: Rules,
        errors: &mut Vec<(String, ExpressionError)>,
    ) -> Self {
        let mut inner = Vec::new();
        let read = Self::read(value, rules, &mut inner);
        let key = escape(key);
        errors.extend(
            inner
                .into_iter()
                .map(|(rest, error)| (format!("/{key}{rest}"), error)),
        );
        read
    }

    /// A text: an expression, a template, or nothing but a text. `$5` is a text, `$inputs` is not.
    pub(crate) fn of_text(text: &str, rules: Rules) -> Result<Self, ExpressionError> {
        if is_expression(text) {
            return Expression::parse(text, rules).map(Self::Expression);
        }
        if Template::is_one(text) {
            return Template::parse(text, rules).map(Self::Text);
        }
        Ok(Self::Literal(text.into()))
    }

    /// What it comes to; `None` if it is an expression that finds nothing. Members that find nothing are left out.
    ///
    /// # Errors
    /// A template or a list embeds nothing, or a difference is not between two decimals.
    pub fn evaluate(&self, scope: &Scope) -> Result<Option<Value>, EvaluationError> {
        match self {
            Self::Literal(value) => Ok(Some(value.clone())),
            Self::Expression(expression) => expression.evaluate(scope),
            Self::Text(template) => template.fill(scope).map(|text| Some(text.into())),
            Self::List(items) => {
                let items = items.iter().map(|item| item.item(scope));
                items
                    .collect::<Result<Vec<_>, _>>()
                    .map(|it| Some(it.into()))
            }
            Self::Object(members) => {
                let mut object = Map::new();
                for (key, member) in members {
                    if let Some(value) = member.evaluate(scope)? {
                        object.insert(key.clone(), value);
                    }
                }
                Ok(Some(object.into()))
            }
            Self::Selector(selector) => selector.evaluate(scope),
            Self::Difference(difference) => difference.evaluate(scope),
        }
    }

    /// Shows every expression in it.
    pub(crate) fn each_expression(&self, see: &mut dyn FnMut(&Expression)) {
        match self {
            Self::Literal(_) => {}
            Self::Expression(expression) => see(expression),
            Self::Text(template) => template.expressions().for_each(see),
            Self::List(items) => items.iter().for_each(|it| it.each_expression(see)),
            Self::Object(members) => members.iter().for_each(|(_, it)| it.each_expression(see)),
            Self::Selector(selector) => see(&selector.context),
            Self::Difference(it) => {
                it.whole.each_expression(see);
                it.taken.each_expression(see);
                let when = it.when.iter().flat_map(Condition::expressions);
                when.for_each(see);
            }
        }
    }

    fn item(&self, scope: &Scope) -> Result<Value, EvaluationError> {
        self.evaluate(scope)?
            .ok_or_else(|| EvaluationError::NoItem(self.words()))
    }

    fn amount(&self, scope: &Scope) -> Result<rust_decimal::Decimal, EvaluationError> {
        match self.evaluate(scope)? {
            Some(Value::String(text)) => decimal(&text),
            Some(Value::Number(number)) => decimal(&number.to_string()),
            _ => Err(EvaluationError::NoValue(self.words())),
        }
    }

    /// How to speak of it.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Expression(expression) => expression.as_str().to_owned(),
            Self::Literal(value) => value.to_string(),
            Self::Text(_) => "a text with expressions".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Object(_) => "an object".to_owned(),
            Self::Selector(it) => format!("`{}` of `{}`", it.text, it.context),
            Self::Difference(it) => format!("{} less {}", it.whole.words(), it.taken.words()),
        }
    }
}

impl Difference {
    fn evaluate(&self, scope: &Scope) -> Result<Option<Value>, EvaluationError> {
        let mut left = self.whole.amount(scope)?;
        let taken = self.taken.amount(scope)?;
        if self
            .when
            .as_ref()
            .map_or(Ok(true), |it| it.evaluate(scope))?
        {
            let fault = || EvaluationError::Number(format!("{left} - {taken}"));
            left = left.checked_sub(taken).ok_or_else(fault)?;
        }
        Ok(Some(left.normalize().to_string().into()))
    }
}

/// Whether a whole text is an expression.
pub(crate) fn is_expression(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('$') && chars.next().is_some_and(char::is_alphabetic)
}

/// One change of a payload.
#[derive(Debug, Clone, PartialEq)]
pub struct Replacement {
    /// Tokens of the JSON Pointer of what is replaced, unescaped.
    pub target: Vec<String>,
    /// What it is replaced by; a member is removed if this finds nothing.
    pub value: Payload,
}

/// A request body.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Its media type, if the document names one.
    pub content_type: Option<String>,
    /// What is sent, before replacements.
    pub payload: Payload,
    /// What is changed in it, in order.
    pub replacements: Vec<Replacement>,
}

impl Body {
    /// The body to send; `None` if the payload finds nothing.
    ///
    /// # Errors
    /// Those of [`Payload::evaluate`], and a replacement whose target does not exist.
    pub fn evaluate(&self, scope: &Scope) -> Result<Option<Value>, EvaluationError> {
        let Some(mut body) = self.payload.evaluate(scope)? else {
            return Ok(None);
        };
        for replacement in &self.replacements {
            let value = replacement.value.evaluate(scope)?;
            replace(&mut body, &replacement.target, value)
                .ok_or_else(|| EvaluationError::NoTarget(pointer(&replacement.target)))?;
        }
        Ok(Some(body))
    }
}

/// The tokens as one JSON Pointer.
pub(crate) fn pointer(tokens: &[String]) -> String {
    tokens
        .iter()
        .map(|token| format!("/{}", escape(token)))
        .collect()
}

/// Puts a value at a place: a member that is missing is added, one that finds nothing is removed.
fn replace(body: &mut Value, target: &[String], value: Option<Value>) -> Option<()> {
    let Some((last, parents)) = target.split_last() else {
        *body = value?;
        return Some(());
    };
    let mut at = body;
    for token in parents {
        at = match at {
            Value::Object(members) => members.get_mut(token)?,
            Value::Array(items) => items.get_mut(index(token)?)?,
            _ => return None,
        };
    }
    match (at, value) {
        (Value::Object(members), Some(value)) => drop(members.insert(last.clone(), value)),
        (Value::Object(members), None) => drop(members.shift_remove(last)),
        (Value::Array(items), Some(value)) => *items.get_mut(index(last)?)? = value,
        _ => return None,
    }
    Some(())
}
