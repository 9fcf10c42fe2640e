//! What the policy says of operations by name: which may be called, and with which values.

use std::collections::BTreeMap;

use bpx_contract::api::Operation;
use bpx_runtime::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::{Policy, amounts};
use crate::call::Arguments;
use crate::finding::Finding;
use crate::outcome::Outcome;
use crate::venue::Venue;

pub(super) const NAMED: &str = "policy.operation";
pub(super) const MAX: &str = "policy.operation_max";
pub(super) const ONE_OF: &str = "policy.operation_one_of";

/// What is allowed of an operation that changes something. Places are JSON pointers into the arguments; the step `*` is
/// each item of a list. An argument that a limit is about has to be given.
///
/// ```
/// use bpx_dispatch::Policy;
///
/// Policy::parse(r#"
///     trading = true
///
///     [operation.payOut]
///     max = { "/amount" = "100" }
///     one_of = { "/account" = ["7", "8"] }
///     find_out = { read = "listPayments", with = { reference = "/reference" } }
/// "#, "policy.toml")?;
/// # Ok::<(), bpx_dispatch::Refused>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct OperationRule {
    /// The most at a place.
    #[serde(deserialize_with = "amounts")]
    pub max: BTreeMap<String, Decimal>,
    /// The values that are allowed at a place.
    pub one_of: BTreeMap<String, Vec<String>>,
    /// The read that shows whether a call was carried out whose outcome is unknown.
    pub find_out: Option<FindOut>,
}

/// A read that shows whether a call was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FindOut {
    /// The id of the operation.
    pub read: String,
    /// Its arguments, each with its place in the arguments of the call.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
}

impl Policy {
    /// What the file says of an operation.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&OperationRule> {
        self.operation.get(id)
    }
}

/// What breaks the rules about a call by its operation's name. `needs_name` is whether the file has to name it if the
/// venue does not know it.
pub(crate) fn check(
    policy: Option<&Policy>,
    venue: &dyn Venue,
    needs_name: bool,
    operation: &Operation,
    arguments: &Arguments,
) -> Vec<Finding> {
    let id = &operation.id;
    let rule = policy.and_then(|policy| policy.operation(id));
    let mut findings = Vec::new();
    if rule.is_none() && needs_name && !venue.knows(operation) {
        let problem = format!("what {id} does is not known here, and the policy does not name it");
        let fix =
            format!("add `[operation.{id}]` to the policy file, with limits (`max`, `one_of`)");
        findings.push(Finding::new(NAMED, "", problem, fix));
    }
    let unlisted = venue.listed_argument(operation);
    let unlisted = unlisted.filter(|at| rule.is_none_or(|rule| !rule.one_of.contains_key(*at)));
    if let Some(at) = unlisted {
        let problem = format!("the policy does not list what may stand at {at}");
        let fix = format!(
            "add `one_of = {{ \"{at}\" = [...] }}` to `[operation.{id}]` of the policy file"
        );
        findings.push(Finding::new(ONE_OF, at, problem, fix));
    }
    let Some(rule) = rule else {
        return findings;
    };
    let whole = Value::Object(arguments.clone());
    for (at, max) in &rule.max {
        findings.extend(at_most(&whole, at, *max));
    }
    for (at, values) in &rule.one_of {
        findings.extend(listed(&whole, at, values));
    }
    findings
}

fn at_most(arguments: &Value, at: &str, max: Decimal) -> Vec<Finding> {
    each(arguments, at, MAX, |pointer, value| {
        let given = plain(value).and_then(|text| Decimal::from_str_exact(&text).ok());
        let problem = match given {
            Some(given) if given <= max => return None,
            Some(given) => format!("{} is above the cap, {max}", given.normalize()),
            None => {
                "the value is no plain decimal, so it cannot be compared with the cap".to_owned()
            }
        };
        let fix = format!(
            "ask for at most {max}; only the operator can raise the cap, in the policy file"
        );
        Some(Finding::new(MAX, pointer, problem, fix))
    })
}

fn listed(arguments: &Value, at: &str, values: &[String]) -> Vec<Finding> {
    each(arguments, at, ONE_OF, |pointer, value| {
        if plain(value).is_some_and(|text| values.contains(&text)) {
            return None;
        }
        let problem = "the value is not one that the policy lists";
        let fix = "use a listed one; only the operator can add one, to `one_of` in the policy file";
        Some(Finding::new(ONE_OF, pointer, problem, fix))
    })
}

