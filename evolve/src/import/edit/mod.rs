//! Makes elements of our document equal to those of another. The prose around them stays.

mod operations;
mod params;
mod responses;
mod types;
mod unions;

use bpx_contract::model::{Kind, Model};
use bpx_contract::{Api, Document};
use serde_json::{Map, Value};

use super::write::{Style, type_json};
use crate::element::Element;

/// A document that is being updated.
pub(super) struct Editor<'a> {
    /// What the document means before the edits.
    ours: &'a Model,
    /// What it is to mean.
    new: &'a Model,
    /// The document that says so.
    source: &'a Document,
    /// The document that is edited.
    pub(super) value: Value,
    style: &'a Style,
    /// Types are written as a whole, since smaller edits did not suffice.
    whole: bool,
}

impl<'a> Editor<'a> {
    pub(super) fn new(ours: &'a Api, new: &'a Api, style: &'a Style, whole: bool) -> Self {
        Self {
            ours: ours.model(),
            new: new.model(),
            source: new.document(),
            value: ours.document().value.clone(),
            style,
            whole,
        }
    }

    /// Updates the element as far as it can be written. A further comparison finds the rest.
    pub(super) fn update(&mut self, element: &Element) {
        match element {
            Element::Operation(id) => self.update_operation(id),
            Element::Parameter {
                operation,
                name,
                location,
            } => self.update_param(operation, name, *location),
            Element::RequestBody(id) => self.update_request_body(id),
            Element::Response { operation, status } => self.update_response(operation, status),
            Element::Type(name) => self.update_type(name),
            Element::Field { ty, name } => self.update_field(ty, name),
            // They are made of the responses.
            Element::SuccessBody(_) | Element::ErrorBody(_) => {}
        }
    }

    /// A schema in which types that our document writes inline are written inline again.
    fn inlined(&self, schema: Value) -> Value {
        match schema {
            Value::Object(mut members) => {
                let reference = members.get("$ref").and_then(Value::as_str);
                if let Some(written) = reference.and_then(|it| self.inline_type(it)) {
                    members.shift_remove("$ref");
                    members.extend(written);
                }
                let members = members.into_iter();
                let members = members.map(|(key, value)| (key, self.inlined(value)));
                Value::Object(members.collect())
            }
            Value::Array(items) => items.into_iter().map(|it| self.inlined(it)).collect(),
            value => value,
        }
    }

    /// The schema of a type that our document has without a name.
    fn inline_type(&self, reference: &str) -> Option<Map<String, Value>> {
        let at = reference.strip_prefix('#')?;
        let name = bpx_contract::pointer::unescape(at.rsplit('/').next()?);
        let is_inline = self.value.pointer(at).is_none() && self.ours.types.contains_key(&*name);
        let def = self.new.types.get(&*name).filter(|_| is_inline)?;
        // Types that contain one another have names.
        let is_enum = matches!(def.kind, Kind::Enum(_) | Kind::IntegerEnum(_));
        let written = is_enum.then(|| type_json(def, self.style));
        written?.as_object().cloned()
    }

    /// The location that a reference leads to, and whether it was one. Chains of references end after a few steps.
    fn followed(&self, at: &str) -> (String, bool) {
        let mut at = at.to_owned();
        for step in 0..8 {
            let node = self.value.pointer(&at);
            let target = node.and_then(|it| it.get("$ref")?.as_str()?.strip_prefix('#'));
            match target {
                Some(target) => at = target.to_owned(),
                None => return (at, step > 0),
            }
        }
        (at, true)
    }
}
