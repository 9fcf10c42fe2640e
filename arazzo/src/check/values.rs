//! Checks values with expressions in them against the types they must have.

use std::collections::BTreeMap;

use bpx_contract::pointer::join;
use serde_json::Value;

use super::Type;
use super::callee::Fault;
use super::fit::type_of;
use super::spot::Spot;
use super::state::{WorkflowChecker, below};
use crate::near::name_one_of;
use crate::{Expression, Payload};
use bpx_contract::Place;
use bpx_contract::model::{Field, Kind, Shape, StringFormat, Union};

/// Where a part of a value stands: in the payload, or in the replacement that put it there.
#[derive(Debug, Clone)]
pub(super) struct Site<'s> {
    pub(super) place: Place,
    relative: String,
    replaced: &'s BTreeMap<String, Place>,
    moved: bool,
}

impl<'s> Site<'s> {
    pub(super) fn new(place: Place, replaced: &'s BTreeMap<String, Place>) -> Self {
        Self {
            place,
            relative: String::new(),
            replaced,
            moved: false,
        }
    }

    fn child(&self, key: &str) -> Self {
        let relative = join(&self.relative, key);
        let by_replacement = self.replaced.get(&relative).cloned();
        let moved = self.moved || by_replacement.is_some();
        let place = match by_replacement {
            Some(place) => place,
            None if self.moved => self.place.clone(),
            None => below(&self.place, &[key]),
        };
        Self {
            place,
            relative,
            replaced: self.replaced,
            moved,
        }
    }
}

