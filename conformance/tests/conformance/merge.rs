//! Partial reports add up to the same bytes, in any order and grouping.

use crate::support::*;
use bpx_conformance::report::Report;
use bpx_conformance::{Baseline, Error, Format, RunOptions, View, check, render};
use bpx_recording::Shard;
use proptest::prelude::*;
use serde_json::json;

/// Lines of every kind, faults included.
fn lines(count: u64) -> String {
    let line_of = |n: u64| match n % 7 {
        0 => line(
            GET_ORDER,
            200,
            JSON,
            &with(limit_order(), &[("status", json!(format!("Odd{}", n % 5)))]).to_string(),
        ),
        1 => page(HISTORY, &json!([history_order()]).to_string()),
        2 => line(GET_ORDER, 418, JSON, "{}"),
        3 => "{\"cut".to_owned(),
        4 => page(
            FILLS,
            &json!([with(fill(), &[("price", json!("x"))])]).to_string(),
        ),
        _ => line(GET_ORDER, 200, JSON, &limit_order().to_string())
            .replace("04:17:55", &format!("0{}:17:5{}", n % 10, n % 9)),
    };
    (0..count).map(|n| line_of(n) + "\n").collect()
}

/// Eight files, each a partial report of its own.
fn parts(contract: &bpx_conformance::Contract) -> Vec<Report> {
    let folder = folder();
    (1..=8_u64)
        .map(|n| {
            run(
                contract,
                &[file(folder.path(), &format!("{n}.ndjson"), lines(n * 5))],
            )
        })
        .collect()
}

fn bytes(report: &Report) -> String {
    serde_json::to_string(report).unwrap()
}

fn merged(parts: impl IntoIterator<Item = Report>) -> Report {
    let mut parts = parts.into_iter();
    let first = parts.next().unwrap();
    parts.fold(first, |mut sum, part| {
        sum.merge(part).unwrap();
        sum
    })
}

#[test]
fn merging_is_commutative_associative_and_idempotent() {
    let contract = ours();
    let parts = parts(&contract);
    let whole = merged(parts.clone());
    let (expected, total) = (bytes(&whole), whole.total().unwrap());
    let order = Just((0..parts.len()).collect::<Vec<_>>()).prop_shuffle();
    let config = ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(order in order, cut in 1..7_usize, twice in 0..8_usize)| {
        let shuffled: Vec<_> = order.iter().map(|index| parts[*index].clone()).collect();
        let (left, right) = shuffled.split_at(cut);
        let mut sum = merged(left.to_vec());
        sum.merge(merged(right.to_vec())).unwrap();
        sum.merge(parts[twice].clone()).unwrap();
        prop_assert_eq!(&bytes(&sum), &expected);
        // The counts themselves add up in any order too, as those of the threads of one run do.
        let mut tally = bpx_conformance::report::Tally::default();
        shuffled.into_iter().for_each(|part| tally.merge(part.total().unwrap()));
        prop_assert_eq!(&tally, &total);
    });
}

#[test]
fn shards_of_a_file_add_up_to_the_file_and_threads_change_nothing() {
    let contract = ours();
    let folder = folder();
    // Some megabytes, so that there are several blocks.
    let file = file(folder.path(), "many.ndjson", lines(6_000));
    let files = std::slice::from_ref(&file);
    let whole = run(&contract, files).total().unwrap();
    let shards = (0..3).map(|index| format!("{index}/3").parse().unwrap());
    let merged = merged(shards.map(|shard: Shard| run_shard(&contract, files, shard)));
    assert!(merged.total().unwrap() == whole);
    for (format, name) in Format::ALL {
        let shown = |report: &Report| {
            let view = View::new(&contract, report, &Baseline::default()).unwrap();
            render(&view, format).unwrap()
        };
        assert!(shown(&merged) == shown(&run(&contract, files)), "{name}");
    }
    let mut options = RunOptions::default();
    for threads in [1, 3] {
        options.threads = threads;
        let report = check(&contract, files.to_vec(), &options).unwrap();
        assert!(report.total().unwrap() == whole, "{threads} threads");
    }
    assert!(whole.exchanges.count > 5_000 && whole.findings.len() > 5);
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let contract = ours();
    let folder = folder();
    let a = file(folder.path(), "a.ndjson", lines(5));
    let b = file(folder.path(), "b.ndjson", lines(6));
    let mut both = run(&contract, &[a.clone(), b]);
    both.merge(run(&contract, &[a])).unwrap();
    assert!(matches!(both.total(), Err(Error::Overlap(file)) if file.ends_with("a.ndjson")));
    let document = br#"{"openapi":"3.0.3","info":{"title":"T","version":"1"},"paths":{"/a":{"get":{"operationId":"a","responses":{"200":{"description":""}}}}}}"#;
    let other = bpx_contract::Document::parse("o.json", document).unwrap();
    let other = bpx_conformance::Contract::openapi(other).unwrap();
    let foreign = run(&other, &[file(folder.path(), "c.ndjson", lines(1))]);
    assert!(matches!(both.merge(foreign), Err(Error::Mixed("contract"))));
    assert!("3/3".parse::<Shard>().is_err() && "x".parse::<Shard>().is_err());
}

#[test]
fn a_missing_shard_is_named_and_other_shards_of_the_same_file_are_refused() {
    let contract = ours();
    let folder = folder();
    let files = [file(folder.path(), "a.ndjson", lines(5))];
    let shard = |text: &str| run_shard(&contract, &files, text.parse().unwrap());
    let mut some = merged([shard("0/3"), shard("2/3")]);
    let refused = View::new(&contract, &some, &Baseline::default()).unwrap_err();
    assert!(matches!(&refused, Error::MissingShard { shard, .. } if shard == "1/3"));
    some.merge(shard("1/2")).unwrap();
    let refused = View::new(&contract, &some, &Baseline::default()).unwrap_err();
    assert!(matches!(refused, Error::Overlap(file) if file.ends_with("a.ndjson")));
}

#[test]
fn a_partial_report_survives_its_file() {
    let contract = ours();
    let folder = folder();
    let report = run(&contract, &[file(folder.path(), "a.ndjson", lines(30))]);
    let path = folder.path().join("part.json");
    report.write(&path).unwrap();
    let read = Report::read(&path).unwrap();
    assert_eq!(read, report);
    assert_eq!(json_of(&contract, &read), json_of(&contract, &report));
    assert!(matches!(
        Report::read(&folder.path().join("a.ndjson")),
        Err(Error::Part { .. })
    ));
}
