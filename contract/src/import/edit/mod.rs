//! Changes of facts as edits of a document: the prose around them stays.

mod operations;
mod params;
mod responses;
mod types;

use serde_json::{Value, json};

use super::compare::Change;
use super::write::Style;
use crate::model::Model;

/// A document being brought up to date.
pub(super) struct Editor<'a> {
    /// What the document says now, for places.
    pub(super) ours: &'a Model,
    /// What it shall say.
    pub(super) theirs: &'a Model,
    /// The document.
    pub(super) value: Value,
    pub(super) style: Style,
    /// JSON Pointers of what now needs words.
    pub(super) wordless: Vec<String>,
}
impl Editor<'_> {
    /// Applies what it can; the caller finds the rest by comparing again.
    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::OperationAdded { id } => self.add_operation(id),
            Change::OperationRemoved { id } => self.remove_operation(id),
            Change::OperationMoved { id, method, path } => self.move_operation(id, *method, path),
            Change::InstructionChanged { id, .. } => self.instruct(id),
            Change::ParamAdded { id, param } => self.add_param(id, param),
            Change::ParamRemoved { id, param } => self.remove_param(id, param),
            Change::ParamChanged { id, param } => self.change_param(id, param),
            Change::BodyChanged { id, .. } => self.change_body(id),
            Change::StatusAdded {
                id,
                status,
                content,
            } => self.add_status(id, status, content),
            Change::StatusRemoved { id, status } => self.remove_status(id, status),
            Change::AnswerChanged { id, content } => self.change_answer(id, content),
            Change::PagesChanged { id, paged } => self.change_pages(id, *paged),
            Change::TypeAdded { name } | Change::TypeChanged { name } => self.write_type(name),
            Change::TypeRemoved { name } => self.remove_type(name),
            Change::FieldAdded { ty, field } | Change::FieldChanged { ty, field } => {
                self.write_field(ty, field)
            }
            Change::FieldRemoved { ty, field } => self.remove_field(ty, field),
            Change::ValueAdded { ty, value } => self.values(ty, |list| list.push(json!(value))),
            Change::ValueRemoved { ty, value } => {
                self.values(ty, |list| list.retain(|known| known != value))
            }
            Change::ClosedChanged { ty, closed } => self.close(ty, *closed),
        }
    }
}
