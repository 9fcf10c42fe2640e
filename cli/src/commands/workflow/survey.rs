//! `bpx workflow check` of many documents: one line for each, and what was found by cause.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use bpx_contract::Diagnostic;
use serde::Serialize;

use super::Files;
use crate::failure::{Failure, Fault};
use crate::output::plain;

/// What became of the documents.
#[derive(Debug, Default, Serialize)]
pub(super) struct Survey {
    checked: usize,
    warned: usize,
    pub(super) refused: usize,
    causes: Vec<Cause>,
    documents: Vec<Surveyed>,
}

/// One document.
#[derive(Debug, Serialize)]
struct Surveyed {
    document: String,
    result: Verdict,
    workflows: usize,
    steps: usize,
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Refused,
    Warned,
    Checked,
}

/// A problem without what names one document: how many documents have it, and the first place of it.
#[derive(Debug, Serialize)]
struct Cause {
    result: Verdict,
    cause: String,
    documents: usize,
    places: usize,
    first: String,
}

impl Survey {
    /// Checks every document; with `strict` a warning refuses it.
    pub(super) fn of(documents: &[String], sources: &Files, strict: bool) -> Self {
        let mut survey = Self::default();
        for document in documents {
            let found = surveyed(document, sources, strict);
            match found.result {
                Verdict::Checked => survey.checked += 1,
                Verdict::Warned => survey.warned += 1,
                Verdict::Refused => survey.refused += 1,
            }
            survey.documents.push(found);
        }
        survey.causes = causes(&survey.documents);
        survey
    }

    /// The table for people.
    pub(super) fn table(&self) -> String {
        let mut text = String::new();
        for it in &self.documents {
            let line = match (it.result, it.faults.first()) {
                (Verdict::Refused, Some(first)) => {
                    format!("refused  {} ({})", first.problem, at(first))
                }
                (Verdict::Warned, _) => format!("warned   warnings: {}", it.warnings.len()),
                _ => format!("checked  workflows: {}, steps: {}", it.workflows, it.steps),
            };
            let _ = writeln!(text, "{:<40} {}", plain(&it.document), plain(&line));
        }
        for (result, title) in [(Verdict::Refused, "Refused"), (Verdict::Warned, "Warned")] {
            let all: Vec<_> = self
                .causes
                .iter()
                .filter(|it| it.result == result)
                .collect();
            if !all.is_empty() {
                let _ = writeln!(text, "\n{title} by cause\ndocuments  places  cause");
            }
            for it in all {
                let _ = writeln!(
                    text,
                    "{:>9} {:>7}  {}",
                    it.documents,
                    it.places,
                    plain(&it.cause)
                );
                let _ = writeln!(text, "{:>17}  first: {}", "", plain(&it.first));
            }
        }
        let (all, checked) = (self.documents.len(), self.checked);
        let _ = writeln!(
            text,
            "\ndocuments: {all}, checked: {checked}, warned: {}, refused: {}",
            self.warned, self.refused
        );
        text
    }
}

fn surveyed(document: &str, sources: &Files, strict: bool) -> Surveyed {
    let mut found = Surveyed {
        document: document.to_owned(),
        result: Verdict::Refused,
        workflows: 0,
        steps: 0,
        faults: Vec::new(),
        warnings: Vec::new(),
    };
    match sources.open(document) {
        Err(failure) => found.faults = failure.faults().to_vec(),
        Ok(library) => {
            let workflows = &library.checked().workflows;
            found.workflows = workflows.len();
            found.steps = workflows.iter().map(|it| it.steps.len()).sum();
            let warnings: Vec<_> = library.warnings().map(fault).collect();
            if strict {
                found.faults = warnings;
            } else {
                found.warnings = warnings;
            }
            found.result = match (found.faults.is_empty(), found.warnings.is_empty()) {
                (false, _) => Verdict::Refused,
                (true, false) => Verdict::Warned,
                (true, true) => Verdict::Checked,
            };
        }
    }
    found
}

