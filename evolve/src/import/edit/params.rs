//! Parameters: added, removed, changed.

use bpx_contract::model::{Location, Operation, Param};
use bpx_contract::pointer;
use serde_json::{Map, Value, json};

use super::super::facts::bare_param;
use super::super::write::{carried, param_json};
use super::Editor;

impl Editor<'_> {
    pub(super) fn update_param(&mut self, id: &str, name: &str, location: Location) {
        let find = |operation: &'_ Operation| -> Option<Param> {
            let mut params = operation.params.iter();
            params.find(|it| it.is(name, location)).cloned()
        };
        let (ours, new) = (self.ours.operations.get(id), self.new_operation(id));
        let new = new.and_then(find).map(|it| bare_param(self.new, &it));
        match (ours.and_then(find), new) {
            (None, Some(new)) => self.add_param(id, &new),
            (Some(ours), None) => self.remove_param(id, &ours),
            (Some(ours), Some(new)) => self.change_param(id, &ours, &new),
            (None, None) => {}
        }
    }

    fn add_param(&mut self, id: &str, new: &Param) {
        let node = match self.shared_param(new) {
            Some(at) => json!({"$ref": format!("#{at}")}),
            None => self.inlined(param_json(new, self.style)),
        };
        let Some(operation) = self.operation(id) else {
            return;
        };
        let list = operation.entry("parameters").or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(node);
        }
    }

    /// A component of ours that describes the parameter.
    fn shared_param(&self, new: &Param) -> Option<String> {
        let same = |known: &Param| bare_param(self.ours, known) == *new;
        let mut users = self.ours.operations.iter();
        users.find_map(|(id, operation)| {
            let known = operation.params.iter().find(|it| same(it))?;
            let (at, is_shared) = self.followed(&self.param_at(id, known)?);
            is_shared.then_some(at)
        })
    }

    fn remove_param(&mut self, id: &str, ours: &Param) {
        let Some(at) = self.param_at(id, ours) else {
            return;
        };
        let Some((list_at, index)) = at.rsplit_once('/') else {
            return;
        };
        let list = self.value.pointer_mut(list_at);
        let list = list.and_then(Value::as_array_mut);
        let index = index.parse::<usize>().ok();
        let (Some(list), Some(index)) = (list, index) else {
            return;
        };
        list.remove(index);
        let owner = list_at.rsplit_once('/').map_or("", |(owner, _)| owner);
        if list.is_empty()
            && let Some(owner) = self.value.pointer_mut(owner).and_then(Value::as_object_mut)
        {
            owner.shift_remove("parameters");
        }
    }

    /// A parameter that operations share becomes this operation's own, unless it changes in the same way for all.
    fn change_param(&mut self, id: &str, ours: &Param, new: &Param) {
        let Some(own) = self.param_at(id, ours) else {
            return;
        };
        let (shared, is_shared) = self.followed(&own);
        let target = match is_shared && self.all_change(&shared, ours, new) {
            true => &shared,
            false => &own,
        };
        let written = self.value.pointer(&shared).and_then(Value::as_object);
        let written: Map<_, _> = written.cloned().unwrap_or_default();
        let mut node = carried(self.inlined(param_json(new, self.style)), &written);
        if let (Some(schema), Some(known)) = (node.get_mut("schema"), written.get("schema")) {
            let empty = Map::new();
            *schema = carried(schema.take(), known.as_object().unwrap_or(&empty));
        }
        if let Some(place) = self.value.pointer_mut(target) {
            *place = node;
        }
    }

    /// Whether every operation that refers to the component has the new parameter.
    fn all_change(&self, component: &str, ours: &Param, new: &Param) -> bool {
        let mut users = self.ours.operations.keys();
        users.all(|id| {
            let at = self.param_at(id, ours).map(|at| self.followed(&at).0);
            let operation = self.new_operation(id);
            let find = |it: &Operation| {
                let mut params = it.params.iter();
                params.find(|it| it.is(&new.name, new.location)).cloned()
            };
            let same = |it: Param| bare_param(self.new, &it) == *new;
            at.as_deref() != Some(component) || operation.and_then(find).is_some_and(same)
        })
    }

    /// The location of a parameter: in the list of its operation, else in that of the path.
    fn param_at(&self, id: &str, param: &Param) -> Option<String> {
        let operation = self.ours.operations.get(id)?;
        let own = operation.place.pointer.clone()?;
        let path = pointer::join("/paths", &operation.path);
        let text = |node: &Value, key: &str| node.get(key)?.as_str().map(str::to_owned);
        [own, path].into_iter().find_map(|owner| {
            let list = format!("{owner}/parameters");
            let count = self.value.pointer(&list)?.as_array()?.len();
            let mut all = (0..count).map(|index| format!("{list}/{index}"));
            all.find(|at| {
                let node = self.value.pointer(&self.followed(at).0);
                node.is_some_and(|node| {
                    text(node, "name").as_ref() == Some(&param.name)
                        && text(node, "in").as_deref() == Some(param.location.as_str())
                })
            })
        })
    }
}
