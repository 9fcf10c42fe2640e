//! The checker as a map step in Apache Spark: its merged report is that of one process.
//!
//! It runs where Java, and pyspark for `PYTHON` or `python3`, are installed (`tests/spark/requirements.txt`); elsewhere it
//! says that it was skipped.

#![cfg(test)]

mod common;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{bpx, stderr, stdout};

const SHARDS: &str = "3";
/// Lines enough for several blocks, so that every shard has some.
const REPETITIONS: usize = 400;

fn python() -> OsString {
    std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into())
}

/// Whether a program runs and ends well.
fn runs(program: OsString, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    let command = command.args(arguments);
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The checked-in recordings many times over, some of them with faults, and a HAR.
fn recordings(folder: &Path) -> Vec<String> {
    let checked_in = workspace().join("tests/recordings/exchanges");
    let story = std::fs::read_to_string(checked_in.join("story.ndjson")).unwrap();
    let odd = story
        .replace("\"New\"", "\"Resting\"")
        .replace("\"status\":200", "\"status\":418");
    let files = [
        ("many.ndjson", story.repeat(REPETITIONS)),
        ("odd.ndjson", [&*odd, "{\"cut\n", &odd].concat()),
        (
            "story.har",
            std::fs::read_to_string(checked_in.join("story.har")).unwrap(),
        ),
    ];
    files
        .map(|(name, text)| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        })
        .to_vec()
}

#[test]
fn the_merged_report_of_spark_is_that_of_one_process_to_the_byte() {
    let python = python();
    if !runs("java".into(), &["-version"])
        || !runs(python.clone(), &["-c", "import pyspark, pyarrow, pandas"])
    {
        println!(
            "skipped: Java, or pyspark for {}, is not installed",
            python.display()
        );
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let files = recordings(folder.path());
    let names: Vec<_> = files.iter().map(String::as_str).collect();
    let alone = bpx(&[&["check", "--format", "json"], &names[..]].concat());
    let alone = { alone }.output().unwrap();
    assert_eq!(alone.status.code(), Some(1), "{}", stderr(&alone));

    let mut spark = Command::new(&python);
    spark
        .arg(workspace().join("tests/spark/check_with_spark.py"))
        .args(["--bpx", env!("CARGO_BIN_EXE_bpx"), "--shards", SHARDS])
        .args(&names)
        .args(["--", "--format", "json"])
        .env("PYSPARK_PYTHON", &python)
        .env(
            "PYSPARK_SUBMIT_ARGS",
            "--master local[2] --conf spark.ui.enabled=false pyspark-shell",
        )
        .env("SPARK_LOCAL_IP", "127.0.0.1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(folder.path());
    let spark = spark.output().unwrap();
    assert_eq!(spark.status.code(), Some(1), "{}", stderr(&spark));
    assert!(stdout(&spark) == stdout(&alone), "{}", stdout(&spark));
    println!(
        "{} bytes of report from {SHARDS} shards, equal to one process's",
        spark.stdout.len()
    );
}
