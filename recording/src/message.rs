//! One recorded message of a stream.

use std::borrow::Cow;

use serde_json::Value;

/// One message of a WebSocket connection; borrows from the recording where it can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    /// Who sent it.
    pub direction: Direction,
    /// Host that the connection went to, with its port; `None` if it was not recorded.
    pub host: Option<Cow<'a, str>>,
    /// What was sent. A request of a client holds no credentials any more: they are replaced by `redacted`.
    pub content: Content<'a>,
    /// When, Unix milliseconds.
    pub at_ms: Option<i64>,
}

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The server.
    Received,
    /// The client.
    Sent,
}

impl Direction {
    /// As recordings write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Sent => "sent",
        }
    }
}

/// What a message holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content<'a> {
    /// Text, which may be anything.
    Text(Cow<'a, str>),
    /// So many bytes that are no text.
    Binary(usize),
    /// A ping, pong or close frame, or an error of the connection.
    Control,
}

impl<'a> Message<'a> {
    pub(crate) fn new(direction: Direction, content: Content<'a>) -> Self {
        let content = match (direction, content) {
            (Direction::Sent, Content::Text(text)) => Content::Text(without_credentials(text)),
            (_, content) => content,
        };
        Self {
            direction,
            host: None,
            content,
            at_ms: None,
        }
    }
}

/// How the names of credentials end, whatever their case.
const CREDENTIALS: [&str; 5] = ["signature", "password", "secret", "token", "key"];
const REDACTED: &str = "redacted";

/// What a client sends, with credentials replaced. What is no JSON and may hold some is replaced as a whole.
pub(crate) fn without_credentials(text: Cow<'_, str>) -> Cow<'_, str> {
    let lower = text.to_ascii_lowercase();
    // A name may be spelled with escapes.
    if !CREDENTIALS.iter().any(|name| lower.contains(name)) && !lower.contains("\\u") {
        return text;
    }
    let Ok(mut value) = serde_json::from_str::<Value>(&text) else {
        return REDACTED.into();
    };
    match redact(&mut value, false) {
        true => value.to_string().into(),
        false => text,
    }
}

/// Replaces values below credentials' names, and keeps their types; whether there were any.
fn redact(value: &mut Value, is_credential: bool) -> bool {
    match value {
        Value::String(text) if is_credential => {
            REDACTED.clone_into(text);
            true
        }
        Value::Number(number) if is_credential => {
            *number = 0.into();
            true
        }
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |done, item| redact(item, is_credential) | done),
        Value::Object(members) => members.iter_mut().fold(false, |done, (name, member)| {
            let name = name.to_ascii_lowercase();
            let is_named = CREDENTIALS.iter().any(|end| name.ends_with(end));
            redact(member, is_credential || is_named) | done
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_lose_their_credentials_and_keep_the_rest() {
        for (sent, kept) in [
            (
                r#"{"method":"SUBSCRIBE","params":["a.b"],"signature":["K","S","17","5000"]}"#,
                r#"{"method":"SUBSCRIBE","params":["a.b"],"signature":["redacted","redacted","redacted","redacted"]}"#,
            ),
            (
                r#"{"s\u0069gnature":{"a":"S"}}"#,
                r#"{"signature":{"a":"redacted"}}"#,
            ),
            (r#"{"apiKey":7,"x":7}"#, r#"{"apiKey":0,"x":7}"#),
            (r#"{"keys": ["a"]}"#, r#"{"keys": ["a"]}"#),
            ("signature=abc", "redacted"),
            ("ping", "ping"),
        ] {
            assert_eq!(without_credentials(sent.into()), kept, "{sent}");
        }
    }
}
