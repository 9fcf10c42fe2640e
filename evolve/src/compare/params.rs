//! Compares parameters. They are sent as text, so an integer is accepted wherever any text is.

use bpx_contract::model::{Direction, Field, Kind, Location, Param, Shape, StringFormat};
use bpx_contract::schema::compiled;
use bpx_contract::schema::formats::fits;
use serde_json::Value;

use super::algebra::{direction, is_looser, is_within};
use super::bodies;
use super::comparison::{Body, Comparison, Pair};
use super::drafts::{Draft, Drafts};
use super::instances::Instances;
use super::strict::Types;
use crate::change::Witness;
use crate::element::Element;
use crate::rules::Rule;
use crate::side::Side;

/// Adds every change of an operation's parameters.
pub(super) fn compare<'a>(both: &Comparison<'a>, pair: &Pair<'a>, drafts: &mut Drafts<'a>) {
    let (old, new) = (&pair.old.params, &pair.new.params);
    let names = (path_names(&pair.old.path), path_names(&pair.new.path));
    let is_same = |before: &Param, after: &Param| {
        let position =
            |names: &[&str], param: &Param| names.iter().position(|it| *it == param.name);
        let positions = (position(&names.0, before), position(&names.1, after));
        match (before.location, after.location, positions) {
            (Location::Path, Location::Path, (Some(old), Some(new))) => old == new,
            _ => after.is(&before.name, before.location),
        }
    };
    let is_missing = |param: &&Param| !new.iter().any(|it| is_same(param, it));
    let gone: Vec<_> = old.iter().filter(is_missing).collect();
    let mut moved = Vec::new();
    let mut add = |draft| drafts.add(pair.id, Side::Request, draft, None);
    for param in new {
        let elsewhere = gone
            .iter()
            .find(|it| it.name.eq_ignore_ascii_case(&param.name));
        let same = old.iter().find(|it| is_same(it, param));
        match (same, elsewhere) {
            (Some(known), _) => changed(both, pair, (known, param), &mut add),
            (None, Some(known)) => {
                moved.push(*known);
                let (from, to) = (known.location.as_str(), param.location.as_str());
                let draft = draft(both, pair, Rule::ParameterMoved, (known, param));
                add(draft.detail(format!("{from} becomes {to}")));
            }
            (None, None) => add(added(both, pair, param)),
        }
    }
    for param in gone.into_iter().filter(|it| !moved.contains(it)) {
        let line = both.surfaces().0.param(pair.before, param);
        let draft = draft(both, pair, Rule::ParameterRemoved, (param, param));
        add(draft.removed().lines(Some(line), None));
    }
}

/// The names of the parameters of a path, in their order.
pub(super) fn path_names(path: &str) -> Vec<&str> {
    let parts = path.split('{').skip(1);
    let names = parts.filter_map(|part| Some(part.split_once('}')?.0));
    names.collect()
}

fn element(pair: &Pair<'_>, param: &Param) -> Element {
    Element::Parameter {
        operation: pair.id.to_owned(),
        name: param.name.clone(),
        location: param.location,
    }
}

/// A change from one parameter to another.
fn draft(
    both: &Comparison<'_>,
    pair: &Pair<'_>,
    rule: Rule,
    (old, new): (&Param, &Param),
) -> Draft {
    let (before, after) = both.surfaces();
    let places = (
        both.param_place(pair.old, &old.name, false),
        both.param_place(pair.new, &new.name, true),
    );
    let draft = Draft::new(rule, &new.name, places).element(element(pair, new));
    let draft = match old.location == new.location {
        true => draft,
        false => draft.element(element(pair, old)),
    };
    draft.lines(
        Some(before.param(pair.before, old)),
        Some(after.param(pair.id, new)),
    )
}

fn added(both: &Comparison<'_>, pair: &Pair<'_>, param: &Param) -> Draft {
    let (rule, witness) = match param.required {
        true => (Rule::ParameterRequiredAdded, Some(left_out(param))),
        false => (Rule::ParameterAdded, None),
    };
    let line = both.surfaces().1.param(pair.id, param);
    let draft = draft(both, pair, rule, (param, param));
    draft.lines(None, Some(line)).witness(witness)
}

/// A request as it was sent before, without the parameter.
fn left_out(param: &Param) -> Witness {
    Witness::WithoutParameter(param.name.clone())
}

/// Adds the changes of a parameter that both operations have.
fn changed(
    both: &Comparison<'_>,
    pair: &Pair<'_>,
    (old, new): (&Param, &Param),
    add: &mut impl FnMut(Draft),
) {
    let draft = |rule| draft(both, pair, rule, (old, new));
    if old.name != new.name {
        let detail = format!("`{}` becomes `{}`", old.name, new.name);
        let rule = match old.location {
            Location::Path => Rule::ParameterRenamed,
            _ => Rule::ParameterRespelled,
        };
        add(draft(rule).detail(detail));
    }
    match (old.required, new.required) {
        (false, true) => add(draft(Rule::ParameterRequired).witness(Some(left_out(new)))),
        (true, false) => add(draft(Rule::ParameterOptional)),
        _ => {}
    }
    if let Some((rule, witness)) = shapes(both, old, new).or_else(|| limits(both, old, new)) {
        let detail = both.becomes(&old.shape, &new.shape);
        let witness = witness.map(|text| Witness::Parameter(format!("{}={text}", old.name)));
        add(draft(rule).detail(detail).witness(witness));
    }
    if is_walked(both, old, new) {
        let body = Body {
            side: Side::Request,
            label: &old.name,
            element: element(pair, new),
            old: &old.shape,
            new: &new.shape,
        };
        for (draft, _) in bodies::changes(both, &body) {
            add(draft.of_parameter(&old.name));
        }
    }
}

