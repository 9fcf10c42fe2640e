//! What to do after a run, as a command.

use bpx_venue::operations::{self, CANCEL_ORDER, EXECUTE_ORDER};
use serde_json::{Map, Value};

use crate::Outcome;
use crate::engine::Facts;
use crate::inputs::CLIENT_ID;

/// What a run is called by.
pub(crate) struct Named<'a> {
    pub(crate) run: &'a str,
    /// A name or a path, as it was given.
    pub(crate) document: &'a str,
    /// The workflow, where the document has several.
    pub(crate) workflow: Option<&'a str>,
}

/// The command to type next.
pub(crate) fn command(
    outcome: Outcome,
    named: &Named<'_>,
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
        Outcome::Stopped => format!("correct what is named, then: {}", again(named, inputs)),
        Outcome::Incomplete => incomplete(facts, inputs),
        Outcome::Unknown => unknown(named.run, facts),
    }
}

fn again(named: &Named<'_>, inputs: &Map<String, Value>) -> String {
    let workflow = named.workflow.map(|id| format!(" --workflow {id}"));
    let given = inputs.iter().filter(|(name, _)| *name != CLIENT_ID);
    let given: String = given
        .map(|(name, value)| format!(" --input {name}={}", word(value)))
        .collect();
    format!(
        "bpx workflow run {}{}{given} --allow-trading",
        shell_word(named.document),
        workflow.unwrap_or_default()
    )
}

/// A cancellation that never arrived shows only in its order staying open; to cancel once more does no harm.
fn unknown(run: &str, facts: &Facts) -> String {
    let resume = format!("bpx workflow resume {run} --allow-trading");
    match &facts.last_write {
        Some((operation, arguments, _)) if operation == CANCEL_ORDER.id => format!(
            "{resume}; if it stays unknown, cancel by hand and resume then: bpx cancel-order{} --allow-trading",
            flags(arguments.iter())
        ),
        _ => resume,
    }
}

/// The replacement by hand, where it is known what it would have been.
fn incomplete(facts: &Facts, inputs: &Map<String, Value>) -> String {
    match &facts.last_write {
        Some((operation, arguments, _)) if operation == EXECUTE_ORDER.id => {
            let flags = flags(arguments.iter().filter(|(name, _)| *name != CLIENT_ID));
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

fn word(value: &Value) -> String {
    match value.as_str() {
        Some(text) => shell_word(text),
        None => shell_word(&value.to_string()),
    }
}

/// A text as one word of a shell.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
