//! The generated validators and the oracle come to the same, on whatever bytes.

use std::cell::Cell;
use std::path::Path;

use bpx_conformance::{Contract, FastPath, Generated, RunOptions, check, sources};
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

fn report(fast: bool, files: &[String]) -> Value {
    let contract = ours();
    let generated = Generated::of(&contract).unwrap();
    let fast = fast.then_some(&generated as &dyn FastPath);
    let files = sources(files).unwrap();
    let report = check(&contract, fast, files, &RunOptions::default()).unwrap();
    json_of(&contract, &report)
}

#[test]
fn any_bytes_are_judged_as_by_the_oracle() {
    let config = ProptestConfig {
        cases: 4_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let said = Cell::new([0; 3]);
    proptest!(config, |(data in prop::collection::vec(any::<u8>(), 0..700))| {
        let verdicts = validators::check(&data);
        let [ok, fail, unsure] = said.get();
        said.set([ok + verdicts.ok, fail + verdicts.fail, unsure + verdicts.unsure]);
    });
    // Each verdict was put to the test.
    assert!(said.get().iter().all(|count| *count > 100), "{said:?}");
    println!("{said:?}");
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
        let verdicts = validators::agree("get_order", 200, order(members).as_bytes());
        assert_eq!(
            (verdicts.ok, verdicts.fail),
            (u64::from(!fails), u64::from(fails)),
            "{members:?}"
        );
    }
}

#[test]
fn recordings_of_all_eight_operations_are_decided_in_one_pass() {
    let report = report(true, &recordings());
    let verdicts = &report["summary"]["verdicts"];
    let count = |name: &str| verdicts[name].as_u64().unwrap();
    let all = count("ok") + count("fail") + count("unsure");
    assert!(all >= 30, "{verdicts}");
    assert!(count("unsure") * 100 <= all, "{verdicts}");
    let operations = report["coverage"].as_array().unwrap();
    assert_eq!(operations.len(), 8);
    assert!(
        operations
            .iter()
            .all(|row| row["exchanges"]["count"].as_u64() > Some(0))
    );
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
    let (mut quick, slow) = (report(true, &files), report(false, &files));
    assert_ne!(quick["summary"]["verdicts"], slow["summary"]["verdicts"]);
    quick["summary"]["verdicts"] = slow["summary"]["verdicts"].clone();
    assert_eq!(quick, slow);
}

#[test]
fn they_are_for_no_other_contract() {
    assert!(Generated::of(&ours()).is_some());
    if let Some(upstream) = upstream() {
        assert!(Generated::of(&upstream).is_none());
    }
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/order.schema.json");
    assert!(Generated::of(&Contract::read_schema(&schema).unwrap()).is_none());
}
