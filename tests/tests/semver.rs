//! The version step that `bpx diff` gives a change is right for Rust callers: a caller of the old client is compiled
//! with the new one, for each edit of a table.
//!
//! `semver/shop.yaml` has one of everything that a change can be about, `semver/caller.rs` uses all of its client as the
//! client's documentation allows, and `semver/edits.json` lists the edits. Clients with the same code are compiled once.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use bpx_codegen::{CrateKind, Inputs, plan};
use bpx_contract::{Api, Document};
use bpx_evolve::{Diff, Rule, Step, diff, openapi_api};
use bpx_tests::workspace::{cargo_output, lock_like_workspace, root, target};
use serde::Deserialize;
use serde_json::Value;

#[path = "semver/change.rs"]
mod change;

use change::{Dice, change};

/// Rules that no edit of the document reaches, each with the reason.
const UNREACHED: &[(Rule, &str)] = &[
    (
        Rule::RequestRefused,
        "it is for changes that the comparison cannot locate, and it locates those of this document",
    ),
    (Rule::ResponseUnexpected, "as `request-refused`"),
];

/// One edit of the document.
#[derive(Deserialize)]
struct Edit {
    says: String,
    /// An edit that the old document has already.
    #[serde(default)]
    from: json_patch::Patch,
    patch: json_patch::Patch,
    /// The source of a caller for this edit alone, in place of `caller.rs`.
    caller: Option<String>,
    /// Why the caller compiles although the step is major.
    compiles: Option<String>,
}

/// A document, and the code of its client.
struct Client {
    api: Api,
    code: Code,
}

/// Source files by path, without comments: clients that differ in their documentation alone are compiled once.
type Code = BTreeMap<String, String>;

impl Client {
    /// # Errors
    /// A document that cannot be read, or has no client.
    fn of(folder: &Path, document: &Value) -> Result<Self, String> {
        let openapi = folder.join("shop.json");
        fs::write(&openapi, document.to_string()).unwrap();
        let read = Document::read(&openapi).and_then(openapi_api);
        let api = read.map_err(|error| error.to_string())?;
        let inputs = Inputs {
            openapi,
            schema: None,
            overlay: None,
            names: None,
            capability: None,
            workflows: Vec::new(),
            asyncapi: None,
            asyncapi_overlay: None,
            kind: CrateKind::Alone {
                runtime: root().join("runtime").display().to_string(),
                name: Some("shop".to_owned()),
            },
            types_only: false,
            strict: false,
            command: "cargo test".to_owned(),
        };
        let planned = plan(&inputs).map_err(|error| error.to_string())?;
        let sources = planned.files.into_iter();
        let sources = sources.filter(|(path, _)| path.ends_with(".rs"));
        let code = sources
            .map(|(path, text)| (path, without_comments(&text)))
            .collect();
        Ok(Self { api, code })
    }
}

/// The code alone: the README that the documentation of a crate is read from is not written here.
fn without_comments(source: &str) -> String {
    let lines = source.lines();
    let is_text = |line: &str| line.trim_start().starts_with("//") || line.starts_with("#![doc");
    let kept = lines.filter(|line| !is_text(line));
    kept.flat_map(|line| [line, "\n"]).collect()
}

/// One client, and the source of one caller, compiled together.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Build {
    client: Code,
    caller: Option<String>,
}

/// Every client with its callers, each once, by number.
#[derive(Default)]
struct Builds(BTreeMap<Build, usize>);

impl Builds {
    fn add(&mut self, client: &Client, caller: Option<&String>) -> usize {
        let build = Build {
            client: client.code.clone(),
            caller: caller.cloned(),
        };
        let next = self.0.len();
        *self.0.entry(build).or_insert(next)
    }

