//! The version step of a change, by its rule and by the lines of the public Rust surface that it changes.

use crate::rules::{Class, Rule, Step};

/// A line that stays the same needs a patch version only; a line that changes where the rule expects none or a new one,
/// a major one.
pub(super) fn step(rule: Rule, before: &Option<String>, after: &Option<String>) -> Step {
    match (before, after) {
        // Whether a body is required is checked by `send`, so that no line shows it.
        _ if matches!(rule, Rule::RequestBodyRequired | Rule::RequestBodyOptional) => rule.step(),
        (Some(before), Some(after)) if before == after => Step::Patch,
        // Setters are the same for parameters that are required and those that are not.
        (Some(_), Some(_)) if rule == Rule::ParameterOptional => rule.step(),
        (Some(_), Some(_)) => Step::Major,
        // What the model does not keep is not part of the Rust types either.
        (None, None) if !matches!(rule.class(), Class::Existence | Class::Other) => Step::Patch,
        _ => rule.step(),
    }
}
