//! The two contracts of a comparison, and where their parts are located.

use std::collections::{BTreeMap, VecDeque};

use bpx_contract::model::{Content, Operation, Shape, TypeDef};
use bpx_contract::{Api, Place, pointer};
use serde_json::Value;

use super::sites::{Site, matched, operation, sites};
use super::strict::{Party, Strict, Types};
use super::surface::Surface;
use crate::element::Element;
use crate::side::Side;

/// Members of a schema whose items are searched for its properties.
const COMPOSITIONS: [&str; 3] = ["allOf", "oneOf", "anyOf"];

/// An operation that both documents have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    /// The id in the new document.
    pub(super) id: &'a str,
    /// The id in the old document.
    pub(super) before: &'a str,
    pub(super) old: &'a Operation,
    pub(super) new: &'a Operation,
    /// Whether requests go to the same place: a prefix may have moved from the servers to the path.
    pub(super) is_same_url: bool,
}

/// A value that both documents have in the same position: a body, or a parameter.
#[derive(Debug, Clone)]
pub(super) struct Body<'a> {
    pub(super) side: Side,
    /// What reports call it where its type has no name.
    pub(super) label: &'a str,
    pub(super) element: Element,
    pub(super) old: &'a Shape,
    pub(super) new: &'a Shape,
}

impl<'a> Pair<'a> {
    /// Where the operation is located in the old and the new document.
    pub(super) fn places(&self) -> (Place, Place) {
        (self.old.place.clone(), self.new.place.clone())
    }

    /// The bodies that the operation has in both documents.
    pub(super) fn bodies(&self) -> Vec<Body<'a>> {
        let media = |it: &'a Operation| it.body.as_ref().map(|body| &body.media);
        let is_same_format = media(self.old) == media(self.new);
        let sent = |it: &'a Operation| {
            let body = it.body.as_ref().filter(|_| is_same_format);
            body.map(|body| &body.shape)
        };
        let read = |it: &'a Operation| match &it.success.content {
            Content::Json(shape) => Some(shape),
            _ => None,
        };
        let failed = |it: &'a Operation| it.error.as_ref();
        let body = |side, label, element: fn(String) -> Element, old: Option<_>, new| {
            let (old, new) = old.zip(new)?;
            Some(Body {
                side,
                label,
                element: element(self.id.to_owned()),
                old,
                new,
            })
        };
        let (old, new) = (self.old, self.new);
        let all = [
            body(
                Side::Request,
                "request",
                Element::RequestBody,
                sent(old),
                sent(new),
            ),
            body(
                Side::Response,
                "response",
                Element::SuccessBody,
                read(old),
                read(new),
            ),
            body(
                Side::Response,
                "error",
                Element::ErrorBody,
                failed(old),
                failed(new),
            ),
        ];
        all.into_iter().flatten().collect()
    }
}

/// The two contracts of a comparison.
#[derive(Debug)]
pub(super) struct Comparison<'a> {
    pub(super) old: &'a Api,
    pub(super) new: &'a Api,
    surfaces: (Surface, Surface),
    /// The operations of both, by the new id. Operations with another id but the same method and path are pairs too.
    pub(super) pairs: BTreeMap<&'a str, Pair<'a>>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(old: &'a Api, new: &'a Api, names: Option<(&str, &str)>) -> Self {
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

    /// The schemas of both documents for bodies that are sent in this direction. Callers stay with the old document.
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

    /// The change of a shape in Rust types. Empty if the Rust type stays the same.
    pub(super) fn becomes(&self, old: &Shape, new: &Shape) -> String {
        let (before, after) = (self.surfaces.0.shape(old), self.surfaces.1.shape(new));
        match before == after {
            true => String::new(),
            false => format!("`{before}` becomes `{after}`"),
        }
    }

    /// Where the types of two shapes are defined. Shapes without a name are located in the whole file.
    pub(super) fn type_places(&self, old: &Shape, new: &Shape) -> (Place, Place) {
        let place = |api: &Api, shape: &Shape| {
            let def = shape.named().and_then(|name| api.model().types.get(name));
            def.map_or_else(|| whole(api), |def| def.place.clone())
        };
        (place(self.old, old), place(self.new, new))
    }

    /// Where a property is defined, else its type.
    pub(super) fn field_place(&self, def: &TypeDef, name: &str, in_new: bool) -> Place {
        self.inside(&def.place, &pointer::join("properties", name), in_new)
    }

    /// Where the values of an enum are listed, else the enum.
    pub(super) fn values_place(&self, def: &TypeDef, in_new: bool) -> Place {
        self.inside(&def.place, "enum", in_new)
    }

    /// Where a parameter is defined, through a reference; else its operation.
    pub(super) fn param_place(&self, operation: &Operation, name: &str, in_new: bool) -> Place {
        let document = &self.api(in_new).document().value;
        let pointer = operation.place.pointer.as_deref().unwrap_or_default();
        let item = pointer.rsplit_once('/').map_or("", |(item, _)| item);
        let lists = [pointer, item].map(|it| format!("{it}/parameters"));
        let listed = lists.iter().flat_map(|list| {
            let count = document.pointer(list).and_then(Value::as_array);
            (0..count.map_or(0, Vec::len)).map(move |index| format!("{list}/{index}"))
        });
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
        match listed.into_iter().filter_map(referred).find(is_named) {
            Some(at) => Place::at(&*operation.place.file, at),
            None => operation.place.clone(),
        }
    }

    /// Where a response is defined, else its operation.
    pub(super) fn status_place(&self, operation: &Operation, status: &str, in_new: bool) -> Place {
        self.inside(&operation.place, &format!("responses/{status}"), in_new)
    }

    fn api(&self, in_new: bool) -> &'a Api {
        if in_new { self.new } else { self.old }
    }

    /// The location of `key` under another location, through compositions.
    fn inside(&self, place: &Place, key: &str, in_new: bool) -> Place {
        let document = &self.api(in_new).document().value;
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

/// The whole document of a contract.
pub(super) fn whole(api: &Api) -> Place {
    Place::file(&*api.document().file)
}

/// The operations that both models have, matched as they are written.
fn pairs<'a>(old: &'a Api, new: &'a Api) -> BTreeMap<&'a str, Pair<'a>> {
    let found = matched(
        sites(old, old.document(), "paths"),
        sites(new, new.document(), "paths"),
    );
    let pair = |(before, after): &(Site<'a>, Site<'a>)| {
        let is_same_url = before.full_path() == after.full_path() && before.method == after.method;
        let ((before, old), (id, new)) = operation(old, before).zip(operation(new, after))?;
        Some(Pair {
            id,
            before,
            old,
            new,
            is_same_url,
        })
    };
    let alone = new.model().operations.iter().filter_map(|(id, operation)| {
        let (before, known) = old.model().operations.get_key_value(id)?;
        let is_alone = |it: &Operation| it.place.pointer.is_none();
        let pair = Pair {
            id,
            before,
            old: known,
            new: operation,
            is_same_url: true,
        };
        (is_alone(known) && is_alone(operation)).then_some(pair)
    });
    let pairs = found.pairs.iter().filter_map(pair).chain(alone);
    pairs.map(|pair| (pair.id, pair)).collect()
}
