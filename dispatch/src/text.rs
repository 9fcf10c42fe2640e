//! Text from elsewhere, made harmless to look at: what is invisible, or turns the direction of reading, is shown by its
//! code.

use std::borrow::Cow;
use std::fmt::Write as _;

/// How much of a value a person is shown, in characters.
const SHOWN_CHARS_MAX: usize = 120;

/// JSON in which every such character is written as an escape. It stands for the same value.
pub fn escaped(json: &str) -> Cow<'_, str> {
    // Line ends and tabs stand between tokens: within a string JSON allows none.
    let is_risky = |c: char| is_hidden(c) && !matches!(c, '\n' | '\r' | '\t');
    if !json.contains(is_risky) {
        return json.into();
    }
    let mut text = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_risky(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(c);
        }
    }
    text.into()
}

/// A value as a person is shown it: on one line, and not longer than can be read.
pub fn shown(value: &str) -> String {
    let mut text = String::new();
    for c in value.chars().take(SHOWN_CHARS_MAX) {
        if is_hidden(c) {
            let _ = write!(text, "\\u{{{:x}}}", u32::from(c));
        } else {
            text.push(c);
        }
    }
    if value.chars().nth(SHOWN_CHARS_MAX).is_some() {
        text.push('…');
    }
    text
}

/// Control characters, marks and overrides of direction, what has no width, separators of lines, tags.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn escaped_json_stands_for_the_same_value_and_hides_nothing() {
        let value = json!({
            "a": "x\u{202e}y\u{200b}z", "b": ["\u{7f}\u{85}", "\u{e0041}"], "\u{2028}": "tab\t",
        });
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        let text = escaped(&pretty);
        assert!(text.chars().all(|c| c == '\n' || !is_hidden(c)), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert!(text.contains(r"x\u202ey\u200bz"), "{text}");
        assert!(text.contains(r"\udb40\udc41"), "{text}");
    }

    #[test]
    fn plain_json_is_not_touched() {
        let plain = "{\"note\":\n\t\"Größe, 価格\"}";
        assert!(matches!(escaped(plain), Cow::Borrowed(text) if text == plain));
    }

    #[test]
    fn a_shown_value_stays_on_its_line() {
        assert_eq!(
            shown("SOL\nSide: Bid\u{202e}"),
            r"SOL\u{a}Side: Bid\u{202e}"
        );
        assert_eq!(shown(&"x".repeat(200)).chars().count(), 121);
    }
}
