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
