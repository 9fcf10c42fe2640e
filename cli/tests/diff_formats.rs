//! The formats of `bpx diff`: what each has of a change, and that no name of a document is markup in any of them.

#![cfg(test)]

mod common;

use std::path::Path;
use std::process::Stdio;

use common::{bpx, stderr, stdout};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A name that would be markup in each of the formats.
const HOSTILE: &str = "<img src=x onerror=alert(1)>\"'&|`` ](http://evil.test) @team #1\n::error::x%0A\u{1b}[2J\u{202e} ]]> --> </details>";

/// A document in which an operation, a type, a property and a value of an enum have this name.
fn document(name: &str, values: &[&str], required: &[&str]) -> String {
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}});
    let removed = json!({"get": {"operationId": format!("{name} removed"), "responses": {"204": {"description": ""}}}});
    let mut paths = json!({"/pets": {"get": {"operationId": name, "responses": {"200": {"description": "", "content": content}}}}});
    if required.len() > 1 {
        paths["/removed"] = removed;
    }
    let document = json!({
        "openapi": "3.0.3", "info": {"title": name, "version": "1"}, "paths": paths,
        "components": {"schemas": {"Pet": {
            "type": "object", "required": required,
            "properties": {name: {"type": "string"}, "kind": {"type": "string", "enum": values}},
        }}},
    });
    serde_json::to_string_pretty(&document).unwrap()
}

/// Three changes that fail, two of them in the schema of the response, and one that is risky; `accepted.toml` accepts one.
fn folder(name: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let added = format!("fox {name}");
    let quoted = |text: &str| {
        serde_json::to_string(text)
            .unwrap()
            .replace("\\u001b", "\\u001B")
    };
    let accepted = format!(
        "[[accepted]]\nrule = \"operation-removed\"\nsubject = {}\nreason = {}\n",
        quoted(&format!("{name} removed")),
        quoted(&format!("because {name}"))
    );
    let stale = format!(
        "{accepted}\n[[accepted]]\nrule = \"type-added\"\nsubject = {}\nreason = \"Gone\"\n",
        quoted(name)
    );
    for (file, text) in [
        ("old.json", document(name, &["cat"], &[name, "kind"])),
        ("new.json", document(name, &["cat", &added], &["kind"])),
        ("accepted.toml", accepted),
        ("stale.toml", stale),
    ] {
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    folder
}

fn run(folder: &Path, line: &str) -> String {
    let arguments: Vec<_> = ["diff", "old.json", "new.json"]
        .into_iter()
        .chain(line.split(' '))
        .collect();
    let mut command = bpx(&arguments);
    let output = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{line}: {}", stderr(&output));
    stdout(&output).to_owned()
}

/// What each format shows of a property that can be missing, a removed operation that is accepted, and a new value.
const SHOWN: &[(&str, &[&str])] = &[
    (
        "text",
        &[
            "response-field-became-optional  Pet.name",
            "\n  at new.json:",
            "\n  was at old.json:",
            "accepted: because name",
            "    + `name: Option<String>`",
            "for example: {",
        ],
    ),
    (
        "json",
        &[
            "\"rule\": \"response-field-became-optional\"",
            "\"line\": ",
            "\"accepted\": \"because name\"",
            "\"fails\": true",
            "\"witness\"",
        ],
    ),
    (
        "markdown",
        &[
            "**API changes: failed.** 2 breaking, 1 risky, 0 safe; 1 accepted; for Rust callers a major version\n",
            "\n| breaking (fails) | `response-field-became-optional` | <code>Pet&#46;name</code> | major | <code>name</code> |\n",
            "\n| breaking (accepted) | `operation-removed` |",
            "<details><summary>",
            "- Rust before: <code>name&#58; String</code>",
        ],
    ),
    (
        "github",
        &[
            "\n::error file=new.json,line=34,title=breaking[response-field-became-optional]::Pet.name: A property",
            "::warning file=new.json,",
            "::notice file=new.json,",
            "%0Aaccepted: because name",
            "::notice title=bpx diff failed::2 breaking",
        ],
    ),
    (
        "sarif",
        &[
            "\"ruleId\": \"response-field-became-optional\"",
            "\"startLine\": 34",
            "\"uri\": \"old.json\"",
            "\"justification\": \"because name\"",
            "\"text\": \"A property that was always present can be missing.\"",
        ],
    ),
    (
        "junit",
        &[
            "<testsuite name=\"name\" tests=\"2\" failures=\"1\" skipped=\"0\" errors=\"0\">",
            "<failure type=\"response-field-became-optional\"",
            "<testcase classname=\"name\" name=\"risky[response-value-added] Kind=fox name\"/>",
            "<skipped message=\"accepted: because name\"/>",
        ],
    ),
    (
        "html",
        &[
            "API changes: old.json to new.json (<span class=\"failed\">failed</span>)",
            "<td class=\"error\">breaking (fails)</td>",
            "breaking (accepted)",
            "<code>Pet.name</code>",
        ],
    ),
    (
        "accept",
        &[
            "[[accepted]]\nrule = \"response-field-became-optional\"\nsubject = \"Pet.name\"\noperations = [\"name\"]\nreason = \"\"\n",
        ],
    ),
];

#[test]
fn every_format_shows_rule_verdict_places_operations_and_effect() {
    let folder = folder("name");
    for (format, parts) in SHOWN {
        let shown = run(
            folder.path(),
            &format!("--accept accepted.toml --format {format}"),
        );
        for part in *parts {
            assert!(shown.contains(part), "{format}: {part} in {shown}");
        }
    }
}

#[test]
fn sarif_has_one_object_for_each_rule() {
    let folder = folder("name");
    let log: Value = serde_json::from_str(&run(folder.path(), "--format sarif")).unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    assert_eq!(rules.len(), bpx_evolve::Rule::ALL.len() + 1);
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(
            rule["help"]["text"]
                .as_str()
                .unwrap()
                .contains("Rust callers")
        );
    }
}

