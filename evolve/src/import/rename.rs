//! Renames components in a text, where they are defined and where they are referred to.

use std::collections::BTreeMap;

use bpx_contract::{Lines, pointer};

/// The text with new names of definitions, which are in `folder`: `/components/schemas` or `/$defs`.
pub(super) fn renamed(text: &str, folder: &str, names: &BTreeMap<String, String>) -> String {
    if names.is_empty() {
        return text.to_owned();
    }
    let known = Lines::of(text);
    let keys = names.iter().filter_map(|(old, new)| {
        let line = known.line(&pointer::join(folder, old))?;
        Some((line, (old, new)))
    });
    let keys: BTreeMap<_, _> = keys.collect();
    let lines = text.split_inclusive('\n').enumerate();
    let lines = lines.map(|(index, line)| match keys.get(&(index + 1)) {
        Some((old, new)) => line.replacen(old.as_str(), new, 1),
        None => line.to_owned(),
    });
    let text: String = lines.collect();
    references(&text, &format!("#{folder}/"), names)
}

fn references(text: &str, prefix: &str, names: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(prefix) {
        let is_name = |c: char| c.is_alphanumeric() || "._-~%".contains(c);
        let end = after.find(|c| !is_name(c)).unwrap_or(after.len());
        let (name, tail) = after.split_at(end);
        out.push_str(before);
        out.push_str(prefix);
        out.push_str(names.get(name).map_or(name, String::as_str));
        rest = tail;
    }
    out.push_str(rest);
    out
}
