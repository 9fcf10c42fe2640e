//! One level of a schema: everything that references and `allOf` say about a value, put together.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::LazyLock;

use bpx_contract::Cursor;
use serde_json::{Map, Value, json};

use super::keywords::{Holds, Use, of_schema};
use super::union::{Union, alternatives};
use crate::side::Side;

/// The types of JSON Schema. `integer` is part of `number`.
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// Schemas that a value has to meet together.
pub(super) type Parts<'a> = Vec<Cursor<'a>>;

/// What the parts of a schema say together.
#[derive(Debug, Clone, Default)]
pub(super) struct Level<'a> {
    /// Every part, references and compositions included.
    pub(super) parts: Parts<'a>,
    /// Whether a value may be `null`.
    pub(super) null: bool,
    /// The types, `null` left out; `None` where any is allowed.
    pub(super) types: Option<BTreeSet<&'a str>>,
    /// The values, where they are listed; `null` left out.
    pub(super) values: Option<Vec<&'a Value>>,
    /// The limits: for each keyword the different values.
    pub(super) limits: BTreeMap<&'a str, Vec<&'a Value>>,
    pub(super) properties: BTreeMap<&'a str, Parts<'a>>,
    pub(super) required: BTreeSet<&'a str>,
    /// Schemas of parts of a value, by keyword, and by keyword and name.
    pub(super) inside: BTreeMap<(&'a str, String), Parts<'a>>,
    pub(super) unions: Vec<Union<'a>>,
    /// References that lead nowhere.
    pub(super) broken: Vec<&'a str>,
    /// Whether properties are allowed, in so many words, that it does not name.
    pub(super) is_open: bool,
}

