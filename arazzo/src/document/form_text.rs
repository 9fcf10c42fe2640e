//! Form bodies that are written as text, with expressions in them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

const FORM: &str = "application/x-www-form-urlencoded";

/// The members of such a text, so that what is filled in is encoded and cannot break out of its place. None where a name
/// stands twice or something is encoded already: such a text is sent as it is.
pub(super) fn parse(text: &str, media: &str) -> Option<Value> {
    let essence = media.split(';').next().unwrap_or(media).trim();
    let text = text.trim_end();
    if !essence.eq_ignore_ascii_case(FORM) || text.contains(['%', '+']) {
        return None;
    }
    let mut names = BTreeSet::new();
    let mut members = Map::new();
    for pair in text.split('&') {
        let (name, value) = pair.split_once('=')?;
        if name.contains("{$") || value.starts_with('$') || !names.insert(name) {
            return None;
        }
        members.insert(name.to_owned(), value.into());
    }
    Some(members.into())
}