    /// Compiles everything in one workspace. Gives the first error of each caller that does not compile.
    ///
    /// Workspaces need different names: what cargo builds of packages with equal names is kept in the same place.
    fn compile(&self, workspace: &str) -> BTreeMap<usize, String> {
        let folder = &target(workspace);
        fs::create_dir_all(folder).unwrap();
        let mut members = Vec::new();
        for (build, number) in &self.0 {
            let name = format!("{workspace}-{number}");
            build.write(&folder.join(&name), (&name, *number));
            members.push(name);
        }
        let manifest = format!(
            "[workspace]\nmembers = {members:?}\nresolver = \"3\"\n\n[profile.dev]\nincremental = false\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        lock_like_workspace(folder).unwrap();
        let arguments = [
            "check",
            "--quiet",
            "--keep-going",
            "--message-format=json",
            "--workspace",
        ];
        let output = cargo_output(folder, &arguments).unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = first_errors(&stdout);
        let is_explained = output.status.success() == errors.is_empty();
        assert!(is_explained, "{}", String::from_utf8_lossy(&output.stderr));
        errors
    }
}

impl Build {
    /// Writes a package whose library is the client and whose program is the caller.
    fn write(&self, package: &Path, (name, number): (&str, usize)) {
        for (path, text) in &self.client {
            let file = package.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            write_if_new(&file, text);
        }
        let caller = match &self.caller {
            None => root().join("tests/tests/semver/caller.rs"),
            Some(source) => {
                let file = package.join("caller.rs");
                write_if_new(&file, source);
                file
            }
        };
        let (caller, runtime) = (caller.display(), root().join("runtime"));
        let runtime = runtime.display();
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [lib]\nname = \"shop\"\n\n[[bin]]\nname = \"caller-{number}\"\npath = \"{caller}\"\n\n\
             [features]\nschemars = []\n\n[dependencies]\nbpx-runtime = {{ path = \"{runtime}\" }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\n"
        );
        write_if_new(&package.join("Cargo.toml"), &manifest.replace('\\', "/"));
    }
}

/// Files that stay the same are not touched, so that cargo does not compile them again.
fn write_if_new(file: &Path, text: &str) {
    if fs::read_to_string(file).ok().as_deref() != Some(text) {
        fs::write(file, text).unwrap();
    }
}

/// What cargo writes for each message of the compiler.
#[derive(Deserialize)]
struct Line {
    reason: String,
    target: Option<Target>,
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    rendered: String,
}

/// The first error of each caller, by its number. A client that does not compile is a fault of the generator.
fn first_errors(output: &str) -> BTreeMap<usize, String> {
    let mut errors = BTreeMap::new();
    for line in output.lines() {
        let line: Line = serde_json::from_str(line).unwrap();
        let (Some(target), Some(message)) = (line.target, line.message) else {
            continue;
        };
        if line.reason != "compiler-message" || message.level != "error" {
            continue;
        }
        let number = target.name.strip_prefix("caller-");
        let number = number.unwrap_or_else(|| panic!("{}", message.rendered));
        errors
            .entry(number.parse().unwrap())
            .or_insert(message.rendered);
    }
    errors
}

fn shop() -> Value {
    let file = root().join("tests/tests/semver/shop.yaml");
    Document::read(&file).unwrap().value
}

/// An edit, compared, and the numbers of its builds.
struct Compared {
    edit: Edit,
    found: Diff,
    old: usize,
    new: usize,
}

fn compared(folder: &Path, document: &Value, edit: Edit, builds: &mut Builds) -> Compared {
    let says = &edit.says;
    let mut document = document.clone();
    let mut client = |patch| {
        json_patch::patch(&mut document, patch).unwrap_or_else(|error| panic!("{says}: {error}"));
        Client::of(folder, &document).unwrap_or_else(|error| panic!("{says}: {error}"))
    };
    let (old, new) = (client(&edit.from), client(&edit.patch));
    let found = diff(&old.api, &new.api, None).unwrap();
    let (old, new) = (
        builds.add(&old, edit.caller.as_ref()),
        builds.add(&new, edit.caller.as_ref()),
    );
    Compared {
        edit,
        found,
        old,
        new,
    }
}

impl Compared {
    /// `request-field-removed major, type-removed major`
    fn rules(&self) -> String {
        let changes = self.found.changes.iter();
        let rules: BTreeSet<_> = changes
            .map(|change| format!("{} {}", change.rule, change.rust.step.as_str()))
            .collect();
        rules.into_iter().collect::<Vec<_>>().join(", ")
    }

