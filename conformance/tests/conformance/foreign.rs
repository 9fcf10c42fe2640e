//! Recordings of other programs, with the habits of each: `tests/foreign/cases.toml` says what is made of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bpx_conformance::Contract;
use serde::Deserialize;
use serde_json::Value;

use crate::support::{json_of, rules, run};

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    file: String,
    #[serde(default)]
    validated: u64,
    #[serde(default)]
    skipped: BTreeMap<String, u64>,
    /// Findings by rule.
    #[serde(default)]
    found: BTreeMap<String, u64>,
    refused: Option<String>,
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign")
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(folder().join("cases.toml")).unwrap();
    toml::from_str::<Cases>(&text).unwrap().case
}

fn found(report: &Value) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let rule = finding["rule"].as_str().unwrap().to_owned();
        *found.entry(rule).or_default() += finding["count"].as_u64().unwrap();
    }
    found
}

#[test]
fn recordings_of_each_program_are_read_or_refused_by_name() {
    let folder = folder();
    let contract = Contract::read_openapi(&folder.join("api.yaml")).unwrap();
    for case in cases() {
        let file = folder.join(&case.file).display().to_string();
        let report = json_of(&contract, &run(&contract, &[file]));
        let (shown, name) = (report.to_string(), &case.file);
        if let Some(part) = &case.refused {
            assert_eq!(rules(&report), ["input-unrecognised"], "{name}");
            assert!(shown.contains(part), "{name}: {shown}");
            assert!(!shown.contains("hunter2"), "{name}: {shown}");
            continue;
        }
        let summary = &report["summary"];
        assert_eq!(summary["validated"], case.validated, "{name}: {shown}");
        let skipped: BTreeMap<String, u64> =
            serde_json::from_value(summary["skipped"].clone()).unwrap();
        assert_eq!(skipped, case.skipped, "{name}: {shown}");
        assert_eq!(found(&report), case.found, "{name}: {shown}");
        // Each interaction is validated, or skipped with a reason.
        let sum = case.validated + skipped.values().sum::<u64>();
        assert_eq!(summary["exchanges"], sum, "{name}: {shown}");
    }
}

/// Every recording of the folder.
pub(crate) fn files() -> Vec<PathBuf> {
    let files = ["makers", "formats"].map(|kind| {
        let pattern = folder().join(kind).join("**/*.*").display().to_string();
        glob::glob(&pattern).unwrap().map(Result::unwrap)
    });
    files.into_iter().flatten().collect()
}

#[test]
fn every_recording_in_the_folder_has_a_case() {
    let named: BTreeSet<_> = cases().into_iter().map(|case| case.file).collect();
    // What other recordings refer to.
    let bodies = ["3f8c5d.json", "pet.json"];
    let files: Vec<_> = files()
        .iter()
        .map(|file| file.strip_prefix(folder()).unwrap().display().to_string())
        .filter(|name| !bodies.iter().any(|body| name.ends_with(body)))
        .collect();
    assert_eq!(files.len(), named.len(), "{files:?}");
    for name in files {
        assert!(named.contains(&name), "{name}");
    }
}