/// The findings about every value at a place; one about the place if there is no value.
fn each(
    arguments: &Value,
    at: &str,
    rule: &'static str,
    check: impl Fn(String, &Value) -> Option<Finding>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let steps: Vec<_> = at.split('/').skip(1).collect();
    let is_there = walk(arguments, &steps, String::new(), &mut found);
    if !is_there {
        let problem = format!("the policy limits what stands at {at}, and nothing does");
        return vec![Finding::new(rule, at, problem, "give it")];
    }
    let found = found.into_iter();
    found
        .filter_map(|(pointer, value)| check(pointer, value))
        .collect()
}

/// Collects the values at a place with their pointers; whether every branch has one.
fn walk<'a>(
    value: &'a Value,
    steps: &[&str],
    pointer: String,
    found: &mut Vec<(String, &'a Value)>,
) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        found.push((pointer, value));
        return !value.is_null();
    };
    match value {
        Value::Array(items) if *step == "*" => {
            let mut is_there = true;
            for (index, item) in items.iter().enumerate() {
                is_there &= walk(item, rest, format!("{pointer}/{index}"), found);
            }
            is_there
        }
        _ => {
            let inner = value.pointer(&format!("/{step}"));
            inner.is_some_and(|inner| walk(inner, rest, format!("{pointer}/{step}"), found))
        }
    }
}

/// A text, a number or a boolean as it is written.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Says how to find out, where the outcome is unknown and the policy names a read for that.
pub(crate) fn say_how(
    policy: Option<&Policy>,
    operation: &Operation,
    arguments: &Arguments,
    outcome: &mut Outcome,
) {
    let rule = policy.and_then(|policy| policy.operation(&operation.id));
    let find_out = rule.and_then(|rule| rule.find_out.as_ref());
    let (Outcome::Unknown(unknown), Some(FindOut { read, with })) = (outcome, find_out) else {
        return;
    };
    let whole = Value::Object(arguments.clone());
    let mut given = Arguments::new();
    for (name, at) in with {
        let value = whole.pointer(at).cloned();
        given.extend(value.map(|value| (name.clone(), value)));
    }
    let given = Value::Object(given);
    unknown.next = format!(
        "find out with {read} {given} whether it was carried out; do not call {} again before that",
        operation.id
    );
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn broken(at: &str, max: &str, arguments: &Value) -> Vec<String> {
        let found = at_most(arguments, at, Decimal::from_str_exact(max).unwrap());
        found.into_iter().map(|it| it.pointer).collect()
    }

    #[test]
    fn a_cap_holds_for_text_and_numbers_and_each_item_of_a_list() {
        let one = |quantity: Value| json!({"quantity": quantity});
        assert!(broken("/quantity", "10", &one(json!("10.000"))).is_empty());
        assert!(broken("/quantity", "10", &one(json!(10))).is_empty());
        for above in [
            json!("10.001"),
            json!(11),
            json!("1e1"),
            json!("ten"),
            json!(null),
            json!(["1"]),
        ] {
            assert_eq!(broken("/quantity", "10", &one(above)), ["/quantity"]);
        }
        let list = json!({"orders": [{"quantity": "1"}, {"quantity": "11"}]});
        assert_eq!(
            broken("/orders/*/quantity", "10", &list),
            ["/orders/1/quantity"]
        );
    }

    #[test]
    fn what_is_limited_has_to_be_given() {
        for arguments in [
            json!({}),
            json!({"orders": [{"quantity": "1"}, {}]}),
            json!({"orders": 1}),
        ] {
            assert_eq!(
                broken("/orders/*/quantity", "10", &arguments),
                ["/orders/*/quantity"]
            );
        }
    }

    #[test]
    fn a_value_is_listed_as_it_is_written() {
        let values = ["a".to_owned(), "7".to_owned()];
        for (value, is_listed) in [
            (json!("a"), true),
            (json!(7), true),
            (json!("A"), false),
            (json!("a "), false),
        ] {
            let found = listed(&json!({"to": value}), "/to", &values);
            assert_eq!(found.is_empty(), is_listed, "{value}");
        }
    }
}
