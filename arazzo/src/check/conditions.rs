//! The types in criteria, and what criteria prove.

use super::Type;
use super::callee::Fault;
use super::spot::Spot;
use super::state::{WorkflowChecker, below};
use crate::condition::{Datum, Node, Operand, Operator};
use crate::near::name_one_of;
use crate::number::is_number;
use crate::{Condition, Criterion, Expression, Part, Root, Test};
use bpx_contract::Place;
use bpx_contract::model::{Kind, Shape, StringEnum, StringFormat};

/// What matters of a value's type when it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Boolean,
    Number,
    /// A text that can be a number.
    Decimal,
    /// A text that never is.
    Text,
    Compound,
    Any,
}

impl Class {
    fn words(self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Decimal | Self::Text => "a text",
            Self::Compound => "a list or an object",
            Self::Any => "any value",
        }
    }

    fn compares(self, other: Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::Number | Self::Decimal, Self::Number | Self::Decimal) => true,
            (Self::Text | Self::Decimal, Self::Text | Self::Decimal) => true,
            (this, that) => this == that,
        }
    }
}

/// One side of a comparison.
struct Side {
    class: Class,
    listed: Option<StringEnum>,
    literal: Option<String>,
    words: String,
    null: bool,
}

impl WorkflowChecker<'_> {
    pub(super) fn criterion(&mut self, criterion: &Criterion, spot: &Spot) {
        let place = below(&criterion.place, &["condition"]);
        match &criterion.test {
            Test::Simple(condition) => self.truth(&condition.node, &place, spot),
            Test::Pattern { context, .. } => {
                let place = below(&criterion.place, &["context"]);
                let side = self.expression_side(context, &place, spot, false);
                if side.class == Class::Compound {
                    let problem = format!("`{context}` is {}, not a text", side.class.words());
                    self.spot_fault(spot, &place, (problem, "name a part of it".to_owned()));
                }
            }
            Test::Path { context, .. } => {
                let place = below(&criterion.place, &["context"]);
                self.expression_side(context, &place, spot, false);
            }
            Test::Never { .. } => {}
        }
        for expression in criterion.filled() {
            self.expression_side(expression, &place, spot, false);
        }
    }

    /// A condition outside a criterion.
    pub(super) fn condition(&mut self, condition: &Condition, place: &Place, spot: &Spot) {
        self.truth(&condition.node, place, spot);
    }

    /// A node that must be true or false.
    fn truth(&mut self, node: &Node, place: &Place, spot: &Spot) {
        match node {
            Node::Not(inner) => self.truth(inner, place, spot),
            Node::All(parts) | Node::Any(parts) => {
                parts.iter().for_each(|part| self.truth(part, place, spot))
            }
            Node::Compare(sides, operator) => self.comparison(sides, *operator, place, spot),
            Node::Operand(_) => {
                let side = self.side(node, place, spot, false);
                if !matches!(side.class, Class::Boolean | Class::Any) || side.null {
                    let problem = format!("{} is neither true nor false", side.words);
                    self.spot_fault(
                        spot,
                        place,
                        (problem, "compare it with something".to_owned()),
                    );
                }
            }
        }
    }

    fn comparison(&mut self, sides: &[Node; 2], operator: Operator, place: &Place, spot: &Spot) {
        let null = |node: &Node| matches!(node, Node::Operand(Operand::Literal(Datum::Null)));
        let presence = sides.iter().any(null);
        let [left, right] = sides
            .each_ref()
            .map(|it| self.side(it, place, spot, presence));
        if left.null || right.null {
            return;
        }
        let ordered = !matches!(operator, Operator::Equal | Operator::Unequal);
        let unordered = |side: &Side| matches!(side.class, Class::Boolean | Class::Compound);
        if !left.class.compares(right.class) {
            let problem = format!(
                "{} is {}, {} is {}: they are never equal, and have no order",
                left.words,
                left.class.words(),
                right.words,
                right.class.words()
            );
            return self.spot_fault(
                spot,
                place,
                (problem, "compare values of one type".to_owned()),
            );
        }
        if ordered && (unordered(&left) || unordered(&right)) {
            let problem = format!("{} and {} have no order", left.words, right.words);
            return self.spot_fault(spot, place, (problem, "write `==` or `!=`".to_owned()));
        }
        self.listed(&left, &right, place, spot);
        self.listed(&right, &left, place, spot);
    }

    /// A text that is compared with an enumeration should be one of its values.
    fn listed(&mut self, listed: &Side, literal: &Side, place: &Place, spot: &Spot) {
        let (Some(list), Some(text)) = (&listed.listed, &literal.literal) else {
            return;
        };
        let folded = text.to_lowercase();
        if list.values.iter().any(|it| it.to_lowercase() == folded) {
            return;
        }
        let problem = format!("the contract lists no value `{text}` for {}", listed.words);
        let fix = name_one_of(text, list.values.iter().map(String::as_str));
        if list.closed {
            self.spot_fault(spot, place, (problem, fix));
        } else {
            self.note(place, format!("{problem}; {fix}"));
        }
    }

    fn side(&mut self, node: &Node, place: &Place, spot: &Spot, presence: bool) -> Side {
        match node {
            Node::Operand(Operand::Literal(literal)) => literal_side(literal),
            Node::Operand(Operand::Expression(it)) => {
                self.expression_side(it, place, spot, presence)
            }
            _ => {
                self.truth(node, place, spot);
                Side {
                    class: Class::Boolean,
                    listed: None,
                    literal: None,
                    words: "a condition".to_owned(),
                    null: false,
                }
            }
        }
    }

    /// An expression in a criterion. Where it is only asked whether it is there, it need not be declared.
    fn expression_side(
        &mut self,
        expression: &Expression,
        place: &Place,
        spot: &Spot,
        presence: bool,
    ) -> Side {
        let body = matches!(expression.root(), Root::Response(Part::Body(_)));
        let ty = match self.type_of(expression, spot) {
            Ok(typed) => {
                if let Some(fault) = typed.doubt {
                    self.doubt(spot, place, fault);
                }
                typed.ty
            }
            Err((problem, fix)) if presence && body => {
                self.note(place, format!("{problem}; {fix}"));
                Type::any()
            }
            Err(fault) => {
                self.spot_fault(spot, place, fault);
                Type::any()
            }
        };
        let listed = match self.tables.kind(&ty) {
            Some(Kind::Enum(listed)) => Some(listed.clone()),
            _ => None,
        };
        Side {
            class: self.class(&ty),
            listed,
            literal: None,
            words: format!("`{expression}`"),
            null: false,
        }
    }

    fn class(&self, ty: &Type) -> Class {
        match &ty.shape {
            Shape::Boolean => Class::Boolean,
            Shape::Integer(_) | Shape::Number => Class::Number,
            Shape::String(StringFormat::NaiveDateTime | StringFormat::DateTime) => Class::Text,
            Shape::String(_) => Class::Decimal,
            Shape::Array(_) | Shape::Map(_) | Shape::Tuple(_) => Class::Compound,
            Shape::Any | Shape::Nullable(_) => Class::Any,
            Shape::Named(_) => match self.tables.kind(ty) {
                Some(Kind::Enum(_)) => Class::Text,
                Some(Kind::IntegerEnum(_)) => Class::Number,
                Some(Kind::Object(_)) => Class::Compound,
                _ => Class::Any,
            },
        }
    }

    pub(super) fn spot_fault(&mut self, spot: &Spot, place: &Place, fault: Fault) {
        let step = spot.step.and_then(|index| self.workflow.steps.get(index));
        match step {
            Some(step) => self.step_fault(step, place, fault),
            None => {
                let problem = format!("workflow `{}`: {}", self.workflow.id, fault.0);
                self.fault(place, problem, fault.1);
            }
        }
    }
}

fn literal_side(literal: &Datum) -> Side {
    let (class, words) = match literal {
        Datum::Null => (Class::Any, "`null`".to_owned()),
        Datum::Boolean(flag) => (Class::Boolean, format!("`{flag}`")),
        Datum::Number(digits) => (Class::Number, format!("`{digits}`")),
        Datum::Text(text) if is_number(text) => (Class::Decimal, format!("`'{text}'`")),
        Datum::Text(text) => (Class::Text, format!("`'{text}'`")),
        Datum::Compound(_) => (Class::Compound, "a list or an object".to_owned()),
    };
    Side {
        class,
        listed: None,
        literal: match literal {
            Datum::Text(text) => Some(text.clone()),
            _ => None,
        },
        words,
        null: *literal == Datum::Null,
    }
}
