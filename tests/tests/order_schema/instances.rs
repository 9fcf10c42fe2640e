//! Instances made from the schema: it says what a value may be, proptest chooses one.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value};

use crate::schema::Schema;

/// Keywords that say nothing about the value.
const ANNOTATIONS: [&str; 5] = ["$schema", "$id", "$defs", "title", "description"];

/// Valid orders: every required property, any subset of the others, sometimes members the schema does not name.
pub(crate) fn instances(schema: &Schema) -> BoxedStrategy<Value> {
    prop_oneof![
        1 => object(schema, Just(false).boxed()),
        1 => object(schema, Just(true).boxed()),
        8 => object(schema, any::<bool>().boxed()),
    ]
    .boxed()
}

fn object(schema: &Schema, is_present: BoxedStrategy<bool>) -> BoxedStrategy<Value> {
    only(&schema.root, &["type", "required", "properties"]);
    assert_eq!(schema.root["type"], "object");
    let required = schema.required();
    let members: Vec<_> = schema
        .properties()
        .iter()
        .map(|(name, property)| {
            let name = name.clone();
            let is_required = required.contains(&&*name);
            let member = (is_present.clone(), value(schema, property));
            member.prop_map(move |(present, value)| {
                (present || is_required).then(|| (name.clone(), value))
            })
        })
        .collect();
    (members, unknown_members())
        .prop_map(|(known, unknown)| known.into_iter().flatten().chain(unknown).collect())
        .prop_map(Value::Object)
        .boxed()
}

/// A value of one property. A keyword that is not understood here stops the test.
fn value(schema: &Schema, property: &Value) -> BoxedStrategy<Value> {
    let property = schema.resolved(property);
    only(property, &["type", "format", "enum", "$ref"]);
    if let Some(listed) = property.get("enum") {
        return select(listed.as_array().unwrap().clone()).boxed();
    }
    match (
        property["type"].as_str().unwrap(),
        property["format"].as_str(),
    ) {
        ("boolean", None) => any::<bool>().prop_map(Value::from).boxed(),
        ("integer", Some("uint32")) => {
            let edges = select(vec![0, 1, u32::MAX - 1, u32::MAX]);
            prop_oneof![edges, any::<u32>()]
                .prop_map(Value::from)
                .boxed()
        }
        ("string", Some("decimal")) => decimals().prop_map(Value::from).boxed(),
        ("string", Some("naive-date-time")) => date_times().prop_map(Value::from).boxed(),
        ("string", None) => texts().prop_map(Value::from).boxed(),
        other => panic!("no instances are made for {other:?}"),
    }
}

#[track_caller]
fn only(schema: &Value, understood: &[&str]) {
    for keyword in schema.as_object().unwrap().keys() {
        let is_known = understood.contains(&&**keyword)
            || ANNOTATIONS.contains(&&**keyword)
            || keyword.starts_with("x-");
        assert!(
            is_known,
            "no instances are made for the keyword `{keyword}`"
        );
    }
}

fn unknown_members() -> BoxedStrategy<Map<String, Value>> {
    let member = ("[a-z]{1,3}_new", any::<i64>());
    let some = proptest::collection::vec(member, 0..3);
    some.prop_map(|members| {
        members
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect()
    })
    .boxed()
}

fn texts() -> BoxedStrategy<String> {
    let edges = [
        "",
        "0",
        "80%",
        "0.10",
        "111063070525358080",
        "kPEPE_USDC_PERP",
        "null",
        "\"\\\n\u{1f4b1}",
    ];
    prop_oneof![
        select(edges.to_vec()).prop_map(str::to_owned),
        any::<String>()
    ]
    .boxed()
}

/// Every decimal the type holds: up to 96 bits, up to 28 digits after the point. A negative zero is written as zero, so
/// there is none.
fn decimals() -> BoxedStrategy<String> {
    let edges = [
        "0",
        "0.0",
        "0.000000",
        "1.50",
        "-0.5",
        "100",
        "1000000000000000000000000000.0",
        "9999999999999999999999999999",
        "79228162514264337593543950335",
        "-79228162514264337593543950335",
        "7.9228162514264337593543950335",
        "0.0000000000000000000000000001",
        "0.9999999999999999999999999999",
        "1.0000000000000000000000000000",
    ];
    let any = (0..1_u128 << 96, 0..=28_usize, any::<bool>());
    let any = any.prop_map(|(digits, scale, negative)| written(digits, scale, negative));
    prop_oneof![select(edges.to_vec()).prop_map(str::to_owned), any, short()].boxed()
}

/// As prices and quantities are.
fn short() -> BoxedStrategy<String> {
    (0..1_000_000_000_u128, 0..=8_usize)
        .prop_map(|(digits, scale)| written(digits, scale, false))
        .boxed()
}

fn written(digits: u128, scale: usize, negative: bool) -> String {
    let text = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = text.split_at(text.len() - scale);
    let sign = if negative && digits > 0 { "-" } else { "" };
    let point = if scale > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{fraction}")
}

fn date_times() -> BoxedStrategy<String> {
    let edges = [
        "0000-01-01T00:00:00",
        "9999-12-31T23:59:59.999999",
        "2024-02-29T12:00:00.000",
        "2025-09-11T20:10:40.699",
    ];
    let date = (0..=9999, 1..=12, 1..=28)
        .prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"));
    let time = (0..24, 0..60, 0..60)
        .prop_map(|(hour, minute, second)| format!("{hour:02}:{minute:02}:{second:02}"));
    let any = (date, time, "(|\\.[0-9]{1,6})")
        .prop_map(|(date, time, fraction)| format!("{date}T{time}{fraction}"));
    prop_oneof![1 => select(edges.to_vec()).prop_map(str::to_owned), 4 => any].boxed()
}
