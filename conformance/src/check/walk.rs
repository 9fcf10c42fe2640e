//! What the oracle cannot see: members nobody names, nulls nobody declares, and what was seen at all.

use bpx_contract::pointer::escape;
use serde_json::{Map, Value};

use super::local::{Context, Found, Local};
use super::redact::{name_or_shape, shape_of};
use crate::contract::{Contract, Plan, TypePlan, Use};
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
            (Use::Type(number), value) => {
                if let Some(plan) = self.plan().types.get(*number) {
                    self.named(value, plan, tags);
                }
            }
            _ => {}
        }
    }

    fn named(&mut self, value: &Value, plan: &'a TypePlan, tags: Option<&Tags<'_>>) {
        match (plan, value) {
            (TypePlan::Enum(slots), Value::String(text)) => {
                if let Some(slot) = slots.get(text) {
                    self.local.slot(self.context, *slot, 1);
                }
            }
            (TypePlan::Object { .. }, Value::Object(members)) => self.object(members, plan, tags),
            (TypePlan::Tagged { tag, arms }, Value::Object(members)) => {
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
            (TypePlan::Untagged(_), value) => self.untagged(value, plan),
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
        } = plan
        else {
            return;
        };
        for (name, member) in members {
            let Some(field) = fields.get(name) else {
                if !Tags::holds(tags, name) {
                    self.unknown(owner, name, member);
                }
                continue;
            };
            self.local.slot(self.context, field.slot, 1);
            if !member.is_null() {
                if field.use_ != Use::Scalar {
                    self.inside(name, |walk| walk.step(member, &field.use_, None));
                }
            } else if !field.nullable && !field.required {
                self.local.null(self.context, field.slot, 1);
            }
        }
    }

    fn unknown(&mut self, owner: &str, name: &str, member: &Value) {
        let found = Found {
            rule: Rule::FieldUnknown,
            pointer: format!("{}/{}", self.pointer, escape(&name_or_shape(name))),
            detail: shape_of_kind(member).to_owned(),
            type_name: owner.to_owned(),
            value: Some(shape_of(member)),
        };
        self.local.found(self.context, found);
    }

    /// The first arm that fits is taken, and each further one makes the choice doubtful.
    fn untagged(&mut self, value: &Value, plan: &'a TypePlan) {
        let TypePlan::Untagged(arms) = plan else {
            return;
        };
        let fits = |shape| {
            let root = self.contract.root_of(shape);
            let root = root.and_then(|root| self.contract.root(root));
            root.is_some_and(|root| root.validator.is_valid(value))
        };
        let fitting: Vec<_> = arms.iter().filter(|arm| fits(&arm.shape)).collect();
        if fitting.len() > 1 && value.is_object() {
            let pointer = self.pointer.clone();
            let detail = format!("{} arms", fitting.len());
            let value = Some(shape_of(value));
            self.local
                .finding(self.context, Rule::UnionAmbiguous, pointer, detail, value);
        }
        if let Some(arm) = fitting.first() {
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

/// What a proposal needs to know of an unknown member: its JSON type, and whether it looks like a decimal.
fn shape_of_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(text) if bpx_contract::schema::formats::is_decimal(text) => "decimal string",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
