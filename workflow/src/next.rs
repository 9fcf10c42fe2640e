//! What to do after a run, as a command of the program `bpx`.

use bpx_contract::api::Operation;
use bpx_dispatch::{Arguments, Venue};
use serde_json::Value;

use crate::Outcome;
use crate::command::{allowing, resume_command};
use crate::facts::{Facts, LastWrite};

/// A run, as a command names it.
pub(crate) struct Named<'a> {
    pub(crate) run: &'a str,
    /// A name or a path, as it was given.
    pub(crate) document: &'a str,
    /// The workflow, where the document has several.
    pub(crate) workflow: Option<&'a str>,
    /// The inputs, without secrets.
    pub(crate) inputs: &'a Arguments,
    /// Whether it sends something to the exchange.
    pub(crate) trades: bool,
}

/// The command to type next.
pub(crate) fn command(
    outcome: Outcome,
    named: &Named<'_>,
    facts: &Facts,
    venue: &dyn Venue,
) -> String {
    let done = "nothing is left to do";
    match outcome {
        Outcome::Done => done.to_owned(),
        Outcome::AlreadyDone => match look_up(venue, named.inputs) {
            Some(look_up) => format!("{done}; to see the current state: {look_up}"),
            None => done.to_owned(),
        },
        Outcome::Stopped => format!("correct the problem, then: {}", again(named, venue)),
        Outcome::Incomplete => incomplete(facts, named.inputs, venue),
        Outcome::Unknown => unknown(named, facts, venue),
    }
}

fn again(named: &Named<'_>, venue: &dyn Venue) -> String {
    let workflow = named.workflow.map(|id| format!(" --workflow {id}"));
    let given = without_client_id(named.inputs, venue);
    let given: String = given
        .map(|(name, value)| format!(" --input {name}={}", word(value)))
        .collect();
    format!(
        "bpx workflow run {}{}{given}{}",
        shell_word(named.document),
        workflow.unwrap_or_default(),
        allowing(named.trades)
    )
}

/// A cancellation that never arrived shows only in what it would have cancelled; to repeat it does no harm.
fn unknown(named: &Named<'_>, facts: &Facts, venue: &dyn Venue) -> String {
    if !named.trades {
        return format!(
            "find out at the service what was done, then: {}",
            again(named, venue)
        );
    }
    let resume = resume_command(named.run, named.trades);
    match &facts.last_write {
        Some(LastWrite {
            operation: Some(operation),
            arguments,
            ..
        }) if venue.is_cancellation(operation) => format!(
            "{resume}; if it stays unknown, cancel by hand and resume then: {}",
            by_hand(operation, arguments, venue)
        ),
        _ => resume,
    }
}

/// The last write by hand, unless it was a cancellation, after which it is seen what is left.
fn incomplete(facts: &Facts, inputs: &Arguments, venue: &dyn Venue) -> String {
    match &facts.last_write {
        Some(LastWrite {
            operation: Some(operation),
            arguments,
            ..
        }) if !venue.is_cancellation(operation) => format!(
            "correct the problem, then make the request by hand: {}",
            by_hand(operation, arguments, venue)
        ),
        _ => match look_up(venue, inputs) {
            Some(look_up) => format!("see what is left: {look_up}"),
            None => "see what is left, and do the rest by hand".to_owned(),
        },
    }
}

/// The command of a write, with a client id of its own.
fn by_hand(operation: &Operation, arguments: &Arguments, venue: &dyn Venue) -> String {
    let given = without_client_id(arguments, venue);
    let given = given.filter(|(name, _)| operation.argument(name).is_some());
    format!(
        "bpx {}{} --allow-trading",
        kebab(&operation.id),
        flags(given)
    )
}

fn look_up(venue: &dyn Venue, inputs: &Arguments) -> Option<String> {
    let (operation, arguments) = venue.look_up(inputs)?;
    Some(format!(
        "bpx {}{}",
        kebab(operation),
        flags(arguments.iter())
    ))
}

/// The client id was chosen for this run, and may be in use by now.
fn without_client_id<'a>(
    arguments: &'a Arguments,
    venue: &dyn Venue,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let client_id = venue.client_id_argument();
    arguments
        .iter()
        .filter(move |(name, _)| Some(name.as_str()) != client_id)
}

fn flags<'a>(arguments: impl Iterator<Item = (&'a String, &'a Value)>) -> String {
    arguments
        .map(|(name, value)| format!(" --{} {}", kebab(name), word(value)))
        .collect()
}

/// A name of the contract as a command or a flag.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(if letter == '_' {
            '-'
        } else {
            letter.to_ascii_lowercase()
        });
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
