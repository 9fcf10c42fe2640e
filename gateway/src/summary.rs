//! A call in words, for the person who is asked for consent.

use std::fmt::Write as _;

use bpx_contract::api::{Location, Operation};
use bpx_dispatch::Arguments;
use bpx_dispatch::text::shown;

use crate::shared::Shared;

/// What the call does and where, for which account, then its arguments as the venue describes them, or one by one.
pub(crate) fn of(
    shared: &Shared,
    title: &str,
    operation: &Operation,
    arguments: &Arguments,
) -> String {
    let dispatch = &shared.dispatch;
    let account = dispatch.account();
    let (key, exchange) = account.split_once('@').unwrap_or((account, "the exchange"));
    let name = shared.name.as_deref();
    let name = name
        .map(|name| format!("{}, ", shown(name)))
        .unwrap_or_default();
    let described = dispatch.describe(operation, arguments);
    let described = described.unwrap_or_else(|| list(operation, arguments));
    format!("{title} on {exchange}\naccount: {name}{key}\n{described}")
}

/// One line per argument. Values of headers may be secret, so they are not shown.
fn list(operation: &Operation, arguments: &Arguments) -> String {
    let mut text = String::new();
    for (name, value) in arguments {
        let argument = operation.argument(name);
        let is_header = argument.is_some_and(|it| it.location == Location::Header);
        let value = match value.as_str() {
            _ if is_header => "given".to_owned(),
            Some(text) => shown(text),
            None => shown(&value.to_string()),
        };
        let _ = writeln!(text, "{}: {value}", shown(name));
    }
    text
}
