//! JSON of a recording, taken apart without copying what is not needed.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::body::Stored;

/// The members of an object.
pub(super) type Object<'a> = HashMap<Cow<'a, str>, &'a RawValue>;

pub(super) fn object(raw: &str) -> Option<Object<'_>> {
    serde_json::from_str(raw).ok()
}

/// What a path of names leads to (`response/status/code`); an explicit null counts as absent.
pub(super) fn at<'a>(object: &Object<'a>, path: &str) -> Option<&'a RawValue> {
    let (first, rest) = match path.split_once('/') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    let raw = *object.get(first)?;
    match rest {
        Some(rest) => at(&self::object(raw.get())?, rest),
        None => (raw.get() != "null").then_some(raw),
    }
}

/// The first of several paths that leads to text.
pub(super) fn text_at<'a>(object: &Object<'a>, paths: &[&str]) -> Option<Cow<'a, str>> {
    let mut found = paths.iter().filter_map(|path| at(object, path));
    found.find_map(text)
}

pub(super) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let raw = raw.get();
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    match inner.contains('\\') {
        false => Some(inner.into()),
        true => serde_json::from_str::<String>(raw).ok().map(Cow::Owned),
    }
}

/// A text is the body's text; anything else is a body of JSON.
pub(super) fn stored(raw: &RawValue) -> Option<Stored<'_>> {
    match text(raw) {
        Some(text) => Some(Stored::Text(text)),
        None if raw.get() == "null" => None,
        None => Some(Stored::Json(raw.get())),
    }
}

/// A browser writes 0 where no response came.
pub(super) fn status(raw: &RawValue) -> Option<u16> {
    let status: u16 = raw.get().trim_matches('"').parse().ok()?;
    (status > 0).then_some(status)
}

/// An object of names, a list of pairs, names and values in turn, or a list of objects with `name` or `key`, and `value`.
pub(super) fn headers(raw: &str) -> Option<Vec<(String, String)>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Values {
        Many(Vec<Value>),
        One(Value),
    }
    #[derive(Deserialize)]
    struct Named {
        #[serde(alias = "key")]
        name: String,
        #[serde(default)]
        value: Value,
    }
    if let Ok(list) = serde_json::from_str::<Vec<Named>>(raw) {
        return Some(
            list.into_iter()
                .map(|it| (it.name, written(it.value)))
                .collect(),
        );
    }
    if let Ok(pairs) = serde_json::from_str::<Vec<(String, String)>>(raw) {
        return Some(pairs);
    }
    if let Ok(flat) = serde_json::from_str::<Vec<String>>(raw) {
        let pairs = flat.chunks_exact(2).filter_map(|pair| match pair {
            [name, value] => Some((name.clone(), value.clone())),
            _ => None,
        });
        return Some(pairs.collect());
    }
    let object: HashMap<String, Values> = serde_json::from_str(raw).ok()?;
    let mut pairs = Vec::with_capacity(object.len());
    for (name, values) in object {
        match values {
            Values::One(value) => pairs.push((name, written(value))),
            Values::Many(values) => {
                pairs.extend(values.into_iter().map(|it| (name.clone(), written(it))));
            }
        }
    }
    Some(pairs)
}

fn written(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

const ZONED: [&str; 3] = [
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%.f%z",
    // Of access logs.
    "%d/%b/%Y:%H:%M:%S %z",
];
const UNZONED: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];

/// A time of any common writing, as Unix milliseconds.
pub(super) fn time(raw: &RawValue) -> Option<i64> {
    match text(raw) {
        Some(text) => time_of(&text).or_else(|| of_number(text.parse().ok()?)),
        None => of_number(raw.get().parse().ok()?),
    }
}

pub(super) fn time_of(text: &str) -> Option<i64> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.timestamp_millis());
    }
    let mut zoned = ZONED.iter();
    let zoned = zoned.find_map(|form| DateTime::parse_from_str(text, form).ok());
    if let Some(at) = zoned.or_else(|| DateTime::parse_from_rfc2822(text).ok()) {
        return Some(at.timestamp_millis());
    }
    let mut unzoned = UNZONED.iter();
    let unzoned = unzoned.find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
    Some(unzoned.and_utc().timestamp_millis())
}

fn of_number(number: f64) -> Option<i64> {
    // Seconds, milliseconds, microseconds or nanoseconds, by size.
    let scale = match number.abs() {
        ..1e11 => 1e3,
        ..1e14 => 1.0,
        ..1e17 => 1e-3,
        _ => 1e-6,
    };
    // Past every date there is, the cast stays at the last one.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a float is cast to the nearest integer there is"
    )]
    number.is_finite().then_some((number * scale) as i64)
}
