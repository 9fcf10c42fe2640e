//! The input schema takes exactly what the arguments' kinds take.

use bpx_contract::api::{Argument, Body, DECIMAL_LENGTH_MAX, DECIMAL_PATTERN, Kind, Operation};
use bpx_runtime::serde_json::{Map, Value, json};
use bpx_runtime::{As, Decimal};
use jsonschema::Validator;
use proptest::prelude::*;

/// What the rows say, without looking at a schema.
fn takes(operation: &Operation, arguments: &Map<String, Value>) -> bool {
    let declared: Vec<_> = operation.arguments().collect();
    let items = match &operation.body {
        Body::Array {
            argument, fields, ..
        } => Some((argument.name.as_str(), fields.as_slice())),
        _ => None,
    };
    all_declared(&declared, arguments)
        && declared.iter().all(|argument| {
            let Some(value) = arguments.get(&argument.name) else {
                return !argument.required;
            };
            match items.filter(|(name, _)| *name == argument.name) {
                Some((_, fields)) => value
                    .as_array()
                    .is_some_and(|orders| orders.iter().all(|order| object_takes(fields, order))),
                None => kind_takes(&argument.kind, value),
            }
        })
}

fn object_takes(fields: &[Argument], value: &Value) -> bool {
    let Some(members) = value.as_object() else {
        return false;
    };
    let declared: Vec<_> = fields.iter().collect();
    all_declared(&declared, members)
        && fields.iter().all(|field| match members.get(&field.name) {
            Some(value) => kind_takes(&field.kind, value),
            None => !field.required,
        })
}

fn all_declared(declared: &[&Argument], given: &Map<String, Value>) -> bool {
    given
        .keys()
        .all(|name| declared.iter().any(|argument| argument.name == *name))
}

fn kind_takes(kind: &Kind, value: &Value) -> bool {
    match kind {
        Kind::Text => value.is_string(),
        Kind::Decimal => {
            let text = value.as_str();
            text.is_some_and(|text| text.chars().count() <= DECIMAL_LENGTH_MAX)
                && As::<Decimal>::deserialize(value).is_ok()
        }
        Kind::Integer { min, max } => {
            let whole = value.as_i64().map(i128::from);
            let whole = whole.or_else(|| value.as_u64().map(i128::from));
            whole.is_some_and(|whole| (*min..=*max).contains(&whole))
        }
        Kind::Boolean => value.is_boolean(),
        Kind::Enum { values, .. } => value
            .as_str()
            .is_some_and(|text| values.iter().any(|value| value == text)),
        Kind::Many(item) => value
            .as_array()
            .is_some_and(|items| items.iter().all(|value| kind_takes(item, value))),
        Kind::Json => panic!("no argument of this contract is any JSON"),
    }
}

/// Values that some kind takes, or just does not.
fn values() -> Vec<Value> {
    let digits = "9".repeat(DECIMAL_LENGTH_MAX);
    let mut values = vec![
        json!(null),
        json!(true),
        json!(1.5),
        json!({}),
        json!([]),
        json!([1]),
        json!([["PERP"]]),
        json!(["PERP", "SPOT"]),
        json!(["PERP", "perp"]),
    ];
    let texts = [
        "",
        "x",
        "1",
        "-0",
        "0.10",
        "01",
        "1.",
        ".5",
        "+1",
        "1e5",
        "-1.5",
        "1.5\n",
        " 1",
        "Bid",
        "bid",
        "Ask",
        "GTC",
        "Limit",
        "Market",
        "ConditionalOrder",
        "SOL_USDC",
        "١",
        &digits,
        &format!("9{digits}"),
    ];
    values.extend(texts.map(|text| json!(text)));
    for edge in [0, 1, i64::from(u16::MAX), i64::from(u32::MAX), i64::MAX - 1] {
        values.extend([json!(edge), json!(-edge), json!(edge.unsigned_abs() + 1)]);
    }
    values.push(json!(u64::MAX));
    values
}

/// A value the kind takes.
fn good(kind: &Kind, choice: usize) -> Value {
    match kind {
        Kind::Text => json!("SOL_USDC"),
        Kind::Decimal => json!(["0", "-1.50", "20.10"][choice % 3]),
        Kind::Integer { max, .. } => json!(u64::try_from(*max).unwrap()),
        Kind::Boolean => json!(choice.is_multiple_of(2)),
        Kind::Enum { values, .. } => json!(values[choice % values.len()]),
        Kind::Many(item) => json!([good(item, choice)]),
        Kind::Json => json!({}),
    }
}

