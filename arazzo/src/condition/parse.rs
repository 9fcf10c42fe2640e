//! Tokens to a tree. `!` binds strongest, then comparisons, then `&&`, then `||`.

use super::lex::{Token, tokens};
use super::{Node, Operand, Operator};
use crate::{ExpressionError, Rules};

/// Deeper than any condition somebody wrote, shallow enough to walk recursively.
const DEPTH_MAX: usize = 64;

pub(super) fn condition(text: &str, rules: Rules) -> Result<Node, ExpressionError> {
    let mut parser = Parser {
        tokens: tokens(text, rules)?.into_iter().peekable(),
        end: text.len(),
        depth: 0,
    };
    let node = parser.any()?;
    match parser.tokens.next() {
        None => Ok(node),
        Some((at, Token::Operator(_))) => Err(ExpressionError::new(
            at,
            "comparisons cannot be chained",
            "join two comparisons with `&&`",
        )),
        Some((at, _)) => Err(ExpressionError::new(
            at,
            "the condition is complete before this",
            "join the parts with `&&` or `||`",
        )),
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<(usize, Token)>>,
    end: usize,
    depth: usize,
}

impl Parser {
    fn take(&mut self, wanted: &Token) -> bool {
        self.tokens.next_if(|(_, token)| token == wanted).is_some()
    }

    fn at(&mut self) -> usize {
        self.tokens.peek().map_or(self.end, |(at, _)| *at)
    }

    fn any(&mut self) -> Result<Node, ExpressionError> {
        let parts = self.joined(&Token::Or, Self::all)?;
        Ok(single(parts).unwrap_or_else(Node::Any))
    }

    fn all(&mut self) -> Result<Node, ExpressionError> {
        let parts = self.joined(&Token::And, Self::comparison)?;
        Ok(single(parts).unwrap_or_else(Node::All))
    }

    fn joined(
        &mut self,
        by: &Token,
        part: fn(&mut Self) -> Result<Node, ExpressionError>,
    ) -> Result<Vec<Node>, ExpressionError> {
        let mut parts = vec![part(self)?];
        while self.take(by) {
            parts.push(part(self)?);
        }
        Ok(parts)
    }

    fn comparison(&mut self) -> Result<Node, ExpressionError> {
        let left = self.negation()?;
        let Some(operator) = self.operator() else {
            return Ok(left);
        };
        let right = self.negation()?;
        Ok(Node::Compare(Box::new([left, right]), operator))
    }

    fn operator(&mut self) -> Option<Operator> {
        let next = self
            .tokens
            .next_if(|(_, token)| matches!(token, Token::Operator(_)));
        match next {
            Some((_, Token::Operator(operator))) => Some(operator),
            _ => None,
        }
    }

    fn negation(&mut self) -> Result<Node, ExpressionError> {
        let mut odd = false;
        let mut negated = false;
        while self.take(&Token::Not) {
            odd = !odd;
            negated = true;
        }
        let inner = self.primary()?;
        let not = |node| Node::Not(Box::new(node));
        Ok(match (negated, odd) {
            (false, _) => inner,
            (true, true) => not(inner),
            (true, false) => not(not(inner)),
        })
    }

    fn primary(&mut self) -> Result<Node, ExpressionError> {
        let at = self.at();
        match self.tokens.next() {
            Some((_, Token::Literal(literal))) => Ok(Node::Operand(Operand::Literal(literal))),
            Some((_, Token::Expression(it))) => Ok(Node::Operand(Operand::Expression(it))),
            Some((_, Token::Open)) => self.group(at),
            _ => Err(ExpressionError::new(
                at,
                "a value is missing here",
                "write an expression, a number, a text in single quotes, `true`, `false` or `null`",
            )),
        }
    }

    fn group(&mut self, at: usize) -> Result<Node, ExpressionError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(ExpressionError::new(
                at,
                format!("parentheses nest deeper than {DEPTH_MAX} levels"),
                "split the condition into several criteria",
            ));
        }
        let inner = self.any()?;
        self.depth -= 1;
        if self.take(&Token::Close) {
            return Ok(inner);
        }
        Err(ExpressionError::new(
            at,
            "`(` is not closed",
            "close it with `)`",
        ))
    }
}

/// The only part, or all of them again.
fn single(mut parts: Vec<Node>) -> Result<Node, Vec<Node>> {
    match parts.pop() {
        Some(only) if parts.is_empty() => Ok(only),
        last => {
            parts.extend(last);
            Err(parts)
        }
    }
}
