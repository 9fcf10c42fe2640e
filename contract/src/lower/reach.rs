//! Which components the operations of a document reach.

use std::collections::BTreeSet;

use crate::{Cursor, Document};

/// The pointers that references lead to, from everything outside of `components`. Values of discriminator mappings count as
/// references, since they are written like them.
#[must_use]
pub fn reached(document: &Document) -> BTreeSet<String> {
    let root = Cursor::root(document);
    let outside = root.members().into_iter();
    let outside = outside.filter(|(key, _)| *key != "components");
    let mut open: Vec<_> = outside.map(|(_, inside)| inside).collect();
    let mut reached = BTreeSet::new();
    while let Some(at) = open.pop() {
        open.extend(at.members().into_iter().map(|(_, inside)| inside));
        open.extend(at.elements());
        let target = at.value.as_str().filter(|it| it.starts_with('#'));
        let found = target.and_then(|it| at.target(it).ok());
        open.extend(found.filter(|it| reached.insert(it.pointer.clone())));
    }
    reached
}

/// Whether a location is inside a component that is not reached. Security schemes are used by their names.
pub(super) fn is_unused(pointer: &str, reached: &BTreeSet<String>) -> bool {
    let mut steps = pointer.split('/').skip(1);
    let (Some("components"), Some(section), Some(name)) =
        (steps.next(), steps.next(), steps.next())
    else {
        return false;
    };
    let component = format!("/components/{section}/{name}");
    let is_inside = |it: &String| {
        let rest = it.strip_prefix(&component);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    section != "securitySchemes" && !reached.iter().any(is_inside)
}
