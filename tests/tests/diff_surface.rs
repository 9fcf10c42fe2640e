//! What `bpx diff` says to Rust callers is what the generator writes into `SURFACE.md`.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use bpx_codegen::{CrateKind, Inputs, plan};
use bpx_contract::model::{Kind, TypeDef};
use bpx_contract::{Api, Document};
use bpx_evolve::{Diff, Step, diff};
use bpx_tests::workspace::root;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Row {
    says: String,
    patch: json_patch::Patch,
}

/// The table of Rust names that the client of this workspace is generated with.
fn names() -> String {
    fs::read_to_string(root().join("openapi/names.toml")).unwrap()
}

fn edits() -> Vec<Row> {
    let table = fs::read_to_string(root().join("evolve/tests/diff/edits.json")).unwrap();
    serde_json::from_str(&table).unwrap()
}

/// A document on disk, read, and the surface that is generated from it.
struct Generated {
    contract: Api,
    surface: String,
}

impl Generated {
    fn of(folder: &Path, name: &str, document: &Value) -> Self {
        let openapi = folder.join(name);
        fs::write(&openapi, document.to_string()).unwrap();
        let contract = Api::from_document(Document::read(&openapi).unwrap()).unwrap();
        let names = folder.join("names.toml");
        fs::write(&names, fitting(&contract)).unwrap();
        let inputs = Inputs {
            openapi,
            schema: None,
            overlay: None,
            names: Some(names),
            capability: None,
            workflows: Vec::new(),
            asyncapi: None,
            asyncapi_overlay: None,
            kind: CrateKind::Alone {
                runtime: "../runtime".to_owned(),
                name: None,
            },
            types_only: false,
            strict: false,
            command: "a test".to_owned(),
        };
        let mut planned = plan(&inputs).unwrap_or_else(|error| panic!("{error}"));
        Self {
            contract,
            surface: planned.files.remove("SURFACE.md").unwrap(),
        }
    }

    /// Lines by type, and each method's parameters and answer under its name. What repeats them is left out: names on the
    /// wire, and the accessors of unions, which follow from the fields of their arms.
    fn sections(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut sections = BTreeMap::new();
        let parts = self.surface.split("\n## ");
        for part in parts.filter(|part| !part.starts_with("Arguments")) {
            for section in part.split("\n### ") {
                let lines = section.lines().filter_map(|line| line.strip_prefix("- "));
                match section
                    .strip_prefix('`')
                    .and_then(|rest| rest.split('`').next())
                {
                    Some(name) => {
                        let fields = lines.filter(|line| !line.contains("()` → `"));
                        drop(sections.insert(name, fields.collect()));
                    }
                    None => sections.extend(lines.filter_map(method)),
                }
            }
        }
        sections
    }
}

/// `name(a: A, b?: B)` → `C`, else `D`
fn method(line: &str) -> Option<(&str, BTreeSet<&str>)> {
    let (call, answer) = line.split_once(" → ")?;
    let (name, params) = call.trim_matches('`').split_once('(')?;
    let params = params.trim_end_matches(')').split(", ");
    let params = params.filter(|param| !param.is_empty());
    Some((name, params.chain([answer]).collect()))
}

/// The generator refuses rows that do nothing, so those of types that an edit took away are left out.
fn fitting(contract: &Api) -> String {
    let types = &contract.model().types;
    let is_member = |row: &str, def: &TypeDef| {
        let Kind::Object(fields) = &def.kind else {
            return false;
        };
        let mut wires = fields
            .iter()
            .map(|field| format!("wire = \"{}\"\n", field.name));
        row.starts_with("member") && wires.any(|wire| row.contains(&wire))
    };
    let is_used = |row: &&str| {
        types.iter().any(|(name, def)| {
            row.contains(&format!("component = \"{name}\"\n")) || is_member(row, def)
        })
    };
    let names = names();
    let rows = names.split("\n[[").skip(1).filter(is_used);
    rows.map(|row| format!("[[{row}\n")).collect()
}

/// Everything that a change tells of is in the surfaces.
fn check_told(says: &str, old: &Generated, new: &Generated, found: &Diff) {
    for change in &found.changes {
        let (before, after) = (&change.rust.before, &change.rust.after);
        for (generated, line) in [(old, before), (new, after)] {
            let is_there = line
                .as_ref()
                .is_none_or(|line| generated.surface.contains(&**line));
            assert!(
                is_there,
                "{says}: {line:?} of {} is not in the surface",
                change.rule
            );
        }
    }
}

/// Everything that goes from one surface to the other is reported as a change.
fn check_surfaces(says: &str, from: &Generated, to: &Generated, message: &[&str]) -> Vec<String> {
    let (from, to) = (from.sections(), to.sections());
    let mut gone = Vec::new();
    for (name, lines) in &from {
        let Some(kept) = to.get(name) else {
            let is_told = message.iter().any(|text| text.contains(name));
            assert!(
                is_told,
                "{says}: nothing tells of the type `{name}`: {message:?}"
            );
            gone.push((*name).to_owned());
            continue;
        };
        for line in lines.difference(kept) {
            let is_told = message.iter().any(|text| line.contains(text));
            assert!(is_told, "{says}: nothing tells of `{line}`: {message:?}");
            // A parameter that may be left out from now on breaks nobody.
            let is_param = name.starts_with(char::is_lowercase) && !line.starts_with('`');
            gone.extend((!is_param).then(|| (*line).to_owned()));
        }
    }
    gone
}

fn check(says: &str, old: &Generated, new: &Generated, found: &Diff) {
    check_told(says, old, new, found);
    let effects = || found.changes.iter().map(|change| &change.rust);
    let before: Vec<_> = effects().filter_map(|it| it.before.as_deref()).collect();
    let after: Vec<_> = effects().filter_map(|it| it.after.as_deref()).collect();
    let gone = check_surfaces(says, old, new, &before);
    let come = check_surfaces(says, new, old, &after);
    let step = found.step();
    if !gone.is_empty() {
        assert_eq!(step, Some(Step::Major), "{says}: {gone:?}");
    }
    if !come.is_empty() {
        assert!(step >= Some(Step::Minor), "{says}: {come:?}");
    }
}

#[test]
fn every_edit_is_told_to_rust_callers_as_the_generator_carries_it_out() {
    let folder = tempfile::tempdir().unwrap();
    let document = bpx_venue::api().document().value.clone();
    let old = Generated::of(folder.path(), "old.json", &document);
    for Row { says, patch } in edits() {
        let mut document = document.clone();
        json_patch::patch(&mut document, &patch).unwrap();
        let new = Generated::of(folder.path(), "new.json", &document);
        let forth = diff(&old.contract, &new.contract, Some(("names.toml", &names()))).unwrap();
        check(&says, &old, &new, &forth);
        let back = diff(&new.contract, &old.contract, Some(("names.toml", &names()))).unwrap();
        check(&format!("{says}, taken back"), &new, &old, &back);
    }
}
