//! Documents of every kind become crates that compile, keep values and speak as the document says.
//!
//! All of them are compiled in one project of its own. A document names in `x-keeps` values that a type must read and
//! write again unchanged, and in `x-expect` what must be said to be lost; without it nothing may be.

#![cfg(test)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bpx_codegen::{CrateKind, Inputs, Mode, Plan, plan, sync};
use bpx_contract::model::LossKind;
use bpx_contract::{Document, Names};
use bpx_tests::workspace::{cargo, lock_like_workspace, root};
use serde_json::{Value, json};

#[path = "../../codegen/tests/support/mutate.rs"]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has to stop")]
mod mutate;

use mutate::{Dice, mutant};

/// Words that mean something in Rust, in generated code or to no one.
const WORDS: &[&str] = &[
    "type",
    "self",
    "Self",
    "crate",
    "super",
    "async",
    "await",
    "dyn",
    "gen",
    "try",
    "union",
    "static",
    "macro_rules",
    "Option",
    "Some",
    "None",
    "Ok",
    "Err",
    "Error",
    "Result",
    "Vec",
    "Box",
    "String",
    "Value",
    "Default",
    "Clone",
    "Debug",
    "Send",
    "From",
    "Into",
    "TryFrom",
    "Iterator",
    "Client",
    "PublicClient",
    "Connection",
    "Decimal",
    "File",
    "Bytes",
    "Body",
    "Answer",
    "Untagged",
    "Tagged",
    "Known",
    "Unknown",
    "As",
    "Exact",
    "Rows",
    "Page",
    "Outcome",
    "new",
    "send",
    "Uuid",
    "Events",
    "Undecoded",
    "Method",
    "Style",
    "body",
    "client",
    "fmt",
    "clone",
    "",
    "_",
    "-",
    "1st",
    "\u{540d}\u{524d}",
];

fn adversarial() -> Value {
    let object = |names: &[&str], schema: &Value| -> Value {
        let properties: serde_json::Map<_, _> = names
            .iter()
            .map(|name| ((*name).to_owned(), schema.clone()))
            .collect();
        json!({"type": "object", "required": names, "properties": properties})
    };
    let text = json!({"type": "string"});
    let named: Vec<&str> = WORDS
        .iter()
        .copied()
        .filter(|word| !word.is_empty())
        .collect();
    let mut schemas: serde_json::Map<_, _> = named
        .iter()
        .map(|word| ((*word).to_owned(), object(&["a"], &text)))
        .collect();
    schemas.insert("Fields".into(), object(WORDS, &text));
    schemas.insert(
        "Optional".into(),
        json!({"type": "object", "properties": object(WORDS, &text)["properties"]}),
    );
    schemas.insert("Values".into(), json!({"type": "string", "enum": WORDS}));
    let arms: Vec<_> = named
        .iter()
        .map(|word| json!({"$ref": format!("#/components/schemas/{word}")}))
        .collect();
    schemas.insert(
        "Arms".into(),
        json!({"oneOf": arms, "discriminator": {"propertyName": "kind"}}),
    );
    schemas.insert("Shapes".into(), json!({"anyOf": arms}));
    let all: Vec<_> = schemas
        .keys()
        .map(|name| {
            (
                name.clone(),
                json!({"$ref": format!("#/components/schemas/{name}")}),
            )
        })
        .collect();
    let all =
        json!({"type": "object", "properties": all.into_iter().collect::<serde_json::Map<_, _>>()});
    let content = |schema: &Value| json!({"application/json": {"schema": schema}});
    let mut paths = serde_json::Map::new();
    for (index, word) in named.iter().enumerate() {
        let params = named
            .iter()
            .map(|name| json!({"name": name, "in": "query", "schema": {"type": "string"}}));
        let operation = json!({
            "operationId": word,
            "parameters": params.collect::<Vec<_>>(),
            "requestBody": {"content": content(&all)},
            "responses": {"200": {"description": "", "content": content(&all)}},
        });
        paths.insert(format!("/p{index}"), json!({"post": operation}));
        if index > 12 {
            break;
        }
    }
    json!({
        "openapi": "3.0.3", "info": {"title": "Corpus adversarial", "version": "1"},
        "paths": paths, "components": {"schemas": schemas},
    })
}