/// One choice for an argument: what to do, and with which value.
type Choice = (u8, usize);

/// An object over the declared names; most of it is right, so that one fault at a time is frequent.
fn object<'a>(
    declared: impl Iterator<Item = &'a Argument>,
    choices: &mut impl Iterator<Item = Choice>,
    nested: Option<(&str, &[Argument])>,
) -> Map<String, Value> {
    let values = values();
    let mut object = Map::new();
    for argument in declared {
        let (action, choice) = choices.next().unwrap();
        let value = match (action, nested) {
            (0..=1, _) => continue,
            (2, _) => values[choice % values.len()].clone(),
            (_, Some((name, fields))) if name == argument.name => {
                let orders = (0..choice % 3).map(|_| self::object(fields.iter(), choices, None));
                json!(orders.collect::<Vec<_>>())
            }
            (3..=5, _) if !argument.required => continue,
            _ => good(&argument.kind, choice),
        };
        object.insert(argument.name.clone(), value);
    }
    if choices.next().unwrap().0 == 9 {
        object.insert("simbol".to_owned(), json!("SOL_USDC"));
    }
    object
}

fn validator(operation: &Operation) -> Validator {
    let schema = operation.input_schema();
    jsonschema::draft202012::meta::validate(schema).unwrap();
    jsonschema::draft202012::new(schema).unwrap()
}

#[test]
fn schema_and_kinds_take_the_same_arguments() {
    let operations: Vec<_> = bpx_venue::api().operations().collect();
    let validators: Vec<_> = operations.iter().map(|it| validator(it)).collect();
    let counts = std::cell::Cell::new((0_u32, 0_u32));
    let choices = proptest::collection::vec((0_u8..60, 0_usize..1000), 128);
    let config = ProptestConfig {
        cases: 4_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(row in 0..operations.len(), choices in choices)| {
        let operation = operations[row];
        let mut choices = choices.into_iter();
        let nested = match &operation.body {
            Body::Array { argument, fields, .. } => Some((argument.name.as_str(), fields.as_slice())),
            _ => None,
        };
        let arguments = object(operation.arguments(), &mut choices, nested);
        let by_kind = takes(operation, &arguments);
        let by_schema = validators[row].is_valid(&Value::Object(arguments.clone()));
        prop_assert_eq!(by_kind, by_schema, "{}: {:?}", operation.id, arguments);
        let (good, bad) = counts.get();
        counts.set((good + u32::from(by_kind), bad + u32::from(!by_kind)));
    });
    let (good, bad) = counts.get();
    assert!(good > 400 && bad > 400, "{good} taken, {bad} refused");
}

#[test]
fn each_value_in_each_argument_is_judged_alike() {
    for operation in bpx_venue::api().operations() {
        let validator = validator(operation);
        let needed = operation.arguments().filter(|argument| argument.required);
        let list = matches!(operation.body, Body::Array { .. });
        let base: Map<String, Value> = needed
            .map(|argument| {
                let value = if list {
                    json!([])
                } else {
                    good(&argument.kind, 0)
                };
                (argument.name.clone(), value)
            })
            .collect();
        assert!(takes(operation, &base) && validator.is_valid(&json!(base)));
        for argument in operation.arguments() {
            assert!(argument.constraints.is_empty());
            for value in values() {
                let mut changed = base.clone();
                changed.insert(argument.name.clone(), value);
                assert_eq!(
                    takes(operation, &changed),
                    validator.is_valid(&json!(changed)),
                    "{}: {changed:?}",
                    operation.id
                );
            }
        }
    }
}

#[test]
fn what_is_said_of_decimals_is_what_the_schemas_say() {
    let pattern = format!(
        "\"pattern\":{},\"maxLength\":{DECIMAL_LENGTH_MAX}",
        json!(DECIMAL_PATTERN)
    );
    let mut count = 0;
    for row in bpx_venue::api().operations() {
        let schema = row.input_schema().to_string();
        let decimals = schema.matches("\"format\":\"decimal\"").count();
        assert_eq!(schema.matches(&pattern).count(), decimals, "{}", row.id);
        count += decimals;
    }
    // Six in an order, which is sent by itself and in a list.
    assert_eq!(count, 12);
}
