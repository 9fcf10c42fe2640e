//! What to do after a run, as a command.

use bpx_client::table::{self, EXECUTE_ORDER};
use serde_json::{Map, Value};

use crate::Outcome;
use crate::engine::Facts;

/// The command to type next.
pub(crate) fn command(
    outcome: Outcome,
    run: &str,
    workflow: &str,
    inputs: &Map<String, Value>,
    facts: &Facts,
) -> String {
    match outcome {
        Outcome::Done => "nothing is left to do".to_owned(),
        Outcome::AlreadyDone(_) => match order(inputs) {
            Some(order) => format!(
                "nothing is left to do; to see the order: bpx get-order-history {order} --limit 1"
            ),
            None => "nothing is left to do".to_owned(),
        },
        Outcome::Stopped => {
            let given = inputs.iter().filter(|(name, _)| *name != "clientId");
            let given: String = given
                .map(|(name, value)| format!(" --input {name}={}", word(value)))
                .collect();
            format!("correct what is named, then: bpx workflow run {workflow}{given}")
        }
        Outcome::Incomplete => incomplete(facts, inputs),
        Outcome::Unknown => format!("bpx workflow resume {run}"),
    }
}

/// The replacement by hand, where it is known what it would have been.
fn incomplete(facts: &Facts, inputs: &Map<String, Value>) -> String {
    match &facts.last_write {
        Some((operation, arguments, _)) if operation == EXECUTE_ORDER.id => {
            let flags = flags(arguments.iter().filter(|(name, _)| *name != "clientId"));
            format!(
                "correct what is named, then place it by hand: bpx execute-order{flags} --allow-trading"
            )
        }
        _ => match order(inputs) {
            Some(order) => {
                format!("see what is left of it: bpx get-order-history {order} --limit 1")
            }
            None => "see what is left of it: bpx get-open-orders".to_owned(),
        },
    }
}

fn order(inputs: &Map<String, Value>) -> Option<String> {
    let known = ["symbol", "orderId"].map(|name| inputs.get_key_value(name));
    let [Some(symbol), Some(order)] = known else {
        return None;
    };
    Some(flags([symbol, order].into_iter()).trim_start().to_owned())
}

fn flags<'a>(arguments: impl Iterator<Item = (&'a String, &'a Value)>) -> String {
    let known = |name: &str| {
        table::TABLE
            .iter()
            .any(|row| row.arguments().any(|it| it.name == name))
    };
    arguments
        .filter(|(name, _)| known(name))
        .map(|(name, value)| format!(" --{} {}", kebab(name), word(value)))
        .collect()
}

fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

/// A value as one word of a shell.
fn word(value: &Value) -> String {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
