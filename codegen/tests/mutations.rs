//! Documents changed at random: a plan or diagnostics, never a panic.
//!
//! `BPX_MUTATIONS=20 cargo test -p bpx-codegen --test mutations` makes twenty times as many.

#![cfg(test)]

mod support;

use std::fs;
use std::path::PathBuf;

use bpx_codegen::{Inputs, plan};
use bpx_contract::Document;
use serde_json::{Value, json};
use support::{Folder, alone, fixture, root};

/// A small generator of numbers (xorshift64*), so that a failure can be had again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(drawn).unwrap() % limit
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(member, &format!("{at}/{key}"), all);
            }
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| pointers(item, &format!("{at}/{index}"), all)),
        _ => {}
    }
}

const KEYS: [&str; 16] = [
    "type",
    "enum",
    "$ref",
    "properties",
    "allOf",
    "oneOf",
    "anyOf",
    "items",
    "required",
    "nullable",
    "const",
    "format",
    "discriminator",
    "additionalProperties",
    "description",
    "x-closed",
];

/// Changes one place; says how.
fn mutate(document: &mut Value, dice: &mut Dice) -> String {
    let mut all = Vec::new();
    pointers(document, "", &mut all);
    let pointer = dice.pick(&all).clone();
    let other = dice.pick(&all).clone();
    let donor = document.pointer(&other).cloned().unwrap_or_default();
    let texts = [
        "",
        "x",
        "object",
        "array",
        "null",
        "string",
        "a\u{0}b",
        "`\"<[é",
        "#/components/schemas/Order",
        "Self",
        "1",
    ];
    let junk = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5e300),
        json!([]),
        json!({}),
        json!([{}]),
        json!(dice.pick(&texts)),
        json!({"$ref": format!("#{other}")}),
        json!({"oneOf": [{"$ref": format!("#{other}")}, {"type": "null"}]}),
        donor.clone(),
    ];
    let value = dice.pick(&junk).clone();
    let Some(at) = document.pointer_mut(&pointer) else {
        return String::new();
    };
    let action = dice.below(5);
    match (at, action) {
        (Value::Object(members), 0) if !members.is_empty() => {
            let keys: Vec<String> = members.keys().cloned().collect();
            members.shift_remove(dice.pick(&keys));
        }
        (Value::Object(members), 1) => drop(members.insert((*dice.pick(&KEYS)).to_owned(), value)),
        (Value::Object(members), 2) => {
            drop(members.insert(format!("{}x", dice.pick(&texts)), donor))
        }
        (Value::Array(items), 0) => drop(items.pop()),
        (Value::Array(items), 1) => items.push(value),
        (at, _) => *at = value,
    }
    format!("{action} at {pointer}, from {other}")
}

/// `count` documents made of `document` by one to three changes each.
fn hold(name: &str, document: &Value, count: usize, seed: u64, inputs: impl Fn(PathBuf) -> Inputs) {
    let times = std::env::var("BPX_MUTATIONS").ok();
    let count = count * times.and_then(|text| text.parse().ok()).unwrap_or(1);
    let folder = Folder::new();
    let mut dice = Dice(seed);
    let (mut planned, mut told) = (0, 0);
    for round in 0..count {
        let mut changed = document.clone();
        let steps: Vec<_> = (0..=dice.below(3))
            .map(|_| mutate(&mut changed, &mut dice))
            .collect();
        let inputs = inputs(folder.json("venue.json", &changed));
        let result = std::panic::catch_unwind(|| plan(&inputs));
        let result =
            result.unwrap_or_else(|_| panic!("{name}, round {round} of seed {seed}: {steps:?}"));
        planned += usize::from(result.is_ok());
        told += usize::from(result.as_ref().map_or(true, |plan| !plan.losses.is_empty()));
        if let Err(error) = result {
            let text = error.to_string();
            assert!(
                text.starts_with("error: ")
                    && text.contains("\n   at: ")
                    && text.contains("\n  fix: "),
                "{text}"
            );
            assert!(
                !text.contains("does not accept the lowered document"),
                "{name}, round {round}: {steps:?}\n{text}"
            );
        }
    }
    assert!(
        planned > 0,
        "{name}: {planned} of {count} were still contracts"
    );
    assert!(told > 0, "{name}: no change was one");
}

fn value_of(path: PathBuf) -> Value {
    Document::read(&path).unwrap().value
}

#[test]
fn the_venue_like_document_changed_at_random_never_panics() {
    hold(
        "venue-like",
        &value_of(fixture("venue-like.openapi.yaml")),
        200,
        0x5EED,
        alone,
    );
}

#[test]
fn the_corpus_changed_at_random_never_panics() {
    for (name, seed) in [("types", 0xC0), ("wire", 0xC1), ("parts", 0xC2)] {
        let document = value_of(root().join(format!("tests/corpus/{name}.yaml")));
        hold(name, &document, 300, seed, alone);
    }
}

#[test]
fn the_odd_document_changed_at_random_never_panics() {
    hold(
        "odd",
        &value_of(fixture("odd.openapi.yaml")),
        300,
        0x0DD,
        alone,
    );
}

#[test]
fn our_own_document_changed_at_random_never_panics() {
    let schema = root().join("schemas/order.schema.json");
    let with_schema = |openapi| Inputs {
        schema: Some(schema.clone()),
        ..alone(openapi)
    };
    hold(
        "ours",
        &value_of(root().join("openapi/backpack-order.openapi.yaml")),
        200,
        0xBACC,
        with_schema,
    );
}

#[test]
fn the_venues_document_changed_at_random_never_panics() {
    let upstream = root().join("../shared/upstream/backpack-order-api-openapi.yml");
    if fs::metadata(&upstream).is_err() {
        eprintln!("skipped: {} is not there", upstream.display());
        return;
    }
    hold("the venue's", &value_of(upstream), 200, 0xFEED, alone);
}

#[test]
fn a_schema_changed_at_random_never_panics() {
    let schema = value_of(root().join("schemas/order.schema.json"));
    let openapi = root().join("openapi/backpack-order.openapi.yaml");
    let changed = |path| Inputs {
        schema: Some(path),
        ..alone(openapi.clone())
    };
    hold("the schema", &schema, 100, 0x5C4E, changed);
}

#[test]
fn a_capability_changed_at_random_never_panics() {
    let capability = value_of(root().join("capabilities/order.capability.yaml"));
    let openapi = root().join("openapi/backpack-order.openapi.yaml");
    let changed = |path| Inputs {
        capability: Some(path),
        ..alone(openapi.clone())
    };
    hold("the capability", &capability, 100, 0xCA9A, changed);
}

#[test]
fn workflows_changed_at_random_never_panic() {
    let openapi = fixture("odd.openapi.yaml");
    let changed = |path| Inputs {
        workflows: vec![path],
        ..alone(openapi.clone())
    };
    let workflows = value_of(fixture("odd.arazzo.yaml"));
    hold("the workflows", &workflows, 100, 0xF10, changed);
}
