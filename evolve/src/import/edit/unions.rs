//! Variants of unions: added and removed. The others stay as they are written.

use bpx_contract::model::{Arm, Union};
use serde_json::{Value, json};

use super::super::write::arm_json;
use super::Editor;

impl Editor<'_> {
    pub(super) fn update_union(&mut self, name: &str, ours: &Union, new: &Union) {
        let arms = |it: &Union, other: &Union| -> Vec<Arm> {
            let arms = it.arms.iter().filter(|arm| !other.arms.contains(arm));
            arms.cloned().collect()
        };
        let (removed, added) = (arms(ours, new), arms(new, ours));
        let style = self.style;
        let pointer = self.definition_at(name);
        let Some(node) = self.value.pointer(&pointer) else {
            return;
        };
        let Some(key) = ["oneOf", "anyOf"]
            .into_iter()
            .find(|it| node.get(*it).is_some())
        else {
            return;
        };
        let list = node.get(key).and_then(Value::as_array).cloned();
        let mapping = node.pointer("/discriminator/mapping").cloned();
        let mut list = list.unwrap_or_default();
        for arm in &removed {
            let mapped = mapping.as_ref().and_then(|it| it.get(&arm.value));
            let target = mapped.and_then(Value::as_str);
            list.retain(|it| !self.is_arm(it, arm, ours.tag.as_deref(), target));
        }
        list.extend(added.iter().map(|arm| arm_json(new, arm, style)));
        let Some(node) = self.definition(name) else {
            return;
        };
        node.insert(key.to_owned(), json!(list));
        let mapping = node
            .get_mut("discriminator")
            .and_then(|it| it.get_mut("mapping"))
            .and_then(Value::as_object_mut);
        if let Some(mapping) = mapping {
            removed
                .iter()
                .for_each(|arm| drop(mapping.shift_remove(&arm.value)));
        }
    }

    /// Whether an item of a union is this variant: mapped to its value, fixing it, or referring to its type.
    fn is_arm(&self, item: &Value, arm: &Arm, tag: Option<&str>, target: Option<&str>) -> bool {
        let reference = item.get("$ref").and_then(Value::as_str);
        if target.is_some() && reference.is_some() {
            return reference == target;
        }
        let followed = reference.and_then(|it| self.value.pointer(it.strip_prefix('#')?));
        let node = followed.unwrap_or(item);
        let parts = node.get("allOf").and_then(Value::as_array);
        let mut parts = parts.into_iter().flatten().chain([node]);
        let fixes = |part: &Value| {
            let values = part.get("properties")?.get(tag?)?.get("enum")?.as_array()?;
            Some(values.len() == 1 && values.contains(&json!(arm.value)))
        };
        let named = arm
            .shape
            .named()
            .map(|name| format!("#{}", self.style.pointer(name)));
        match tag {
            Some(_) => parts.any(|part| fixes(part) == Some(true)),
            None => reference.is_some() && reference == named.as_deref(),
        }
    }
}
