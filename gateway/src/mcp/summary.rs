//! A call in words, for the person who is asked for consent.

use std::fmt::Write as _;

use bpx_capability::exposed::Tool;
use bpx_contract::api::{Location, Operation};
use bpx_dispatch::Dispatch;
use bpx_dispatch::text::shown;
use rmcp::model::JsonObject;

/// What the call does and where, then its arguments as the venue describes them, or one by one.
pub(super) fn of(dispatch: &Dispatch, tool: &Tool, arguments: &JsonObject) -> String {
    let account = dispatch.account().split_once('@');
    let exchange = account.map_or("the exchange", |(_, exchange)| exchange);
    let described = dispatch.describe(&tool.operation, arguments);
    let described = described.unwrap_or_else(|| list(&tool.operation, arguments));
    format!("{} on {exchange}\n{described}", tool.title)
}

/// One line per argument. Values of headers may be secret, so they are not shown.
fn list(operation: &Operation, arguments: &JsonObject) -> String {
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
