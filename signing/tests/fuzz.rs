//! The checks of the fuzz targets on a fixed number of seeded inputs; `cargo +nightly fuzz run` feeds them more.

#[path = "../../fuzz/src/json.rs"]
mod json;
#[path = "../../fuzz/src/key.rs"]
mod key;
#[path = "../../fuzz/src/signing_string.rs"]
mod signing_string;

mod common;

use std::cell::Cell;

use bpx_signing::Payload;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// The same inputs on every run.
fn seeded(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(
        config,
        TestRng::from_seed(RngAlgorithm::ChaCha, &[0x5b; 32]),
    )
}

/// Bytes, and texts that are likely to get far.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    let field = "\"[a-c]{0,2}\":(\"([a-c&é=]|\\\\[nu\"]|\\\\u00[0-9a-f]{2}){0,3}\"|-?[0-9.]{1,3}|true|null|1e1|\\[\\])";
    let object =
        prop::collection::vec(field, 0..4).prop_map(|fields| format!("{{{}}}", fields.join(",")));
    let batch = prop::collection::vec(object.clone(), 0..3)
        .prop_map(|orders| format!("[{}]", orders.join(",")));
    prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..40),
        2 => "[\\[\\]{}\",:a-c0-9.\\\\ &=e+-]{0,24}".prop_map(String::into_bytes),
        2 => "(([a-c%+é]|%2[0-9a-f]|%[cC]3%[aA]9|[#; ]){0,3}(=[a-c]{0,2})?&?){0,5}".prop_map(String::into_bytes),
        4 => object.prop_map(String::into_bytes),
        4 => batch.prop_map(String::into_bytes),
    ]
}

#[test]
fn arbitrary_queries_and_bodies_agree_with_the_slow_derivation() {
    let input = (any::<u8>(), any::<u8>(), payload());
    let run = seeded(20_000).run(&input, |(kind, query_bytes, payload)| {
        signing_string::check(&[&[kind, query_bytes], payload.as_slice()].concat());
        Ok(())
    });
    run.unwrap();
}

#[test]
fn the_slow_derivation_gets_inputs_that_are_accepted() {
    let accepted = Cell::new(0);
    let run = seeded(2_000).run(&payload(), |payload| {
        for kind in [Payload::Object, Payload::Batch] {
            let is_accepted = signing_string::check_one(kind, None, Some(&payload), 1);
            accepted.set(accepted.get() + u32::from(is_accepted));
        }
        Ok(())
    });
    run.unwrap();
    assert!(accepted.get() > 200, "{accepted:?}");
}

#[test]
fn arbitrary_texts_agree_with_the_slow_derivation_of_keys() {
    let text = prop_oneof![
        any::<String>(),
        "[A-Za-z0-9+/=_-]{40,90}",
        "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=",
        "[A-Za-z0-9+/]{43}=",
        "[A-Za-z0-9+/]{85}[AQgw]==",
    ];
    let accepted = Cell::new(0);
    let run = seeded(1_000).run(&text, |text| {
        key::check(text.as_bytes());
        accepted.set(accepted.get() + u32::from(key::check_seed(&text)));
        Ok(())
    });
    run.unwrap();
    assert!(accepted.get() > 100, "{accepted:?}");
}

#[test]
fn the_key_of_the_vectors_passes_in_both_forms() {
    assert!(key::check_seed(common::SEED));
    let pair = [common::SEED, common::PUBLIC].map(|text| key::decoded(text).unwrap());
    assert_eq!(pair.concat().len(), 64);
}