impl<'a> Level<'a> {
    /// Puts together what `parts` say about a value that is sent in this direction.
    pub(super) fn of(side: Side, parts: &[Cursor<'a>]) -> Self {
        Self::read(side, parts, true)
    }

    /// Both levels of a pair. A list of one alternative counts as a list if the other level has a list too.
    pub(super) fn pair(side: Side, old: &[Cursor<'a>], new: &[Cursor<'a>]) -> (Self, Self) {
        let read = |flattens| {
            (
                Self::read(side, old, flattens),
                Self::read(side, new, flattens),
            )
        };
        let lists = read(false);
        match lists.0.unions.len() == lists.1.unions.len() {
            true => lists,
            false => read(true),
        }
    }

    /// `flattens`: the only alternative of a list counts as a part.
    fn read(side: Side, parts: &[Cursor<'a>], flattens: bool) -> Self {
        let mut level = Self::default();
        let mut types = None;
        let mut open: VecDeque<_> = parts.iter().cloned().collect();
        let mut seen = BTreeSet::new();
        while let Some(at) = open.pop_front() {
            if !seen.insert(at.pointer.clone()) {
                continue;
            }
            if let Some(target) = at.str("$ref") {
                match at.target(target) {
                    Ok(found) => open.push_back(found),
                    Err(_) => level.broken.push(target),
                }
            }
            open.extend(at.items("allOf"));
            for keyword in ["oneOf", "anyOf"] {
                match alternatives(&at, keyword) {
                    (arms, null) if arms.len() == 1 && (flattens || null) => {
                        level.null |= null;
                        open.extend(arms);
                    }
                    (arms, null) if !arms.is_empty() => {
                        level.null |= null;
                        level.unions.push(Union::of(&at, keyword, arms));
                    }
                    _ => {}
                }
            }
            level.own(&at, &mut types);
            level.parts.push(at);
        }
        level.settle(side, types);
        level
    }

    /// What one part says itself.
    fn own(&mut self, at: &Cursor<'a>, types: &mut Option<BTreeSet<&'a str>>) {
        if at.value == &Value::Bool(false) {
            *types = Some(BTreeSet::new());
        }
        self.null |= at.flag("nullable");
        let additional = at.value.get("additionalProperties");
        self.is_open |= additional.is_some_and(accepts_all);
        if let Some(own) = own_types(at) {
            *types = Some(match types.take() {
                Some(known) => intersection(&known, &own),
                None => own,
            });
        }
        if let Some(own) = own_values(at) {
            self.values = Some(match self.values.take() {
                Some(known) => known.into_iter().filter(|it| own.contains(it)).collect(),
                None => own,
            });
        }
        for (name, property) in at.entries("properties") {
            self.properties.entry(name).or_default().push(property);
        }
        let required = at.items("required").into_iter();
        self.required
            .extend(required.filter_map(|it| it.value.as_str()));
        for (keyword, inside) in at.members() {
            self.keyword(keyword, inside);
        }
    }

    fn keyword(&mut self, keyword: &'a str, at: Cursor<'a>) {
        // What OpenAPI 3.0 writes as a format, 3.1 writes as an encoding.
        let (keyword, value) = match is_base64(keyword, at.value) {
            true => ("contentEncoding", &*BASE64),
            false => (keyword, at.value),
        };
        match of_schema(keyword) {
            Use::Limit(_) if !is_vacuous(keyword, value) => {
                let values = self.limits.entry(keyword).or_default();
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            Use::Inside(_, Holds::Schema | Holds::Opaque) if !accepts_all(at.value) => {
                let key = (keyword, String::new());
                self.inside.entry(key).or_default().push(at);
            }
            Use::Inside(_, Holds::Named | Holds::Listed) => {
                let listed = at.elements().into_iter().enumerate();
                let listed = listed.map(|(index, item)| (index.to_string(), item));
                let named = at.members().into_iter();
                let named = named.map(|(name, item)| (name.to_owned(), item));
                for (name, item) in listed.chain(named) {
                    self.inside.entry((keyword, name)).or_default().push(item);
                }
            }
            _ => {}
        }
    }

    /// Drops what does not apply: limits of other types, properties that are not sent in this direction.
    fn settle(&mut self, side: Side, types: Option<BTreeSet<&'a str>>) {
        let of_types = types.as_ref().map(|it| it.contains("null"));
        let of_values = self.values.as_ref().map(|it| it.contains(&&Value::Null));
        let is_any = of_types.is_none() && of_values.is_none() && self.unions.is_empty();
        self.null |= is_any || (of_types != Some(false) && of_values == Some(true));
        self.null |= of_types == Some(true) && of_values != Some(false);
        if let Some(values) = &mut self.values {
            values.retain(|value| **value != Value::Null);
            values.retain(|value| types.as_ref().is_none_or(|it| has_type(it, value)));
            values.sort_by_key(|value| value.to_string());
            values.dedup();
        }
        let listed = self.values.iter().flatten().map(|value| type_of(value));
        self.types = match (&self.values, types) {
            (Some(_), _) => Some(listed.collect()),
            (None, Some(mut types)) => {
                types.remove("null");
                Some(types)
            }
            (None, None) => None,
        };
        let types = self.types.clone();
        let applies = |keyword: &str| match of_schema(keyword) {
            Use::Limit(domain) | Use::Inside(domain, _) => match &types {
                Some(types) => domain.meets(types.iter().copied()),
                None => true,
            },
            _ => true,
        };
        self.limits.retain(|keyword, _| applies(keyword));
        self.inside.retain(|(keyword, _), _| applies(keyword));
        let unsent = self.properties.iter();
        let unsent = unsent.filter(|(_, parts)| is_unsent(side, parts));
        let unsent: Vec<_> = unsent.map(|(name, _)| *name).collect();
        for name in unsent {
            self.properties.remove(name);
            self.required.remove(name);
        }
    }

    /// Whether other properties than those that are named are refused.
    pub(super) fn is_closed(&self) -> bool {
        let closes = |keyword| {
            let parts = self.inside.get(&(keyword, String::new()));
            parts.is_some_and(|parts| parts.iter().any(|it| it.value == &Value::Bool(false)))
        };
        closes("additionalProperties") || closes("unevaluatedProperties")
    }

    /// Whether other schemas that extend this one are meant too, which it does not name: a discriminator without a list.
    pub(super) fn has_subtypes(&self) -> bool {
        let mut parts = self.parts.iter();
        self.unions.is_empty() && parts.any(|it| it.value.get("discriminator").is_some())
    }

    /// The types that values can have.
    pub(super) fn type_names(&self) -> BTreeSet<&'a str> {
        let all = || TYPES.into_iter().filter(|it| *it != "integer").collect();
        self.types.clone().unwrap_or_else(all)
    }

    /// The schema of the value itself: its types, its values, its limits.
    pub(super) fn local(&self) -> Value {
        let mut schema = Map::new();
        match &self.values {
            Some(values) => {
                let null = self.null.then_some(&Value::Null);
                let values: Vec<_> = values.iter().copied().chain(null).collect();
                schema.insert("enum".to_owned(), json!(values));
            }
            None => {
                if let Some(types) = &self.types {
                    if types.is_empty() && !self.null {
                        return json!({"not": {}});
                    }
                    let null = self.null.then_some("null");
                    let types: Vec<_> = types.iter().copied().chain(null).collect();
                    schema.insert("type".to_owned(), json!(types));
                }
            }
        }
        let mut several = Vec::new();
        for (keyword, values) in &self.limits {
            match values.as_slice() {
                [only] => drop(schema.insert((*keyword).to_owned(), (*only).clone())),
                values => several.extend(values.iter().map(|value| json!({*keyword: value}))),
            }
        }
        if !several.is_empty() {
            schema.insert("allOf".to_owned(), several.into());
        }
        Value::Object(schema)
    }
}

fn own_types<'a>(at: &Cursor<'a>) -> Option<BTreeSet<&'a str>> {
    let mut types: BTreeSet<_> = match at.value.get("type")? {
        Value::String(one) => BTreeSet::from([one.as_str()]),
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    if types.contains("number") {
        types.remove("integer");
    }
    Some(types)
}

fn own_values<'a>(at: &Cursor<'a>) -> Option<Vec<&'a Value>> {
    let listed = at.value.get("enum").and_then(Value::as_array);
    let listed = listed.map(|values| values.iter().collect());
    listed.or_else(|| at.value.get("const").map(|only| vec![only]))
}

