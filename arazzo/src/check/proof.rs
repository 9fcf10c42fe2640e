//! What criteria prove about the expressions in them.

use crate::condition::{Datum, Node, Operand, Operator};
use crate::{Criterion, Expression, Root, Test};

/// What cannot be null where a criterion holds. `certain` says of an expression that it cannot be null anyway.
pub(super) fn proved(criterion: &Criterion, certain: &dyn Fn(&Expression) -> bool) -> Vec<Root> {
    let mut roots = Vec::new();
    match &criterion.test {
        Test::Simple(condition) => conjuncts(&condition.node, certain, &mut roots),
        Test::Pattern { context, .. } | Test::Path { context, .. } => {
            roots.push(context.root().clone())
        }
        Test::Never { .. } => {}
    }
    roots
}

fn conjuncts(node: &Node, certain: &dyn Fn(&Expression) -> bool, roots: &mut Vec<Root>) {
    match node {
        Node::All(parts) => parts
            .iter()
            .for_each(|part| conjuncts(part, certain, roots)),
        Node::Operand(Operand::Expression(expression)) => roots.push(expression.root().clone()),
        Node::Compare(sides, operator) => {
            let [left, right] = sides.as_ref();
            for (this, other) in [(left, right), (right, left)] {
                let (Node::Operand(Operand::Expression(it)), Node::Operand(other)) = (this, other)
                else {
                    continue;
                };
                let proves = match other {
                    Operand::Literal(to) => {
                        (*to == Datum::Null) == (*operator == Operator::Unequal)
                    }
                    // Null equals null alone.
                    Operand::Expression(to) => *operator == Operator::Equal && certain(to),
                };
                if proves {
                    roots.push(it.root().clone());
                }
            }
        }
        _ => {}
    }
}
