//! `oneOf` and `anyOf` with several arms.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase as _;
use serde_json::Value;

use super::Lowerer;
use super::hoist::Hint;
use super::object::{is_object, property};
use super::schema::{arms, is_union, parts};
use crate::cursor::{Cursor, ref_name};
use crate::model::{Arm, Kind, Shape, StringFormat, Union};

impl Lowerer<'_> {
    /// Arms told apart by a declared discriminator, else by a property that each fixes, else by shape only.
    pub(super) fn union(&mut self, at: &Cursor<'_>, name: &str) -> Union {
        if at
            .entries("properties")
            .iter()
            .any(|(name, _)| Some(*name) != declared_tag(at))
        {
            self.note(
                at,
                "properties beside `oneOf` or `anyOf` are left to the arms",
            );
        }
        let cursors = arms(at).0;
        if let Some(tag) = tag_of(at) {
            if declared_tag(at).is_none() {
                self.note(
                    at,
                    format!("every arm fixes `{tag}`, so it tells the arms apart"),
                );
            }
            let mut flat = Vec::new();
            flatten(at, &tag, &mut BTreeSet::new(), &mut flat);
            let arms = flat
                .iter()
                .flat_map(|(union, arm)| self.tagged_arms(union, arm, &tag, name));
            return Union {
                arms: arms.collect(),
                tag: Some(tag),
            };
        }
        self.note(
            at,
            "nothing tells these arms apart but their shape; the first that fits is taken",
        );
        let hint = |index: usize| Hint::new(name, &format!("arm{}", index + 1));
        let shapes = cursors
            .iter()
            .enumerate()
            .map(|(index, arm)| self.use_of(arm, &hint(index)).shape);
        Union {
            tag: None,
            arms: untagged_arms(shapes.collect()),
        }
    }

    /// One arm for each value of the tag that selects it.
    fn tagged_arms(
        &mut self,
        union: &Cursor<'_>,
        arm: &Cursor<'_>,
        tag: &str,
        owner: &str,
    ) -> Vec<Arm> {
        let candidates = [
            mapped(union, arm),
            tag_values(arm, tag),
            arm.str("$ref").map(ref_name).into_iter().collect(),
        ];
        let values = candidates
            .into_iter()
            .find(|values| !values.is_empty())
            .unwrap_or_default();
        let Some(first) = values.first() else {
            self.consequences.push(arm.fault(
                format!("nothing says which value of `{tag}` selects this arm"),
                "add the arm to the discriminator's mapping",
            ));
            return Vec::new();
        };
        let shape = self.arm_body(arm, tag, &format!("{owner}_{first}"));
        values
            .into_iter()
            .map(|value| Arm {
                value,
                shape: shape.clone(),
            })
            .collect()
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
        if let [only] = rest.as_slice()
            && at.value.get("properties").is_none()
            && property(only, tag).is_none()
        {
            return self.use_of(only, &Hint::new("", name)).shape;
        }
        if !is_object(&at) && !is_union(&at) {
            self.consequences.push(arm.fault(
                format!("this arm is no object, so it cannot carry `{tag}`"),
                "make it an object, or leave out the discriminator",
            ));
            return Shape::Any;
        }
        if is_union(&at) || property(&at, tag).is_none() {
            return self.use_of(arm, &Hint::new("", name)).shape;
        }
        self.stripped(&at, tag, name)
    }

    fn stripped(&mut self, at: &Cursor<'_>, tag: &str, wanted: &str) -> Shape {
        let (name, new) = self.registry.without_tag(&at.pointer, tag, wanted);
        if new {
            let mut fields = self.object_fields(at, &name);
            fields.retain(|field| field.name != tag);
            self.add_type(at, &name, at.text("description"), Kind::Object(fields));
        }
        Shape::Named(name)
    }
}

fn declared_tag<'a>(at: &Cursor<'a>) -> Option<&'a str> {
    at.get("discriminator")?.str("propertyName")
}

/// The declared tag, else the one that the arms have in common.
pub(super) fn tag_of(at: &Cursor<'_>) -> Option<String> {
    let declared = declared_tag(at).map(str::to_owned);
    declared.or_else(|| common_tag(&arms(at).0))
}

