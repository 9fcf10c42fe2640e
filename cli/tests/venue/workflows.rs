//! Workflows over several documents of the venue run signed, with `--openapi` alone.

use std::fs;
use std::path::Path;
use std::process::{Child, Output};

use serde_json::{Value, json};

use crate::common::{bpx, json as parsed, ready, stderr, stdout};
use crate::files::{self, Files};

/// Shaped like the published ones: the signature among the inputs, operations of several documents, one source that is
/// not there.
const FUNDING: &str = "
arazzo: 1.0.1
info: {title: Funding, version: 1.0.0}
sourceDescriptions: [{name: venueApi, url: ../openapi/whole.yml, type: openapi}]
workflows:
- workflowId: funding
  inputs:
    type: object
    required: [blockchain, symbol, quantity, apiKey, signature, timestamp]
    properties: {blockchain: {type: string}, symbol: {type: string}, quantity: {type: string}, apiKey: {type: string}, signature: {type: string}, timestamp: {type: integer}}
  steps:
  - stepId: balances
    operationId: get_balances
    parameters: &signed
    - {name: X-API-KEY, in: header, value: $inputs.apiKey}
    - {name: X-SIGNATURE, in: header, value: $inputs.signature}
    - {name: X-TIMESTAMP, in: header, value: $inputs.timestamp}
    successCriteria: [{condition: $statusCode == 200}]
    outputs: {balances: $response.body}
  - stepId: address
    operationId: get_deposit_address
    parameters:
    - {name: X-API-KEY, in: header, value: $inputs.apiKey}
    - {name: blockchain, in: query, value: $inputs.blockchain}
    successCriteria: [{condition: $statusCode == 200}]
    outputs: {address: $response.body#/address}
  - stepId: buy
    operationId: execute_order
    parameters: *signed
    requestBody:
      contentType: application/json
      payload: {symbol: $inputs.symbol, side: Bid, orderType: Market, quantity: $inputs.quantity}
    successCriteria: [{condition: $statusCode == 200}]
    outputs: {orderId: $response.body#/id, status: $response.body#/status}
  - stepId: dust
    operationId: convert_dust
    requestBody: {contentType: application/json, payload: {symbol: SOL}}
    successCriteria: [{condition: $statusCode == 200}]
  outputs: {address: $steps.address.outputs.address, status: $steps.buy.outputs.status}
";

/// The inputs of a workflow.
type Inputs<'a> = &'a [(&'a str, &'a str)];

struct Exchange {
    child: Child,
    described: Value,
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Exchange {
    fn start(files: &Files) -> Self {
        let mut arguments = vec!["sandbox", "--listen", "127.0.0.1:0"];
        for file in &files.openapi {
            arguments.extend(["--openapi", file.to_str().unwrap()]);
        }
        let (child, line) = ready(bpx(&arguments));
        let described = serde_json::from_str(&line).unwrap();
        Self { child, described }
    }

    fn text(&self, key: &str) -> &str {
        self.described[key].as_str().unwrap()
    }

    /// Runs a workflow with all the documents.
    fn run(&self, files: &Files, workflow: &Path, inputs: Inputs<'_>, options: &[&str]) -> Output {
        let state = files.folder.path().join("workflows");
        let mut arguments = vec![
            "workflow",
            "run",
            workflow.to_str().unwrap(),
            "--json",
            "--allow-trading",
        ];
        arguments.extend(["--state", state.to_str().unwrap()]);
        for file in &files.openapi {
            arguments.extend(["--openapi", file.to_str().unwrap()]);
        }
        let signature = [
            ("apiKey", "unused"),
            ("signature", "unused"),
            ("timestamp", "1"),
        ];
        let inputs = inputs.iter().chain(&signature);
        let inputs: Vec<_> = inputs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        for input in &inputs {
            arguments.extend(["--input", input]);
        }
        arguments.extend(options);
        let mut command = bpx(&arguments);
        command.env("BACKPACK_BASE_URL", self.text("base_url"));
        command.env("BACKPACK_API_SECRET", self.text("api_secret"));
        command.output().unwrap()
    }

    /// The instructions that were verified.
    fn instructions(&self) -> Vec<String> {
        let url = format!("{}/verified", self.text("control_url"));
        let fetch = async { reqwest::get(url).await.unwrap().text().await.unwrap() };
        let text = tokio::runtime::Runtime::new().unwrap().block_on(fetch);
        let log: Value = serde_json::from_str(&text).unwrap();
        let rows = log.as_array().or(log["verified"].as_array()).unwrap();
        let instruction = |row: &Value| row["instructions"][0].as_str().unwrap().to_owned();
        rows.iter().map(instruction).collect()
    }
}

#[test]
fn a_workflow_over_several_documents_runs_signed_and_keeps_to_the_policy() {
    let mut files = files::own();
    files
        .openapi
        .push(Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/backpack-order.openapi.yaml"));
    let exchange = Exchange::start(&files);
    let workflow = files.folder.path().join("funding.arazzo.yaml");
    fs::write(&workflow, FUNDING).unwrap();
    let inputs = [
        ("blockchain", "Solana"),
        ("symbol", "SOL_USDC"),
        ("quantity", "1"),
    ];
    // What changes something beyond orders needs its name, in a workflow as well.
    let unnamed = exchange.run(&files, &workflow, &inputs, &[]);
    assert!(!unnamed.status.success());
    let message = format!("{}{}", stdout(&unnamed), stderr(&unnamed));
    assert!(message.contains("convert_dust"), "{message}");
    assert!(!exchange.instructions().contains(&"convertDust".to_owned()));

    let policy = files.folder.path().join("policy.toml");
    fs::write(
        &policy,
        "trading = true\n[operation.convert_dust]\none_of = { \"/symbol\" = [\"SOL\"] }\n",
    )
    .unwrap();
    let options = ["--policy", policy.to_str().unwrap()];
    let before = exchange.instructions().len();
    let output = exchange.run(&files, &workflow, &inputs, &options);
    assert!(
        output.status.success(),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
    let report = parsed(&output);
    assert_eq!(
        report["outputs"],
        json!({"address": "text", "status": "Filled"}),
        "{report}"
    );
    let instructions = &exchange.instructions()[before..];
    for instruction in [
        "balanceQuery",
        "depositAddressQuery",
        "orderExecute",
        "convertDust",
    ] {
        let times = instructions.iter().filter(|it| *it == instruction).count();
        assert_eq!(times, 1, "{instruction}: {instructions:?}");
    }
}

#[test]
fn the_published_workflows_run_signed() {
    let Some(mut files) = files::published() else {
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/upstream");
    files
        .openapi
        .insert(0, root.join("backpack-order-api-openapi.yml"));
    let exchange = Exchange::start(&files);
    let cases: [(&str, Inputs<'_>, &[&str]); 3] = [
        (
            "balance-checked-market-buy",
            &[("symbol", "SOL_USDC"), ("quoteQuantity", "100")],
            &["balanceQuery", "orderExecute", "fillHistoryQueryAll"],
        ),
        (
            "deposit-address-and-history",
            &[("blockchain", "Solana"), ("limit", "10")],
            &["depositAddressQuery", "depositQueryAll"],
        ),
        (
            "position-take-profit",
            &[
                ("symbol", "SOL_USDC_PERP"),
                ("closeSide", "Ask"),
                ("takeProfitPrice", "200"),
                ("quantity", "1"),
            ],
            &["positionQuery", "orderExecute"],
        ),
    ];
    for (name, inputs, expected) in cases {
        let workflow = root.join(format!("venue/arazzo/{name}.arazzo.yml"));
        let before = exchange.instructions().len();
        let output = exchange.run(&files, &workflow, inputs, &[]);
        assert!(
            output.status.success(),
            "{name}: {}{}",
            stdout(&output),
            stderr(&output)
        );
        let report = parsed(&output);
        assert_eq!(report["outcome"]["kind"], "done", "{name}: {report}");
        let instructions = exchange.instructions();
        let made = instructions.get(before..).unwrap();
        for instruction in expected {
            assert!(
                made.contains(&(*instruction).to_owned()),
                "{name}: {made:?}"
            );
        }
    }
}
