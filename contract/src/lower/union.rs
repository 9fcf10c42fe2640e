//! `oneOf` and `anyOf` with several arms.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Lowerer;
use super::hoist::Hint;
use super::look::{arms, is_object, is_union, parts, property};
use super::tag::{
    declared_tag, distinct, flatten, inherits, is_only_tag, only_tag, selecting, tag_of,
    unions_among, untaggable, untagged_arms,
};
use crate::cursor::{Cursor, ref_name};
use crate::model::{Arm, Kind, Shape, Union};

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
        // The union's name belongs to theirs: an enumeration called `Arm1` would say nothing.
        let hint = |word: &str| Hint::new("", &format!("{name}_{word}"));
        let titled = |(index, arm): (usize, &Cursor<'_>)| match arm.str("title") {
            Some(title) if arm.str("$ref").is_none() => hint(title),
            _ => hint(&format!("arm{}", index + 1)),
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
