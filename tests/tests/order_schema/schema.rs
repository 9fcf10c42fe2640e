//! The schema, and a validator that holds its formats against every string and number.

use bpx_tests::workspace::root;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

pub(crate) struct Schema {
    pub(crate) root: Value,
    pub(crate) validator: Validator,
}

impl Schema {
    pub(crate) fn order() -> Self {
        let path = root().join("schemas/order.schema.json");
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let root: Value = serde_json::from_str(&text).unwrap();
        let validator = validator(&root);
        Self { root, validator }
    }

    pub(crate) fn properties(&self) -> &Map<String, Value> {
        self.root["properties"].as_object().unwrap()
    }

    pub(crate) fn required(&self) -> Vec<&str> {
        let required = self.root["required"].as_array().unwrap();
        required.iter().map(|name| name.as_str().unwrap()).collect()
    }

    /// A property's schema behind its reference.
    pub(crate) fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => self
                .root
                .pointer(reference.strip_prefix('#').unwrap())
                .unwrap(),
            None => schema,
        }
    }
}

/// A validator that holds formats against strings and numbers.
pub(crate) fn validator(schema: &Value) -> Validator {
    jsonschema::options()
        .with_format("decimal", is_decimal)
        .with_format("naive-date-time", is_naive_date_time)
        .should_validate_formats(true)
        .build(&with_bounds(schema.clone()))
        .unwrap()
}

/// What the formats of integers say.
const INTEGERS: [(&str, i64, u64); 4] = [
    ("int64", i64::MIN, i64::MAX as u64),
    ("uint16", 0, u16::MAX as u64),
    ("uint32", 0, u32::MAX as u64),
    ("uint64", 0, u64::MAX),
];

/// Formats are held against strings only, so the one of a number is written out as its bounds.
pub(crate) fn with_bounds(mut schema: Value) -> Value {
    if let Value::Array(items) = &mut schema {
        return items.drain(..).map(with_bounds).collect();
    }
    let Value::Object(members) = &mut schema else {
        return schema;
    };
    for member in members.values_mut() {
        *member = with_bounds(member.take());
    }
    let format = members.get("format").and_then(Value::as_str);
    let bounds = INTEGERS.iter().find(|(name, ..)| Some(*name) == format);
    if let Some((_, least, greatest)) = bounds {
        members.insert("minimum".to_owned(), json!(least));
        members.insert("maximum".to_owned(), json!(greatest));
    }
    schema
}

/// Digits, and a point with digits after it; no size is given.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}

fn is_naive_date_time(text: &str) -> bool {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let fits = |(byte, shape): (u8, u8)| {
        if shape == b'0' {
            byte.is_ascii_digit()
        } else {
            byte == shape
        }
    };
    let shape = b"0000-00-00T00:00:00";
    if seconds.len() != shape.len() || !seconds.bytes().zip(*shape).all(fits) {
        return false;
    }
    let number = |from: usize, to: usize| seconds[from..to].parse::<u32>().unwrap();
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let on_the_clock = number(11, 13) < 24 && number(14, 16) < 60 && number(17, 19) < 60;
    let digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    let in_the_year = (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
    on_the_clock && in_the_year && digits && (1..=9).contains(&fraction.len())
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
