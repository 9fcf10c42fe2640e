//! Compiles unions: those in which a tag selects the arm, and those whose arms only their shapes tell apart.

use bpx_contract::model::{self, Kind as Def, Shape};
use bpx_contract::oracle::choices;
use serde_json::{Map, Value};

use super::compile::{Compiler, is_each_once};
use super::nodes::{Nodes, is_object, is_same, nodes, only, required, single};
use super::table::{Alternative, Arm, Form, Json, Kind};
use super::words::Name;

impl Compiler<'_> {
    pub(super) fn union(self, union: &model::Union, of: &Nodes) -> Option<Form> {
        let is_union =
            |node: &&Map<String, Value>| node.contains_key("oneOf") || node.contains_key("anyOf");
        let mut unions = of.iter().filter(is_union);
        let (node, None) = (unions.next()?, unions.next()) else {
            return None;
        };
        let one = vec![node.clone()];
        match &union.tag {
            Some(tag) => self.tagged(tag, union, node, of),
            None if of.len() == 1 && only(&one, &["type", "oneOf", "anyOf"]) => {
                self.untagged(union, node)
            }
            None => None,
        }
    }

    /// A tag that is written beside the union is one of an outer union.
    fn tagged(
        self,
        tag: &str,
        union: &model::Union,
        node: &Map<String, Value>,
        of: &Nodes,
    ) -> Option<Form> {
        let choices = choices(node);
        let is_known = |value: &String| choices.iter().any(|(known, _)| known == value);
        let values = union.arms.iter().map(|arm| &arm.value);
        let is_covered = is_each_once(values.clone())
            && values.clone().count() == choices.len()
            && values.clone().all(is_known)
            && node.get("discriminator")?.get("propertyName")? == tag
            && only(
                of,
                &[
                    "type",
                    "oneOf",
                    "anyOf",
                    "discriminator",
                    "properties",
                    "required",
                ],
            )
            && !(node.contains_key("oneOf") && node.contains_key("anyOf"))
            && !node.contains_key("properties")
            && !node.contains_key("required")
            && is_object(self.schemas, of);
        if !is_covered {
            return None;
        }
        let arms = union.arms.iter().map(|arm| {
            let pinned = self.arm(tag, arm, &choices);
            // Unless each arm has its own tag, more than one could fit.
            let kind =
                pinned.or_else(|| Some(Kind::Doubt).filter(|_| node.contains_key("anyOf")))?;
            Some(Arm {
                value: arm.value.as_str().into(),
                kind,
            })
        });
        let arms = arms.collect::<Option<_>>()?;
        Some(Form::Tagged(Name::new(tag), arms))
    }

    /// An arm whose schema is that of its type, with the tag.
    fn arm(self, tag: &str, arm: &model::Arm, choices: &[(String, String)]) -> Option<Kind> {
        let Shape::Named(name) = &arm.shape else {
            return None;
        };
        let def = self.model.types.get(name)?;
        let (own, needed) = (self.own(def)?, self.tags(def)?);
        let (_, pointer) = choices.iter().find(|(value, _)| *value == arm.value)?;
        let schema = nodes(self.schemas, self.schemas.get(pointer)?)?;
        let is_tag = |node: &Map<String, Value>| self.is_tag(node, tag, &arm.value);
        let (tags, rest): (Nodes, Nodes) = schema.iter().cloned().partition(is_tag);
        let is_covered = match needed.as_slice() {
            [] => !tags.is_empty() && is_same(&rest, &own),
            [(name, value)] => name == tag && *value == arm.value && is_same(&schema, &own),
            _ => false,
        };
        is_covered.then(|| self.number(name)).flatten()
    }

    /// Whether a part does nothing but give the tag its value.
    fn is_tag(self, node: &Map<String, Value>, tag: &str, value: &str) -> bool {
        let properties = node.get("properties").and_then(Value::as_object);
        let property = properties
            .filter(|it| it.len() == 1)
            .and_then(|it| it.get(tag));
        let one = vec![node.clone()];
        only(&one, &["type", "properties", "required"])
            && property.and_then(|it| single(self.schemas, it)).as_deref() == Some(value)
            && required(&one).into_iter().eq([tag])
    }

    fn untagged(self, union: &model::Union, node: &Map<String, Value>) -> Option<Form> {
        let is_exclusive = node.contains_key("oneOf");
        let written = node
            .get(if is_exclusive { "oneOf" } else { "anyOf" })?
            .as_array()?;
        if written.len() != union.arms.len() || (is_exclusive && node.contains_key("anyOf")) {
            return None;
        }
        let pairs = union.arms.iter().zip(written);
        let arms = pairs.map(|(arm, schema)| self.alternative(&arm.shape, schema));
        let arms: Vec<Alternative> = arms.collect::<Option<_>>()?;
        // Of scalars of one JSON type, the first that fits is taken, though others may fit too.
        let is_once = |arm: &Alternative| arms.iter().filter(|it| it.json == arm.json).count() == 1;
        let is_covered = !is_exclusive
            || arms
                .iter()
                .all(|arm| arm.json == Json::Object || is_once(arm));
        is_covered.then(|| Form::Untagged(arms.into()))
    }

    /// `None` where values can be of several JSON types.
    fn alternative(self, shape: &Shape, schema: &Value) -> Option<Alternative> {
        let nodes = nodes(self.schemas, schema)?;
        let def = match shape {
            Shape::Named(name) => self.model.types.get(name).map(|def| &def.kind),
            _ => None,
        };
        let json = match (shape, def) {
            (Shape::Boolean, _) => Json::Boolean,
            (Shape::Integer(_) | Shape::Number, _) => Json::Number,
            (Shape::String(_), _) | (_, Some(Def::Enum(_))) => Json::String,
            (Shape::Array(_), _) => Json::Array,
            (Shape::Map(_) | Shape::Named(_), _) if is_object(self.schemas, &nodes) => Json::Object,
            _ => return None,
        };
        let tag = match def {
            Some(Def::Union(union)) => union.tag.as_deref(),
            _ => None,
        };
        let required = required(&nodes).into_iter().chain(tag);
        Some(Alternative {
            kind: self.kind_of(shape, &nodes)?,
            json,
            required: required.map(Name::new).collect(),
        })
    }
}
