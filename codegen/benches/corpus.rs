//! What becomes of a folder of foreign documents, beside plain progenitor on each of them.
//!
//! Run with `cargo xtask bench generate --corpus DIR`. The documents are read where they are; the crates are written to
//! `target/bench/corpus` and checked by cargo.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark stops at the first thing that is wrong and talks to its reader"
)]

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bpx_codegen::{CrateKind, Inputs, Mode, Plan, plan, sync};
use bpx_contract::Document;
use bpx_contract::model::LossKind;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// One document's row.
struct Row {
    name: String,
    ours: Result<Ours, String>,
    plain: Option<(usize, Duration)>,
}

struct Ours {
    operations: usize,
    left_out: usize,
    widened: usize,
    lines: usize,
    time: Duration,
    compiles: bool,
}

fn main() {
    let Some(folder) = std::env::args().skip(1).find(|it| !it.starts_with("--")) else {
        println!("name a folder of OpenAPI documents: cargo xtask bench generate --corpus DIR");
        return;
    };
    // Progenitor stops with assertions at documents that it cannot take.
    panic::set_hook(Box::new(|_| {}));
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|file| {
        let extension = file.extension().unwrap_or_default();
        ["yaml", "yml", "json"]
            .iter()
            .any(|known| extension == *known)
    });
    files.sort();
    println!(
        "document                         operations  left out  widened  compiles    lines     time   plain: lines     time"
    );
    let rows: Vec<_> = files.iter().map(|file| row(file)).collect();
    let generated = rows.iter().filter(|row| row.ours.is_ok()).count();
    let compiled = rows
        .iter()
        .filter(|row| row.ours.as_ref().is_ok_and(|ours| ours.compiles))
        .count();
    let plain = rows.iter().filter(|row| row.plain.is_some()).count();
    println!(
        "{} documents: {generated} generate, {compiled} compile; plain progenitor generates {plain}",
        rows.len()
    );
}

fn row(file: &Path) -> Row {
    let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
    let row = Row {
        ours: ours(file, &stem),
        plain: panic::catch_unwind(AssertUnwindSafe(|| plain(file)))
            .ok()
            .flatten(),
        name: stem,
    };
    print(&row);
    row
}

fn ours(file: &Path, stem: &str) -> Result<Ours, String> {
    let inputs = Inputs {
        openapi: file.to_owned(),
        schema: None,
        overlay: None,
        names: None,
        capability: None,
        workflows: Vec::new(),
        asyncapi: None,
        asyncapi_overlay: None,
        kind: CrateKind::Alone {
            runtime: root().join("runtime").display().to_string(),
            name: Some("corpus-client".to_owned()),
        },
        types_only: false,
        strict: false,
        command: "cargo xtask bench generate --corpus".to_owned(),
    };
    let started = Instant::now();
    let planned = plan(&inputs).map_err(|error| error.to_string().replace('\n', " "))?;
    let time = started.elapsed();
    let lost = |kind| {
        planned
            .losses
            .iter()
            .filter(|loss| loss.kind == kind)
            .count()
    };
    let out = root().join("target/bench/corpus").join(stem);
    sync(&planned, &out, Mode::Write).map_err(|error| error.to_string())?;
    fs::copy(root().join("Cargo.lock"), out.join("Cargo.lock")).unwrap();
    Ok(Ours {
        operations: planned.operations,
        left_out: lost(LossKind::LeftOut),
        widened: lost(LossKind::Widened) + planned.notes.iter().filter(|note| note.is_loss).count(),
        lines: lines(&planned),
        time,
        compiles: compiles(&out),
    })
}

fn lines(plan: &Plan) -> usize {
    let sources = plan
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("src/"));
    sources.map(|(_, text)| text.lines().count()).sum()
}

fn compiles(folder: &Path) -> bool {
    let cargo = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline"])
        .current_dir(folder)
        .env(
            "CARGO_TARGET_DIR",
            root().join("target/bench/corpus-target"),
        )
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .stderr(Stdio::null())
        .status();
    cargo.is_ok_and(|status| status.success())
}

/// Plain progenitor: the lines it writes, and how long it takes with the reading.
fn plain(file: &Path) -> Option<(usize, Duration)> {
    let started = Instant::now();
    let document = Document::read(file).ok()?.value;
    let spec: openapiv3::OpenAPI = serde_json::from_value(document).ok()?;
    let mut settings = progenitor::GenerationSettings::default();
    settings.with_interface(progenitor::InterfaceStyle::Builder);
    let tokens = progenitor::Generator::new(&settings)
        .generate_tokens(&spec)
        .ok()?;
    let text = prettyplease::unparse(&syn::parse2(tokens).ok()?);
    Some((text.lines().count(), started.elapsed()))
}

fn print(row: &Row) {
    let plain = match row.plain {
        Some((lines, time)) => format!("{lines:>12} {:>7.2}s", time.as_secs_f64()),
        None => "  does not generate".to_owned(),
    };
    match &row.ours {
        Ok(ours) => println!(
            "{:<32} {:>10} {:>9} {:>8} {:>9} {:>8} {:>7.2}s {plain}",
            row.name,
            ours.operations,
            ours.left_out,
            ours.widened,
            if ours.compiles { "yes" } else { "NO" },
            ours.lines,
            ours.time.as_secs_f64(),
        ),
        Err(error) => println!("{:<32} refused: {error}", row.name),
    }
}
