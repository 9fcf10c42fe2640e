//! Types that one document alone has. Their names do not travel, but Rust callers import them.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::model::Shape;

use super::both::Both;
use super::edit::{Edit, Edits};
use super::rust::Surface;
use super::{Rule, Side};
use crate::Contract;
use crate::contract::bodies;
use bpx_contract::schema::reached;

/// Types that came or went, but for those that were renamed.
pub(super) fn compare(both: &Both<'_>, edits: &mut Edits<'_>) {
    let renamed = edits.lines_of(Rule::TypeRenamed);
    let (before, after) = both.surfaces();
    let named = |name: &str| Shape::Named(name.to_owned());
    let gone = alone(both.old, both.new, before, &renamed.0);
    let gone = gone.into_iter().map(|(name, line)| {
        let edit = Edit::new(Rule::TypeRemoved, name).lines(Some(line), None);
        let places = both.of_types(&named(name), &Shape::Any);
        (name, edit.places(places).of_old())
    });
    add(both.old, &gone.collect(), edits);
    let come = alone(both.new, both.old, after, &renamed.1);
    let come = come.into_iter().map(|(name, line)| {
        let edit = Edit::new(Rule::TypeAdded, name).lines(None, Some(line));
        (name, edit.places(both.of_types(&Shape::Any, &named(name))))
    });
    add(both.new, &come.collect(), edits);
}

/// Types of one contract that the other has not, with their names in Rust.
fn alone<'a>(
    one: &'a Contract,
    other: &Contract,
    surface: &Surface,
    renamed: &BTreeSet<String>,
) -> Vec<(&'a str, String)> {
    let names = one.model().types.keys();
    let alone = names.filter(|name| !other.model().types.contains_key(*name));
    alone
        .map(|name| (name.as_str(), surface.ty(name)))
        .filter(|(_, line)| !renamed.contains(line))
        .collect()
}

/// The changes, for every operation that has a value of the type.
fn add(contract: &Contract, changes: &BTreeMap<&str, Edit>, edits: &mut Edits<'_>) {
    let model = contract.model();
    for (id, operation) in &model.operations {
        let params = operation.params.iter().map(|param| &param.shape);
        let shapes = bodies(operation).into_iter().chain(params);
        for name in reached(&model.types, shapes) {
            if let Some(edit) = changes.get(name) {
                edits.add(id, Side::Operation, edit.clone(), None);
            }
        }
    }
}
