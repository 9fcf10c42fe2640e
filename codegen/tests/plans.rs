//! A plan is a function of the contracts' bytes, and what is checked in is its value.

#![cfg(test)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use bpx_codegen::{Inputs, Mode, Plan, plan, sync};
use serde_json::{Map, Value};
use support::{Folder, alone, checked_in, exposing, fixture, plan_of, root, small};

#[test]
fn two_plans_of_the_same_contracts_are_equal() {
    for name in ["venue-like.openapi.yaml", "odd.openapi.yaml"] {
        assert_eq!(
            plan(&alone(fixture(name))).unwrap(),
            plan(&alone(fixture(name))).unwrap(),
            "{name}"
        );
    }
}

/// The files without the digest, which is one of bytes.
fn without_digest(plan: &Plan) -> BTreeMap<&str, String> {
    let strip = |text: &str| {
        text.lines()
            .filter(|line| !line.contains("Contracts: sha256") && !line.contains("OPENAPI_SHA256"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    plan.files
        .iter()
        .map(|(path, text)| (path.as_str(), strip(text)))
        .collect()
}

/// The value with the members of every object the other way round.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .rev()
                .map(|(key, member)| (key.clone(), reversed(member)))
                .collect::<Map<_, _>>(),
        ),
        Value::Array(items) => items.iter().map(reversed).collect(),
        other => other.clone(),
    }
}

#[test]
fn the_order_of_members_in_a_document_changes_nothing_but_the_digest() {
    let folder = Folder::new();
    for name in ["venue-like.openapi.yaml", "odd.openapi.yaml"] {
        let document = bpx_contract::Document::read(&fixture(name)).unwrap().value;
        let there = plan_of(&folder, &document).unwrap();
        let back = plan_of(&folder, &reversed(&document)).unwrap();
        assert_ne!(there.files, back.files);
        assert_eq!(without_digest(&there), without_digest(&back), "{name}");
    }
}

#[test]
fn the_current_folder_plays_no_part() {
    // A process has one current folder, so the test starts itself once more elsewhere.
    const CHILD: &str = "BPX_PLAN_INTO";
    if let Ok(out) = std::env::var(CHILD) {
        fs::write(out, format!("{:?}", plan(&checked_in()).unwrap().files)).unwrap();
        return;
    }
    let folder = Folder::new();
    let out = folder.path("plan.txt");
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_current_folder_plays_no_part"])
        .env(CHILD, &out)
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    assert!(child.status.success());
    assert_eq!(
        fs::read_to_string(out).unwrap(),
        format!("{:?}", plan(&checked_in()).unwrap().files)
    );
}

fn digest(inputs: &Inputs) -> String {
    let plan = plan(inputs).unwrap();
    let line = plan.files["src/lib.rs"].lines().nth(1).unwrap().to_owned();
    assert!(line.starts_with("// Contracts: sha256 "), "{line}");
    line
}

#[test]
fn the_digest_in_the_headers_changes_with_the_bytes_of_any_contract() {
    let folder = Folder::new();
    let row = "[[type]]\ncomponent = 'Side'\nrust = 'Direction'\nreason = 'r'\n";
    let overlay = r#"{"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [{"target": "$.info", "update": {"version": "2"}}]}"#;
    let schema = r#"{"title": "Order", "type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "side": {"enum": ["Bid", "Ask"]}}}"#;
    let flow = r#"{"arazzo": "1.0.1", "info": {"title": "t", "version": "1"}, "sourceDescriptions": [{"name": "v", "url": "v.json"}],
        "workflows": [{"workflowId": "look", "steps": [{"stepId": "one", "operationId": "getOrder"}]}]}"#;
    let with = |changed: &str| {
        let write = |name: &str, text: &str| {
            folder.write(
                name,
                if name == changed {
                    format!("{text}\n")
                } else {
                    text.to_owned()
                },
            )
        };
        digest(&Inputs {
            overlay: Some(write("overlay.json", overlay)),
            schema: Some(write("schema.json", schema)),
            names: Some(write("names.toml", row)),
            capability: Some(write(
                "capability.json",
                &exposing("GET", "/order").to_string(),
            )),
            workflows: vec![write("flow.json", flow)],
            ..alone(write("venue.json", &small().to_string()))
        })
    };
    let digests: Vec<_> = [
        "",
        "overlay.json",
        "schema.json",
        "names.toml",
        "capability.json",
        "flow.json",
        "venue.json",
    ]
    .map(with)
    .into();
    for (index, one) in digests.iter().enumerate() {
        assert!(
            digests[index + 1..].iter().all(|other| other != one),
            "{index}"
        );
    }
    assert_eq!(with(""), digests[0]);
}

#[test]
fn what_is_checked_in_is_what_the_contracts_give() {
    let report = sync(
        &plan(&checked_in()).unwrap(),
        &root().join("generated"),
        Mode::Check,
    )
    .unwrap();
    assert_eq!(report.changes, [], "run `cargo xtask generate`");
}

/// The digest of the public surface below its header.
fn surface(name: &str) -> String {
    let plan = plan(&alone(fixture(name))).unwrap();
    plan.files["SURFACE.md"]
        .split_once("-->\n\n")
        .unwrap()
        .1
        .to_owned()
}

#[test]
fn the_surface_of_the_fixtures_is_pinned() {
    for name in ["venue-like", "odd"] {
        let pinned = fixture(&format!("{name}.SURFACE.md"));
        let now = surface(&format!("{name}.openapi.yaml"));
        if std::env::var_os("BPX_PIN").is_some() {
            fs::write(&pinned, &now).unwrap();
        }
        assert_eq!(
            fs::read_to_string(&pinned).unwrap(),
            now,
            "{}: BPX_PIN=1 pins it anew",
            pinned.display()
        );
    }
}

#[test]
fn every_planned_file_says_that_a_machine_wrote_it() {
    let plan = plan(&checked_in()).unwrap();
    for (path, text) in &plan.files {
        assert!(
            text.lines()
                .take(12)
                .any(|line| line.contains("@generated by `cargo xtask generate`")),
            "{path}"
        );
        assert!(!Path::new(path).is_absolute());
    }
}

#[test]
fn every_rewrite_is_noted_once_with_its_place() {
    let plan = plan(&alone(fixture("venue-like.openapi.yaml"))).unwrap();
    assert!(plan.notes.is_sorted());
    assert!(
        plan.notes
            .iter()
            .all(|note| note.place.pointer.is_some() && !note.text.is_empty())
    );
}
