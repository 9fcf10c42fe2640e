//! Expressions inside a text: `Bearer {$inputs.token}`.

use super::{Expression, ExpressionError, Rules};

/// A text with expressions in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// One piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands.
    Text(String),
    /// What an expression comes to: scalars as text, lists and objects as JSON.
    Expression(Expression),
}

impl Template {
    /// Whether a text has an expression in it.
    pub fn is_one(text: &str) -> bool {
        text.contains("{$")
    }

    /// Splits a text at its `{$…}`.
    ///
    /// # Errors
    /// A brace that is not closed, or text that is not an expression.
    pub fn parse(text: &str, rules: Rules) -> Result<Self, ExpressionError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{$") {
            let at = text.len() - after.len() - 1;
            let Some((inner, following)) = after.split_once('}') else {
                return Err(ExpressionError::new(
                    at - 1,
                    "`{` before an expression is not closed",
                    "close it with `}`",
                ));
            };
            let expression = Expression::parse(&format!("${inner}"), rules);
            pieces.extend((!before.is_empty()).then(|| Piece::Text(before.to_owned())));
            pieces.push(Piece::Expression(
                expression.map_err(|error| error.shifted(at))?,
            ));
            rest = following;
        }
        pieces.extend((!rest.is_empty()).then(|| Piece::Text(rest.to_owned())));
        Ok(Self { pieces })
    }

    /// Its pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Its expressions, in order.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Expression(expression) => Some(expression),
            Piece::Text(_) => None,
        })
    }
}
