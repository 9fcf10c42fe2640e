//! Finds types that only one document has. Their names are not sent, but Rust callers import them.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::Api;
use bpx_contract::model::Shape;
use bpx_contract::schema::reached;

use super::comparison::Comparison;
use super::drafts::{Draft, Drafts};
use super::surface::Surface;
use crate::element::Element;
use crate::rules::Rule;
use crate::side::Side;

/// Adds the types that were added or removed, except those that were renamed.
pub(super) fn compare(both: &Comparison<'_>, drafts: &mut Drafts<'_>) {
    let renamed = drafts.lines_of(Rule::TypeRenamed);
    let (before, after) = both.surfaces();
    let named = |name: &str| Shape::Named(name.to_owned());
    let element = |name: &str| Element::Type(name.to_owned());
    let removed = alone(both.old, both.new, before, &renamed.0);
    let removed = removed.into_iter().map(|(name, line)| {
        let places = both.type_places(&named(name), &Shape::Any);
        let draft = Draft::new(Rule::TypeRemoved, name, places).element(element(name));
        (name, draft.removed().lines(Some(line), None))
    });
    add(both.old, &removed.collect(), drafts);
    let added = alone(both.new, both.old, after, &renamed.1);
    let added = added.into_iter().map(|(name, line)| {
        let places = both.type_places(&Shape::Any, &named(name));
        let draft = Draft::new(Rule::TypeAdded, name, places).element(element(name));
        (name, draft.lines(None, Some(line)))
    });
    add(both.new, &added.collect(), drafts);
}

/// Types of one contract that the other lacks, with their names in Rust.
fn alone<'a>(
    one: &'a Api,
    other: &Api,
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

/// Adds the changes for every operation that uses the type, and those of types that webhooks alone use.
fn add(api: &Api, changes: &BTreeMap<&str, Draft>, drafts: &mut Drafts<'_>) {
    let model = api.model();
    let mut unused = changes.clone();
    for (id, operation) in &model.operations {
        let params = operation.params.iter().map(|param| &param.shape);
        for name in reached(&model.types, operation.bodies().chain(params)) {
            if let Some(draft) = changes.get(name) {
                drafts.add(id, Side::Operation, draft.clone(), None);
                unused.remove(name);
            }
        }
    }
    for draft in unused.into_values() {
        drafts.add_to_all(Vec::new(), Side::Operation, draft);
    }
}
