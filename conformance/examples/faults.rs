//! The seeded faults of `tests/faults`, written as HAR, and a table of who finds them: this checker, redocly drift,
//! openapi-core, schemathesis and Prism, where they are installed. `cargo xtask faults` installs and runs them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "not part of the product"
)]

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use bpx_conformance::{Baseline, Contract, Format, RunOptions, View, check, render};
use bpx_recording::sources;
use serde_json::{Value, json};

use self::exchanges::{APIS, Case, cases, folder};

#[allow(dead_code, unreachable_pub, reason = "shared with the tests")]
#[path = "../tests/conformance/exchanges.rs"]
mod exchanges;

type Result<T> = std::result::Result<T, Box<dyn Error>>;
/// What a tool reports on each exchange of an API.
type Reported = Vec<BTreeSet<String>>;

/// A tool: its name, and what it reports on these recordings by this document.
struct Tool {
    name: &'static str,
    program: PathBuf,
    report: fn(&Path, &Path, &[String]) -> Result<Reported>,
}

/// Where `cargo xtask faults` installs them, in `target`.
const REDOCLY: &str = "bench/npm/node_modules/.bin/redocly";
const PRISM: &str = "bench/npm/node_modules/.bin/prism";
const PYTHON: &str = "faults/python/bin/python";

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target")
}

fn main() -> Result<()> {
    let home = home();
    let all = [
        (
            "bpx",
            env::current_exe()?,
            ours as fn(&Path, &Path, &[String]) -> Result<Reported>,
        ),
        ("redocly drift", home.join(REDOCLY), drift),
        ("openapi-core", home.join(PYTHON), openapi_core),
        ("schemathesis", home.join(PYTHON), schemathesis),
        ("Prism", home.join(PRISM), prism),
    ];
    let mut tools = all
        .map(|(name, program, report)| Tool {
            name,
            program,
            report,
        })
        .into_iter()
        .collect::<Vec<_>>();
    tools.retain(|tool| {
        let is_there = tool.program.is_file();
        if !is_there {
            eprintln!(
                "skipped: {} is not installed at {}",
                tool.name,
                tool.program.display()
            );
        }
        is_there
    });
    let mut rows = Vec::new();
    for api in APIS {
        let cases = cases(api);
        let files = write(&home.join("faults").join(api), &cases)?;
        let document = folder().join(format!("{api}.openapi.yaml"));
        let mut columns = Vec::new();
        for tool in &tools {
            columns.push((tool.report)(&tool.program, &document, &files)?);
        }
        for (index, case) in cases.iter().enumerate() {
            let verdicts = columns.iter().map(|column| verdict(case, index, column));
            rows.push((
                api,
                case.kind.clone(),
                case.find.is_some(),
                verdicts.collect(),
            ));
        }
    }
    print(&tools, &rows);
    Ok(())
}

/// One file for each case, numbered.
fn write(folder: &Path, cases: &[Case]) -> Result<Vec<String>> {
    fs::create_dir_all(folder)?;
    let file = |(index, case): (usize, &Case)| {
        let file = folder.join(format!("{index}.har"));
        fs::write(&file, har(vec![case.entry.clone()]).to_string())?;
        Ok(file.display().to_string())
    };
    cases.iter().enumerate().map(file).collect()
}

fn har(entries: Vec<Value>) -> Value {
    let creator = json!({"name": "faults", "version": "1"});
    json!({"log": {"version": "1.2", "creator": creator, "entries": entries}})
}

/// A fault is found if anything is reported that is not reported on the exchange of which it is an edit.
fn verdict(case: &Case, index: usize, reported: &Reported) -> &'static str {
    let is_found = match &case.find {
        Some(_) => reported[index]
            .difference(&reported[case.base])
            .next()
            .is_some(),
        None => !reported[index].is_empty(),
    };
    match (case.find.is_some(), is_found) {
        (true, true) => "found",
        (true, false) => "missed",
        (false, true) => "false alarm",
        (false, false) => "clean",
    }
}

