//! Makes elements of our document equal to those of another. The prose around them stays.

mod operations;
mod params;
mod responses;
mod types;

use bpx_contract::Api;
use bpx_contract::model::Model;
use serde_json::Value;

use super::write::Style;
use crate::element::Element;

/// A document that is being updated.
pub(super) struct Editor<'a> {
    /// What the document means before the edits.
    ours: &'a Model,
    /// What it is to mean.
    new: &'a Model,
    /// The document.
    pub(super) value: Value,
    style: &'a Style,
    /// JSON Pointers and names of what has no description yet.
    pub(super) undescribed: Vec<String>,
}

impl<'a> Editor<'a> {
    pub(super) fn new(ours: &'a Api, new: &'a Api, style: &'a Style) -> Self {
        Self {
            ours: ours.model(),
            new: new.model(),
            value: ours.document().value.clone(),
            style,
            undescribed: Vec::new(),
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
            Element::SuccessBody(id) => self.update_successes(id),
            Element::ErrorBody(id) => self.update_failures(id),
            Element::Type(name) => self.update_type(name),
            Element::Field { ty, name } => self.update_field(ty, name),
        }
    }
}
