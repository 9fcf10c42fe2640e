//! What a server says: a message of a stream, or a refusal.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::text::reason_without_position;

/// A text of the server, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Envelope<'a> {
    /// `{"stream": NAME, "data": …}`; the payload stands between these two bytes.
    Message {
        name: Cow<'a, str>,
        start: usize,
        end: usize,
    },
    /// `{"error": {"code": …, "message": …}}`.
    Refusal(Refusal<'a>),
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Refusal<'a> {
    #[serde(default)]
    pub(super) code: i64,
    #[serde(borrow, default)]
    pub(super) message: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow, default)]
    stream: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<Refusal<'a>>,
}

/// Where the payload stands if the text is written as servers write it, without a look at the payload: it is read by
/// its own type, and if that does not take it, the text is read [`thoroughly`].
pub(super) fn quickly(text: &str) -> Option<Envelope<'_>> {
    const BEFORE_NAME: &str = r#"{"stream":""#;
    const AFTER_NAME: &str = r#"","data":"#;
    let rest = text.strip_prefix(BEFORE_NAME)?;
    let name = rest.get(..rest.find(['"', '\\'])?)?;
    let start = BEFORE_NAME.len() + name.len() + AFTER_NAME.len();
    let is_so = rest.get(name.len()..)?.starts_with(AFTER_NAME) && text.ends_with('}');
    is_so.then(|| Envelope::Message {
        name: Cow::Borrowed(name),
        start,
        end: text.len() - 1,
    })
}

/// Reads the text as any JSON.
///
/// # Errors
/// The reason why it is neither a message nor a refusal.
pub(super) fn thoroughly(text: &str) -> Result<Envelope<'_>, String> {
    let written: Written<'_> =
        serde_json::from_str(text).map_err(|error| reason_without_position(&error))?;
    match written {
        Written {
            error: Some(refusal),
            ..
        } => Ok(Envelope::Refusal(refusal)),
        Written {
            stream: Some(name),
            data: Some(data),
            ..
        } => {
            let start = data.get().as_ptr().addr() - text.as_ptr().addr();
            let end = start + data.get().len();
            Ok(Envelope::Message { name, start, end })
        }
        Written { stream: None, .. } => Err("it has no member `stream`".to_owned()),
        Written { data: None, .. } => Err("it has no member `data`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn payload<'a>(text: &'a str, envelope: &Envelope<'_>) -> &'a str {
        match *envelope {
            Envelope::Message { start, end, .. } => text.get(start..end).expect("in the text"),
            Envelope::Refusal(_) => panic!("a refusal: {text}"),
        }
    }

    #[test]
    fn a_message_is_found_however_it_is_written() {
        for text in [
            r#"{"stream":"depth.A","data":{"u":1}}"#,
            r#"{ "stream" : "depth.A", "data" : {"u":1} }"#,
            r#"{"data":{"u":1},"stream":"depth.A","more":[]}"#,
        ] {
            let envelope = thoroughly(text).expect(text);
            assert_eq!(payload(text, &envelope), r#"{"u":1}"#);
            assert!(matches!(envelope, Envelope::Message { name, .. } if name == "depth.A"));
        }
    }

    #[test]
    fn what_is_no_message_is_named() {
        for (text, expected) in [
            ("", "EOF while parsing"),
            ("[1]", "invalid"),
            (r#"{"stream":"a"}"#, "no member `data`"),
            (r#"{"data":1}"#, "no member `stream`"),
            (r#"{"stream":"a","stream":"b","data":1}"#, "duplicate field"),
        ] {
            let reason = thoroughly(text).expect_err(text);
            assert!(reason.contains(expected), "{text}: {reason}");
        }
        let text = r#"{"id":null,"error":{"code":4006,"message":"Invalid stream"}}"#;
        let refusal = thoroughly(text).expect("a refusal");
        assert!(matches!(
            refusal,
            Envelope::Refusal(Refusal { code: 4006, .. })
        ));
    }

    proptest! {
        /// Where the quick reading finds a payload that is JSON, the thorough one finds the same.
        #[test]
        fn the_quick_reading_agrees_with_the_thorough_one(
            name in ".{0,6}",
            data in prop_oneof![Just("{}"), Just("[1,\"}\"]"), Just("1,\"x\":2"), Just(""), Just("{} ")],
            form in 0..4,
        ) {
            let text = match form {
                0 => format!(r#"{{"stream":"{name}","data":{data}}}"#),
                1 => format!(r#"{{"stream":"{name}","data":{data}}}}}"#),
                2 => format!(r#"{{"data":{data},"stream":"{name}"}}"#),
                _ => format!(r#"{{"stream":"{name}" ,"data":{data}}}"#),
            };
            if let Some(quick) = quickly(&text) {
                let read = payload(&text, &quick);
                if serde_json::from_str::<serde_json::Value>(read).is_ok() && thoroughly(&text).is_ok() {
                    let thorough = thoroughly(&text).expect("read");
                    prop_assert_eq!(read.trim(), payload(&text, &thorough));
                }
            }
        }
    }
}
