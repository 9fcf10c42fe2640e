//! Both contracts at hand, with what is asked of either.

use std::collections::{BTreeMap, VecDeque};

use bpx_contract::Place;
use bpx_contract::model::{Operation, Shape, TypeDef};
use serde_json::Value;

use super::Side;
use super::rust::Surface;
use super::strict::{Party, Strict, Types};
use crate::Contract;
use crate::check::escaped;

/// Members of an object in a document that are looked into for its properties.
const COMPOSITIONS: [&str; 3] = ["allOf", "oneOf", "anyOf"];

/// The two contracts of a comparison.
#[derive(Debug)]
pub(super) struct Both<'a> {
    pub(super) old: &'a Contract,
    pub(super) new: &'a Contract,
    surfaces: (Surface, Surface),
    /// Operations of both, under the new id, with those that were merely renamed.
    pub(super) pairs: BTreeMap<&'a str, (&'a str, &'a Operation, &'a Operation)>,
}

impl<'a> Both<'a> {
    pub(super) fn new(old: &'a Contract, new: &'a Contract, names: Option<(&str, &str)>) -> Self {
        let surfaces = (
            Surface::of(old.model(), names),
            Surface::of(new.model(), names),
        );
        Self {
            old,
            new,
            surfaces,
            pairs: pairs(old, new),
        }
    }

    pub(super) fn types(&self) -> (&'a Types, &'a Types) {
        (&self.old.model().types, &self.new.model().types)
    }

    /// The schemas of both documents, where bodies travel this way: callers stay with the old one.
    pub(super) fn strict(&self, side: Side) -> (Strict<'a>, Strict<'a>) {
        let (old, new) = self.types();
        let (old_party, new_party) = match side {
            Side::Response => (Party::Receiver, Party::Sender),
            _ => (Party::Sender, Party::Receiver),
        };
        let strict = |types, party| Strict { types, party };
        (strict(old, old_party), strict(new, new_party))
    }

    pub(super) fn surfaces(&self) -> (&Surface, &Surface) {
        (&self.surfaces.0, &self.surfaces.1)
    }

    /// What a shape became, in Rust's words.
    pub(super) fn becomes(&self, old: &Shape, new: &Shape) -> String {
        let (before, after) = (self.surfaces.0.shape(old), self.surfaces.1.shape(new));
        match before == after {
            true => String::new(),
            false => format!("`{before}` becomes `{after}`"),
        }
    }

    /// Where the types of two shapes are defined; the whole file for shapes without a name.
    pub(super) fn of_types(&self, old: &Shape, new: &Shape) -> (Place, Place) {
        let (old_types, new_types) = self.types();
        let place = |types: &Types, shape: &Shape, contract: &Contract| {
            let def = shape.named().and_then(|name| types.get(name));
            def.map_or_else(|| Place::file(contract.file()), |def| def.place.clone())
        };
        (
            place(old_types, old, self.old),
            place(new_types, new, self.new),
        )
    }

    /// Where a property stands, else its type.
    pub(super) fn field_place(&self, def: &TypeDef, name: &str, in_new: bool) -> Place {
        let key = format!("properties/{}", escaped(name));
        self.inside(&def.place, &key, in_new)
    }

    /// Where the values of an enumeration stand, else the enumeration.
    pub(super) fn values_place(&self, def: &TypeDef, in_new: bool) -> Place {
        self.inside(&def.place, "enum", in_new)
    }

    /// Where a parameter stands, also where the operation refers to it; else its operation.
    pub(super) fn param_place(&self, operation: &Operation, name: &str, in_new: bool) -> Place {
        let document = &self.contract(in_new).document().value;
        let pointer = operation.place.pointer.as_deref().unwrap_or_default();
        let list = format!("{pointer}/parameters");
        let count = document.pointer(&list).and_then(Value::as_array);
        let listed = (0..count.map_or(0, Vec::len)).map(|index| format!("{list}/{index}"));
        let referred = |at: String| {
            let reference = document.pointer(&at)?.get("$ref").and_then(Value::as_str);
            let pointer = reference.and_then(|it| it.strip_prefix('#'));
            Some(pointer.map_or(at.clone(), str::to_owned))
        };
        let is_named = |at: &String| {
            let param = document.pointer(at);
            let spelled = param.and_then(|it| it.get("name")?.as_str());
            spelled.is_some_and(|spelled| spelled.eq_ignore_ascii_case(name))
        };
        match listed.filter_map(referred).find(is_named) {
            Some(at) => Place::at(&*operation.place.file, at),
            None => operation.place.clone(),
        }
    }

    /// Where an answer stands, else its operation.
    pub(super) fn status_place(&self, operation: &Operation, status: &str, in_new: bool) -> Place {
        self.inside(&operation.place, &format!("responses/{status}"), in_new)
    }

    fn contract(&self, in_new: bool) -> &'a Contract {
        if in_new { self.new } else { self.old }
    }

    /// The place of `key` under another place, through compositions.
    fn inside(&self, place: &Place, key: &str, in_new: bool) -> Place {
        let document = &self.contract(in_new).document().value;
        let mut open = VecDeque::from([place.pointer.clone().unwrap_or_default()]);
        while let Some(pointer) = open.pop_front() {
            let wanted = format!("{pointer}/{key}");
            if document.pointer(&wanted).is_some() {
                return Place::at(&*place.file, wanted);
            }
            for composition in COMPOSITIONS {
                let list = format!("{pointer}/{composition}");
                let parts = document.pointer(&list).and_then(Value::as_array);
                let count = parts.map_or(0, Vec::len);
                open.extend((0..count).map(|index| format!("{list}/{index}")));
            }
        }
        place.clone()
    }
}

fn pairs<'a>(
    old: &'a Contract,
    new: &'a Contract,
) -> BTreeMap<&'a str, (&'a str, &'a Operation, &'a Operation)> {
    let (old, new) = (&old.model().operations, &new.model().operations);
    let gone = old.iter().filter(|(id, _)| !new.contains_key(*id));
    let by_request: BTreeMap<_, _> = gone
        .map(|(id, operation)| ((operation.method, operation.path.as_str()), (id, operation)))
        .collect();
    let pair = |(id, operation): (&'a String, &'a Operation)| {
        let same = old.get_key_value(id);
        let (before, known) = same.or_else(|| {
            by_request
                .get(&(operation.method, operation.path.as_str()))
                .copied()
        })?;
        Some((id.as_str(), (before.as_str(), known, operation)))
    };
    new.iter().filter_map(pair).collect()
}
