//! Which schema has which name, and which definitions are still to be made.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use heck::ToUpperCamelCase as _;

use super::refs;
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
    references: BTreeMap<String, usize>,
}

impl Registry {
    pub(super) fn of(root: &Cursor<'_>) -> Self {
        let components: BTreeMap<_, _> = root
            .definitions()
            .into_iter()
            .map(|(name, at)| (at.pointer, name.to_owned()))
            .collect();
        Self {
            taken: components
                .values()
                .map(|name| name.to_upper_camel_case())
                .collect(),
            components,
            given: BTreeMap::new(),
            waiting: VecDeque::new(),
            aliases: Vec::new(),
            references: refs::count(root),
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

    /// As [`Registry::name`], for a variation of the component at `pointer`: it takes over the component's
    /// name where nothing else refers to the component.
    pub(super) fn variation(
        &mut self,
        identity: &str,
        wanted: &str,
        pointer: &str,
    ) -> (String, bool) {
        let own = self
            .components
            .get(pointer)
            .filter(|own| *own == wanted)
            .cloned();
        let alone = self.references.get(pointer).copied().unwrap_or_default() <= 1;
        match own {
            Some(own) if alone && !self.given.contains_key(identity) => {
                self.given.insert(identity.to_owned(), own.clone());
                (own, true)
            }
            _ => self.name(identity, wanted),
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