/// What a hostile name must not become in a format, as text that would be read as markup.
const NEVER: &[(&str, &[&str])] = &[
    ("text", &["\u{1b}", "\u{202e}", "\n::error::"]),
    (
        "markdown",
        &[
            "<img",
            "](http",
            "@team",
            " #1",
            "\u{1b}",
            "\u{202e}",
            "\n::error",
            "``",
            "www.",
        ],
    ),
    ("github", &["\n::error::x", "\u{1b}"]),
    ("junit", &["<img", "\u{1b}", "]]>", "\"'&|"]),
    (
        "html",
        &["<img", "onerror=alert(1)>", "\u{1b}", "\u{202e}", "\"'&|"],
    ),
];

#[test]
fn no_name_of_a_document_or_a_reason_is_markup() {
    let folder = folder(HOSTILE);
    for (format, never) in NEVER {
        let shown = run(
            folder.path(),
            &format!("--accept stale.toml --format {format}"),
        );
        assert!(shown.contains("onerror"), "{format}: {shown}");
        for part in *never {
            assert!(!shown.contains(part), "{format}: {part:?} in {shown}");
        }
        let folds = |tag: &str| shown.matches(tag).count();
        if *format != "text" && *format != "github" {
            assert_eq!(folds("<details"), folds("</details>"), "{format}: {shown}");
        }
    }
    let annotations = run(folder.path(), "--accept stale.toml --format github");
    for line in annotations.lines() {
        assert!(
            ["::error ", "::warning ", "::notice "]
                .iter()
                .any(|it| line.starts_with(it)),
            "{line}"
        );
    }
    let table = run(folder.path(), "--format markdown");
    let rows: Vec<_> = table.lines().filter(|it| it.starts_with('|')).collect();
    assert!(
        rows.len() >= 5 && rows.iter().all(|row| row.matches('|').count() == 6),
        "{rows:#?}"
    );
    for format in ["json", "sarif"] {
        let text = run(
            folder.path(),
            &format!("--accept stale.toml --format {format}"),
        );
        serde_json::from_str::<Value>(&text).unwrap();
    }
}
