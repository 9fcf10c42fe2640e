//! Recordings that were damaged at random: checked, reported, never a panic.

use bpx_conformance::report::Report;
use bpx_conformance::{Baseline, Contract, Format, RunOptions, View, check, render};
use bpx_recording::sources;
use proptest::prelude::*;
use serde_json::json;

use crate::foreign;
use crate::support::*;

/// One small recording of each format.
fn recordings() -> Vec<Vec<u8>> {
    let order = limit_order().to_string();
    let request = json!({"method": "GET", "url": "https://h/api/v1/order?symbol=A&orderId=1"});
    let har = json!({"log": {"version": "1.2", "entries": [
        {"startedDateTime": "2026-11-20T04:17:55.048Z", "request": request, "response": {"status": 200, "content": {"text": order}}},
    ]}});
    let mapping = json!({"mappings": [{"request": request, "response": {"status": 200, "jsonBody": limit_order()}}]});
    let cassette = format!(
        "interactions:\n- request: {{method: GET, uri: https://h/api/v1/order}}\n  response:\n    body: {{string: '{order}'}}\n    status: {{code: 200}}\n"
    );
    let lines = [
        line(GET_ORDER, 200, JSON, &order),
        page(FILLS, &json!([fill()]).to_string()),
        json!({"method": "GET", "url": "/api/v1/orders", "status": 200, "response_body": []})
            .to_string(),
    ];
    let texts = [
        lines.join("\n"),
        serde_json::to_string_pretty(&har).unwrap(),
        mapping.to_string(),
        cassette,
    ];
    texts.map(String::into_bytes).to_vec()
}

#[derive(Debug, Clone)]
enum Damage {
    Byte(usize, u8),
    Cut(usize),
    Insert(usize, Vec<u8>),
    Twice(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = 0..100_000_usize;
    let token = prop::sample::select(vec![
        "null",
        "{",
        "}",
        "[",
        "]",
        "\"",
        ",",
        ":",
        "1e999",
        "-1",
        "\\u0000",
        "\n",
        "\u{feff}",
        "18446744073709551616",
        "\\ud800",
        "&a *a",
        "- ",
    ]);
    prop_oneof![
        (at.clone(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        at.clone().prop_map(Damage::Cut),
        (at.clone(), token).prop_map(|(at, text)| Damage::Insert(at, text.into())),
        (at, 1..200_usize).prop_map(|(at, count)| Damage::Twice(at, count)),
    ]
}

fn damaged(mut bytes: Vec<u8>, damages: Vec<Damage>) -> Vec<u8> {
    for damage in damages {
        let length = bytes.len().max(1);
        match damage {
            Damage::Byte(at, byte) => {
                if let Some(old) = bytes.get_mut(at % length) {
                    *old = byte;
                }
            }
            Damage::Cut(at) => bytes.truncate(at % length),
            Damage::Insert(at, text) => {
                let at = (at % length).min(bytes.len());
                bytes.splice(at..at, text);
            }
            Damage::Twice(at, count) => {
                let at = (at % length).min(bytes.len());
                let end = (at + count).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
    bytes
}

fn reports(contract: &Contract, bytes: &[u8]) -> Report {
    let folder = folder();
    let file = file(folder.path(), "damaged", bytes);
    let mut options = RunOptions::default();
    options.threads = 1;
    check(contract, sources(&[file]).unwrap(), &options).unwrap()
}

/// Damages the recordings at random: nothing panics, and each interaction is validated or skipped.
fn damage_all(contract: &Contract, recordings: &[Vec<u8>], formats: &[(Format, &str)]) {
    let config = ProptestConfig {
        cases: 256,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let input = (0..recordings.len(), prop::collection::vec(damage(), 1..6));
    proptest!(config, |((which, damages) in input)| {
        let bytes = damaged(recordings[which].clone(), damages);
        let report = reports(contract, &bytes);
        let view = View::new(contract, &report, &Baseline::default()).unwrap();
        let tally = &view.tally;
        let skipped: u64 = tally.skipped.values().sum();
        prop_assert_eq!(tally.exchanges.count, tally.validated + skipped);
        for (format, _) in formats {
            prop_assert!(render(&view, *format).is_ok());
        }
    });
}

#[test]
fn no_damage_makes_the_checker_panic_or_lose_count() {
    damage_all(&ours(), &recordings(), &Format::ALL);
}

#[test]
fn no_damage_to_recordings_of_other_programs_does_either() {
    let contract = Contract::read_openapi(&foreign::folder().join("api.yaml")).unwrap();
    let files = foreign::files().into_iter();
    let recordings: Vec<_> = files.map(|file| std::fs::read(file).unwrap()).collect();
    assert!(recordings.len() > 30);
    damage_all(&contract, &recordings, &[]);
}