fn ours(_: &Path, document: &Path, files: &[String]) -> Result<Reported> {
    let contract = Contract::read_openapi(document)?;
    let of_file = |file: &String| {
        let report = check(
            &contract,
            sources(std::slice::from_ref(file))?,
            &RunOptions::default(),
        )?;
        let view = View::new(&contract, &report, &Baseline::default())?;
        let report: Value = serde_json::from_str(&render(&view, Format::Json)?)?;
        let findings = report["findings"].as_array().into_iter().flatten();
        let failing = findings.filter(|finding| finding["severity"] != "note");
        Ok(failing
            .map(|finding| finding["fingerprint"].to_string())
            .collect())
    };
    files.iter().map(of_file).collect()
}

/// Exchanges that it checks in one run.
const BATCH: usize = 12;

fn drift(program: &Path, document: &Path, files: &[String]) -> Result<Reported> {
    let mut reported = Vec::new();
    for batch in files.chunks(BATCH) {
        reported.extend(drift_of(program, document, batch)?);
    }
    Ok(reported)
}

/// It adds up what is alike and names the first exchange alone; then each half is checked again.
fn drift_of(program: &Path, document: &Path, files: &[String]) -> Result<Reported> {
    let mut entries = Vec::new();
    for file in files {
        let har: Value = serde_json::from_slice(&fs::read(file)?)?;
        entries.push(har["log"]["entries"][0].clone());
    }
    let batch = document.with_extension("har");
    let batch = Path::new(&files[0]).with_file_name(batch.file_name().unwrap());
    fs::write(&batch, har(entries).to_string())?;
    let output = Command::new(program)
        .args(["drift", "--format", "json", "--api"])
        .args([document, &batch])
        .output()?;
    let report: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&output.stderr)))?;
    let problems = report["problems"].as_array().unwrap();
    if files.len() > 1 && problems.iter().any(|it| it["occurrences"] != 1) {
        let (first, second) = files.split_at(files.len() / 2);
        let first = drift_of(program, document, first)?;
        let second = drift_of(program, document, second)?;
        return Ok([first, second].concat());
    }
    let mut reported = vec![BTreeSet::new(); files.len()];
    for it in problems {
        let index = usize::try_from(it["exchangeIndex"].as_u64().unwrap())?;
        reported[index].insert(format!("{} {}", it["ruleId"], it["message"]));
    }
    Ok(reported)
}

fn openapi_core(python: &Path, document: &Path, files: &[String]) -> Result<Reported> {
    peer(
        Command::new(python).arg(folder().join("peer.py")),
        document,
        files,
    )
}

fn schemathesis(python: &Path, document: &Path, files: &[String]) -> Result<Reported> {
    let script = folder().join("schemathesis_peer.py");
    peer(Command::new(python).arg(script), document, files)
}

fn prism(prism: &Path, document: &Path, files: &[String]) -> Result<Reported> {
    let script = folder().join("prism_peer.py");
    let mut command = Command::new(home().join(PYTHON));
    peer(command.env("PRISM", prism).arg(script), document, files)
}

/// A script that prints what its tool reports on each recording.
fn peer(script: &mut Command, document: &Path, files: &[String]) -> Result<Reported> {
    let output = script.arg(document).args(files).output()?;
    let reported = serde_json::from_slice(&output.stdout);
    Ok(
        reported
            .map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&output.stderr)))?,
    )
}

fn print(tools: &[Tool], rows: &[(&str, String, bool, Vec<&str>)]) {
    let names: Vec<_> = tools.iter().map(|tool| tool.name).collect();
    println!(
        "| API | exchange | {} |\n|---|---|{}",
        names.join(" | "),
        "---|".repeat(names.len())
    );
    for (api, kind, _, verdicts) in rows {
        println!("| {api} | {kind} | {} |", verdicts.join(" | "));
    }
    println!(
        "\n| | {} |\n|---|{}",
        names.join(" | "),
        "---:|".repeat(names.len())
    );
    for (is_fault, verdict) in [
        (true, "found"),
        (true, "missed"),
        (false, "clean"),
        (false, "false alarm"),
    ] {
        let count = |column| {
            let of_tool = rows
                .iter()
                .filter(|(.., verdicts)| verdicts.get(column) == Some(&verdict));
            of_tool.count().to_string()
        };
        let all = rows.iter().filter(|(_, _, it, _)| *it == is_fault).count();
        let counts: Vec<_> = (0..tools.len()).map(count).collect();
        println!("| {verdict} of {all} | {} |", counts.join(" | "));
    }
}
