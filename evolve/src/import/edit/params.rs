//! Parameters: added, removed, changed.

use bpx_contract::model::{Location, Operation, Param};
use serde_json::{Value, json};

use super::super::write::param_json;
use super::Editor;

impl Editor<'_> {
    pub(super) fn update_param(&mut self, id: &str, name: &str, location: Location) {
        let find = |operation: &'_ Operation| -> Option<Param> {
            let mut params = operation.params.iter();
            params.find(|it| it.is(name, location)).cloned()
        };
        let (ours, new) = (self.ours.operations.get(id), self.new_operation(id));
        match (ours.and_then(find), new.and_then(find)) {
            (None, Some(new)) => self.add_param(id, &new),
            (Some(ours), None) => self.remove_param(id, &ours),
            (Some(ours), Some(new)) => self.change_param(id, &ours, &new),
            (None, None) => {}
        }
    }

    fn add_param(&mut self, id: &str, new: &Param) {
        let node = param_json(new, self.style);
        let Some(operation) = self.operation(id) else {
            return;
        };
        let list = operation.entry("parameters").or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(node);
            let name = format!("parameter {} of {id}", new.name);
            self.undescribed.push(name);
        }
    }

    fn remove_param(&mut self, id: &str, ours: &Param) {
        let Some(index) = self.param_index(id, ours) else {
            return;
        };
        let Some(operation) = self.operation(id) else {
            return;
        };
        let list = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        let Some(list) = list else { return };
        list.remove(index);
        if list.is_empty() {
            operation.shift_remove("parameters");
        }
    }

    /// A parameter that operations share becomes this operation's own, so that the others keep theirs.
    fn change_param(&mut self, id: &str, ours: &Param, new: &Param) {
        let Some(index) = self.param_index(id, ours) else {
            return;
        };
        let mut node = param_json(new, self.style);
        let written = self.param_at(id, index);
        let description = written.and_then(|it| it.get("description")).cloned();
        if let (Some(node), Some(description)) = (node.as_object_mut(), description) {
            node.insert("description".to_owned(), description);
        }
        let operation = self.operation(id);
        let list = operation.and_then(|it| it.get_mut("parameters")?.as_array_mut());
        if let Some(place) = list.and_then(|list| list.get_mut(index)) {
            *place = node;
        }
    }

    /// The parameter at an index of the operation's list, through a reference.
    fn param_at(&mut self, id: &str, index: usize) -> Option<&Value> {
        let param = self.operation(id)?.get("parameters")?.get(index)?.clone();
        match param.get("$ref").and_then(Value::as_str) {
            Some(target) => self.value.pointer(target.strip_prefix('#')?),
            None => self.operation(id)?.get("parameters")?.get(index),
        }
    }

    fn param_index(&mut self, id: &str, param: &Param) -> Option<usize> {
        let count = self.operation(id)?.get("parameters")?.as_array()?.len();
        (0..count).find(|index| {
            self.param_at(id, *index).is_some_and(|at| {
                at.get("name").and_then(Value::as_str) == Some(&param.name)
                    && at.get("in").and_then(Value::as_str) == Some(param.location.as_str())
            })
        })
    }
}
