//! The Order JSON Schema, and what the contract says of answers, are held together with the schemas that schemars derives
//! from the Rust types: by proof, in the algebra of the `jsonschema` crate, and by search, over generated instances.
//!
//! `BPX_INSTANCES=100000 cargo test -p bpx-tests --test schema_types` searches longer.

#![cfg(test)]

mod answers;
#[path = "../order_schema/instances.rs"]
mod instances;
#[path = "../order_schema/mutants.rs"]
mod mutants;
mod openness;
#[path = "../order_schema/schema.rs"]
mod schema;

use std::cell::Cell;

use bpx_client::types::Order;
use jsonschema::canonical::{CanonicalSchema, Containment, Satisfiability};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use instances::instances;
use mutants::{Mutant, Mutation, mutants};
use openness::{opened, openings};
use schema::{Schema, validator, with_bounds};

/// Instances in a usual run; `BPX_INSTANCES` asks for more.
const INSTANCES: u32 = 2_000;
/// Of each valid instance, so many with a fault are held against the schemas too.
const FAULTY: usize = 4;

/// What the types refuse although both schemas take it, and why.
const REFUSED_BY_TYPES: [(Mutation, &str); 1] = [(
    Mutation::Size,
    "the format has no size; a decimal that does not fit is refused instead of rounded",
)];

/// What the formats say, as patterns: the algebra knows these. That the thirtieth of February is no day, only the
/// validators of the search know.
const FORMATS: [(&str, &str); 2] = [
    ("decimal", r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"),
    (
        "naive-date-time",
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?$",
    ),
];

/// The schema that schemars derives from a type.
fn derived<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12();
    settings.into_generator().into_root_schema_for::<T>().into()
}

/// A document as the algebra reads it best: formats as bounds and patterns, references replaced by what they name. No type
/// holds itself.
fn canonical(document: &Value) -> CanonicalSchema {
    let document = with_bounds(document.clone());
    let mut schema = plain(&document, &document);
    schema.as_object_mut().unwrap().remove("$id");
    jsonschema::canonicalize(&schema).unwrap()
}

fn plain(root: &Value, schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let members = members.iter();
            Value::Object(
                members
                    .filter_map(|(name, it)| member(root, name, it))
                    .collect(),
            )
        }
        Value::Array(items) => items.iter().map(|item| plain(root, item)).collect(),
        other => other.clone(),
    }
}

fn member(root: &Value, name: &str, value: &Value) -> Option<(String, Value)> {
    let (name, value) = match (name, value.as_str()) {
        ("$ref", Some(target)) => {
            let named = root.pointer(target.trim_start_matches('#')).unwrap();
            ("allOf", json!([plain(root, named)]))
        }
        ("format", Some(format)) => {
            let (_, pattern) = FORMATS.iter().find(|(known, _)| *known == format)?;
            ("pattern", json!(pattern))
        }
        ("$defs", _) => return None,
        _ => (name, plain(root, value)),
    };
    Some((name.to_owned(), value))
}

#[test]
fn the_derived_schema_takes_all_that_the_source_takes() {
    let (source, derived) = (
        canonical(&Schema::order().root),
        canonical(&derived::<Order>()),
    );
    assert_eq!(source.satisfiability(), Satisfiability::Yes);
    assert_eq!(derived.covers(&source).unwrap(), Containment::Yes);
}

#[test]
fn what_it_takes_beyond_is_exactly_the_declared_openness() {
    let schema = Schema::order();
    let source = canonical(&opened(&schema, &openings(&schema)));
    let derived = canonical(&derived::<Order>());
    assert_eq!(source.covers(&derived).unwrap(), Containment::Yes);
    assert_eq!(derived.covers(&source).unwrap(), Containment::Yes);
}

#[test]
fn no_declared_openness_can_be_spared() {
    let schema = Schema::order();
    let derived = validator(&derived::<Order>());
    let all = openings(&schema);
    let valid = least();
    assert!(schema.validator.is_valid(&valid));
    assert!(all.len() > 20, "{all:?}");
    for one in &all {
        let others: Vec<_> = all.iter().filter(|other| *other != one).cloned().collect();
        let witness = one.witness(&valid);
        assert!(derived.is_valid(&witness), "{one:?}");
        let without = validator(&opened(&schema, &others));
        assert!(!without.is_valid(&witness), "not needed: {one:?}");
    }
}

/// A valid order with what is required alone.
fn least() -> Value {
    json!({
        "id": "28", "createdAt": "2025-09-11T20:10:40.699", "orderType": "Limit", "selfTradePrevention": "RejectTaker",
        "status": "New", "side": "Bid", "symbol": "SOL_USDC", "timeInForce": "GTC"
    })
}

/// How many instances are asked for.
fn wanted() -> u32 {
    match std::env::var("BPX_INSTANCES") {
        Ok(count) => count.parse().expect("BPX_INSTANCES is a number"),
        Err(_) => INSTANCES,
    }
}

#[test]
fn generated_instances_valid_and_faulty_are_judged_alike_by_both_schemas_and_the_types() {
    let schema = Schema::order();
    let source = validator(&opened(&schema, &openings(&schema)));
    let derived = validator(&derived::<Order>());
    let [taken, refused] = [Cell::new(0_u32), Cell::new(0_u32)];
    let judge = |instance: &Value, fault: Option<&Mutant>| {
        let fault = fault.map(|mutant| (mutant.mutation, &*mutant.field));
        let valid = source.is_valid(instance);
        assert_eq!(derived.is_valid(instance), valid, "{fault:?} {instance}");
        let decodes = serde_json::from_str::<Order>(&instance.to_string()).is_ok();
        let differs = REFUSED_BY_TYPES
            .iter()
            .any(|(of, _)| fault.is_some_and(|(is, _)| is == *of));
        assert_eq!(decodes, valid && !differs, "{fault:?} {instance}");
        let count = if valid { &taken } else { &refused };
        count.set(count.get() + 1);
    };
    let each = u32::try_from(FAULTY).unwrap() + 1;
    let config = Config {
        cases: wanted().div_ceil(each),
        failure_persistence: None,
        max_shrink_iters: 20,
        ..Config::default()
    };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let faults = proptest::collection::vec(any::<Index>(), FAULTY);
    let run = TestRunner::new_with_rng(config, random).run(
        &(instances(&schema), faults),
        |(instance, faults)| {
            judge(&instance, None);
            let mutants = mutants(&schema, &instance);
            for mutant in faults.iter().map(|fault| fault.get(&mutants)) {
                judge(&mutant.instance, Some(mutant));
            }
            Ok(())
        },
    );
    run.unwrap();
    let (taken, refused) = (taken.get(), refused.get());
    println!("{taken} instances taken and {refused} refused, by all alike");
    assert!(taken + refused >= wanted());
    assert!(
        taken > wanted() / 10 && refused > wanted() / 10,
        "{taken} {refused}"
    );
}

#[test]
fn every_refusal_of_the_types_alone_is_needed() {
    let schema = Schema::order();
    let source = validator(&opened(&schema, &openings(&schema)));
    let instance = least();
    let mutants = mutants(&schema, &instance);
    for (mutation, reason) in REFUSED_BY_TYPES {
        let mut of_this = mutants.iter().filter(|mutant| mutant.mutation == mutation);
        let is_needed = of_this.any(|mutant| {
            let decoded = serde_json::from_value::<Order>(mutant.instance.clone());
            source.is_valid(&mutant.instance) && decoded.is_err()
        });
        assert!(is_needed, "{mutation:?}: {reason}");
    }
}