/// Every arm with the union that holds it; arms that are themselves unions over the same tag give theirs.
fn flatten<'a>(
    union: &Cursor<'a>,
    tag: &str,
    seen: &mut BTreeSet<String>,
    flat: &mut Vec<(Cursor<'a>, Cursor<'a>)>,
) {
    if !seen.insert(union.pointer.clone()) {
        return;
    }
    for arm in arms(union).0 {
        match arm.follow() {
            Ok(inner) if is_union(&inner) && tag_of(&inner).as_deref() == Some(tag) => {
                flatten(&inner, tag, seen, flat)
            }
            _ => flat.push((union.clone(), arm)),
        }
    }
}

/// The arms of a union without a tag, each under a name of its own.
pub(super) fn untagged_arms(shapes: Vec<Shape>) -> Vec<Arm> {
    let mut taken = BTreeSet::new();
    let named = shapes.into_iter().enumerate().map(|(index, shape)| {
        let mut value = arm_name(&shape).unwrap_or_else(|| format!("Arm{}", index + 1));
        if !taken.insert(value.clone()) {
            value = format!("{value}Arm{}", index + 1);
            taken.insert(value.clone());
        }
        Arm { value, shape }
    });
    named.collect()
}

fn arm_name(shape: &Shape) -> Option<String> {
    let name = match shape {
        Shape::Boolean => "Boolean",
        Shape::Integer(_) => "Integer",
        Shape::Number => "Number",
        Shape::String(StringFormat::Plain) => "String",
        Shape::String(StringFormat::Decimal) => "Decimal",
        Shape::String(_) => "Time",
        Shape::Array(item) => return Some(format!("{}List", arm_name(item)?)),
        Shape::Map(value) => return Some(format!("{}Map", arm_name(value)?)),
        // A stand-in of an inline enumeration says nothing to a reader.
        Shape::Named(name) if name.starts_with('\u{0}') => return None,
        Shape::Named(name) => return Some(name.to_upper_camel_case()),
        Shape::Any => "Any",
    };
    Some(name.to_owned())
}

/// The values of the discriminator's mapping that lead to this arm.
fn mapped(union: &Cursor<'_>, arm: &Cursor<'_>) -> Vec<String> {
    let (Some(target), Some(discriminator)) = (arm.str("$ref"), union.get("discriminator")) else {
        return Vec::new();
    };
    let leads = |to: &Value| {
        to.as_str()
            .is_some_and(|to| to == target || to == ref_name(target))
    };
    let mapping = discriminator.entries("mapping").into_iter();
    mapping
        .filter(|(_, to)| leads(to.value))
        .map(|(value, _)| value.to_owned())
        .collect()
}

/// The values that the arm allows for the tag.
fn tag_values(arm: &Cursor<'_>, tag: &str) -> Vec<String> {
    property(arm, tag)
        .map(|property| allowed(&property))
        .unwrap_or_default()
}

fn allowed(property: &Cursor<'_>) -> Vec<String> {
    let listed = property
        .items("enum")
        .into_iter()
        .filter_map(|item| item.value.as_str());
    listed
        .chain(property.str("const"))
        .map(str::to_owned)
        .collect()
}

/// A required property that every arm fixes, each to another value.
fn common_tag(arms: &[Cursor<'_>]) -> Option<String> {
    let fixed: Vec<_> = arms.iter().map(fixed_fields).collect();
    let tells = |tag: &&String| {
        let values: Vec<_> = fixed.iter().filter_map(|arm| arm.get(*tag)).collect();
        let distinct: BTreeSet<_> = values.iter().collect();
        values.len() == arms.len() && distinct.len() == arms.len()
    };
    fixed.first()?.keys().find(tells).cloned()
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
        let listed = required.iter().any(|listed| listed.value == name);
        if let ([value], true) = (allowed(&property).as_slice(), listed) {
            fixed.insert(name.to_owned(), value.clone());
        }
    }
    fixed
}

fn is_only_tag(part: &Cursor<'_>, tag: &str) -> bool {
    let properties = part.entries("properties");
    part.str("$ref").is_none() && matches!(properties.as_slice(), [(name, _)] if *name == tag)
}
