//! A condition's text as tokens.

use super::{Datum, Operator};
use crate::number::is_number;
use crate::{Expression, ExpressionError, Rules};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Open,
    Close,
    Not,
    And,
    Or,
    Operator(Operator),
    Literal(Datum),
    Expression(Expression),
}

/// Symbols, the longer before those they begin with.
const SYMBOLS: [(&str, Token); 11] = [
    ("&&", Token::And),
    ("||", Token::Or),
    ("==", Token::Operator(Operator::Equal)),
    ("!=", Token::Operator(Operator::Unequal)),
    ("<=", Token::Operator(Operator::LessOrEqual)),
    (">=", Token::Operator(Operator::GreaterOrEqual)),
    ("<", Token::Operator(Operator::Less)),
    (">", Token::Operator(Operator::Greater)),
    ("!", Token::Not),
    ("(", Token::Open),
    (")", Token::Close),
];

/// What ends an expression, apart from space.
const ENDS: [&str; 7] = ["==", "!=", "<", ">", "&&", "||", ")"];

/// What people write instead of the grammar, and what they should.
const HABITS: [(&str, &str); 5] = [
    ("===", "write `==`"),
    ("=", "write `==` to compare"),
    ("&", "write `&&`"),
    ("|", "write `||`"),
    ("\"", "write text in single quotes"),
];

/// Every token with the byte it begins at.
pub(super) fn tokens(text: &str, rules: Rules) -> Result<Vec<(usize, Token)>, ExpressionError> {
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if trimmed.is_empty() {
            return Ok(found);
        }
        let (token, length) = token(trimmed, rules).map_err(|error| error.shifted(at))?;
        found.push((at, token));
        at += length;
    }
}

fn token(rest: &str, rules: Rules) -> Result<(Token, usize), ExpressionError> {
    if rest.starts_with("===") {
        return Err(unknown(rest));
    }
    if let Some((symbol, token)) = SYMBOLS.into_iter().find(|(it, _)| rest.starts_with(it)) {
        return Ok((token, symbol.len()));
    }
    if rest.starts_with('$') {
        let text = rest.get(..expression_end(rest)).unwrap_or_default();
        let expression = Expression::parse(text, rules.in_condition())?;
        return Ok((Token::Expression(expression), text.len()));
    }
    if let Some(quoted) = rest.strip_prefix('\'') {
        let (text, length) = string(quoted)?;
        return Ok((Token::Literal(Datum::Text(text)), length + 1));
    }
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_.+-".contains(c)));
    let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
    let literal = match word {
        "true" => Datum::Boolean(true),
        "false" => Datum::Boolean(false),
        "null" => Datum::Null,
        _ if is_number(word) => Datum::Number(word.to_owned()),
        _ => return Err(unknown(rest)),
    };
    Ok((Token::Literal(literal), word.len()))
}

/// The text of a string without its quotes, and its length with the closing one; `''` stands for a quote.
fn string(rest: &str) -> Result<(String, usize), ExpressionError> {
    let mut text = String::new();
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' if chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                text.push('\'');
                chars.next();
            }
            '\'' => return Ok((text, at + 1)),
            other => text.push(other),
        }
    }
    Err(ExpressionError::new(
        0,
        "a text is not closed",
        "close it with a single quote; write a quote inside it twice",
    ))
}

/// Where an expression in a condition ends; brackets may hold anything.
fn expression_end(rest: &str) -> usize {
    let mut bracket = false;
    for (at, c) in rest.char_indices() {
        match c {
            '[' => bracket = true,
            ']' => bracket = false,
            _ if bracket => {}
            _ if c.is_whitespace() => return at,
            _ if ENDS
                .iter()
                .any(|end| rest.get(at..).is_some_and(|it| it.starts_with(end))) =>
            {
                return at;
            }
            _ => {}
        }
    }
    rest.len()
}

fn unknown(rest: &str) -> ExpressionError {
    let word: String = rest
        .chars()
        .take_while(|c| !c.is_whitespace())
        .take(32)
        .collect();
    let habit = HABITS.iter().find(|(it, _)| rest.starts_with(it));
    let fix = habit.map_or(
        "write text in single quotes, or begin an expression with `$`",
        |(_, fix)| fix,
    );
    ExpressionError::new(0, format!("`{word}` is nothing a condition knows"), fix)
}
