//! Values without what they say: reports are passed around, recordings are not.

use serde_json::Value;

/// Characters of a value that are shown at most.
const SHOWN_CHARS_MAX: usize = 40;
/// Names and enumeration values are shown as they are up to this length.
const NAME_CHARS_MAX: usize = 64;

/// The form of a value: digits become `9`, letters `a` or `A`, containers their size.
pub(crate) fn shape_of(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => masked(&number.to_string()),
        Value::String(text) => format!("\"{}\"", masked(text)),
        Value::Array(items) => format!("[{} items]", items.len()),
        Value::Object(members) => format!("{{{} members}}", members.len()),
    }
}

/// The form of a text.
pub(crate) fn masked(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS_MAX).map(mask).collect();
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

fn mask(character: char) -> char {
    match character {
        '0'..='9' => '9',
        'A'..='Z' => 'A',
        'a'..='z' => 'a',
        other if other.is_ascii_graphic() || other == ' ' => other,
        _ => '?',
    }
}

/// A name as it is, if it looks like one; else its form.
pub(crate) fn name_or_shape(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '$');
    let digits = text.chars().filter(char::is_ascii_digit).count();
    // A long run of letters and digits is an identifier, or worse.
    let is_name = !text.is_empty()
        && text.len() <= NAME_CHARS_MAX
        && text.chars().all(plain)
        && (digits <= 4 || digits * 2 < text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$');
    if is_name {
        text.to_owned()
    } else {
        masked(text)
    }
}

/// A path without identifiers: `/api/v1/order/123` becomes `/api/v1/order/*`.
pub(crate) fn path_shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let is_version = segment.strip_prefix('v').is_some_and(|rest| rest.len() < 3);
        let has_digit = segment.chars().any(|c| c.is_ascii_digit());
        if has_digit && !is_version {
            "*"
        } else {
            segment
        }
    });
    let path: String = segments.collect::<Vec<_>>().join("/");
    path.chars().take(2 * NAME_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_form_and_lose_their_content() {
        assert_eq!(
            shape_of(&serde_json::json!("2025-09-11 Ab")),
            "\"9999-99-99 Aa\""
        );
        assert_eq!(shape_of(&serde_json::json!(-12.5)), "-99.9");
        assert_eq!(shape_of(&serde_json::json!([1, 2])), "[2 items]");
    }

    #[test]
    fn names_stay_and_identifiers_do_not() {
        assert_eq!(name_or_shape("PendingRelease"), "PendingRelease");
        assert_eq!(name_or_shape("11178459283"), "99999999999");
        assert_eq!(name_or_shape("mail@example.org"), "aaaa@aaaaaaa.aaa");
        assert_eq!(path_shape("/api/v1/order/123"), "/api/v1/order/*");
    }
}