/// Every document of the corpus, by the name of its crate.
fn documents(corpus: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::from([("split".to_owned(), corpus.join("split/api.yaml"))]);
    for folder in ["", "services", "schemas", "odd"] {
        for entry in fs::read_dir(corpus.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let (name, extension) = name.split_once('.').unwrap_or((name, ""));
            if ["yaml", "schema.json"].contains(&extension) {
                let clash = found.insert(name.replace('-', "_"), path.clone());
                assert_eq!(clash, None, "two documents of one name");
            }
        }
    }
    found
}

fn inputs(name: &str, openapi: &Path) -> Inputs {
    let runtime = root().join("runtime").display().to_string();
    Inputs {
        openapi: openapi.to_owned(),
        schema: None,
        overlay: None,
        names: None,
        capability: None,
        workflows: Vec::new(),
        asyncapi: None,
        asyncapi_overlay: None,
        kind: CrateKind::Alone {
            runtime,
            name: Some(format!("corpus-{name}")),
        },
        types_only: openapi.to_string_lossy().ends_with(".schema.json"),
        strict: false,
        command: "cargo test".to_owned(),
    }
}

/// Holds what a plan says to be lost against what the document expects.
fn check_losses(name: &str, document: &Value, planned: &Plan) {
    for (key, kind) in [
        ("left-out", LossKind::LeftOut),
        ("widened", LossKind::Widened),
    ] {
        let expected = document
            .pointer(&format!("/x-expect/{key}"))
            .cloned()
            .unwrap_or_else(|| json!([]));
        let found = planned.losses.iter().filter(|loss| loss.kind == kind);
        let found: Vec<_> = found
            .map(|loss| loss.diagnostic.place.pointer.clone().unwrap())
            .collect();
        assert_eq!(json!(found), expected, "{name}: {key}");
    }
}

