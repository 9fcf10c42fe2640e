//! Programs of others, where they are installed: `npm install --prefix target/bench/npm PACKAGE`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use bpx_conformance::Contract;

use crate::MB;
use crate::recordings::Recordings;
use crate::table::Table;

pub(crate) fn measure(recordings: &Recordings, table: &mut Table) {
    let schema = recordings.bodies.with_file_name("history.schema.json");
    let contract = Contract::embedded().unwrap();
    let mut lowered = contract
        .schema_of("get_order_history", 200)
        .unwrap()
        .clone();
    lowered["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    fs::write(&schema, lowered.to_string()).unwrap();
    let openapi =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/backpack-order.openapi.yaml");

    let sourcemeta = ["validate".into(), schema, recordings.bodies.clone()];
    show(
        "@sourcemeta/jsonschema, bodies alone",
        "jsonschema",
        &sourcemeta,
        recordings,
        table,
    );
    let drift = [
        "drift".into(),
        recordings.part.clone(),
        "--api".into(),
        openapi,
    ];
    show("@redocly/cli drift", "redocly", &drift, recordings, table);
}

fn show(
    name: &str,
    program: &str,
    arguments: &[PathBuf],
    recordings: &Recordings,
    table: &mut Table,
) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let program = root
        .join("target/bench/npm/node_modules/.bin")
        .join(program);
    if !program.is_file() {
        return table.unknown(name, "not installed");
    }
    let began = Instant::now();
    let output = Command::new(program).args(arguments).output().unwrap();
    let seconds = began.elapsed().as_secs_f64();
    if output.status.success() {
        table.figure(name, recordings.part_bytes as f64 / seconds / MB, "MB/s");
    } else {
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let told = told.lines().next().unwrap_or("it failed").to_owned();
        table.unknown(name, &told);
    }
}
