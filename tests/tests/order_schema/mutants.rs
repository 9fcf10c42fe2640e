//! Every way to break a single keyword of the schema.

use serde_json::{Value, json};

use crate::schema::Schema;

const BAD_DECIMALS: [&str; 19] = [
    "", " ", "1 ", " 1", "+1", "--1", "-", ".", ".5", "1.", "01", "-00.5", "1e3", "1E-3", "1_000",
    "1,5", "0x1", "NaN", "\u{ff11}",
];
const BAD_DATE_TIMES: [&str; 16] = [
    "",
    "2025-09-11",
    "2025-09-11T20:10",
    "2025-09-11T20:10:40Z",
    "2025-09-11T20:10:40+00:00",
    "2025-09-11 20:10:40",
    "2025-09-11t20:10:40",
    "2025-13-11T20:10:40",
    "2025-02-29T20:10:40",
    "2025-09-31T20:10:40",
    "2025-09-11T24:00:00",
    "2025-09-11T20:60:40",
    "2025-09-11T20:10:60",
    "2025-09-11T20:10:40.",
    "2025-09-11T20:10:40.0000000001",
    "+12025-09-11T20:10:40",
];

/// What was done to an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// A required property is gone.
    Removed,
    /// A property is null.
    Null,
    /// A value of another type.
    Type,
    /// A value the enum does not list.
    Enum,
    /// A string that is not in the format.
    Format,
    /// A number outside the format's bounds.
    Bound,
    /// A decimal that needs more than 96 bits or 28 digits after the point.
    Size,
}

#[derive(Debug)]
pub(crate) struct Mutant {
    pub(crate) mutation: Mutation,
    pub(crate) field: String,
    pub(crate) instance: Value,
}

/// All mutants of a valid instance. A property the instance lacks is there in its mutants, as the mutant's fault.
pub(crate) fn mutants(schema: &Schema, instance: &Value) -> Vec<Mutant> {
    let mut all = Vec::new();
    for field in schema.required() {
        let mut instance = instance.clone();
        instance.as_object_mut().unwrap().remove(field);
        all.push(Mutant {
            mutation: Mutation::Removed,
            field: field.to_owned(),
            instance,
        });
    }
    for (field, property) in schema.properties() {
        for (mutation, value) in faults(schema.resolved(property)) {
            let mut instance = instance.clone();
            instance[field] = value;
            all.push(Mutant {
                mutation,
                field: field.clone(),
                instance,
            });
        }
    }
    all
}

fn faults(property: &Value) -> Vec<(Mutation, Value)> {
    let mut faults = vec![(Mutation::Null, Value::Null)];
    faults.extend(others(&property["type"]).map(|value| (Mutation::Type, value)));
    if let Some(listed) = property["enum"].as_array() {
        let lower = listed[0].as_str().unwrap().to_lowercase();
        let texts = ["", "NoSuchValue", &lower, "  "];
        faults.extend(texts.map(|text| (Mutation::Enum, json!(text))));
    }
    match property["format"].as_str() {
        Some("decimal") => {
            faults.extend(BAD_DECIMALS.map(|text| (Mutation::Format, json!(text))));
            let large = [
                "79228162514264337593543950336",
                "0.00000000000000000000000000001",
                "12345678901234567890.1234567891",
            ];
            faults.extend(large.map(|text| (Mutation::Size, json!(text))));
        }
        Some("naive-date-time") => {
            faults.extend(BAD_DATE_TIMES.map(|text| (Mutation::Format, json!(text))));
        }
        Some("uint32") => {
            let numbers = [
                json!(-1),
                json!(4_294_967_296_u64),
                json!(u64::MAX),
                json!(1e300),
            ];
            faults.extend(numbers.map(|number| (Mutation::Bound, number)));
        }
        Some(other) => panic!("no mutants are made for the format `{other}`"),
        None => {}
    }
    faults
}

/// A value of every type but this one and null.
fn others(own: &Value) -> impl Iterator<Item = Value> {
    let all = [
        ("boolean", json!(true)),
        ("integer", json!(7)),
        ("number", json!(1.5)),
        ("string", json!("7")),
        ("array", json!(["New"])),
        ("object", json!({"New": null})),
    ];
    let own = own.as_str().unwrap().to_owned();
    all.into_iter()
        .filter(move |(kind, _)| *kind != own)
        .map(|(_, value)| value)
}
