//! The JSON Schema Test Suite, through OpenAPI documents: nothing invalid passes without a word.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::{file, folder, run};
use bpx_conformance::{Contract, Quick, Severity, check_one};
use bpx_contract::Document;
use bpx_recording::Interaction;
use serde_json::{Value, json};

/// The rules that a value breaks by one schema.
type Judge = Box<dyn Fn(&Value) -> Vec<String>>;

/// What came of the tests of a draft.
#[derive(Debug, Default)]
struct Figures {
    tests: usize,
    /// Invalid values with no finding: file, group, test.
    misses: Vec<String>,
    /// Schemas that are refused as a whole: file, group.
    refused: Vec<String>,
    /// Valid values with a finding, by file and rule.
    alarms: BTreeMap<String, usize>,
}

fn suite() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/suites/json-schema/tests");
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: ../shared/suites/json-schema is not there");
    None
}

/// Each test of a folder. `judge` is the rules that a value breaks by a schema; none where the schema is refused.
fn figures(draft: &str, judge: impl Fn(&Value) -> Option<Judge>) -> Option<Figures> {
    let folder = suite()?.join(draft);
    let mut figures = Figures::default();
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    files.retain(|file| file.extension().is_some_and(|it| it == "json"));
    files.sort();
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let groups: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for group in groups.as_array().unwrap() {
            let Some(judge) = judge(&group["schema"]) else {
                figures
                    .refused
                    .push(format!("{name}: {}", group["description"]));
                continue;
            };
            for test in group["tests"].as_array().unwrap() {
                let rules = judge(&test["data"]);
                figures.tests += 1;
                match (test["valid"].as_bool().unwrap(), rules.first()) {
                    (false, None) => figures.misses.push(format!(
                        "{name}: {}: {}",
                        group["description"], test["description"]
                    )),
                    (true, Some(rule)) => {
                        *figures.alarms.entry(format!("{name} {rule}")).or_default() += 1;
                    }
                    _ => {}
                }
            }
        }
    }
    Some(figures)
}

/// A value as the body of a response.
fn as_body(contract: impl Fn(&Value) -> Contract) -> impl Fn(&Value) -> Option<Judge> {
    move |schema| {
        let contract = contract(schema);
        Some(Box::new(move |body| rules(&contract, body)))
    }
}

/// A value as a line of a file, with the schema alone, as `bpx check --schema` does it.
fn as_line(schema: &Value) -> Option<Judge> {
    let bytes = schema.to_string();
    let document = Document::parse("s.json", bytes.as_bytes()).ok()?;
    let contract = Contract::schema(document).unwrap();
    Some(Box::new(move |value| {
        let folder = folder();
        let file = file(folder.path(), "value.ndjson", value.to_string());
        let report = run(&contract, &[file]);
        let rules = report.total().unwrap().findings.into_values();
        let rules = rules.map(|finding| finding.subject.rule);
        let failing = rules.filter(|rule| rule.severity() > Severity::Note);
        failing.map(|rule| rule.to_string()).collect()
    }))
}

fn rules(contract: &Contract, body: &Value) -> Vec<String> {
    let interaction = Interaction {
        method: "GET".into(),
        path: "/value".into(),
        status: Some(200),
        body: Some(Cow::Owned(body.to_string().into_bytes())),
        ..Interaction::default()
    };
    let tally = check_one(contract, &Quick::Contract, &interaction);
    let slow = check_one(contract, &Quick::Off, &interaction);
    assert_eq!(tally.findings, slow.findings, "{body}");
    let rules = tally.findings.values().map(|finding| finding.subject.rule);
    let failing = rules.filter(|rule| rule.severity() > Severity::Note);
    failing.map(|rule| rule.to_string()).collect()
}

fn contract(version: &str, schema: Value) -> Contract {
    contract_in(
        json!("https://json-schema.org/draft/2020-12/schema"),
        version,
        schema,
    )
}

fn contract_in(dialect: Value, version: &str, schema: Value) -> Contract {
    let document = json!({
        "jsonSchemaDialect": dialect,
        "openapi": version, "info": {"title": "T", "version": "1"},
        "paths": {"/value": {"get": {"operationId": "value", "responses": {"200": {
            "description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}},
        }}}}},
        "components": {"schemas": {"S": schema}},
    });
    Contract::openapi(Document::parse("t.json", document.to_string().as_bytes()).unwrap()).unwrap()
}

/// A schema of its own, so that references in it are relative to it.
fn of_2020_12(schema: &Value) -> Contract {
    let mut schema = schema.clone();
    if let Some(members) = schema.as_object_mut() {
        members
            .entry("$id")
            .or_insert_with(|| json!("urn:suite:schema"));
    }
    contract("3.1.0", schema)
}

/// OpenAPI 3.0 has no identities: references in the schema are relative to the document.
fn of_draft_4(schema: &Value) -> Contract {
    fn moved(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(target) if name == "$ref" && target.starts_with('#') => {
                            *target = format!("#/components/schemas/S{}", &target[1..]);
                        }
                        _ if matches!(name.as_str(), "enum" | "const") => {}
                        member => moved(member),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(moved),
            _ => {}
        }
    }
    let mut schema = schema.clone();
    moved(&mut schema);
    contract("3.0.3", schema)
}

/// An earlier draft that the document names as its dialect.
fn of_draft_7(schema: &Value) -> Contract {
    let mut schema = schema.clone();
    if let Some(members) = schema.as_object_mut().filter(|it| !it.contains_key("$ref")) {
        members
            .entry("$id")
            .or_insert_with(|| json!("urn:suite:schema"));
    }
    contract_in(
        json!("http://json-schema.org/draft-07/schema#"),
        "3.1.0",
        schema,
    )
}

/// Runs a folder; nothing invalid passes, and of its tests at least so many are run.
fn nothing_passes(draft: &str, tests_min: usize, judge: impl Fn(&Value) -> Option<Judge>) {
    let Some(figures) = figures(draft, judge) else {
        return;
    };
    let Figures {
        tests,
        misses,
        refused,
        alarms,
    } = figures;
    println!("{draft}: {tests} tests, refused: {refused:#?}, false alarms: {alarms:#?}");
    assert!(tests >= tests_min, "{tests}");
    assert_eq!(misses, Vec::<String>::new());
}

#[test]
fn nothing_invalid_in_draft_7_passes_through_openapi_3_1() {
    nothing_passes("draft7", 900, as_body(of_draft_7));
}

#[test]
fn nothing_invalid_in_draft_2020_12_passes_through_openapi_3_1() {
    nothing_passes("draft2020-12", 1_200, as_body(of_2020_12));
}

#[test]
fn no_invalid_format_of_draft_2020_12_passes_through_openapi_3_1() {
    let formats = "draft2020-12/optional/format";
    nothing_passes(formats, 500, as_body(of_2020_12));
}

#[test]
fn nothing_invalid_in_draft_4_passes_through_openapi_3_0() {
    nothing_passes("draft4", 600, as_body(of_draft_4));
}

#[test]
fn nothing_invalid_passes_a_schema_alone() {
    nothing_passes("draft2020-12", 1_200, as_line);
    nothing_passes("draft4", 500, as_line);
}
