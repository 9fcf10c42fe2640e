//! Documents changed at random: a plan or diagnostics, never a panic.
//!
//! Ten thousand of them: `BPX_MUTATIONS=5 cargo test --release -p bpx-codegen --test mutations`.

#![cfg(test)]

mod support;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{available_parallelism, scope};

use bpx_codegen::{Inputs, plan};
use bpx_contract::Document;
use serde_json::Value;
use support::mutate::{Dice, mutant};
use support::{Folder, alone, fixture, root};

/// `count` documents made of `document` by changes, on all cores.
fn hold(
    name: &str,
    document: &Value,
    count: usize,
    seed: u64,
    inputs: impl Fn(PathBuf) -> Inputs + Sync,
) {
    let times = std::env::var("BPX_MUTATIONS").ok();
    let count = count * times.and_then(|text| text.parse().ok()).unwrap_or(1);
    let (next, planned, message) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    let work = || {
        let folder = Folder::new();
        loop {
            let round = next.fetch_add(1, Ordering::Relaxed);
            if round >= count {
                break;
            }
            let (changed, steps) = mutant(document, &mut Dice::of(seed, round));
            let inputs = inputs(folder.json("venue.json", &changed));
            let result = std::panic::catch_unwind(|| plan(&inputs)).unwrap_or_else(|_| {
                panic!("{name}, round {round} of seed {seed}: {steps:?}");
            });
            let is_told = result.as_ref().map_or(true, |plan| !plan.losses.is_empty());
            planned.fetch_add(usize::from(result.is_ok()), Ordering::Relaxed);
            message.fetch_add(usize::from(is_told), Ordering::Relaxed);
            if let Err(error) = result {
                check_error(
                    &error.to_string(),
                    &format!("{name}, round {round}: {steps:?}"),
                );
            }
        }
    };
    let cores = available_parallelism().map_or(1, usize::from);
    scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
    let (planned, message) = (planned.into_inner(), message.into_inner());
    assert!(
        planned > 0,
        "{name}: {planned} of {count} were still contracts"
    );
    assert!(message > 0, "{name}: no change was one");
}

fn check_error(text: &str, what: &str) {
    assert!(
        text.starts_with("error: ") && text.contains("\n   at: ") && text.contains("\n  fix: "),
        "{text}"
    );
    assert!(
        !text.contains("does not accept the lowered document"),
        "{what}\n{text}"
    );
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
    let corpus = root().join("tests/corpus");
    let folders = ["", "odd", "schemas", "services"].into_iter();
    let files = folders.flat_map(|folder| fs::read_dir(corpus.join(folder)).unwrap());
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for (seed, path) in (0xC0..).zip(files) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let types_only = name.ends_with(".schema.json");
        if types_only || name.ends_with(".yaml") {
            let inputs = |openapi| Inputs {
                types_only,
                ..alone(openapi)
            };
            hold(name, &value_of(path.clone()), 25, seed, inputs);
        }
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

#[test]
fn streams_changed_at_random_never_panic() {
    let openapi = fixture("odd.openapi.yaml");
    let changed = |path| Inputs {
        asyncapi: Some(path),
        ..alone(openapi.clone())
    };
    let ours = root().join("asyncapi/backpack-streams.asyncapi.yaml");
    hold("our streams", &value_of(ours), 60, 0xA57, changed);
    for version in [2, 3] {
        let name = format!("contract/tests/fixtures/weather.asyncapi-{version}.yaml");
        hold(&name, &value_of(root().join(&name)), 100, 0xA58, changed);
    }
    let upstream = root().join("../shared/upstream/backpack-asyncapi.yml");
    if fs::metadata(&upstream).is_err() {
        eprintln!("skipped: {} is not there", upstream.display());
        return;
    }
    hold("the venue's", &value_of(upstream), 60, 0xA59, changed);
}
