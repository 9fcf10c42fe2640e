//! The Order JSON Schema and the type made from it mean the same: what is valid decodes and encodes to the same value,
//! what breaks a single keyword is refused by both. Where they differ on purpose, a table says so.

#![cfg(test)]

mod differences;
mod instances;
mod mutants;
mod schema;

use std::cell::{Cell, RefCell};

use bpx_client::types::Order;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use differences::Differences;
use instances::instances;
use mutants::{Mutant, mutants};
use schema::Schema;

const INSTANCES: u32 = 4_000;
/// Each has some 300 mutants.
const MUTATED_INSTANCES: u32 = 40;

/// The same instances every time.
fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 20,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn decode(instance: &Value) -> Result<Order, serde_json::Error> {
    serde_json::from_str(&instance.to_string())
}

#[test]
fn what_the_schema_takes_decodes_and_encodes_to_the_same_value() {
    let schema = Schema::order();
    let count = Cell::new(0);
    let run = runner(INSTANCES).run(&instances(&schema), |instance| {
        count.set(count.get() + 1);
        let valid = schema.validator.validate(&instance);
        valid.unwrap_or_else(|error| panic!("{error}: {instance}"));
        let order = decode(&instance).unwrap_or_else(|error| panic!("{error}: {instance}"));
        let mut known = instance.clone();
        let members = known.as_object_mut().unwrap();
        members.retain(|name, _| schema.properties().contains_key(name));
        assert_eq!(serde_json::to_value(&order).unwrap(), known);
        Ok(())
    });
    run.unwrap();
    assert_eq!(count.get(), INSTANCES);
}

#[test]
fn what_breaks_one_keyword_is_refused_by_schema_and_type_alike() {
    let schema = Schema::order();
    let differences = Differences::default();
    let run = runner(MUTATED_INSTANCES).run(&instances(&schema), |instance| {
        for mutant in mutants(&schema, &instance) {
            let valid = schema.validator.is_valid(&mutant.instance);
            let decoded = decode(&mutant.instance);
            let decodes = decoded.is_ok();
            assert!(
                !(valid && decodes),
                "no mutant at all: {:?} {}: {}",
                mutant.mutation,
                mutant.field,
                mutant.instance
            );
            if valid != decodes {
                differences.allow(&schema, &mutant, valid);
            }
            if let Ok(order) = decoded {
                loses_nothing(&mutant, &order);
            }
        }
        Ok(())
    });
    run.unwrap();
    differences.check_all_used();
}

/// What only the type takes is encoded again: null as absent, an unlisted value as it came.
#[track_caller]
fn loses_nothing(mutant: &Mutant, order: &Order) {
    let encoded = serde_json::to_value(order).unwrap();
    let expected = &mutant.instance[&mutant.field];
    assert_eq!(encoded[&mutant.field], *expected, "{}", mutant.instance);
}

#[test]
fn no_root_but_an_object_is_an_order() {
    let schema = Schema::order();
    for root in [
        json!(null),
        json!(true),
        json!(1),
        json!("Order"),
        json!([]),
        json!([{}]),
    ] {
        assert!(!schema.validator.is_valid(&root), "{root}");
        assert!(decode(&root).is_err(), "{root}");
    }
}

#[test]
fn the_schema_has_29_properties_of_which_8_are_required_and_8_definitions() {
    let schema = Schema::order();
    assert_eq!(schema.properties().len(), 29);
    assert_eq!(schema.required().len(), 8);
    assert_eq!(schema.root["$defs"].as_object().unwrap().len(), 8);
}

#[test]
fn the_smallest_and_the_largest_order_are_among_the_instances() {
    let schema = Schema::order();
    let sizes = RefCell::new(Vec::new());
    let run = runner(INSTANCES).run(&instances(&schema), |instance| {
        let known = instance.as_object().unwrap().keys();
        let known = known
            .filter(|key| schema.properties().contains_key(*key))
            .count();
        sizes.borrow_mut().push(known);
        Ok(())
    });
    run.unwrap();
    let sizes = sizes.into_inner();
    assert_eq!(
        (sizes.iter().min(), sizes.iter().max()),
        (Some(&8), Some(&29))
    );
}
