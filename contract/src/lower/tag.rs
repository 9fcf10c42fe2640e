//! What tells the arms of a union apart, and what an arm without a tag is called.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase as _;
use serde_json::Value;

use super::look::{arms, is_object, is_union, property};
use crate::cursor::{Cursor, ref_name};
use crate::model::{Arm, Shape, StringFormat};

/// Why the tag cannot tell this arm from others.
pub(super) fn untaggable(union: &Cursor<'_>, arm: &Cursor<'_>, tag: &str) -> Option<String> {
    if selecting(union, arm, tag).is_empty() {
        return Some(format!(
            "nothing says which value of `{tag}` selects `{}`",
            arm.pointer
        ));
    }
    let followed = arm.follow().ok()?;
    if is_union(&followed) && tag_of(&followed).as_deref() != Some(tag) {
        let inner = arms(&followed).0;
        if inner.iter().any(|arm| property(arm, tag).is_some()) {
            return Some(format!(
                "the arms of `{}` hold `{tag}` themselves",
                followed.pointer
            ));
        }
    }
    let is_possible = is_object(&followed) || is_union(&followed);
    (!is_possible).then(|| format!("`{}` is no object and cannot carry `{tag}`", arm.pointer))
}

/// The values of the tag that select an arm: those of the mapping, those that the arm allows, else its name.
pub(super) fn selecting(union: &Cursor<'_>, arm: &Cursor<'_>, tag: &str) -> Vec<String> {
    let candidates = [
        mapped(union, arm),
        tag_values(arm, tag),
        arm.str("$ref").map(ref_name).into_iter().collect(),
    ];
    candidates
        .into_iter()
        .find(|values| !values.is_empty())
        .unwrap_or_default()
}

/// The first arm for each value; one that stands twice can select only one.
pub(super) fn distinct(arms: Vec<Arm>) -> Vec<Arm> {
    let mut taken = BTreeSet::new();
    arms.into_iter()
        .filter(|arm| taken.insert(arm.value.clone()))
        .collect()
}

/// Whether a definition extends another, directly or through others.
pub(super) fn inherits(definition: &Cursor<'_>, parent: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = definition.items("allOf");
    while let Some(part) = open.pop() {
        let Ok(at) = part.follow() else { continue };
        if at.pointer == parent {
            return true;
        }
        if seen.insert(at.pointer.clone()) {
            open.extend(at.items("allOf"));
        }
    }
    false
}

/// The unions among the parts of an `allOf`, at any depth.
pub(super) fn unions_among<'a>(at: &Cursor<'a>) -> Vec<Cursor<'a>> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut open = at.items("allOf");
    while let Some(part) = open.pop() {
        let Ok(part) = part.follow() else { continue };
        if !seen.insert(part.pointer.clone()) {
            continue;
        }
        if is_union(&part) {
            found.push(part);
        } else {
            open.extend(part.items("allOf"));
        }
    }
    found
}

/// Whether the properties beside a union are nothing but its tag.
pub(super) fn only_tag(at: &Cursor<'_>, tag: Option<&str>) -> bool {
    at.entries("properties")
        .iter()
        .all(|(name, _)| Some(*name) == tag)
}

pub(super) fn declared_tag<'a>(at: &Cursor<'a>) -> Option<&'a str> {
    at.get("discriminator")?.str("propertyName")
}

/// The declared tag, else the one that the arms have in common.
pub(super) fn tag_of(at: &Cursor<'_>) -> Option<String> {
    let declared = declared_tag(at).map(str::to_owned);
    declared.or_else(|| common_tag(&arms(at).0))
}

/// Every arm with the union that holds it; arms that are themselves unions over the same tag give theirs.
pub(super) fn flatten<'a>(
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

pub(super) fn arm_name(shape: &Shape) -> Option<String> {
    let name = match shape {
        Shape::Boolean => "Boolean",
        Shape::Integer(_) => "Integer",
        Shape::Number => "Number",
        Shape::String(StringFormat::Plain) => "String",
        Shape::String(StringFormat::Decimal) => "Decimal",
        Shape::String(_) => "Time",
        Shape::Array(item) => return Some(format!("{}List", arm_name(item)?)),
        Shape::Tuple(_) => "Tuple",
        Shape::Nullable(shape) => return arm_name(shape),
        Shape::Map(value) => return Some(format!("{}Map", arm_name(value)?)),
        // A stand-in of an inline enumeration says nothing to a reader.
        Shape::Named(name) if name.starts_with('\u{0}') => return None,
        Shape::Named(name) => return Some(name.to_upper_camel_case()),
        Shape::Any => "Any",
    };
    Some(name.to_owned())
}

/// The values of the discriminator's mapping that lead to this arm.
pub(super) fn mapped(union: &Cursor<'_>, arm: &Cursor<'_>) -> Vec<String> {
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
pub(super) fn tag_values(arm: &Cursor<'_>, tag: &str) -> Vec<String> {
    property(arm, tag)
        .map(|property| allowed(&property))
        .unwrap_or_default()
}

pub(super) fn allowed(property: &Cursor<'_>) -> Vec<String> {
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
pub(super) fn common_tag(arms: &[Cursor<'_>]) -> Option<String> {
    let fixed: Vec<_> = arms.iter().map(fixed_fields).collect();
    let tells = |tag: &&String| {
        let values: Vec<_> = fixed.iter().filter_map(|arm| arm.get(*tag)).collect();
        let distinct: BTreeSet<_> = values.iter().collect();
        values.len() == arms.len() && distinct.len() == arms.len()
    };
    fixed.first()?.keys().find(tells).cloned()
}

/// Required properties with a single allowed value.
pub(super) fn fixed_fields(arm: &Cursor<'_>) -> BTreeMap<String, String> {
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

pub(super) fn is_only_tag(part: &Cursor<'_>, tag: &str) -> bool {
    let properties = part.entries("properties");
    part.str("$ref").is_none() && matches!(properties.as_slice(), [(name, _)] if *name == tag)
}
