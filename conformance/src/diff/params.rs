//! Parameters side by side. They travel as text, so that an integer fits where any text does.

use bpx_contract::model::{Field, Kind, Location, Param, Shape, StringFormat};
use serde_json::Value;

use super::algebra::{is_looser, is_within};
use super::bodies::{self, direction};
use super::edit::{Edit, Edits};
use super::instances::Instances;
use super::operations::Pair;
use super::strict::Types;
use super::witness::Witness;
use super::{Rule, Side};
use crate::check::fits;
use bpx_contract::schema::compiled;

/// Every change of an operation's parameters.
pub(super) fn compare<'a>(pair: &Pair<'a, '_>, edits: &mut Edits<'a>) {
    let (old, new) = (&pair.old.params, &pair.new.params);
    let is_new = |param: &&Param| !new.iter().any(|it| is_same(it, param));
    let gone: Vec<_> = old.iter().filter(is_new).collect();
    let mut moved = Vec::new();
    for param in new {
        let elsewhere = gone.iter().find(|it| is_named(it, param));
        match (old.iter().find(|it| is_same(it, param)), elsewhere) {
            (Some(known), _) => changed(pair, known, param, edits),
            (None, Some(known)) => {
                moved.push(*known);
                let (from, to) = (known.location.as_str(), param.location.as_str());
                let edit = edit(pair, Rule::ParameterMoved, known, param);
                let edit = edit.detail(format!("{from} becomes {to}"));
                edits.add(pair.id, Side::Request, edit, None);
            }
            (None, None) => added(pair, param, edits),
        }
    }
    for param in gone.into_iter().filter(|it| !moved.contains(it)) {
        let line = pair.both.surfaces().0.param(param);
        let edit = edit(pair, Rule::ParameterRemoved, param, param).of_old();
        edits.add(pair.id, Side::Request, edit.lines(Some(line), None), None);
    }
}

/// Letters of a header's name have no case.
fn is_named(a: &Param, b: &Param) -> bool {
    a.name.eq_ignore_ascii_case(&b.name)
}

fn is_same(a: &Param, b: &Param) -> bool {
    let spelled = match a.location {
        Location::Header => is_named(a, b),
        _ => a.name == b.name,
    };
    a.location == b.location && spelled
}

/// A change under both parameters' names and lines.
fn edit(pair: &Pair<'_, '_>, rule: Rule, old: &Param, new: &Param) -> Edit {
    let (before, after) = pair.both.surfaces();
    let places = (
        pair.both.param_place(pair.old, &old.name, false),
        pair.both.param_place(pair.new, &new.name, true),
    );
    Edit::new(rule, &new.name)
        .places(places)
        .lines(Some(before.param(old)), Some(after.param(new)))
}

fn added(pair: &Pair<'_, '_>, param: &Param, edits: &mut Edits<'_>) {
    let (rule, witness) = match param.required {
        true => (Rule::ParameterRequiredAdded, Some(left_out(param))),
        false => (Rule::ParameterAdded, None),
    };
    let line = pair.both.surfaces().1.param(param);
    let edit = edit(pair, rule, param, param).lines(None, Some(line));
    edits.add(pair.id, Side::Request, edit.witness(witness), None);
}

/// A request as it was sent, without the parameter.
fn left_out(param: &Param) -> Witness {
    Witness::WithoutParameter(param.name.clone())
}

fn changed<'a>(pair: &Pair<'a, '_>, old: &'a Param, new: &'a Param, edits: &mut Edits<'a>) {
    let mut add = |edit| edits.add(pair.id, Side::Request, edit, None);
    if old.name != new.name {
        let detail = format!("`{}` becomes `{}`", old.name, new.name);
        add(edit(pair, Rule::ParameterRespelled, old, new).detail(detail));
    }
    match (old.required, new.required) {
        (false, true) => {
            let edit = edit(pair, Rule::ParameterRequired, old, new);
            add(edit.witness(Some(left_out(new))));
        }
        (true, false) => add(edit(pair, Rule::ParameterOptional, old, new)),
        _ => {}
    }
    if let Some((rule, witness)) = shapes(pair, old, new).or_else(|| limits(pair, old, new)) {
        let detail = pair.both.becomes(&old.shape, &new.shape);
        let witness = witness.map(|text| Witness::Parameter(format!("{}={text}", old.name)));
        add(edit(pair, rule, old, new).detail(detail).witness(witness));
    }
    if is_listed(pair, old, new) {
        let inside = bodies::changes(pair.both, Side::Request, &old.name, &old.shape, &new.shape);
        for (edit, _) in inside {
            add(edit.of_parameter(&old.name));
        }
    }
}

/// Both are enumerations, or lists of them, which are compared value by value.
fn is_listed(pair: &Pair<'_, '_>, old: &Param, new: &Param) -> bool {
    let (old_types, new_types) = pair.both.types();
    let depth = |shape: &Shape| matches!(shape, Shape::Array(_));
    depth(&old.shape) == depth(&new.shape)
        && listed(old_types, &old.shape).is_some()
        && listed(new_types, &new.shape).is_some()
}

fn listed<'a>(types: &'a Types, shape: &Shape) -> Option<&'a [String]> {
    match &types.get(shape.named()?)?.kind {
        Kind::Enum(listed) => Some(&listed.values),
        _ => None,
    }
}

/// What other shapes mean for texts.
fn shapes(pair: &Pair<'_, '_>, old: &Param, new: &Param) -> Option<(Rule, Option<String>)> {
    if old.shape == new.shape || is_listed(pair, old, new) {
        return None;
    }
    let (old_types, new_types) = pair.both.types();
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

/// Values of a shape as they stand in a query.
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

/// Whether every text of one shape is one of another, as far as formats tell.
fn all_fit(from: &Shape, into: &Shape) -> bool {
    match (from, into) {
        (_, Shape::String(StringFormat::Plain)) => true,
        (Shape::Integer(_), Shape::String(StringFormat::Decimal)) => true,
        (from, into) => is_within(from, into),
    }
}

/// What other limits mean for values of the same shape.
fn limits(pair: &Pair<'_, '_>, old: &Param, new: &Param) -> Option<(Rule, Option<String>)> {
    if old.constraints == new.constraints {
        return None;
    }
    if is_looser(&new.constraints, &old.constraints) {
        return Some((Rule::ParameterWidened, None));
    }
    let (sender, receiver) = pair.both.strict(Side::Request);
    let (before, after) = (as_field(old), as_field(new));
    let schemas = (sender.field(&before), receiver.field(&after));
    let (before_schema, after_schema) = (schemas.0.as_ref(), schemas.1.as_ref());
    let compiled = |schema| compiled(schema).ok();
    let sent = before_schema.and_then(compiled);
    let taken = after_schema.and_then(compiled);
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
    }
}