/// Whether both are enums, unions, or lists of one of them, which are compared by what is inside.
fn is_walked(both: &Comparison<'_>, old: &Param, new: &Param) -> bool {
    let (old_types, new_types) = both.types();
    let is_list = |shape: &Shape| matches!(shape, Shape::Array(_));
    let kind = |types: &Types, shape: &Shape| {
        let def = types.get(shape.named()?)?;
        Some(std::mem::discriminant(&def.kind))
    };
    let kinds = (kind(old_types, &old.shape), kind(new_types, &new.shape));
    is_list(&old.shape) == is_list(&new.shape) && kinds.0.is_some() && kinds.0 == kinds.1
}

fn listed<'a>(types: &'a Types, shape: &Shape) -> Option<&'a [String]> {
    match &types.get(shape.named()?)?.kind {
        Kind::Enum(listed) => Some(&listed.values),
        _ => None,
    }
}

/// The rule for a parameter of another shape, with a text that is no longer accepted.
fn shapes(both: &Comparison<'_>, old: &Param, new: &Param) -> Option<(Rule, Option<String>)> {
    if old.shape == new.shape || is_walked(both, old, new) {
        return None;
    }
    let (old_types, new_types) = both.types();
    if let (Shape::Array(item), false) = (&old.shape, matches!(new.shape, Shape::Array(_))) {
        let text = texts(old_types, item)
            .into_iter()
            .next()
            .unwrap_or_default();
        let repeated = format!("{text}&{}={text}", old.name);
        return Some((Rule::ParameterNarrowed, Some(repeated)));
    }
    let tried = texts(old_types, old.shape.bottom());
    let refused = tried
        .into_iter()
        .find(|text| !takes(new_types, new.shape.bottom(), text));
    if refused.is_some() {
        return Some((Rule::ParameterNarrowed, refused));
    }
    let is_proven =
        listed(old_types, &old.shape).is_some() || all_fit(old.shape.bottom(), new.shape.bottom());
    let is_proven = is_proven && is_looser(&new.constraints, &old.constraints);
    let rule = if is_proven {
        Rule::ParameterWidened
    } else {
        Rule::ParameterUndecided
    };
    Some((rule, None))
}

/// Values of a shape as they are written in a query.
fn texts(types: &Types, shape: &Shape) -> Vec<String> {
    let values = Instances { types }.several(shape);
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    values.into_iter().filter_map(text).collect()
}

fn takes(types: &Types, shape: &Shape, text: &str) -> bool {
    match listed(types, shape) {
        Some(values) => values.iter().any(|value| value == text),
        None => fits(shape, text),
    }
}

/// Whether the formats show that every text of one shape is a text of the other.
fn all_fit(from: &Shape, into: &Shape) -> bool {
    match (from, into) {
        (_, Shape::String(StringFormat::Plain)) => true,
        (Shape::Integer(_), Shape::String(StringFormat::Decimal)) => true,
        (from, into) => is_within(from, into),
    }
}

/// The rule for other limits of the same shape, with a text that is no longer accepted.
fn limits(both: &Comparison<'_>, old: &Param, new: &Param) -> Option<(Rule, Option<String>)> {
    if old.constraints == new.constraints {
        return None;
    }
    if is_looser(&new.constraints, &old.constraints) {
        return Some((Rule::ParameterWidened, None));
    }
    let (sender, receiver) = both.strict(Side::Request);
    let (before, after) = (as_field(old), as_field(new));
    let schemas = (sender.field(&before), receiver.field(&after));
    let (before_schema, after_schema) = (schemas.0.as_ref(), schemas.1.as_ref());
    let validator = |schema| compiled(schema).ok();
    let sent = before_schema.and_then(validator);
    let taken = after_schema.and_then(validator);
    let refused = sent.zip(taken).and_then(|(sent, taken)| {
        let make = Instances {
            types: sender.types,
        };
        let mut tried = make.of_field(&before, &after).into_iter();
        tried.find(|value| sent.is_valid(value) && !taken.is_valid(value))
    });
    let rule = match (
        direction(Side::Request, before_schema, after_schema),
        &refused,
    ) {
        (Rule::RequestNarrowed, _) | (_, Some(_)) => Rule::ParameterNarrowed,
        (Rule::RequestWidened, None) => Rule::ParameterWidened,
        _ => Rule::ParameterUndecided,
    };
    let text = refused.map(|value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    });
    Some((rule, text))
}

fn as_field(param: &Param) -> Field {
    Field {
        name: param.name.clone(),
        doc: String::new(),
        shape: param.shape.clone(),
        required: true,
        nullable: false,
        constraints: param.constraints.clone(),
        default: param.default.clone(),
        direction: Direction::Both,
        deprecated: param.deprecated,
        rust_name: None,
    }
}
