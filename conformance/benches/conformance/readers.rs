//! The readers that are measured.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::sync::LazyLock;

use bpx_conformance::{Contract, Quick, RunOptions, Severity, check};
use bpx_contract::Document;
use bpx_recording::sources;
use serde::Deserialize;
use serde_json::Value;
use sonic_rs::JsonContainerTrait as _;

/// The venue's own document, beside the workspace.
pub(crate) const UPSTREAM: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../shared/upstream/backpack-order-api-openapi.yml"
);
const OURS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../openapi/backpack-order.openapi.yaml"
);

// Compiled in the first run; only the best run counts.
pub(crate) static CONTRACT: LazyLock<Contract> = LazyLock::new(|| read_contract(OURS));
/// With what ours declares beside it.
static THEIRS: LazyLock<Contract> = LazyLock::new(|| {
    let mut document = Document::read(UPSTREAM.as_ref()).unwrap();
    let members = document.value.as_object_mut().unwrap();
    members.insert("x-undeclared-null".to_owned(), "note".into());
    members.insert("x-undocumented-property".to_owned(), "error".into());
    Contract::openapi(document).unwrap()
});

fn read_contract(file: &str) -> Contract {
    Contract::read_openapi(file.as_ref()).unwrap()
}

#[derive(Deserialize)]
struct Line {
    body: Value,
}

pub(crate) fn read(reader: &str, threads: usize, file: &str) {
    match reader {
        "ours" => ours(&CONTRACT, Quick::Contract, threads, file),
        "upstream" => ours(&THEIRS, Quick::Contract, threads, file),
        "oracle" => ours(&CONTRACT, Quick::Off, threads, file),
        "sonic" => sonic(file),
        "jsonschema" => jsonschema(file),
        other => panic!("no reader {other}"),
    }
}

/// The whole checker, as `bpx check` runs it, coverage and report included.
fn ours(contract: &Contract, quick: Quick, threads: usize, file: &str) {
    let is_quick = matches!(quick, Quick::Contract);
    let mut options = RunOptions::default();
    (options.threads, options.quick) = (threads, quick);
    let files = sources(&[file.to_owned()]).unwrap();
    let tally = check(contract, files, &options).unwrap().total().unwrap();
    assert!(tally.validated > 0 && tally.validated == tally.exchanges.count);
    let count = |severity| tally.count(severity, &options.settings);
    assert_eq!(count(Severity::Error) + count(Severity::Warning), 0);
    assert!(!is_quick || tally.verdicts.ok == tally.validated);
    assert!(tally.operations["get_order_history"].slots["Order.price"].count > 0);
}

fn lines(file: &str, mut see: impl FnMut(&[u8])) {
    let mut file = BufReader::with_capacity(1 << 20, File::open(file).unwrap());
    let mut line = Vec::new();
    while file.read_until(b'\n', &mut line).unwrap() > 0 {
        see(&line);
        line.clear();
    }
}

fn sonic(file: &str) {
    lines(file, |line| {
        let value: sonic_rs::Value = sonic_rs::from_slice(line).unwrap();
        assert!(value.as_object().is_some_and(|it| it.len() > 5));
    });
}

fn jsonschema(file: &str) {
    let schema = CONTRACT.schema_of("get_order_history", 200).unwrap();
    let validator = jsonschema::validator_for(schema).unwrap();
    lines(file, |line| {
        let line: Line = serde_json::from_slice(line).unwrap();
        assert!(validator.is_valid(&line.body));
    });
}