fn intersection<'a>(a: &BTreeSet<&'a str>, b: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let mut both: BTreeSet<_> = a.intersection(b).copied().collect();
    let integers = |one: &BTreeSet<&str>, other: &BTreeSet<&str>| {
        one.contains("integer") && other.contains("number")
    };
    if integers(a, b) || integers(b, a) {
        both.insert("integer");
    }
    both
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn has_type(types: &BTreeSet<&str>, value: &Value) -> bool {
    let own = type_of(value);
    types.contains(own) || (own == "integer" && types.contains("number"))
}

/// Limits that refuse nothing: bounds of 64 bits, which implementations have anyway, and their formats.
fn is_vacuous(keyword: &str, value: &Value) -> bool {
    match keyword {
        "maximum" => value.as_i64() == Some(i64::MAX) || value.as_u64() == Some(u64::MAX),
        "minimum" => value.as_i64() == Some(i64::MIN),
        "minLength" | "minItems" | "minProperties" => value.as_u64() == Some(0),
        "contentMediaType" => value == "application/octet-stream",
        "uniqueItems" => value == &Value::Bool(false),
        "format" => {
            let format = value.as_str().unwrap_or_default();
            IMPLIED.contains(&format)
        }
        _ => false,
    }
}

static BASE64: LazyLock<Value> = LazyLock::new(|| json!("base64"));

fn is_base64(keyword: &str, value: &Value) -> bool {
    keyword == "format" && value == "byte"
}

/// Formats that are bounds, which stand beside them, or that say how a value is shown.
const IMPLIED: [&str; 13] = [
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "binary", "password",
    "float", "double", "integer",
];

fn accepts_all(schema: &Value) -> bool {
    match schema {
        Value::Bool(all) => *all,
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Properties that only the other side sends (OpenAPI 3.0.4 Schema Object, `readOnly`).
fn is_unsent(side: Side, parts: &[Cursor<'_>]) -> bool {
    let flag = match side {
        Side::Request => "readOnly",
        Side::Response => "writeOnly",
        Side::Operation => return false,
    };
    parts.iter().any(|part| {
        let referred = part.follow().ok();
        part.flag(flag) || referred.is_some_and(|it| it.flag(flag))
    })
}
