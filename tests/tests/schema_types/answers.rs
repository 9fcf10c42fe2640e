//! The same proof for the answers of all eight operations: what the contract says of a body, against the schema derived
//! from the type it is read into.

use bpx_client::types::{ApiError, BatchResult, Fill, LiveOrder, Order};
use bpx_conformance::Contract;
use bpx_contract::model::Kind;
use jsonschema::canonical::Containment;
use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::openness::LENIENT;
use crate::schema::validator;
use crate::{canonical, derived};

/// What the types take beyond the contract, besides null for what is optional, which the contract's own schema has.
const OPENNESS: [&str; 3] = [
    "a value that an enumeration does not list",
    "an object whose tag no arm of its union has",
    "anything for a member that is read in any notation",
];

/// A body, by operation and status.
type Row = (&'static str, u16, fn() -> Value);

const ANSWERS: [Row; 9] = [
    ("cancel_open_orders", 200, of::<Vec<LiveOrder>>),
    ("cancel_order", 200, of::<LiveOrder>),
    ("execute_order", 200, of::<LiveOrder>),
    ("execute_order_batch", 200, of::<Vec<BatchResult>>),
    ("get_fills", 200, of::<Vec<Fill>>),
    ("get_open_orders", 200, of::<Vec<LiveOrder>>),
    ("get_order", 200, of::<LiveOrder>),
    ("get_order", 404, of::<ApiError>),
    ("get_order_history", 200, of::<Vec<Order>>),
];

fn of<T: JsonSchema>() -> Value {
    derived::<T>()
}

/// The contract's schema of a body, opened by so many rows of the table.
fn opened(contract: &Contract, operation: &str, status: u16, rows: usize) -> Value {
    let mut schema = contract.schema_of(operation, status).unwrap().clone();
    let definitions = schema["$defs"].as_object_mut().unwrap();
    for definition in definitions.values_mut() {
        if rows > 0 && is_open(contract, definition) {
            *definition = json!({"type": "string"});
        } else if definition.get("allOf").is_some() {
            *definition = union(definition, rows > 1);
        }
    }
    if rows > 2 {
        let definitions = schema["$defs"].as_object_mut().unwrap();
        definitions.values_mut().for_each(open_members);
    }
    schema
}

/// Takes anything for the members that are read in any notation.
fn open_members(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(properties) = members.get_mut("properties") {
                for name in LENIENT {
                    if let Some(property) = properties.get_mut(name) {
                        *property = json!(true);
                    }
                }
            }
            members.values_mut().for_each(open_members);
        }
        Value::Array(items) => items.iter_mut().for_each(open_members),
        _ => {}
    }
}

/// Whether this is an enumeration to which the venue may add.
fn is_open(contract: &Contract, definition: &Value) -> bool {
    let mut types = contract.model().types.values();
    let listed = definition.get("enum");
    listed.is_some_and(|listed| {
        types.any(|def| match &def.kind {
            Kind::Enum(known) => !known.closed && json!(known.values) == *listed,
            _ => false,
        })
    })
}

/// A union's arms side by side, as the algebra reads them; with one more for tags that none of them has.
fn union(definition: &Value, is_open: bool) -> Value {
    let tag = definition["required"][0].as_str().unwrap();
    let tagged =
        |value: &Value| json!({"type": "object", "required": [tag], "properties": {tag: value}});
    let arms = definition["allOf"].as_array().unwrap().iter();
    let mut arms: Vec<_> = arms
        .map(|arm| json!({"allOf": [tagged(&arm["if"]["properties"][tag]), arm["then"]]}))
        .collect();
    if is_open {
        let known = &definition["properties"][tag];
        arms.push(tagged(&json!({"type": "string", "not": known})));
    }
    json!({"anyOf": arms})
}

#[test]
fn the_types_of_all_answers_take_what_the_contract_says_and_beyond_it_exactly_what_is_declared() {
    let contract = Contract::from_api(bpx_venue::api().clone()).unwrap();
    for (operation, status, derived) in ANSWERS {
        let derived = canonical(&derived());
        let opened_by = |rows| canonical(&opened(&contract, operation, status, rows));
        let (said, open) = (opened_by(0), opened_by(OPENNESS.len()));
        assert_eq!(
            derived.covers(&said).unwrap(),
            Containment::Yes,
            "{operation} {status}"
        );
        assert_eq!(
            derived.covers(&open).unwrap(),
            Containment::Yes,
            "{operation} {status}"
        );
        assert_eq!(
            open.covers(&derived).unwrap(),
            Containment::Yes,
            "{operation} {status}"
        );
    }
    println!("{} answers proven", ANSWERS.len());
}

#[test]
fn no_row_of_the_openness_of_answers_can_be_spared() {
    let contract = Contract::from_api(bpx_venue::api().clone()).unwrap();
    let witnesses = [
        (
            "get_order",
            404,
            of::<ApiError> as fn() -> Value,
            json!({"code": "NO_SUCH_CODE", "message": ""}),
        ),
        (
            "get_order",
            200,
            of::<LiveOrder>,
            json!({"orderType": "Iceberg", "peak": "5"}),
        ),
        (
            "get_fills",
            200,
            of::<Vec<Fill>>,
            json!([{"fee": "0", "feeSymbol": "", "isMaker": true, "orderId": "1", "price": "1", "quantity": "1",
                "side": "Bid", "symbol": "", "timestamp": 1}]),
        ),
    ];
    for (row, (operation, status, derived, witness)) in witnesses.into_iter().enumerate() {
        assert!(
            validator(&derived()).is_valid(&witness),
            "{}",
            OPENNESS[row]
        );
        let without = validator(&opened(&contract, operation, status, row));
        assert!(!without.is_valid(&witness), "not needed: {}", OPENNESS[row]);
    }
}
