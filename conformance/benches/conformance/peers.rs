//! Programs of others, where they are installed: `npm install --prefix target/bench/npm PACKAGE`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::MB;
use crate::readers::CONTRACT;
use crate::recordings::Recordings;
use crate::table::Table;

const OPENAPI: &str = include_str!("../../../openapi/backpack-order.openapi.yaml");

/// Their time is that of the whole process, by the clock.
pub(crate) fn measure(recordings: &Recordings, table: &mut Table) {
    let bodies = recordings.bodies.clone();
    let sourcemeta = ["validate".into(), schema(recordings), bodies];
    let bytes = recordings.part_bytes;
    let name = "@sourcemeta/jsonschema, bodies alone";
    show(name, "jsonschema", &sourcemeta, bytes, table);

    // It looks a body's schema up under the media type alone, and passes over the body where there is none.
    let openapi = recordings.bodies.with_file_name("openapi.yaml");
    fs::write(&openapi, OPENAPI.replace("; charset=utf-8", "")).unwrap();
    let foreign = recordings.foreign.clone();
    let drift = ["drift".into(), foreign, "--api".into(), openapi];
    let name = "@redocly/cli drift, contract without `; charset`";
    show(name, "redocly", &drift, recordings.foreign_bytes, table);
}

/// The schema of a page, in a file.
fn schema(recordings: &Recordings) -> PathBuf {
    let schema = CONTRACT.schema_of("get_order_history", 200);
    let mut schema = schema.unwrap().clone();
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    let file = recordings.bodies.with_file_name("history.schema.json");
    fs::write(&file, schema.to_string()).unwrap();
    file
}

fn show(name: &str, program: &str, arguments: &[PathBuf], bytes: u64, table: &mut Table) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let installed = root.join("target/bench/npm/node_modules/.bin");
    let program = installed.join(program);
    if !program.is_file() {
        return table.unknown(name, "not installed");
    }
    let began = Instant::now();
    let output = Command::new(program).args(arguments).output().unwrap();
    let seconds = began.elapsed().as_secs_f64();
    if output.status.success() {
        return table.figure(name, bytes as f64 / seconds / MB, "MB/s");
    }
    let message = String::from_utf8_lossy(&output.stdout).into_owned();
    let message = message.lines().find(|line| line.contains("indings"));
    table.unknown(name, message.unwrap_or("it failed"));
}
