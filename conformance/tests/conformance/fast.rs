//! The quick validators and the oracle agree, on any bytes and any document.

use std::cell::RefCell;
use std::path::Path;

use bpx_conformance::report::Report;
use bpx_conformance::{Baseline, Contract, Format, Quick, RunOptions, View, check, render};
use bpx_recording::sources;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::*;

#[allow(unreachable_pub, reason = "public where it is a fuzz target")]
#[path = "../../../fuzz/src/validators.rs"]
mod validators;

fn recordings() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings/exchanges");
    let names = ["story.ndjson", "story.har"];
    names
        .map(|name| folder.join(name).display().to_string())
        .to_vec()
}

fn report(contract: &Contract, quick: Quick, files: &[String]) -> Value {
    let files = sources(files).unwrap();
    let mut options = RunOptions::default();
    options.quick = quick;
    json_of(contract, &check(contract, files, &options).unwrap())
}

#[test]
fn any_bytes_are_judged_as_by_the_oracle() {
    let config = ProptestConfig {
        cases: 6_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let decided = RefCell::new(vec![[0; 3]; validators::SUBJECTS.len()]);
    proptest!(config, |(data in prop::collection::vec(any::<u8>(), 0..700))| {
        let (subject, verdicts) = validators::check(&data);
        let [ok, fail, unsure] = decided.borrow()[subject];
        let sum = [ok + verdicts.ok, fail + verdicts.fail, unsure + verdicts.unsure];
        decided.borrow_mut()[subject] = sum;
    });
    println!("{decided:?}");
    // Each verdict was tested on each document.
    let decided = decided.into_inner();
    let all = decided.iter().flatten();
    assert!(all.clone().all(|count| *count > 50), "{decided:?}");
}

#[test]
fn what_is_wrong_in_one_place_is_seen() {
    let order = |members: &[(&str, Value)]| with(limit_order(), members).to_string();
    for (members, fails) in [
        (&[][..], false),
        (&[("clientId", json!(u32::MAX))], false),
        (&[("clientId", json!(1_u64 << 32))], true),
        (&[("clientId", json!("7"))], true),
        (&[("price", json!("2e1"))], true),
        (&[("price", Value::Null)], true),
        (&[("side", json!("Both"))], true),
        (&[("orderType", json!("Iceberg"))], true),
        (&[("orderType", json!(GONE))], true),
        (&[("symbol", json!(GONE))], true),
        (&[("novel", json!(1))], true),
    ] {
        let contract = ours();
        let verdicts = validators::agree(&contract, "get_order", 200, order(members).as_bytes());
        assert_eq!(
            (verdicts.ok, verdicts.fail),
            (u64::from(!fails), u64::from(fails)),
            "{members:?}"
        );
    }
}

/// All bodies of these recordings, all clean, and how many of them the quick validator decides.
fn decided(contract: &Contract, files: &[String]) -> (u64, u64, Value) {
    let report = report(contract, Quick::Contract, files);
    assert_eq!(rules(&report), Vec::<String>::new());
    let quick = &report["summary"]["quick"];
    let count = |name: &str| quick[name].as_u64().unwrap();
    (count("decided"), count("bodies"), report)
}

#[test]
fn recordings_of_all_eight_operations_are_decided_in_one_pass() {
    for contract in [Some(ours()), upstream()].into_iter().flatten() {
        let (decided, bodies, report) = decided(&contract, &recordings());
        assert!(bodies >= 30, "{decided} of {bodies}");
        assert!(decided * 100 >= bodies * 99, "{decided} of {bodies}");
        let operations = report["coverage"].as_array().unwrap();
        assert_eq!(operations.len(), 8);
        assert!(
            operations
                .iter()
                .all(|row| row["exchanges"]["count"].as_u64() > Some(0))
        );
    }
}

#[test]
fn clean_bodies_of_every_shape_are_decided_in_one_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let contract = Contract::read_openapi(&folder.join("neutral.openapi.yaml")).unwrap();
    let file = folder.join("neutral.ndjson").display().to_string();
    let (decided, bodies, _) = decided(&contract, &[file]);
    assert_eq!((decided, bodies), (7, 7));
}

#[test]
fn reports_are_the_same_with_and_without_them() {
    let folder = folder();
    let lines = [
        line(GET_ORDER, 200, JSON, &limit_order().to_string()),
        line(
            GET_ORDER,
            200,
            JSON,
            &with(limit_order(), &[("price", json!("x"))]).to_string(),
        ),
        line(GET_ORDER, 200, "text/html", &limit_order().to_string()),
        line(GET_ORDER, 418, JSON, "{}"),
        page(HISTORY, &json!([history_order()]).to_string()),
        page(FILLS, &json!([fill(), fill()]).to_string()),
        page(FILLS, "[]").replace("[]}", "[],\"late\":1}"),
        page(FILLS, "[]").replace("[]}", "[]"),
        "{\"bpx\":1,\"body\":[]}".to_owned(),
    ];
    let mut files = recordings();
    files.push(file(folder.path(), "mixed.ndjson", lines.join("\n")));
    let contract = ours();
    let mut quick = report(&contract, Quick::Contract, &files);
    let slow = report(&contract, Quick::Off, &files);
    for key in ["verdicts", "quick"] {
        assert_ne!(quick["summary"][key], slow["summary"][key]);
        quick["summary"][key] = slow["summary"][key].clone();
    }
    assert_eq!(quick, slow);
}

#[test]
fn the_share_of_decided_bodies_is_in_the_text_and_adds_up() {
    let contract = ours();
    let part = |file: String| {
        let options = RunOptions::default();
        check(&contract, vec![file], &options).unwrap()
    };
    let text = |report: &Report| {
        let view = View::new(&contract, report, &Baseline::default()).unwrap();
        render(&view, Format::Human).unwrap()
    };
    let folder = folder();
    let order = line(GET_ORDER, 200, JSON, &limit_order().to_string());
    let broken = order.replace("20.10", "x");
    let many = vec![order; 1_000].join("\n");
    let mut sum = part(file(folder.path(), "a.ndjson", broken));
    assert!(text(&sum).contains("\nquick: 0 of 1 bodies\n"));
    sum.merge(part(file(folder.path(), "b.ndjson", many)))
        .unwrap();
    assert!(text(&sum).contains("\nquick: 1,000 of 1,001 bodies\n"));
    assert_eq!(
        json_of(&contract, &sum)["summary"]["quick"],
        json!({"decided": 1_000, "bodies": 1_001})
    );
}

#[test]
fn a_json_schema_has_them_too() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/order.schema.json");
    let contract = Contract::read_schema(&schema).unwrap();
    let folder = folder();
    let file = file(folder.path(), "orders.ndjson", history_order().to_string());
    let report = report(&contract, Quick::Contract, &[file]);
    assert_eq!(
        report["summary"]["quick"],
        json!({"decided": 1, "bodies": 1})
    );
}
