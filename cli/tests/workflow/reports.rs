//! Trace, JUnit and HAR, and what stands in none of them, nor in the state folder.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::common::exchange::Exchange;
use crate::common::{stderr, stdout};
use crate::{call, code, only, open, replacing, with_order};

/// An Ed25519 signature in base64, without its padding.
const SIGNATURE_CHARS: usize = 86;

/// Whether a signature could stand in the text.
fn has_signature(text: &str) -> bool {
    let is_other = |c: char| !(c.is_ascii_alphanumeric() || c == '+' || c == '/');
    text.split(is_other)
        .any(|part| part.len() == SIGNATURE_CHARS)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// Nothing that was written or shown holds one of these, or a signature.
fn assert_no_secret(exchange: &Exchange, shown: &[&str], secrets: &[&str]) {
    let written = files(exchange.state.path()).into_iter().map(|path| {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        (path.display().to_string(), text)
    });
    let shown = shown
        .iter()
        .map(|text| ("a terminal".to_owned(), (*text).to_owned()));
    let (secret, key) = (exchange.sandbox.api_secret(), exchange.sandbox.api_key());
    let own = [secret.as_str(), key.as_str()];
    for (place, text) in written.chain(shown) {
        for secret in own.iter().chain(secrets) {
            assert!(!text.contains(secret), "{secret} in {place}");
        }
        assert!(!has_signature(&text), "a signature in {place}");
        assert!(
            !text.to_lowercase().contains("x-signature"),
            "the header in {place}"
        );
    }
}

#[test]
fn trace_junit_and_har_tell_every_request_and_no_secret() {
    let (exchange, id) = with_order();
    let line = format!(
        "{} --allow-trading --trace trace.json --junit junit.xml --har run.har",
        replacing(&id)
    );
    let output = call(&exchange, &line);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let read = |name| fs::read_to_string(exchange.state.path().join(name)).unwrap();
    let trace: Value = serde_json::from_str(&read("trace.json")).unwrap();
    assert_eq!(trace["report"]["outcome"]["kind"], "done");
    let har: Value = serde_json::from_str(&read("run.har")).unwrap();
    let entries = har["log"]["entries"].as_array().unwrap();
    let methods: Vec<_> = entries
        .iter()
        .map(|it| it["request"]["method"].as_str().unwrap())
        .collect();
    assert_eq!(methods, ["GET", "DELETE", "GET", "POST"]);
    let junit = read("junit.xml");
    assert!(junit.contains(r#"tests="5" failures="0""#), "{junit}");
    assert_no_secret(&exchange, &[stdout(&output), stderr(&output)], &[]);
}

#[test]
fn a_file_that_cannot_be_written_is_told_and_the_outcome_stays() {
    let (exchange, id) = with_order();
    let line = format!("{} --allow-trading --har nowhere/run.har", replacing(&id));
    let output = call(&exchange, &line);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(
        stderr(&output).contains("nowhere/run.har was not written"),
        "{}",
        stderr(&output)
    );
    assert!(stdout(&output).contains("outcome  done"));
}

/// Three requests under one signature, one key and one time, all of them inputs.
const STATIC_SIGNATURE: &str = r"
arazzo: 1.0.1
info: {title: One signature for everything, version: 1.0.0}
sourceDescriptions:
  - {name: venue, url: ./nowhere/venue.yaml, type: openapi}
workflows:
  - workflowId: replace
    inputs:
      type: object
      required: [symbol, orderId, side, newPrice, newQuantity, apiKey, signature, timestamp]
      properties:
        symbol: {type: string}
        orderId: {type: string}
        side: {type: string, enum: [Bid, Ask]}
        newPrice: {type: string}
        newQuantity: {type: string}
        apiKey: {type: string}
        signature: {type: string}
        timestamp: {type: integer}
        window: {type: integer}
    parameters:
      - {name: X-API-KEY, in: header, value: $inputs.apiKey}
      - {name: X-SIGNATURE, in: header, value: $inputs.signature}
      - {name: X-TIMESTAMP, in: header, value: $inputs.timestamp}
      - {name: X-WINDOW, in: header, value: $inputs.window}
    steps:
      - stepId: look
        operationId: get_order
        parameters:
          - {name: symbol, in: query, value: $inputs.symbol}
          - {name: orderId, in: query, value: $inputs.orderId}
        successCriteria: [{condition: $statusCode == 200}]
      - stepId: cancel
        operationId: cancel_order
        requestBody:
          contentType: application/json; charset=utf-8
          payload: {symbol: $inputs.symbol, orderId: $inputs.orderId}
        successCriteria: [{condition: $statusCode == 200}]
      - stepId: place
        operationId: execute_order
        requestBody:
          contentType: application/json; charset=utf-8
          payload:
            orderType: Limit
            symbol: $inputs.symbol
            side: $inputs.side
            price: $inputs.newPrice
            quantity: $inputs.newQuantity
        successCriteria: [{condition: $statusCode == 200}]
        outputs: {newOrderId: $response.body#/id}
    outputs: {newOrderId: $steps.place.outputs.newOrderId}
";

/// The published document, unmodified, with its contract; none where it is not at hand.
fn published() -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/upstream");
    let path = folder.join("cancel-replace-order.arazzo.yml");
    if !path.is_file() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    let contract = folder.join("backpack-order-api-openapi.yml");
    Some(format!(
        "{} --openapi {}",
        path.display(),
        contract.display()
    ))
}

#[test]
fn static_keys_signatures_and_times_are_not_used_reported_and_kept_nowhere() {
    let (key, signature) = ("c3RhdGljIGtleQ==", "c3RhdGljIHNpZ25hdHVyZQ==");
    for document in [Some("static.arazzo.yaml".to_owned()), published()]
        .into_iter()
        .flatten()
    {
        let (exchange, id) = with_order();
        fs::write(
            exchange.state.path().join("static.arazzo.yaml"),
            STATIC_SIGNATURE,
        )
        .unwrap();
        let line = format!(
            "workflow run {document} --input symbol=SOL_USDC --input orderId={id} --input side=Bid --input newPrice=21 \
             --input newQuantity=3 --input apiKey={key} --input signature={signature} --input timestamp=1700000000000 \
             --allow-trading --trace trace.json --junit junit.xml --har run.har"
        );
        let output = call(&exchange, &line);
        assert_eq!(code(&output), 0, "{document}: {}", stderr(&output));
        for name in ["apiKey", "signature", "timestamp"] {
            let note =
                format!("note     input `{name}` is not used: each request is signed by itself");
            assert!(stdout(&output).contains(&note), "{}", stdout(&output));
        }
        assert_eq!(open(&exchange), only("21", "3"));
        fs::remove_file(exchange.state.path().join("static.arazzo.yaml")).unwrap();
        assert_no_secret(
            &exchange,
            &[stdout(&output), stderr(&output)],
            &[key, signature],
        );
    }
}
