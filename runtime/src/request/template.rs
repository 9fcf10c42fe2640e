//! Path templates with `{name}` parameters.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What cannot stand in a path segment as it is: the path set of the URL standard, and the characters that would end
/// the segment or look like an encoded one.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Fills the `{name}` parameters of a path template, each value percent-encoded as part of one segment. A parameter
/// without a value stays as it is.
///
/// ```
/// use bpx_runtime::fill_path;
///
/// let path = fill_path("/shelves/{shelf}/books", |name| (name == "shelf").then(|| "A/3".to_owned()));
/// assert_eq!(path, "/shelves/A%2F3/books");
/// ```
pub fn fill_path(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut path = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, name, after)) = next_parameter(rest) {
        path.push_str(before);
        match value(name) {
            Some(text) => path.extend(utf8_percent_encode(&text, SEGMENT)),
            None => path.extend(["{", name, "}"]),
        }
        rest = after;
    }
    path.push_str(rest);
    path
}

/// Fills one parameter with a text that is encoded already.
pub(super) fn fill_encoded(template: &str, name: &str, text: &str) -> String {
    template.replace(&format!("{{{name}}}"), text)
}

/// A text as part of one segment.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// The text before the first `{name}`, the name, and the text after it.
pub(super) fn next_parameter(path: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = path.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}