/// What absence stands for is there when a response without it is read.
const FILLED: &str = "
#[test]
fn defaults_are_filled_in() {
    let filled: corpus_types::types::Filled = serde_json::from_str(\"{}\").unwrap();
    let text = serde_json::to_string(&filled).unwrap();
    assert_eq!(text, r#\"{\"label\":\"\",\"limit\":10,\"mode\":\"slow\",\"on\":true,\"tags\":[]}\"#);
}
";

/// A test for every value that a type must keep.
fn keeps(name: &str, document: &Value) -> String {
    let empty = serde_json::Map::new();
    let types = document
        .get("x-keeps")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let mut text = String::new();
    for (ty, values) in types {
        let rust = Names::type_of_words(ty);
        for value in values.as_array().unwrap() {
            let value = value.as_str().unwrap();
            text.push_str(&format!(
                "    keeps::<corpus_{name}::types::{rust}>(r##\"{value}\"##);\n"
            ));
        }
    }
    format!("#[test]\nfn {name}() {{\n{text}}}\n")
}

const KEEPS: &str = "
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

fn keeps<T: Serialize + DeserializeOwned + std::fmt::Debug>(text: &str) {
    let value: Value = serde_json::from_str(text).unwrap();
    let read: T = serde_json::from_str(text).unwrap_or_else(|error| panic!(\"{text}: {error}\"));
    assert_eq!(serde_json::to_value(&read).unwrap(), value, \"{read:?}\");
    let read: T = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), value, \"{read:?}\");
}
";

fn dependency(name: &str) -> String {
    format!("corpus-{name} = {{ path = \"../{name}\", features = [\"schemars\"] }}\n")
}

/// A package that depends on the crates.
fn write_project(project: &Path, dependencies: &str) {
    let manifest = format!(
        "[package]\nname = \"corpus\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n[workspace]\n"
    );
    fs::create_dir_all(project.join("src")).unwrap();
    fs::write(project.join("Cargo.toml"), manifest.replace('\\', "/")).unwrap();
    fs::write(project.join("src/lib.rs"), "").unwrap();
    lock_like_workspace(project).unwrap();
}

#[test]
fn documents_of_every_kind_become_crates_that_keep_their_word() {
    let corpus = root().join("tests/corpus");
    let folder = tempfile::tempdir().unwrap();
    // Beside the crates, not around them: each is a workspace of its own.
    let project = folder.path().join("project");
    let adversarial_file = folder.path().join("adversarial.json");
    fs::write(&adversarial_file, adversarial().to_string()).unwrap();
    let mut documents = documents(&corpus);
    documents.insert("adversarial".to_owned(), adversarial_file);
    let mut tests = KEEPS.to_owned() + FILLED;
    let mut dependencies = String::new();
    for (name, file) in documents {
        let document = Document::read(&file).unwrap().value;
        let planned = plan(&inputs(&name, &file));
        let planned = planned.unwrap_or_else(|error| panic!("{name}: {error}"));
        check_losses(&name, &document, &planned);
        sync(&planned, &folder.path().join(&name), Mode::Write).unwrap();
        tests.push_str(&keeps(&name, &document));
        dependencies.push_str(&dependency(&name));
    }
    let runtime = root().join("runtime").display().to_string();
    dependencies.push_str(&format!(
        "bpx-runtime = {{ path = \"{runtime}\" }}\nfutures-util = {{ version = \"0.3\", default-features = false }}\nserde = \"1\"\nserde_json = \"1\"\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n"
    ));
    write_project(&project, &dependencies);
    fs::create_dir_all(project.join("tests")).unwrap();
    fs::write(project.join("tests/keeps.rs"), tests).unwrap();
    fs::copy(corpus.join("wire.rs"), project.join("tests/wire.rs")).unwrap();
    cargo(&project, &["test", "--quiet", "--tests"]).unwrap_or_else(|error| panic!("{error}"));
}

/// Documents of the corpus changed at random: those that still generate compile, all in one build.
///
/// `BPX_MUTANTS=200` compiles a larger sample, `BPX_SEED` another one.
#[test]
fn documents_changed_at_random_become_crates_that_compile() {
    let number = |name: &str| std::env::var(name).ok()?.parse().ok();
    let count = number("BPX_MUTANTS").unwrap_or(6);
    let seed = number("BPX_SEED").unwrap_or(0xC0DE);
    let folder = tempfile::tempdir().unwrap();
    let documents: Vec<_> = documents(&root().join("tests/corpus"))
        .into_iter()
        .collect();
    let (mut dependencies, mut changes) = (String::new(), String::new());
    for round in 0..count {
        let mut dice = Dice::of(seed as u64, round);
        let (name, file) = &documents[dice.below(documents.len())];
        let (changed, steps) = mutant(&Document::read(file).unwrap().value, &mut dice);
        let crate_name = format!("{name}_{round}");
        let is_schema = file.to_string_lossy().ends_with(".schema.json");
        let extension = if is_schema { "schema.json" } else { "json" };
        let file = folder.path().join(format!("{crate_name}.{extension}"));
        fs::write(&file, changed.to_string()).unwrap();
        if let Ok(planned) = plan(&inputs(&crate_name, &file)) {
            sync(&planned, &folder.path().join(&crate_name), Mode::Write).unwrap();
            dependencies.push_str(&dependency(&crate_name));
            changes.push_str(&format!("{crate_name}: {steps:?}\n"));
        }
    }
    let project = folder.path().join("project");
    write_project(&project, &dependencies);
    cargo(&project, &["check", "--quiet", "--keep-going"])
        .unwrap_or_else(|error| panic!("{error}\n{changes}"));
}
