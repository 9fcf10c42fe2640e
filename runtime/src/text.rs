//! Foreign text made fit for a message: bounded, on one line.

use std::error::Error;

/// The longest piece of foreign text a message repeats, in characters.
const SHOWN_CHARS_MAX: usize = 60;
/// The longest reason taken over from a library, in characters.
const REASON_CHARS_MAX: usize = 400;
/// How much of a body an error keeps, in bytes.
const BODY_START_BYTES: usize = 512;

/// A value short enough for a message.
pub(crate) fn shown(text: &str) -> String {
    cut(text, SHOWN_CHARS_MAX)
}

/// Another library's reason, bounded because it may repeat the text it stumbled over.
pub(crate) fn bounded(reason: &str) -> String {
    cut(reason, REASON_CHARS_MAX)
}

/// The first bytes of a body as text.
pub(crate) fn body_start(body: &[u8]) -> String {
    let start = body.get(..BODY_START_BYTES).unwrap_or(body);
    String::from_utf8_lossy(start).into_owned()
}

/// The last cause of an error, which is the one that says something.
pub(crate) fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    bounded(&cause.to_string())
}

/// The reason of a JSON error without "at line x column y", for text that is only a piece of the body.
pub(crate) fn reason_without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    bounded(text.strip_suffix(&position).unwrap_or(&text))
}

fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(shown("short"), "short");
        let cut = shown(&"ä".repeat(100));
        assert_eq!(cut, format!("{}...", "ä".repeat(SHOWN_CHARS_MAX)));
    }

    #[test]
    fn the_start_of_a_body_is_bounded_and_need_not_be_text() {
        assert_eq!(body_start(&[b'a'; 2000]).len(), BODY_START_BYTES);
        assert_eq!(body_start(&[0xff, b'a']), "\u{fffd}a");
        assert_eq!(body_start(b""), "");
    }
}