    /// What is wrong with the step of this edit.
    fn fault(&self, errors: &BTreeMap<usize, String>) -> Option<String> {
        if let Some(error) = errors.get(&self.old) {
            return Some(format!("the caller does not fit the old client\n{error}"));
        }
        let step = self.found.step();
        let is_major = step == Some(Step::Major);
        match (is_major, errors.get(&self.new), &self.edit.compiles) {
            (false, Some(error), _) => Some(format!("{step:?} breaks the caller\n{error}")),
            (false, None, Some(_)) => Some("`compiles` is for major steps".to_owned()),
            (true, Some(error), Some(_)) => Some(format!("the caller does not compile\n{error}")),
            (true, None, None) => Some("the step is major, but the caller compiles".to_owned()),
            _ => None,
        }
    }
}

/// A line of the table that the test prints.
#[allow(
    clippy::print_stdout,
    reason = "the table is for whoever reads the output"
)]
fn print(line: &str) {
    println!("{line}");
}

/// Everything that is wrong, and the table of edits on standard output.
fn faults(compared: &[Compared], errors: &BTreeMap<usize, String>) -> String {
    let mut faults = String::new();
    for row in compared {
        let (says, rules) = (&row.edit.says, row.rules());
        let step = row.found.step().map_or("none", Step::as_str);
        let caller = match errors.contains_key(&row.new) {
            true => "breaks",
            false => "compiles",
        };
        print(&format!("{step:6} {caller:9} {says}: {rules}"));
        if let Some(fault) = row.fault(errors) {
            faults.push_str(&format!("\n{says} ({rules}): {fault}\n"));
        }
    }
    faults
}

#[test]
fn the_version_step_of_each_change_is_right_for_callers() {
    let folder = tempfile::tempdir().unwrap();
    let document = shop();
    let edits = root().join("tests/tests/semver/edits.json");
    let edits = fs::read_to_string(edits).unwrap();
    let edits: Vec<Edit> = serde_json::from_str(&edits).unwrap();
    let mut builds = Builds::default();
    let compared: Vec<_> = edits
        .into_iter()
        .map(|edit| compared(folder.path(), &document, edit, &mut builds))
        .collect();
    let (edits, clients) = (compared.len(), builds.0.len());
    print(&format!(
        "{edits} edits make {clients} clients; compiling each with its caller"
    ));
    let errors = builds.compile("semver");
    let faults = faults(&compared, &errors);
    assert!(faults.is_empty(), "{faults}");
    let changes = compared.iter().flat_map(|row| &row.found.changes);
    let reached: BTreeSet<_> = changes.map(|change| change.rule).collect();
    let never = Rule::ALL.iter().filter(|rule| !reached.contains(rule));
    let never: Vec<_> = never.copied().collect();
    let listed: Vec<_> = UNREACHED.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(never, listed, "rules that no edit reaches");
}

/// The document changed at random: the caller compiles wherever the comparison asks for less than a major version.
///
/// `BPX_MUTANTS=400` makes a larger sample, `BPX_SEED` another one.
#[test]
fn changes_at_random_break_no_caller_without_a_major_step() {
    let number = |name: &str| std::env::var(name).ok()?.parse().ok();
    let count = number("BPX_MUTANTS").unwrap_or(40);
    let seed = number("BPX_SEED").unwrap_or(0x5E3);
    let folder = tempfile::tempdir().unwrap();
    let document = shop();
    let old = Client::of(folder.path(), &document).unwrap();
    let mut builds = Builds::default();
    let mut changes: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for round in 0..count {
        let (mut changed, mut dice) = (document.clone(), Dice::of(seed as u64, round));
        let steps = [(); 2].map(|()| change(&mut changed, &mut dice));
        let Ok(new) = Client::of(folder.path(), &changed) else {
            continue;
        };
        let found = diff(&old.api, &new.api, None).unwrap();
        if found.step() < Some(Step::Major) {
            let build = builds.add(&new, None);
            let rules = found.changes.iter().map(|it| it.rule.id());
            let rules: Vec<_> = rules.collect();
            let text = format!("round {round}: {steps:?}: {rules:?}");
            changes.entry(build).or_default().push(text);
        }
    }
    let clients = builds.0.len();
    print(&format!(
        "{count} documents make {clients} clients of minor steps"
    ));
    let errors = builds.compile("semver-random");
    let faults: Vec<_> = errors
        .iter()
        .map(|(build, error)| format!("{}\n{error}", changes[build].join("\n")))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
