//! `oneOf` and `anyOf` with several arms.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase as _;
use serde_json::Value;

use super::Lowerer;
use super::hoist::Hint;
use super::schema::{arms, parts};
use crate::cursor::{Cursor, ref_name};
use crate::model::{Arm, Kind, Shape, Union};

impl Lowerer<'_> {
    pub(super) fn union(&mut self, at: &Cursor<'_>, name: &str) -> Union {
        let (cursors, _) = arms(at);
        let declared = at
            .get("discriminator")
            .and_then(|it| it.str("propertyName"));
        if let Some(tag) = declared.map(str::to_owned).or_else(|| common_tag(&cursors)) {
            if declared.is_none() {
                self.note(
                    at,
                    format!("every arm fixes `{tag}`, so it tells the arms apart"),
                );
            }
            let arms = cursors
                .iter()
                .filter_map(|arm| self.tagged_arm(at, arm, &tag, name))
                .collect();
            return Union {
                tag: Some(tag),
                arms,
            };
        }
        self.note(
            at,
            "nothing tells these arms apart but their shape; the first that fits is taken",
        );
        let arms = cursors
            .iter()
            .enumerate()
            .map(|(index, arm)| self.untagged_arm(arm, name, index))
            .collect();
        Union { tag: None, arms }
    }

    fn tagged_arm(
        &mut self,
        union: &Cursor<'_>,
        arm: &Cursor<'_>,
        tag: &str,
        owner: &str,
    ) -> Option<Arm> {
        let Some(value) = mapped(union, arm)
            .or_else(|| tag_value(arm, tag))
            .or_else(|| ref_of(arm))
        else {
            self.fault(arm.fault(
                format!("nothing says which value of `{tag}` selects this arm"),
                "add the arm to the discriminator's mapping",
            ));
            return None;
        };
        let shape = self.arm_body(arm, tag, &format!("{owner}_{value}"));
        Some(Arm { value, shape })
    }

    /// The arm without its tag: the other part of an `allOf`, else the object less one field.
    fn arm_body(&mut self, arm: &Cursor<'_>, tag: &str, name: &str) -> Shape {
        let Some(at) = self.ok(arm.follow()) else {
            return Shape::Any;
        };
        let rest: Vec<_> = parts(&at)
            .into_iter()
            .filter(|part| !is_only_tag(part, tag))
            .collect();
        match rest.as_slice() {
            [only] if at.value.get("properties").is_none() => {
                self.use_of(only, &Hint::new("", name)).shape
            }
            _ => self.stripped(&at, tag, name),
        }
    }

    fn stripped(&mut self, at: &Cursor<'_>, tag: &str, name: &str) -> Shape {
        if self.begun.insert(name.to_owned()) {
            let mut fields = self.object_fields(at, name);
            fields.retain(|field| field.name != tag);
            self.add_type(at, name, at.text("description"), Kind::Object(fields));
        }
        Shape::Named(name.to_owned())
    }

    fn untagged_arm(&mut self, arm: &Cursor<'_>, owner: &str, index: usize) -> Arm {
        let shape = self
            .use_of(arm, &Hint::new(owner, &format!("arm{}", index + 1)))
            .shape;
        Arm {
            value: arm_name(&shape, index),
            shape,
        }
    }
}

fn arm_name(shape: &Shape, index: usize) -> String {
    match shape {
        Shape::Boolean => "Boolean".to_owned(),
        Shape::Integer(_) => "Integer".to_owned(),
        Shape::Number => "Number".to_owned(),
        Shape::String(_) => "String".to_owned(),
        Shape::Array(_) => "List".to_owned(),
        Shape::Map(_) => "Map".to_owned(),
        Shape::Named(name) if !name.starts_with('\u{0}') => name.to_upper_camel_case(),
        Shape::Named(_) | Shape::Any => format!("Arm{}", index + 1),
    }
}

/// The value of the discriminator's mapping that leads to this arm.
fn mapped(union: &Cursor<'_>, arm: &Cursor<'_>) -> Option<String> {
    let target = arm.str("$ref")?;
    let mapping = union.get("discriminator")?.entries("mapping");
    let leads = |to: &Value| {
        to.as_str()
            .is_some_and(|to| to == target || to == ref_name(target))
    };
    mapping
        .into_iter()
        .find(|(_, to)| leads(to.value))
        .map(|(value, _)| value.to_owned())
}

fn ref_of(arm: &Cursor<'_>) -> Option<String> {
    arm.str("$ref").map(ref_name)
}

/// The single value that the arm allows for the tag.
fn tag_value(arm: &Cursor<'_>, tag: &str) -> Option<String> {
    fixed_fields(arm).remove(tag)
}

/// A required property that every arm fixes, each to another value.
fn common_tag(arms: &[Cursor<'_>]) -> Option<String> {
    let fixed: Vec<_> = arms.iter().map(fixed_fields).collect();
    let first = fixed.first()?;
    let tells = |tag: &&String| {
        let mut values: Vec<_> = fixed.iter().filter_map(|arm| arm.get(*tag)).collect();
        let count = values.len();
        values.sort();
        values.dedup();
        count == arms.len() && values.len() == count
    };
    first.keys().find(tells).cloned()
}

/// Required properties with a single allowed value.
fn fixed_fields(arm: &Cursor<'_>) -> BTreeMap<String, String> {
    let Ok(at) = arm.follow() else {
        return BTreeMap::new();
    };
    let mut fixed = BTreeMap::new();
    for part in at.items("allOf") {
        if part.str("$ref").is_none() {
            fixed.extend(fixed_fields(&part));
        }
    }
    let required = at.items("required");
    for (name, property) in at.entries("properties") {
        if required.iter().any(|listed| listed.value == name)
            && let Some(value) = single(&property)
        {
            fixed.insert(name.to_owned(), value);
        }
    }
    fixed
}

fn single(property: &Cursor<'_>) -> Option<String> {
    let value = match property.items("enum").as_slice() {
        [only] => only.value.as_str(),
        _ => property.str("const"),
    };
    value.map(str::to_owned)
}

fn is_only_tag(part: &Cursor<'_>, tag: &str) -> bool {
    let properties = part.entries("properties");
    part.str("$ref").is_none() && matches!(properties.as_slice(), [(name, _)] if *name == tag)
}