impl WorkflowChecker<'_> {
    /// What a value is, wherever it may stand.
    pub(super) fn value_type(
        &mut self,
        value: &Payload,
        place: &Place,
        spot: &Spot,
    ) -> Option<Type> {
        match value {
            Payload::Literal(value) => Some(type_of(value)),
            Payload::Expression(expression) => self.expression_type(expression, place, spot),
            Payload::Text(template) => {
                for expression in template.expressions() {
                    self.embedded(expression, place, spot);
                }
                Some(Type::text())
            }
            Payload::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.value_type(item, &below(place, &[&index.to_string()]), spot);
                }
                Some(Type::plain(Shape::Array(Box::new(Shape::Any))))
            }
            Payload::Object(members) => {
                for (key, member) in members {
                    self.value_type(member, &below(place, &[key]), spot);
                }
                Some(Type::plain(Shape::Map(Box::new(Shape::Any))))
            }
            Payload::Selector(selector) => {
                self.expression_type(&selector.context, place, spot)?;
                Some(Type::any())
            }
            Payload::Difference(it) => {
                self.amount(&it.whole, place, spot);
                self.amount(&it.taken, place, spot);
                if let Some(when) = &it.when {
                    self.condition(when, place, spot);
                }
                Some(Type::plain(Shape::String(StringFormat::Decimal)))
            }
        }
    }

    fn expression_type(
        &mut self,
        expression: &Expression,
        place: &Place,
        spot: &Spot,
    ) -> Option<Type> {
        match self.type_of(expression, spot) {
            Ok(typed) => {
                if let Some(remark) = typed.remark {
                    self.note(place, remark);
                }
                if let Some(fault) = typed.doubt {
                    self.doubt(spot, place, fault);
                }
                Some(typed.ty)
            }
            Err(fault) => {
                self.spot_fault(spot, place, fault);
                None
            }
        }
    }

    /// An expression inside a text must find something.
    fn embedded(&mut self, expression: &Expression, place: &Place, spot: &Spot) {
        let ty = self.expression_type(expression, place, spot);
        if ty.is_some_and(|ty| ty.optional) {
            let problem = format!("`{expression}` may be missing, and a text needs it");
            let fix =
                "require it, or give it as a whole value, which is left out where it is missing";
            self.doubt(spot, place, (problem, fix.to_owned()));
        }
    }

    /// One side of a difference.
    fn amount(&mut self, value: &Payload, place: &Place, spot: &Spot) {
        let Some(ty) = self.value_type(value, place, spot) else {
            return;
        };
        let numeric = matches!(
            ty.shape,
            Shape::Integer(_)
                | Shape::Number
                | Shape::Any
                | Shape::String(StringFormat::Decimal | StringFormat::Plain)
        );
        if !numeric || ty.optional {
            let state = if numeric {
                "may be missing"
            } else {
                "is not a decimal"
            };
            let problem = format!(
                "{} {state}, so nothing can be taken from or with it",
                value.words()
            );
            let fix = "let the step that gives it require that it is not null";
            self.spot_fault(spot, place, (problem, fix.to_owned()));
        }
    }

    /// Holds a value against the type it must have; `wanted.optional` says that it can be left out.
    pub(super) fn value(&mut self, value: &Payload, wanted: &Type, site: &Site<'_>, spot: &Spot) {
        match value {
            Payload::Literal(literal) => {
                if let Err(fault) = self.tables.literal(literal, wanted) {
                    match self.tables.is_respelled(literal, wanted) {
                        true => self.doubt(spot, &site.place, fault),
                        false => self.spot_fault(spot, &site.place, fault),
                    }
                }
            }
            Payload::List(items) => self.list(items, wanted, site, spot),
            Payload::Object(members) => self.object(members, wanted, site, spot),
            Payload::Expression(_)
            | Payload::Text(_)
            | Payload::Difference(_)
            | Payload::Selector(_) => {
                let Some(given) = self.value_type(value, &site.place, spot) else {
                    return;
                };
                let is_list = matches!(wanted.shape, Shape::Array(_));
                let respelled =
                    self.tables.is_scalar(&given) && (self.tables.is_scalar(wanted) || is_list);
                match self.mismatch(value, &given, wanted) {
                    Some(fault) if respelled || given.optional && !wanted.optional => {
                        self.doubt(spot, &site.place, fault);
                    }
                    Some(fault) => self.spot_fault(spot, &site.place, fault),
                    None => {}
                }
            }
        }
    }

    fn mismatch(&self, value: &Payload, given: &Type, wanted: &Type) -> Option<Fault> {
        if given.optional && !wanted.optional {
            return Some((
                format!(
                    "{} may be missing, and a value is required here",
                    quoted(value)
                ),
                "list the input as required, or take a value that is always there".to_owned(),
            ));
        }
        (!self.tables.fits(given, wanted)).then(|| {
            let problem = format!(
                "{} is {}, not {}",
                quoted(value),
                self.tables.describe(given),
                self.tables.describe(wanted)
            );
            (problem, format!("give {}", self.tables.describe(wanted)))
        })
    }

    fn list(&mut self, items: &[Payload], wanted: &Type, site: &Site<'_>, spot: &Spot) {
        let item = match &wanted.shape {
            Shape::Array(item) => item.as_ref().clone(),
            Shape::Any => Shape::Any,
            _ => {
                let problem = format!("a list is not {}", self.tables.describe(wanted));
                let fix = format!("give {}", self.tables.describe(wanted));
                return self.spot_fault(spot, &site.place, (problem, fix));
            }
        };
        let item = Type {
            optional: false,
            shape: item,
            ..wanted.clone()
        };
        for (index, value) in items.iter().enumerate() {
            self.value(value, &item, &site.child(&index.to_string()), spot);
        }
    }

    fn object(
        &mut self,
        members: &[(String, Payload)],
        wanted: &Type,
        site: &Site<'_>,
        spot: &Spot,
    ) {
        let inner = |shape: &Shape| Type {
            shape: shape.clone(),
            optional: true,
            ..wanted.clone()
        };
        match (&wanted.shape, self.tables.kind(wanted)) {
            (_, Some(Kind::Object(fields))) => self.fields(members, fields, wanted, site, spot),
            (_, Some(Kind::Union(union))) => self.in_union(members, union, wanted, site, spot),
            (Shape::Map(shape), _) => {
                let inner = inner(shape);
                for (key, value) in members {
                    self.value(value, &inner, &site.child(key), spot);
                }
            }
            (Shape::Any, _) => {
                for (key, value) in members {
                    self.value(value, &inner(&Shape::Any), &site.child(key), spot);
                }
            }
            _ => {
                let problem = format!("an object is not {}", self.tables.describe(wanted));
                let fix = format!("give {}", self.tables.describe(wanted));
                self.spot_fault(spot, &site.place, (problem, fix));
            }
        }
    }

    fn fields(
        &mut self,
        members: &[(String, Payload)],
        fields: &[Field],
        wanted: &Type,
        site: &Site<'_>,
        spot: &Spot,
    ) {
        for (key, value) in members {
            let Some(field) = fields.iter().find(|field| field.name == *key) else {
                let known = fields.iter().map(|field| field.name.as_str());
                let problem = format!("{} has no field `{key}`", self.tables.describe(wanted));
                let place = site.child(key).place;
                self.doubt(spot, &place, (problem, name_one_of(key, known)));
                self.value_type(value, &place, spot);
                continue;
            };
            let wanted = Type {
                shape: field.shape.clone(),
                optional: field.optional(),
                ..wanted.clone()
            };
            self.value(value, &wanted, &site.child(key), spot);
        }
        for field in fields.iter().filter(|field| field.required) {
            if !members.iter().any(|(key, _)| *key == field.name) {
                let problem = format!(
                    "{} requires the field `{}`",
                    self.tables.describe(wanted),
                    field.name
                );
                self.spot_fault(
                    spot,
                    &site.place,
                    (problem, format!("add `{}`", field.name)),
                );
            }
        }
    }

    /// The arm that the tag names, else the one that fits best.
    fn in_union(
        &mut self,
        members: &[(String, Payload)],
        union: &Union,
        wanted: &Type,
        site: &Site<'_>,
        spot: &Spot,
    ) {
        let tag = union.tag.as_deref();
        let stated = members.iter().find(|(key, _)| Some(key.as_str()) == tag);
        let literal = match stated {
            Some((_, Payload::Literal(Value::String(text)))) => Some(text.as_str()),
            _ => None,
        };
        let rest: Vec<_> = members
            .iter()
            .filter(|(key, _)| Some(key.as_str()) != tag)
            .cloned()
            .collect();
        let arms = union
            .arms
            .iter()
            .filter(|arm| literal.is_none_or(|it| it == arm.value));
        let mut best: Option<[Vec<bpx_contract::Diagnostic>; 2]> = None;
        let (start, doubts) = (self.faults.len(), self.warnings.len());
        let weight = |[faults, doubts]: &[Vec<_>; 2]| (faults.len(), doubts.len());
        for arm in arms {
            let arm = Type {
                shape: arm.shape.clone(),
                ..wanted.clone()
            };
            self.object(&rest, &arm, site, spot);
            let found = [
                self.faults.split_off(start),
                self.warnings.split_off(doubts),
            ];
            if best
                .as_ref()
                .is_none_or(|best| weight(&found) < weight(best))
            {
                best = Some(found);
            }
        }
        match best {
            Some([faults, doubts]) => {
                self.faults.extend(faults);
                self.warnings.extend(doubts);
            }
            None => {
                let known = union.arms.iter().map(|arm| arm.value.as_str());
                let wrong = literal.unwrap_or_default();
                let problem = format!("{} has no arm `{wrong}`", self.tables.describe(wanted));
                self.spot_fault(spot, &site.place, (problem, name_one_of(wrong, known)));
            }
        }
        if let (Some(tag), None) = (tag, stated) {
            let problem = format!(
                "{} requires the field `{tag}`",
                self.tables.describe(wanted)
            );
            self.spot_fault(spot, &site.place, (problem, format!("add `{tag}`")));
        }
    }
}

fn quoted(value: &Payload) -> String {
    match value {
        Payload::Expression(expression) => format!("`{expression}`"),
        other => other.words(),
    }
}
