//! Makes elements of our document equal to those of another. The prose around them stays.

mod operations;
mod params;
mod responses;
mod types;
mod unions;

use bpx_contract::model::Model;
use bpx_contract::{Api, Document};
use serde_json::Value;

use super::write::Style;
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
