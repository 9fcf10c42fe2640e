//! `/openapi.json`: it describes the responses correctly, and linters find no error.

use std::path::PathBuf;
use std::process::Command;

use bpx_runtime::http::Method;
use bpx_sandbox::Fault;
use serde_json::{Value, json};

use crate::support::{FILLS, Fixture, ORDER, ORDERS, answer, bid, send};

async fn document(fixture: &Fixture) -> Value {
    answer(fixture.bare(Method::GET, "/openapi.json")).await.1
}

/// Validates a response against the document.
async fn agree(document: &Value, request: reqwest::RequestBuilder, method: &str, path: &str) {
    let response = send(request).await;
    let status = response.status().as_u16().to_string();
    let kind = response.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    let responses = &document["paths"][path][method]["responses"];
    let mut described = &responses[&status];
    if let Some(reference) = described["$ref"].as_str() {
        described = document.pointer(&reference[1..]).unwrap();
    }
    let mut schema = described["content"][&kind]["schema"].clone();
    assert!(schema.is_object(), "{method} {path} {status} {kind}");
    let text = schema.to_string();
    schema["components"] = document["components"].clone();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let body: Value = response.json().await.unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&body)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{text}: {errors:?}\n{body}");
}

#[tokio::test]
async fn answers_are_as_the_document_says() {
    let fixture = Fixture::new().await;
    let document = document(&fixture).await;
    agree(&document, fixture.post(ORDER, &bid("20")), "post", ORDER).await;
    agree(
        &document,
        fixture.post(ORDERS, &json!([bid("20")])),
        "post",
        ORDERS,
    )
    .await;
    agree(&document, fixture.get(ORDERS), "get", ORDERS).await;
    agree(&document, fixture.get(FILLS), "get", FILLS).await;
    let unknown = format!("{ORDER}?symbol=SOL_USDC&orderId=1");
    agree(&document, fixture.get(&unknown), "get", ORDER).await;
    agree(&document, fixture.get(ORDER), "get", ORDER).await;
    agree(&document, fixture.post(ORDER, &bid("-1")), "post", ORDER).await;
    agree(&document, fixture.bare(Method::GET, ORDERS), "get", ORDERS).await;
    let busy = Fault::TooManyRequests {
        retry_after_s: Some(7),
    };
    fixture.sandbox.arm(busy.on("execute_order")).unwrap();
    agree(&document, fixture.post(ORDER, &bid("20")), "post", ORDER).await;
    let which = json!({"symbol": "SOL_USDC"});
    agree(&document, fixture.delete(ORDERS, &which), "delete", ORDERS).await;
}

#[tokio::test]
async fn bodies_the_contract_takes_are_bodies_the_document_takes() {
    let fixture = Fixture::new().await;
    let document = document(&fixture).await;
    let mut schema = document["paths"][ORDER]["post"]["requestBody"]["content"]["application/json"]
        ["schema"]
        .clone();
    schema["components"] = document["components"].clone();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    assert!(validator.is_valid(&bid("20")));
    let mut wrong = bid("20");
    wrong["X-BROKER-ID"] = json!(7);
    assert!(!validator.is_valid(&wrong));
}

/// The folder of the linters: `BPX_NODE_MODULES`, or `target/openapi-lint/node_modules`.
fn node_modules() -> PathBuf {
    let default = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../target/openapi-lint/node_modules"
    );
    std::env::var_os("BPX_NODE_MODULES").map_or_else(|| default.into(), PathBuf::from)
}

fn lint(program: &str, arguments: &[&str]) {
    let path = node_modules().join(".bin").join(program);
    if !path.exists() {
        println!(
            "skipped: {} is not there; npm install --prefix target/openapi-lint @redocly/cli@2.77.0 @stoplight/spectral-cli@6.16.3",
            path.display()
        );
        return;
    }
    let output = Command::new(path).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    println!("{text}");
}

#[tokio::test]
async fn redocly_and_spectral_find_no_error() {
    let fixture = Fixture::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, document(&fixture).await.to_string()).unwrap();
    let ruleset = folder.path().join("spectral.yaml");
    std::fs::write(&ruleset, "extends: spectral:oas\n").unwrap();
    let (file, ruleset) = (file.to_str().unwrap(), ruleset.to_str().unwrap());
    lint("redocly", &["lint", file]);
    lint(
        "spectral",
        &[
            "lint",
            "--ruleset",
            ruleset,
            "--fail-severity",
            "error",
            file,
        ],
    );
}
