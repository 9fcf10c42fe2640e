//! Parameters: added, removed, changed.

use serde_json::{Value, json};

use super::super::write::param_json;
use super::Editor;
use crate::model::Param;

impl Editor<'_> {
    pub(super) fn add_param(&mut self, id: &str, param: &Param) {
        let node = param_json(param, &self.style);
        let Some(operation) = self.operation(id) else {
            return;
        };
        if let Some(list) = operation
            .entry("parameters")
            .or_insert_with(|| json!([]))
            .as_array_mut()
        {
            list.push(node);
            self.wordless
                .push(format!("parameter {} of {id}", param.name));
        }
    }

    pub(super) fn remove_param(&mut self, id: &str, param: &Param) {
        let Some(index) = self.param_index(id, param) else {
            return;
        };
        let Some(operation) = self.operation(id) else {
            return;
        };
        let Some(list) = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
        else {
            return;
        };
        list.remove(index);
        if list.is_empty() {
            operation.shift_remove("parameters");
        }
    }

    pub(super) fn change_param(&mut self, id: &str, param: &Param) {
        let Some(index) = self.param_index(id, param) else {
            return;
        };
        let mut node = param_json(param, &self.style);
        let old = self.param_at(id, index).cloned();
        // A shared parameter becomes this operation's own: the others keep theirs.
        let description = old.as_ref().and_then(|old| old.get("description")).cloned();
        if let (Some(node), Some(description)) = (node.as_object_mut(), description) {
            node.insert("description".to_owned(), description);
        }
        let list = self
            .operation(id)
            .and_then(|operation| operation.get_mut("parameters")?.as_array_mut());
        if let Some(place) = list.and_then(|list| list.get_mut(index)) {
            *place = node;
        }
    }

    pub(super) fn param_at(&mut self, id: &str, index: usize) -> Option<&Value> {
        let param = self.operation(id)?.get("parameters")?.get(index)?.clone();
        match param.get("$ref").and_then(Value::as_str) {
            Some(target) => self.value.pointer(target.strip_prefix('#')?),
            None => self.operation(id)?.get("parameters")?.get(index),
        }
    }

    pub(super) fn param_index(&mut self, id: &str, param: &Param) -> Option<usize> {
        let count = self.operation(id)?.get("parameters")?.as_array()?.len();
        (0..count).find(|index| {
            self.param_at(id, *index).is_some_and(|at| {
                at.get("name").and_then(Value::as_str) == Some(&param.name)
                    && at.get("in").and_then(Value::as_str) == Some(param.location.as_str())
            })
        })
    }
}