fn fault(diagnostic: &Diagnostic) -> Fault {
    Fault {
        problem: diagnostic.problem.clone(),
        location: Some(diagnostic.place.to_string()),
        fix: diagnostic.fix.clone(),
    }
}

fn at(fault: &Fault) -> &str {
    fault.location.as_deref().unwrap_or("the document")
}

/// The causes, those of the most documents first.
fn causes(documents: &[Surveyed]) -> Vec<Cause> {
    let mut found: BTreeMap<(Verdict, String), (BTreeSet<&str>, usize, &str)> = BTreeMap::new();
    for it in documents {
        let faults = it.faults.iter().map(|fault| (Verdict::Refused, fault));
        let warnings = it.warnings.iter().map(|fault| (Verdict::Warned, fault));
        for (result, fault) in faults.chain(warnings) {
            let entry = found.entry((result, cause(&fault.problem)));
            let (files, places, _) = entry.or_insert_with(|| (BTreeSet::new(), 0, at(fault)));
            files.insert(&it.document);
            *places += 1;
        }
    }
    let causes = found
        .into_iter()
        .map(|((result, cause), (files, places, first))| Cause {
            result,
            cause,
            documents: files.len(),
            places,
            first: first.to_owned(),
        });
    let mut causes: Vec<_> = causes.collect();
    causes.sort_by_key(|it| (it.result, usize::MAX - it.documents));
    causes
}

/// A problem without names and numbers, so that the same problem of two documents reads the same.
fn cause(problem: &str) -> String {
    let mut text = String::new();
    for (index, part) in problem.split('`').enumerate() {
        match index % 2 {
            0 => text.push_str(part),
            _ => text.push('…'),
        }
    }
    let text = text.strip_prefix("step …: ").unwrap_or(&text);
    let words = text.split(' ').map(|word| {
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        if is_number || word.starts_with('…') {
            "…"
        } else {
            word
        }
    });
    let mut words: Vec<_> = words.collect();
    words.dedup_by(|next, earlier| next == earlier && *next == "…");
    words.join(" ")
}

/// The Arazzo documents of a folder and those in it, in the order of their names.
pub(super) fn documents(folder: &Path) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    collect(folder, &mut found).map_err(|error| {
        let problem = format!("`{}` cannot be read: {error}", folder.display());
        Failure::bad_input(problem, "name a folder that can be read")
    })?;
    if found.is_empty() {
        let problem = format!("no Arazzo document is in `{}`", folder.display());
        return Err(Failure::bad_input(
            problem,
            "name a folder with Arazzo documents",
        ));
    }
    found.sort();
    Ok(found.iter().map(|it| it.display().to_string()).collect())
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            collect(&path, found)?;
        } else if kind.is_file() && is_arazzo(&path) {
            found.push(path);
        }
    }
    Ok(())
}

/// Whether the file has a line `arazzo: …` or a member `"arazzo"`; the checker says what else is wrong with it.
fn is_arazzo(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str());
    if !extension.is_some_and(|it| ["yaml", "yml", "json"].contains(&it)) {
        return false;
    }
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let key = |line: &str| {
        line.trim_start_matches(['{', ' ', '\t', '"', '\'', '\u{feff}'])
            .starts_with("arazzo")
    };
    text.lines().take(50).any(key)
}

#[cfg(test)]
mod tests {
    use super::cause;

    #[test]
    fn a_cause_is_a_problem_without_names_and_numbers() {
        let table = [
            (
                "step `a`: `$inputs.id` may be missing, and a value is required here",
                "… may be missing, and a value is required here",
            ),
            (
                "the contract documents 200, 404, 503",
                "the contract documents …",
            ),
            (
                "`Error` and `Item` have no `nope` (status 200, 404)",
                "… and … have no … (status …",
            ),
        ];
        for (problem, wanted) in table {
            assert_eq!(cause(problem), wanted);
        }
    }
}
