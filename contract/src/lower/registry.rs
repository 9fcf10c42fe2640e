//! Which schema has which name, and which definitions are still to be made.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use heck::ToUpperCamelCase as _;

use super::tag::tag_of;
use super::{look, refs};
use crate::cursor::Cursor;

/// Names given so far. A component has a right to its own name; whatever has none of its own gets one that
/// is free. Names that read the same in PascalCase count as one.
pub(super) struct Registry {
    /// The pointer of each named component.
    components: BTreeMap<String, String>,
    /// Components' names and those given since, in PascalCase.
    taken: BTreeSet<String>,
    /// Names by the identity of what they name: a pointer, or a pointer and what was taken off.
    given: BTreeMap<String, String>,
    /// Definitions that were asked for and not made yet: pointer and name.
    pub(super) waiting: VecDeque<(String, String)>,
    /// Definitions without a type of their own that are being read at the moment, outermost first.
    pub(super) aliases: Vec<String>,
    /// How often each definition is referred to, by pointer.
    references: BTreeMap<String, usize>,
    /// How often it is referred to as an arm of a union, by pointer and the union's tag.
    arms: BTreeMap<(String, String), usize>,
}

impl Registry {
    pub(super) fn of(root: &Cursor<'_>) -> Self {
        let components: BTreeMap<_, _> = root
            .definitions()
            .into_iter()
            .map(|(name, at)| (at.pointer, name.to_owned()))
            .collect();
        let mut references = BTreeMap::new();
        let mut arms = BTreeMap::new();
        refs::visit(root, &mut |at| {
            if let Some(pointer) = target(at) {
                *references.entry(pointer).or_default() += 1;
            }
            if let Some(tag) = tag_of(at) {
                for pointer in look::arms(at).0.iter().filter_map(target) {
                    *arms.entry((pointer, tag.clone())).or_default() += 1;
                }
            }
        });
        Self {
            taken: components
                .values()
                .map(|name| name.to_upper_camel_case())
                .collect(),
            components,
            given: BTreeMap::new(),
            waiting: VecDeque::new(),
            aliases: Vec::new(),
            references,
            arms,
        }
    }

    /// The name of what `identity` identifies, and whether it is new: the component's own, the one given
    /// before, or `wanted`, with a number if it is taken.
    pub(super) fn name(&mut self, identity: &str, wanted: &str) -> (String, bool) {
        if let Some(name) = self.given.get(identity) {
            return (name.clone(), false);
        }
        let name = match self.components.get(identity) {
            Some(own) => own.clone(),
            None => self.free(wanted),
        };
        self.given.insert(identity.to_owned(), name.clone());
        (name, true)
    }

    /// As [`Registry::name`], for the component at `pointer` without its tag: it takes over the component's
    /// name where the component is nothing but an arm of unions over this tag.
    pub(super) fn without_tag(&mut self, pointer: &str, tag: &str, wanted: &str) -> (String, bool) {
        let identity = format!("{pointer} without {tag}");
        let own = self.components.get(pointer).cloned();
        let as_arm = self
            .arms
            .get(&(pointer.to_owned(), tag.to_owned()))
            .copied();
        match own {
            Some(own) if as_arm == self.references.get(pointer).copied() => {
                (own.clone(), self.given.insert(identity, own).is_none())
            }
            _ => self.name(&identity, wanted),
        }
    }

    /// `wanted`, or the first of `wanted_2`, `wanted_3`, … that is free.
    pub(super) fn free(&mut self, wanted: &str) -> String {
        let numbered = (2_usize..).map(|number| format!("{wanted}_{number}"));
        let mut candidates = std::iter::once(wanted.to_owned()).chain(numbered);
        let free = candidates.find(|name| self.taken.insert(name.to_upper_camel_case()));
        free.unwrap_or_default()
    }

    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.taken.contains(&name.to_upper_camel_case())
    }
}

/// The pointer of the definition that a reference names.
fn target(at: &Cursor<'_>) -> Option<String> {
    at.target(at.str("$ref")?).ok().map(|found| found.pointer)
}
