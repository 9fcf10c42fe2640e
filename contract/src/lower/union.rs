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
        let cursors = arms(at).0;
        if let Some(tag) = tag_of(at) {
            let mut flat = Vec::new();
            flatten(at, &tag, &mut BTreeSet::new(), &mut flat);
            match flat
                .iter()
                .find_map(|(union, arm)| untaggable(union, arm, &tag))
            {
                None => return self.tagged(at, &flat, tag, name),
                Some(why) => self.note(at, format!("{why}; so the shape tells the arms apart")),
            }
        } else {
            self.note(at, "nothing tells these arms apart but their shape");
        }
        let hint = |index: usize| Hint::new(name, &format!("arm{}", index + 1));
        let titled = |(index, arm): (usize, &Cursor<'_>)| match arm.str("title") {
            Some(title) if arm.str("$ref").is_none() => Hint::new(name, title),
            _ => hint(index),
        };
        let hints: Vec<_> = cursors.iter().enumerate().map(titled).collect();
        let shapes = cursors.iter().zip(&hints);
        let shapes = shapes
            .map(|(arm, hint)| self.use_without_null(arm, hint))
            .collect();
        Union {
            tag: None,
            arms: untagged_arms(shapes),
            statuses: Vec::new(),
        }
    }

    fn tagged(
        &mut self,
        at: &Cursor<'_>,
        flat: &[(Cursor<'_>, Cursor<'_>)],
        tag: String,
        name: &str,
    ) -> Union {
        if declared_tag(at).is_none() {
            let text = format!("every arm fixes `{tag}`, so it tells the arms apart");
            self.note(at, text);
        }
        let arms = flat.iter();
        let arms = arms.flat_map(|(union, arm)| self.tagged_arms(union, arm, &tag, name));
        Union {
            arms: distinct(arms.collect()),
            tag: Some(tag),
            statuses: Vec::new(),
        }
    }

    /// A union beside further properties, its own or merged by `allOf`: each arm is merged with them.
    pub(super) fn distributed(&mut self, at: &Cursor<'_>, name: &str) -> Option<Union> {
        let is_beside =
            |at: &Cursor<'_>| !parts(at).is_empty() || at.value.get("properties").is_some();
        let own = is_union(at) && is_beside(at);
        let mut unions = unions_among(at);
        if own {
            unions.push(at.clone());
        }
        let [union] = unions.as_slice() else {
            return None;
        };
        let tag = tag_of(union);
        let cursors = arms(union).0;
        let is_mergeable = |arm: &Cursor<'_>| is_object(arm);
        if !cursors.iter().all(is_mergeable) {
            // A single property that merely carries the tag is left to the arms.
            return None;
        }
        if own && parts(at).is_empty() && only_tag(at, tag.as_deref()) {
            return None;
        }
        let mut merged = Vec::new();
        for (index, arm) in cursors.iter().enumerate() {
            let followed = self.ok(arm.follow())?;
            let values = tag
                .as_deref()
                .map(|tag| selecting(union, arm, tag))
                .unwrap_or_default();
            let word = values
                .first()
                .cloned()
                .or_else(|| arm.str("$ref").map(ref_name));
            let word = word.unwrap_or_else(|| format!("arm{}", index + 1));
            let identity = format!("{} with {}", at.pointer, followed.pointer);
            let (arm_name, new) = self.registry.name(&identity, &format!("{name}_{word}"));
            if new {
                let choice = Some((union.pointer.as_str(), &followed));
                let mut fields = self.merged_fields(at, &arm_name, choice);
                if let Some(tag) = tag.as_deref().filter(|_| !values.is_empty()) {
                    fields.retain(|field| field.name != tag);
                }
                self.add_type(
                    &followed,
                    &arm_name,
                    followed.text("description"),
                    Kind::Object(fields),
                );
            }
            merged.push((values, Shape::Named(arm_name)));
        }
        if let Some(tag) = tag.filter(|_| merged.iter().all(|(values, _)| !values.is_empty())) {
            let arms = merged.into_iter().flat_map(|(values, shape)| {
                values.into_iter().map(move |value| Arm {
                    value,
                    shape: shape.clone(),
                })
            });
            return Some(Union {
                tag: Some(tag),
                arms: distinct(arms.collect()),
                statuses: Vec::new(),
            });
        }
        let shapes = merged.into_iter().map(|(_, shape)| shape).collect();
        Some(Union {
            tag: None,
            arms: untagged_arms(shapes),
            statuses: Vec::new(),
        })
    }

    /// The heirs of an object with a discriminator: the definitions whose `allOf` refers to it (OpenAPI 3.0.4, 4.8.25).
    pub(super) fn inherited(&mut self, at: &Cursor<'_>, name: &str) -> Option<Union> {
        let tag = declared_tag(at)?.to_owned();
        let root = Cursor::root(self.document);
        let mut heirs: Vec<(String, Cursor<'_>)> = Vec::new();
        for (heir, definition) in root.definitions() {
            if definition.pointer != at.pointer && inherits(&definition, &at.pointer) {
                heirs.push((heir.to_owned(), definition));
            }
        }
        if heirs.is_empty() {
            return None;
        }
        let mapping = at
            .get("discriminator")
            .map(|it| it.entries("mapping"))
            .unwrap_or_default();
        let mut arms = Vec::new();
        for (heir, definition) in heirs {
            let leads = |to: &Value| to.as_str().is_some_and(|to| ref_name(to) == heir);
            let mapped = mapping.iter().filter(|(_, to)| leads(to.value));
            let mut values: Vec<_> = mapped.map(|(value, _)| (*value).to_owned()).collect();
            if values.is_empty() {
                values.push(heir.clone());
            }
            let shape = self.stripped(&definition, &tag, &format!("{name}_{heir}"));
            arms.extend(values.into_iter().map(|value| Arm {
                value,
                shape: shape.clone(),
            }));
        }
        self.note(
            at,
            format!("`{tag}` tells which of the definitions that extend this one it is"),
        );
        Some(Union {
            tag: Some(tag),
            arms: distinct(arms),
            statuses: Vec::new(),
        })
    }

    /// One arm for each value of the tag that selects it.
    fn tagged_arms(
        &mut self,
        union: &Cursor<'_>,
        arm: &Cursor<'_>,
        tag: &str,
        owner: &str,
    ) -> Vec<Arm> {
        let values = selecting(union, arm, tag);
        let Some(first) = values.first() else {
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

/// Why the tag cannot tell this arm from others.
fn untaggable(union: &Cursor<'_>, arm: &Cursor<'_>, tag: &str) -> Option<String> {
    if selecting(union, arm, tag).is_empty() {
        return Some(format!(
            "nothing says which value of `{tag}` selects `{}`",
            arm.pointer
        ));
    }
    let followed = arm.follow().ok()?;
    let is_possible = is_object(&followed) || is_union(&followed);
    (!is_possible).then(|| format!("`{}` is no object and cannot carry `{tag}`", arm.pointer))
}

/// The values of the tag that select an arm: those of the mapping, those that the arm allows, else its name.
fn selecting(union: &Cursor<'_>, arm: &Cursor<'_>, tag: &str) -> Vec<String> {
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
fn distinct(arms: Vec<Arm>) -> Vec<Arm> {
    let mut taken = BTreeSet::new();
    arms.into_iter()
        .filter(|arm| taken.insert(arm.value.clone()))
        .collect()
}

/// Whether a definition extends another, directly or through others.
fn inherits(definition: &Cursor<'_>, parent: &str) -> bool {
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
fn unions_among<'a>(at: &Cursor<'a>) -> Vec<Cursor<'a>> {
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
fn only_tag(at: &Cursor<'_>, tag: Option<&str>) -> bool {
    at.entries("properties")
        .iter()
        .all(|(name, _)| Some(*name) == tag)
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
