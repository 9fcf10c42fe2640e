//! Rules of files: length, headers of generated ones, reasons of allowances, versions in the root manifest.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::commands::root;

/// Handwritten files stay below this many lines, or stand in `tidy.toml` with a reason.
const LINES_MAX: usize = 400;

/// The faults of all handwritten and generated files, and how many were read.
pub(super) fn check(root: &Path) -> anyhow::Result<(Vec<String>, usize)> {
    let files = rust_files(root)?;
    let mut faults = Vec::new();
    let exempt = exemptions()?;
    for path in &files {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let name = path
            .strip_prefix(root)
            .unwrap_or(path)
            .display()
            .to_string()
            .replace('\\', "/");
        check_file(&name, &text, &exempt, &mut faults);
    }
    stale(&files, &exempt, &mut faults);
    manifests(&mut faults)?;
    Ok((faults, files.len()))
}

/// A file that may be longer, and why.
struct Exemption {
    file: String,
    lines: usize,
    reason: String,
}

/// `tidy.toml`: one `[[long]]` table per exemption, with `file`, `lines` and `reason`.
fn exemptions() -> anyhow::Result<Vec<Exemption>> {
    let Ok(text) = fs::read_to_string(root().join("tidy.toml")) else {
        return Ok(Vec::new());
    };
    let table: toml::Table = text.parse().context("tidy.toml")?;
    let rows = table
        .get("long")
        .and_then(toml::Value::as_array)
        .cloned()
        .unwrap_or_default();
    let text_of = |row: &toml::Value, key: &str| {
        row.get(key)
            .and_then(toml::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let lines_of = |row: &toml::Value| {
        row.get("lines")
            .and_then(toml::Value::as_integer)
            .unwrap_or(0)
    };
    let read = rows.iter().map(|row| Exemption {
        file: text_of(row, "file"),
        lines: usize::try_from(lines_of(row)).unwrap_or(0),
        reason: text_of(row, "reason"),
    });
    Ok(read.collect())
}

fn check_file(name: &str, text: &str, exempt: &[Exemption], faults: &mut Vec<String>) {
    if name.starts_with("generated/") {
        if !text
            .lines()
            .next()
            .is_some_and(|line| line.contains("@generated"))
        {
            faults.push(format!("{name}: no `@generated` header\n  fix: generated/ is machine-written; move it elsewhere"));
        }
        return;
    }
    let count = text.lines().count();
    let allowed = exempt
        .iter()
        .find(|row| row.file == name)
        .map_or(LINES_MAX, |row| row.lines);
    if count > allowed {
        faults.push(format!(
            "{name}: {count} lines, at most {allowed}\n  fix: split it where it has two subjects"
        ));
    }
    for (index, line) in text.lines().enumerate() {
        if let Some(problem) = forbidden(line) {
            faults.push(format!("{name}:{}: {problem}", index + 1));
        }
    }
}

fn forbidden(line: &str) -> Option<&'static str> {
    let code = line.trim_start();
    let is_allow = code.starts_with("#[allow(") || code.starts_with("#![allow(");
    if is_allow && code.ends_with(")]") && !code.contains("reason") {
        return Some("an `allow` without a reason\n  fix: add `reason = \"…\"`");
    }
    let ignored =
        code.starts_with("#[ignore]") || (code.starts_with("#[ignore") && !code.contains('='));
    ignored.then_some("an ignored test without a reason\n  fix: run it, or say why not")
}

/// An exemption that nothing needs any more is a fault.
fn stale(files: &[PathBuf], exempt: &[Exemption], faults: &mut Vec<String>) {
    for row in exempt {
        let path = root().join(&row.file);
        let count = files.contains(&path).then(|| {
            fs::read_to_string(&path)
                .unwrap_or_default()
                .lines()
                .count()
        });
        if count.is_none_or(|count| count <= LINES_MAX) {
            faults.push(format!(
                "tidy.toml: the row for {} is no longer needed\n  fix: delete it",
                row.file
            ));
        }
        if row.reason.trim().is_empty() {
            faults.push(format!(
                "tidy.toml: the row for {} has no reason\n  fix: give one",
                row.file
            ));
        }
    }
}

/// Versions stand in the workspace's manifest alone.
fn manifests(faults: &mut Vec<String>) -> anyhow::Result<()> {
    for entry in fs::read_dir(root())? {
        let path = entry?.path().join("Cargo.toml");
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let table: toml::Table = text.parse().with_context(|| path.display().to_string())?;
        let name = path
            .strip_prefix(root())
            .unwrap_or(&path)
            .display()
            .to_string()
            .replace('\\', "/");
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (dependency, value) in table
                .get(section)
                .and_then(toml::Value::as_table)
                .into_iter()
                .flatten()
            {
                // Tests may use a crate of the workspace by its path alone: itself, or one that depends on this one.
                let by_path = section == "dev-dependencies"
                    && value.get("path").is_some()
                    && value.get("version").is_none();
                let inherited = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
                if !(inherited || by_path) {
                    faults.push(format!(
                        "{name}: `{dependency}` states its own version\n  fix: move it to [workspace.dependencies]"
                    ));
                }
            }
        }
    }
    Ok(())
}

fn rust_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(rust_files(&path)?);
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
