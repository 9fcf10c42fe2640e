//! JSON bodies that are written as text, with expressions in them.

use serde_json::Value;

/// The value that such a text describes. An expression outside quotes becomes a whole expression, which keeps its
/// type; inside quotes it stays part of a text. So nothing that is filled in can break out of its place.
pub(super) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(&with_whole_expressions(text))
}

fn with_whole_expressions(text: &str) -> String {
    let mut json = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if !quoted
            && rest.starts_with("{$")
            && let Some((inner, after)) = rest.get(1..).and_then(|it| it.split_once('}'))
        {
            json.push_str(&Value::from(inner).to_string());
            rest = after;
            continue;
        }
        (quoted, escaped) = match c {
            _ if escaped => (quoted, false),
            '\\' => (quoted, true),
            '"' => (!quoted, false),
            _ => (quoted, false),
        };
        json.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    json
}
