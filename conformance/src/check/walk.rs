//! What the oracle cannot see: members that no schema names, nulls taken as absence, and what was seen at all.

use std::collections::BTreeSet;

use bpx_contract::pointer::escape;
use serde_json::{Map, Value};

use super::local::{Context, Found, Local};
use super::redact::{name_or_shape, shape_of};
use crate::contract::{Contract, Envelope, Plan, TypePlan, Use, kind_of};
use crate::rules::Rule;

/// The tags of the unions around an object, which are members though the arm does not name them.
#[derive(Clone, Copy)]
struct Tags<'a> {
    name: &'a str,
    outer: Option<&'a Tags<'a>>,
}

impl Tags<'_> {
    fn holds(tags: Option<&Tags<'_>>, name: &str) -> bool {
        tags.is_some_and(|tags| tags.name == name || Self::holds(tags.outer, name))
    }
}

/// One walk over one body.
pub(super) struct Walk<'a, 'b, 'c> {
    pub(super) contract: &'a Contract,
    pub(super) local: &'b mut Local<'a>,
    pub(super) context: &'b Context<'c>,
    /// Where the walk stands, indices replaced by `*`.
    pub(super) pointer: String,
    /// Where the oracle has found undocumented members already.
    pub(super) refused: &'b BTreeSet<String>,
}

impl<'a> Walk<'a, '_, '_> {
    pub(super) fn value(&mut self, value: &Value, use_: &Use) {
        self.step(value, use_, None);
    }

    fn plan(&self) -> &'a Plan {
        &self.contract.plan
    }

    fn step(&mut self, value: &Value, use_: &Use, tags: Option<&Tags<'_>>) {
        match (use_, value) {
            (Use::Array(item), Value::Array(items)) => {
                self.inside("*", |walk| {
                    items.iter().for_each(|it| walk.step(it, item, None))
                });
            }
            (Use::Map(of), Value::Object(members)) => {
                for (name, member) in members {
                    self.inside(name, |walk| walk.step(member, of, None));
                }
            }
            (Use::Envelope(envelope), Value::Object(members)) => self.envelope(members, envelope),
            (Use::Type(number), value) => {
                if let Some(plan) = self.plan().types.get(*number) {
                    self.named(value, plan, tags);
                }
            }
            _ => {}
        }
    }

    fn envelope(&mut self, members: &Map<String, Value>, envelope: &Envelope) {
        let names = envelope.names.as_ref();
        for (name, member) in members {
            match &**name {
                "stream" => {}
                "data" => self.inside(name, |walk| walk.step(member, &envelope.data, None)),
                name if names.is_some_and(|it| !it.contains(name)) => {
                    self.unknown("", name, member);
                }
                _ => {}
            }
        }
    }

    fn named(&mut self, value: &Value, plan: &'a TypePlan, tags: Option<&Tags<'_>>) {
        match (plan, value) {
            (TypePlan::Enum(_, slots), Value::String(text)) => {
                if let Some(slot) = slots.get(text) {
                    self.local.slot(self.context, *slot, 1);
                }
            }
            (TypePlan::Object { .. }, Value::Object(members)) => self.object(members, plan, tags),
            (TypePlan::Tagged { tag, arms, .. }, Value::Object(members)) => {
                let chosen = members.get(tag).and_then(Value::as_str);
                if let Some(arm) = chosen.and_then(|chosen| arms.get(chosen)) {
                    self.local.slot(self.context, arm.slot, 1);
                    let inner = Tags {
                        name: tag,
                        outer: tags,
                    };
                    self.step(value, &arm.use_, Some(&inner));
                }
            }
            (TypePlan::Untagged(..), value) => self.untagged(value, plan),
            _ => {}
        }
    }

    fn object(
        &mut self,
        members: &Map<String, Value>,
        plan: &'a TypePlan,
        tags: Option<&Tags<'_>>,
    ) {
        let TypePlan::Object {
            name: owner,
            fields,
            is_open,
        } = plan
        else {
            return;
        };
        for (name, member) in members {
            let Some(field) = fields.get(name) else {
                if !is_open && !Tags::holds(tags, name) {
                    self.unknown(owner, name, member);
                }
                continue;
            };
            self.local.slot(self.context, field.slot, 1);
            if !member.is_null() {
                if field.use_ != Use::Scalar {
                    self.inside(name, |walk| walk.step(member, &field.use_, None));
                }
            } else if !field.nullable && !field.required && self.contract.leniency.takes_null {
                self.local.null(self.context, field.slot, 1);
            }
        }
    }

    fn unknown(&mut self, owner: &str, name: &str, member: &Value) {
        let rule = match self.contract.leniency.is_strict {
            true => Rule::FieldUnknown,
            false => Rule::PropertyUndocumented,
        };
        let found = unknown(rule, &self.pointer, name, member, owner);
        if !self.refused.contains(&found.pointer) {
            self.local.found(self.context, found);
        }
    }

    /// The first arm that fits is taken.
    fn untagged(&mut self, value: &Value, plan: &'a TypePlan) {
        let TypePlan::Untagged(_, arms) = plan else {
            return;
        };
        let mut fitting = arms
            .iter()
            .filter(|arm| self.contract.is_of(&arm.shape, value));
        if let Some(arm) = fitting.next() {
            self.local.slot(self.context, arm.slot, 1);
            self.step(value, &arm.use_, None);
        }
    }

    fn inside(&mut self, name: &str, walk: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&escape(name));
        walk(self);
        self.pointer.truncate(length);
    }
}

/// A member that the type at `pointer` does not document.
pub(super) fn unknown(rule: Rule, pointer: &str, name: &str, member: &Value, owner: &str) -> Found {
    Found {
        rule,
        pointer: format!("{pointer}/{}", escape(&name_or_shape(name))),
        detail: shape_of_kind(member).to_owned(),
        type_name: owner.to_owned(),
        value: Some(shape_of(member)),
    }
}

/// What a proposal needs to know of an unknown member: its JSON type, and whether it looks like a decimal.
fn shape_of_kind(value: &Value) -> &'static str {
    match value {
        Value::Number(number) if !number.is_f64() => "integer",
        Value::String(text) if bpx_contract::schema::formats::is_decimal(text) => "decimal string",
        other => kind_of(other),
    }
}
