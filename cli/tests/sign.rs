//! `bpx sign`.

#![cfg(test)]

mod common;

use std::fs;
use std::path::Path;

use common::{PUBLIC, SEED, examples, json, run, run_with, stderr, stdout};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Vector {
    name: String,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    body: Option<Box<RawValue>>,
    timestamp: i64,
    window: u64,
    signing_string: String,
    seed_b64: String,
    pubkey_b64: String,
    signature_b64: String,
}

fn vectors() -> Vec<Vector> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/signing.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The command line that signs a vector.
fn arguments(vector: &Vector) -> Vec<String> {
    let mut arguments = ["sign", &vector.method, &vector.path, "--json"]
        .map(str::to_owned)
        .to_vec();
    arguments.extend(["--timestamp".to_owned(), vector.timestamp.to_string()]);
    arguments.extend(["--window".to_owned(), vector.window.to_string()]);
    if let Some(body) = &vector.body {
        arguments.extend(["--body".to_owned(), body.get().to_owned()]);
    }
    let pairs: Vec<_> = vector
        .query
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    if !pairs.is_empty() {
        arguments.extend(["--query".to_owned(), pairs.join("&")]);
    }
    arguments
}

#[test]
fn the_json_of_each_vector_is_its_string_and_signature() {
    for vector in vectors() {
        let arguments = arguments(&vector);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let environment = [
            ("BACKPACK_API_SECRET", vector.seed_b64.as_str()),
            ("BACKPACK_API_KEY", vector.pubkey_b64.as_str()),
        ];
        let output = run_with(&arguments, &environment);
        assert!(
            output.status.success(),
            "{}: {}",
            vector.name,
            stderr(&output)
        );
        let expected = serde_json::json!({
            "signing_string": vector.signing_string,
            "signature": vector.signature_b64,
            "api_key": vector.pubkey_b64,
            "timestamp": vector.timestamp,
            "window": vector.window,
        });
        assert_eq!(json(&output), expected, "{}", vector.name);
    }
}

#[test]
fn the_explanation_gives_each_part_its_rule_and_where_clients_differ() {
    let body = r#"{"symbol":"SOL_USDC","clientId":0,"orderId":null}"#;
    let output = run(&[
        "sign",
        "delete",
        "/api/v1/order",
        "--body",
        body,
        "--timestamp",
        "1",
    ]);
    let text = stdout(&output);
    for expected in [
        "Parts of cancel_order, DELETE /api/v1/order\n",
        "instruction=orderCancel&clientId=0&symbol=SOL_USDC&timestamp=1&window=5000\n",
        "(orderId left out)",
        "others differ: bpx-py drops zero and false",
        "X-TIMESTAMP: 1\n",
        "Nothing was sent.",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "colour belongs to terminals only");
    assert!(!text.contains(SEED), "the secret is not shown");
}

#[test]
fn a_body_is_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("order.json");
    fs::write(&file, r#"{"symbol":"BTC_USDT","orderId":"28"}"#).unwrap();
    let body = format!("@{}", file.display());
    let output = run(&[
        "sign",
        "DELETE",
        "/api/v1/order",
        "--body",
        &body,
        "--timestamp",
        "1614550000000",
        "--json",
    ]);
    let vector = vectors()
        .into_iter()
        .find(|vector| vector.name == "cancel_order_spec_doc_example")
        .unwrap();
    assert_eq!(json(&output)["signature"], vector.signature_b64);

    let missing = run(&["sign", "DELETE", "/api/v1/order", "--body", "@no/such/file"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(
        stderr(&missing).contains("no/such/file"),
        "{}",
        stderr(&missing)
    );
}

#[test]
fn a_bad_secret_ends_with_2_and_is_not_repeated() {
    let sign = ["sign", "GET", "/api/v1/orders"];
    for secret in [
        "not-base64-secret",
        "c2hvcnQtc2VjcmV0",
        SEED.trim_end_matches('='),
    ] {
        let output = run_with(&sign, &[("BACKPACK_API_SECRET", secret)]);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(!stderr(&output).contains(secret), "{}", stderr(&output));
        assert!(stdout(&output).is_empty());
        assert!(
            stderr(&output).starts_with("error: BACKPACK_API_SECRET: "),
            "{}",
            stderr(&output)
        );
        assert!(stderr(&output).contains("\n  fix: "), "{}", stderr(&output));
    }
}

#[test]
fn a_missing_secret_ends_with_2_and_tells_how_to_get_one() {
    for environment in [&[][..], &[("BACKPACK_API_SECRET", "")]] {
        let output = run_with(&["sign", "GET", "/api/v1/orders"], environment);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr(&output).contains("bpx sandbox --env FILE"),
            "{}",
            stderr(&output)
        );
    }
}

#[test]
fn a_public_key_of_another_pair_ends_with_2() {
    let other = PUBLIC.replace("11q", "21q");
    let environment = [
        ("BACKPACK_API_SECRET", SEED),
        ("BACKPACK_API_KEY", other.as_str()),
    ];
    let output = run_with(&["sign", "GET", "/api/v1/orders"], &environment);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("BACKPACK_API_KEY: "),
        "{}",
        stderr(&output)
    );
}

#[test]
fn bad_input_ends_with_2_and_a_fix() {
    let cases: [&[&str]; 8] = [
        &[
            "sign",
            "GET",
            "/api/v1/orders",
            "--query",
            "?symbol=SOL_USDC",
        ],
        &["sign", "PUT", "/api/v1/order"],
        &["sign", "GET", "/api/v1/orders?symbol=SOL_USDC"],
        &["sign", "POST", "/api/v1/order"],
        &["sign", "POST", "/api/v1/order", "--body", "{"],
        &["sign", "POST", "/api/v1/orders", "--body", "[]"],
        &["sign", "GET", "/api/v1/orders", "--window", "0"],
        &["sign", "GET", "/api/v1/orders", "--timestamp=-1"],
    ];
    for arguments in cases {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            stderr(&output).contains("\n  fix: "),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(stdout(&output).is_empty(), "{arguments:?}");
    }
}

#[test]
fn the_time_is_now_and_the_window_5000_unless_told() {
    let signed = json(&run(&["sign", "GET", "/api/v1/orders", "--json"]));
    assert!(signed["timestamp"].as_i64().unwrap() > 1_700_000_000_000);
    assert_eq!(signed["window"], 5_000);
}

#[test]
fn the_examples_of_the_help_work() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("orders.json"),
        r#"[{"symbol":"SOL_USDC"}]"#,
    )
    .unwrap();
    let examples = examples(&["sign"]);
    assert_eq!(examples.len(), 3);
    for example in examples {
        let arguments: Vec<_> = example.iter().map(String::as_str).collect();
        let output = common::bpx(&arguments)
            .env("BACKPACK_API_SECRET", SEED)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{example:?}: {}", stderr(&output));
    }
}
