//! A process that runs a workflow of unsigned reads: this runner's, and those of others where they are installed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use bpx_dispatch::Dispatch;
use bpx_runtime::Options;
use bpx_workflow::{Library, Outcome, Runner, SourceFiles};
use serde_json::{Map, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::house::{DISK, House, SYMBOL, catalog, document, settings};
use crate::table::Table;

/// The argument that makes this program the runner.
pub(crate) const RUN: &str = "run-a-workflow";
const TURNS: usize = 5;
const STEPS: usize = 400;
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A program, what it is given after the document, and what it says when every step was taken.
struct Peer {
    name: &'static str,
    program: PathBuf,
    before: Vec<OsString>,
    after: Vec<OsString>,
    says: &'static str,
}

/// Runs one document; the arguments are the document, the exchange and the secret.
pub(crate) fn run(arguments: Vec<String>) {
    let [file, base_url, secret] = arguments.try_into().unwrap();
    let library = Library::open(Path::new(&file), &SourceFiles::default(), &catalog()).unwrap();
    let state = TempDir::new_in(DISK).unwrap();
    let settings = settings(&base_url, &secret, &state);
    let report = Runtime::new().unwrap().block_on(async {
        let dispatch = Dispatch::open(settings).await.unwrap();
        let runner = Runner::new(dispatch);
        let options = Options::default().without_rate_limit();
        let runner = runner
            .with_service(Some("exchange"), &base_url, options)
            .unwrap();
        runner
            .run(&library, &file, None, Map::new(), &())
            .await
            .unwrap()
    });
    assert_eq!(report.outcome, Outcome::Done, "{report:?}");
    println!("{}", report.outcome.text());
}

pub(crate) fn measure(house: &House, table: &mut Table) {
    let folder = TempDir::new_in(DISK).unwrap();
    let documents = [1, 1 + STEPS].map(|count| write(folder.path(), house, count));
    for peer in peers(house) {
        let name = peer.name;
        if !peer.program.is_file() {
            table.unknown(name, "left out: not installed");
            continue;
        }
        let message = peer.run(&documents[1]);
        if !message.contains(peer.says) {
            println!("{name} says:\n{message}");
            table.unknown(name, "left out: it does not run it");
            continue;
        }
        let turns: Vec<_> = (0..TURNS).map(|_| peer.turn(&documents)).collect();
        // The least: whatever else the machine does takes longer, and never shorter.
        let least = |which: usize| {
            turns
                .iter()
                .map(|turn| turn[which])
                .fold(f64::MAX, f64::min)
        };
        let (one, all) = (least(0), least(1));
        table.figure(format!("{name}, a process of one step"), one * 1e3, "ms");
        let further = (all - one) / STEPS as f64;
        table.figure(format!("{name}, each further step"), further * 1e6, "us");
    }
}

/// A contract of one unsigned operation, and a workflow that calls it so many times.
fn write(folder: &Path, house: &House, count: usize) -> PathBuf {
    let symbol =
        json!({"name": "symbol", "in": "query", "required": true, "schema": {"type": "string"}});
    let depth = json!({"type": "object", "properties": {
        "asks": {"type": "array", "items": {}}, "bids": {"type": "array", "items": {}},
        "lastUpdateId": {"type": "string"}, "timestamp": {"type": "integer"},
    }});
    let answer =
        json!({"description": "The book.", "content": {"application/json": {"schema": depth}}});
    let contract = json!({
        "openapi": "3.0.3", "info": {"title": "What anyone may ask", "version": "1.0.0"},
        "servers": [{"url": house.sandbox.base_url()}],
        "paths": {"/api/v1/depth": {"get": {
            "operationId": "get_depth", "security": [], "parameters": [symbol], "responses": {"200": answer},
        }}},
    });
    fs::write(folder.join("exchange.openapi.json"), contract.to_string()).unwrap();
    let step = json!({
        "operationId": "get_depth",
        "parameters": [{"name": "symbol", "in": "query", "value": SYMBOL}],
        "successCriteria": [{"condition": "$statusCode == 200"}],
        "outputs": {"bids": "$response.body#/bids"},
    });
    let path = folder.join(format!("look{count}.arazzo.json"));
    let document = document("./exchange.openapi.json", &step, count);
    fs::write(&path, document.to_string()).unwrap();
    path
}

fn peers(house: &House) -> [Peer; 3] {
    let bench = Path::new(ROOT).join("target/bench");
    let words = |words: &[&str]| words.iter().map(OsString::from).collect();
    let (base_url, secret) = (house.sandbox.base_url(), house.sandbox.api_secret());
    [
        Peer {
            name: "this runner",
            program: std::env::current_exe().unwrap(),
            before: words(&[RUN]),
            after: words(&[&base_url, &secret]),
            says: "done",
        },
        Peer {
            name: "Redocly Respect",
            program: bench.join("npm/node_modules/.bin/redocly"),
            before: words(&["respect"]),
            after: Vec::new(),
            says: "Steps: 401 passed, 401 total",
        },
        Peer {
            name: "arazzo-runner",
            program: bench.join("python/bin/arazzo-runner"),
            before: words(&["execute-workflow", "--workflow-id", "bench"]),
            after: Vec::new(),
            says: "status=workflow_complete",
        },
    ]
}

impl Peer {
    /// What it says of a document.
    fn run(&self, document: &Path) -> String {
        let mut command = Command::new(&self.program);
        command.args(&self.before).arg(document).args(&self.after);
        // They look for newer versions otherwise.
        command
            .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")
            .env("REDOCLY_TELEMETRY", "off");
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&said).into_owned()
    }

    /// Seconds of each document.
    fn turn(&self, documents: &[PathBuf; 2]) -> [f64; 2] {
        documents.each_ref().map(|document| {
            let started = Instant::now();
            self.run(document);
            started.elapsed().as_secs_f64()
        })
    }
}
