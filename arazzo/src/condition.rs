//! Simple conditions: `$statusCode == 200 && $response.body#/status == 'open'`.

mod lex;
mod parse;

use std::cmp::Ordering;

use serde_json::Value;

use super::number::{compare, is_number};
use super::{EvaluationError, Expression, ExpressionError, Rules, Scope};

/// A simple condition, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    text: String,
    pub(crate) node: Node,
}

/// One node of a condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Operand(Operand),
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Compare(Box<[Node; 2]>, Operator),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    Literal(Datum),
    Expression(Expression),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A value as conditions see it: a number keeps its digits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Datum {
    Null,
    Boolean(bool),
    Number(String),
    Text(String),
    Compound(Value),
}

impl From<Value> for Datum {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Boolean(flag),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::Text(text),
            compound => Self::Compound(compound),
        }
    }
}

/// What an expression comes to; `Ok(None)` where that is not known yet.
pub(crate) type Look<'a> = dyn FnMut(&Expression) -> Result<Option<Datum>, EvaluationError> + 'a;

impl Condition {
    /// Parses a condition.
    ///
    /// # Errors
    /// Where the text leaves the grammar, and what would stay in it.
    pub fn parse(text: &str, rules: Rules) -> Result<Self, ExpressionError> {
        parse::condition(text, rules).map(|node| Self {
            text: text.to_owned(),
            node,
        })
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it holds. What an expression does not find is null; null equals only null, and has no order.
    /// Strings are compared without regard to case; a number and a numeric string, and two numeric strings in
    /// order, as exact decimals.
    ///
    /// # Errors
    /// It is neither true nor false, or compares a number of more than 28 digits.
    pub fn evaluate(&self, scope: &Scope) -> Result<bool, EvaluationError> {
        let known = self.judge(&mut |expression| {
            let found = expression.evaluate(scope)?;
            Ok(Some(found.map_or(Datum::Null, Datum::from)))
        })?;
        known.ok_or_else(|| EvaluationError::NotBoolean(self.text.clone()))
    }

    /// As [`Condition::evaluate`], with values that may not be known: then `None`, where it depends on them.
    pub(crate) fn judge(&self, look: &mut Look<'_>) -> Result<Option<bool>, EvaluationError> {
        self.node.truth(look, &self.text)
    }
}

impl Condition {
    /// Every expression in it.
    pub(crate) fn expressions(&self) -> Vec<&Expression> {
        let mut open = vec![&self.node];
        let mut found = Vec::new();
        while let Some(node) = open.pop() {
            match node {
                Node::Operand(Operand::Expression(expression)) => found.push(expression),
                Node::Operand(Operand::Literal(_)) => {}
                Node::Not(inner) => open.push(inner),
                Node::All(parts) | Node::Any(parts) => open.extend(parts),
                Node::Compare(sides, _) => open.extend(sides.iter()),
            }
        }
        found
    }
}

impl Node {
    fn truth(&self, look: &mut Look<'_>, text: &str) -> Result<Option<bool>, EvaluationError> {
        match self.value(look, text)? {
            None => Ok(None),
            Some(Datum::Boolean(flag)) => Ok(Some(flag)),
            Some(_) => Err(EvaluationError::NotBoolean(text.to_owned())),
        }
    }

    fn value(&self, look: &mut Look<'_>, text: &str) -> Result<Option<Datum>, EvaluationError> {
        let known = match self {
            Self::Operand(Operand::Literal(literal)) => return Ok(Some(literal.clone())),
            Self::Operand(Operand::Expression(expression)) => return look(expression),
            Self::Not(inner) => inner.truth(look, text)?.map(|it| !it),
            Self::All(parts) => until(parts, false, look, text)?,
            Self::Any(parts) => until(parts, true, look, text)?,
            Self::Compare(sides, operator) => {
                let [left, right] = sides.as_ref();
                match (left.value(look, text)?, right.value(look, text)?) {
                    (Some(left), Some(right)) => Some(operator.holds(&left, &right)?),
                    _ => None,
                }
            }
        };
        Ok(known.map(Datum::Boolean))
    }
}

/// The first part that is `decisive` decides; without one, what is unknown stays so.
fn until(
    parts: &[Node],
    decisive: bool,
    look: &mut Look<'_>,
    text: &str,
) -> Result<Option<bool>, EvaluationError> {
    let mut all_known = true;
    for part in parts {
        match part.truth(look, text)? {
            Some(flag) if flag == decisive => return Ok(Some(decisive)),
            Some(_) => {}
            None => all_known = false,
        }
    }
    Ok(all_known.then_some(!decisive))
}

impl Operator {
    fn holds(self, left: &Datum, right: &Datum) -> Result<bool, EvaluationError> {
        Ok(match self {
            Self::Equal => left.equals(right)?,
            Self::Unequal => !left.equals(right)?,
            Self::Less => left.order(right)?.is_some_and(Ordering::is_lt),
            Self::LessOrEqual => left.order(right)?.is_some_and(Ordering::is_le),
            Self::Greater => left.order(right)?.is_some_and(Ordering::is_gt),
            Self::GreaterOrEqual => left.order(right)?.is_some_and(Ordering::is_ge),
        })
    }
}

impl Datum {
    /// Equality: of two strings by text, of a number and a numeric string by value.
    fn equals(&self, other: &Self) -> Result<bool, EvaluationError> {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => Ok(folded(left) == folded(right)),
            _ => match (self.number(), other.number()) {
                (Some(left), Some(right)) => Ok(compare(left, right)?.is_eq()),
                _ => Ok(self == other),
            },
        }
    }

    /// Order: numeric where both sides are, else of two strings by text; others have none.
    fn order(&self, other: &Self) -> Result<Option<Ordering>, EvaluationError> {
        match (self.number(), other.number(), self, other) {
            (Some(left), Some(right), ..) => compare(left, right).map(Some),
            (.., Self::Text(left), Self::Text(right)) => Ok(Some(folded(left).cmp(&folded(right)))),
            _ => Ok(None),
        }
    }

    /// The digits of a number or a numeric string.
    pub(crate) fn number(&self) -> Option<&str> {
        match self {
            Self::Number(digits) => Some(digits),
            Self::Text(text) if is_number(text) => Some(text),
            _ => None,
        }
    }
}

fn folded(text: &str) -> String {
    text.to_lowercase()
}
