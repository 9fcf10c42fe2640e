//! How the set of values that a keyword accepts relates to the set that it accepted before.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::algebra::covers;
use super::level::Level;
use crate::change::Answer;
use crate::rules::Rule;
use crate::side::Side;

/// The new set of values, compared with the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Same,
    /// Every old value, and more.
    Wider,
    /// Old values only.
    Narrower,
    /// It lacks old values and has new ones.
    Other,
    /// It lacks old values; whether it has new ones is not known.
    Lacking,
    /// It has new values; whether it lacks old ones is not known.
    Growing,
    /// Not known.
    Unknown,
}

impl Relation {
    /// From what is included: the old values in the new set, the new values in the old one.
    pub(super) fn of(old_in_new: Answer, new_in_old: Answer) -> Self {
        match (old_in_new, new_in_old) {
            (Answer::Yes, Answer::Yes) => Self::Same,
            (Answer::Yes, _) => Self::Wider,
            (_, Answer::Yes) => Self::Narrower,
            (Answer::No, Answer::No) => Self::Other,
            (Answer::No, Answer::Undecided) => Self::Lacking,
            (Answer::Undecided, Answer::No) => Self::Growing,
            (Answer::Undecided, Answer::Undecided) => Self::Unknown,
        }
    }

    /// The rule for values that are sent in this direction.
    pub(super) fn rule(self, side: Side) -> Option<Rule> {
        Some(match (side, self) {
            (_, Self::Same) => return None,
            (Side::Response, Self::Wider | Self::Other | Self::Growing) => Rule::ResponseWidened,
            (Side::Response, Self::Narrower) => Rule::ResponseNarrowed,
            (Side::Response, Self::Unknown | Self::Lacking) => Rule::ResponseUndecided,
            (_, Self::Wider) => Rule::RequestWidened,
            (_, Self::Narrower | Self::Other | Self::Lacking) => Rule::RequestNarrowed,
            (_, Self::Unknown | Self::Growing) => Rule::RequestUndecided,
        })
    }
}

/// The limits of one keyword before and now.
pub(super) fn of_limits(keyword: &str, old: &[&Value], new: &[&Value]) -> Relation {
    match (old, new) {
        _ if same(old, new) => Relation::Same,
        ([], _) => added(keyword, new),
        (_, []) => flipped(added(keyword, old)),
        ([old], [new]) => of_limit(keyword, old, new),
        _ => Relation::Unknown,
    }
}

fn same(old: &[&Value], new: &[&Value]) -> bool {
    old.len() == new.len() && old.iter().all(|it| new.contains(it))
}

/// A limit where there was none. What a format means that the specifications do not know is not known either.
fn added(keyword: &str, values: &[&Value]) -> Relation {
    let is_known = |value: &&Value| {
        let format = value.as_str().unwrap_or_default();
        ASSERTED.contains(&format)
    };
    match keyword {
        "format" if !values.iter().all(is_known) => Relation::Unknown,
        "minContains" | "$dynamicRef" | "dependencies" => Relation::Unknown,
        _ => Relation::Narrower,
    }
}

/// Formats of JSON Schema 2020-12 and of the OpenAPI format registry that limit the texts of a string.
const ASSERTED: [&str; 24] = [
    "base64url",
    "binary",
    "byte",
    "date",
    "date-time",
    "decimal",
    "duration",
    "email",
    "hostname",
    "idn-email",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
    "url",
];

fn flipped(relation: Relation) -> Relation {
    match relation {
        Relation::Wider => Relation::Narrower,
        Relation::Narrower => Relation::Wider,
        other => other,
    }
}

fn of_limit(keyword: &str, old: &Value, new: &Value) -> Relation {
    let order = || new.as_f64()?.partial_cmp(&old.as_f64()?);
    let by = |order| match order {
        Some(Ordering::Greater) => Relation::Wider,
        Some(Ordering::Less) => Relation::Narrower,
        _ => Relation::Unknown,
    };
    match keyword {
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => by(order()),
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
            flipped(by(order()))
        }
        "multipleOf" => multiples(old, new),
        "format"
            if [old, new]
                .iter()
                .all(|it| it.as_str().is_some_and(|it| ASSERTED.contains(&it))) =>
        {
            Relation::Other
        }
        "pattern" => {
            let schema = |pattern: &Value| json!({"type": "string", "pattern": pattern});
            between(&schema(old), &schema(new))
        }
        _ => Relation::Unknown,
    }
}

fn multiples(old: &Value, new: &Value) -> Relation {
    let divides = |divisor: &Value, number: &Value| {
        let (divisor, number) = (divisor.as_u64()?, number.as_u64()?);
        Some(number.checked_rem(divisor)? == 0)
    };
    match (divides(new, old), divides(old, new)) {
        (Some(true), _) => Relation::Wider,
        (_, Some(true)) => Relation::Narrower,
        (Some(false), Some(false)) => Relation::Other,
        _ => Relation::Unknown,
    }
}

/// The relation between two schemas, as far as the algebra knows it.
pub(super) fn between(old: &Value, new: &Value) -> Relation {
    if old == new {
        return Relation::Same;
    }
    Relation::of(covers(Some(new), Some(old)), covers(Some(old), Some(new)))
}

/// The values that are listed before and now.
pub(super) fn of_values(old: &[&Value], new: &[&Value]) -> Relation {
    let within = |some: &[&Value], all: &[&Value]| match some.iter().all(|it| all.contains(it)) {
        true => Answer::Yes,
        false => Answer::No,
    };
    Relation::of(within(old, new), within(new, old))
}

/// The types before and now.
pub(super) fn of_types(old: &Level<'_>, new: &Level<'_>) -> Relation {
    if old.types == new.types {
        return Relation::Same;
    }
    let (old, new) = (old.type_names(), new.type_names());
    let within = |some: &BTreeSet<&str>, all: &BTreeSet<&str>| {
        let known = |it: &&str| all.contains(it) || (*it == "integer" && all.contains("number"));
        match some.iter().all(known) {
            true => Answer::Yes,
            false => Answer::No,
        }
    };
    Relation::of(within(&old, &new), within(&new, &old))
}

/// The relation between two schemas; not known where one cannot be written out.
pub(super) fn between_whole(old: Option<&Value>, new: Option<&Value>) -> Relation {
    match (old, new) {
        (Some(old), Some(new)) => between(old, new),
        _ => Relation::Unknown,
    }
}
