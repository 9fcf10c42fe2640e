//! What generation costs, and what it gives, beside plain progenitor on the same contract.
//!
//! Run with `cargo xtask bench generate`. Lines of code are counted, not timed; times are criterion's.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark stops at the first thing that is wrong and talks to its reader"
)]

use std::fs;
use std::path::{Path, PathBuf};

use bpx_codegen::{CrateKind, Inputs, Plan, plan};
use bpx_contract::Document;
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Map, Value};

/// What the venue's whole document counts.
const OPERATIONS: usize = 81;
const BYTES: usize = 400_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn inputs(openapi: PathBuf, ours: bool) -> Inputs {
    Inputs {
        openapi,
        schema: ours.then(|| root().join("schemas/order.schema.json")),
        overlay: None,
        names: ours.then(|| root().join("openapi/names.toml")),
        capability: ours.then(|| root().join("capabilities/order.capability.yaml")),
        workflows: ours
            .then(|| root().join("workflows/cancel-replace-order.arazzo.yaml"))
            .into_iter()
            .collect(),
        asyncapi: ours.then(|| root().join("asyncapi/backpack-streams.asyncapi.yaml")),
        asyncapi_overlay: None,
        kind: CrateKind::Member,
        types_only: false,
        strict: false,
        command: "cargo xtask generate".to_owned(),
    }
}

/// A document of the venue's make and size: the fixture's operations and components, over and over.
fn whole_document() -> PathBuf {
    let fixture = root().join("codegen/tests/fixtures/venue-like.openapi.yaml");
    let document = Document::read(&fixture).unwrap().value;
    let mut grown = document.clone();
    let mut round = 0;
    while operations(&grown) < OPERATIONS || serde_saphyr::to_string(&grown).unwrap().len() < BYTES
    {
        round += 1;
        add_round(&mut grown, &document, round);
    }
    let path = root().join("target/bench/whole.openapi.yaml");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, serde_saphyr::to_string(&grown).unwrap()).unwrap();
    path
}

fn operations(document: &Value) -> usize {
    let items = document["paths"].as_object().unwrap().values();
    items
        .flat_map(|item| item.as_object().unwrap().values())
        .filter(|it| it.get("operationId").is_some())
        .count()
}

fn add_round(grown: &mut Value, document: &Value, round: usize) {
    let mut text = document.to_string();
    for name in document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
    {
        let (from, to) = (
            format!("schemas/{name}\""),
            format!("schemas/{name}R{round}\""),
        );
        text = text.replace(&from, &to);
    }
    let copy: Value = serde_json::from_str(&text).unwrap();
    for (path, item) in copy["paths"].as_object().unwrap() {
        let mut item = item.clone();
        for operation in item
            .as_object_mut()
            .unwrap()
            .values_mut()
            .filter_map(Value::as_object_mut)
        {
            if let Some(id) = operation
                .get("operationId")
                .and_then(Value::as_str)
                .map(str::to_owned)
            {
                operation.insert(
                    "operationId".to_owned(),
                    Value::String(format!("{id}_r{round}")),
                );
            }
        }
        grown["paths"]
            .as_object_mut()
            .unwrap()
            .insert(format!("/r{round}{path}"), item);
    }
    let schemas: Map<String, Value> = copy["components"]["schemas"].as_object().unwrap().clone();
    for (name, schema) in schemas {
        grown["components"]["schemas"]
            .as_object_mut()
            .unwrap()
            .insert(format!("{name}R{round}"), schema);
    }
}

fn lines(plan: &Plan) -> usize {
    let sources = plan
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("src/"));
    sources.map(|(_, text)| text.lines().count()).sum()
}

/// What plain progenitor makes of our contract: the same operations, once the second success is gone.
fn plain_progenitor(openapi: &Path) -> usize {
    let mut document = Document::read(openapi).unwrap().value;
    simplify(&mut document);
    let spec: openapiv3::OpenAPI = serde_json::from_value(document).unwrap();
    let mut settings = progenitor::GenerationSettings::default();
    settings.with_interface(progenitor::InterfaceStyle::Builder);
    let tokens = progenitor::Generator::new(&settings)
        .generate_tokens(&spec)
        .unwrap();
    prettyplease::unparse(&syn::parse2(tokens).unwrap())
        .lines()
        .count()
}

/// Progenitor stops with an assertion at 202 without a body beside 200 with one.
fn simplify(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.contains_key("200") {
                members.shift_remove("202");
            }
            members.values_mut().for_each(simplify);
        }
        Value::Array(items) => items.iter_mut().for_each(simplify),
        _ => {}
    }
}

fn generate(criterion: &mut Criterion) {
    let ours = root().join("openapi/backpack-order.openapi.yaml");
    let whole = whole_document();
    let planned = plan(&inputs(ours.clone(), true)).unwrap();
    let big = plan(&inputs(whole.clone(), false)).unwrap();
    let plain = plain_progenitor(&ours);
    println!("\nlines of Rust for the eight operations");
    println!("  this generator     {:>6}", lines(&planned));
    println!(
        "  plain progenitor   {plain:>6}   ratio {:.2}",
        lines(&planned) as f64 / plain as f64
    );
    let bytes = fs::metadata(&whole).unwrap().len();
    println!(
        "the whole document: {} operations, {bytes} bytes, {} lines\n",
        big.operations,
        lines(&big)
    );
    let mut group = criterion.benchmark_group("generate");
    group.sample_size(10);
    group.bench_function("plan, eight operations", |b| {
        b.iter(|| plan(&inputs(ours.clone(), true)).unwrap())
    });
    group.bench_function("plain progenitor, eight operations", |b| {
        b.iter(|| plain_progenitor(&ours))
    });
    group.bench_function("plan, whole document", |b| {
        b.iter(|| plan(&inputs(whole.clone(), false)).unwrap())
    });
    group.finish();
}

criterion_group!(benches, generate);
criterion_main!(benches);
