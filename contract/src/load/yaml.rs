//! YAML 1.2 as a JSON value.

use std::thread;

use serde::de::{DeserializeOwned, DeserializeSeed as _};
use serde_json::Value;
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{Deserializer, Error, Options};

use super::Fault;
use super::value::{DEPTH_MAX, Node, too_deep, twice};

/// A large API has some hundred thousand nodes; what is beyond comes from aliases that multiply.
const NODES_MAX: usize = 4_000_000;
const REPLAYED_EVENTS_MAX: usize = 1_000_000;
const ALIAS_BOMB: &str = "the aliases expand to too much";

/// The parser takes some 20 KiB of stack per level, which is more than a caller's thread may have.
const STACK_BYTES: usize = 16 * 1024 * 1024;

pub(super) fn parse(text: &str) -> Result<Value, Fault> {
    on_thread(|parser| Node::default().deserialize(parser), text)
}

/// Parses into a type that asks for the locations of its parts, with the limits of a contract.
pub(crate) fn parse_spans<T: DeserializeOwned + Send>(text: &str) -> Option<T> {
    on_thread(|parser| T::deserialize(parser), text).ok()
}

/// Parses on a thread of its own, for its stack.
fn on_thread<T: Send>(
    read: impl for<'e> FnOnce(Deserializer<'_, 'e>) -> Result<T, Error> + Send,
    text: &str,
) -> Result<T, Fault> {
    let read = || {
        serde_saphyr::with_deserializer_from_str_with_options(text, options(), read)
            .map_err(|error| fault(&error))
    };
    thread::scope(|scope| {
        let parser = thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, read);
        let parser =
            parser.map_err(|error| Fault::new(0, 0, format!("no thread to parse in: {error}")))?;
        parser
            .join()
            .unwrap_or_else(|_| Err(Fault::new(0, 0, "the YAML parser gave up")))
    })
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_MAX,
            // Out of the way, so that one message serves both styles.
            flow_nesting_limit: 2 * DEPTH_MAX,
            max_nodes: NODES_MAX,
            max_events: 2 * NODES_MAX,
            // The number of replayed events bounds what aliases cost; using one anchor often is harmless.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: REPLAYED_EVENTS_MAX },
        emit_comments: false,
        reject_unsupported_tags: true,
        strict_booleans: true,
        with_snippet: false,
    }
}

fn fault(error: &Error) -> Fault {
    let at = error.location();
    let number = |of: Option<u64>| of.and_then(|it| usize::try_from(it).ok()).unwrap_or(0);
    Fault::new(
        number(at.map(|it| it.line())),
        number(at.map(|it| it.column())),
        problem(error),
    )
}

/// The parser's message where it is good, our words where it speaks of its own API.
fn problem(error: &Error) -> String {
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => problem(error),
        Error::DuplicateMappingKey { key: Some(key), .. } => twice(key),
        Error::MultipleDocuments { .. } => "the file holds more than one document".to_owned(),
        Error::NullIntoString { .. }
        | Error::Unexpected {
            expected: "string scalar",
            ..
        } => "a key here is no text".to_owned(),
        Error::NonFiniteFloat { value, .. } => format!("`{value}` is no JSON number"),
        Error::RecursiveReferencesRequireWeakTypes { .. } => "an alias contains itself".to_owned(),
        Error::AliasReplayLimitExceeded { .. } => ALIAS_BOMB.to_owned(),
        Error::Budget { breach, .. } => excess(breach),
        other => without_location(&other.to_string()),
    }
}

fn excess(breach: &BudgetBreach) -> String {
    match breach {
        BudgetBreach::Depth { .. } => too_deep(),
        BudgetBreach::RecordedAnchorEvents { .. }
        | BudgetBreach::RecordedAnchorBytes { .. }
        | BudgetBreach::Aliases { .. }
        | BudgetBreach::Anchors { .. }
        | BudgetBreach::MergeKeys { .. } => ALIAS_BOMB.to_owned(),
        _ => "the document is too large to be a contract".to_owned(),
    }
}

fn without_location(message: &str) -> String {
    message
        .rsplit_once(" at line ")
        .map_or(message, |(words, _)| words)
        .to_owned()
}
