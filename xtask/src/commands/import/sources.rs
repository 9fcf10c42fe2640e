//! Searches sources for names that left the public surface. A search: a name can mean something else there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bpx_contract::Place;

use super::step::Step;

/// Folders without sources of ours.
const SKIPPED: [&str; 4] = ["target", "generated", "node_modules", ".git"];
/// Shorter words are found everywhere.
const NAME_LENGTH_MIN: usize = 3;
/// Files that are listed; of more, the first.
const FILES_MAX: usize = 40;
/// Lines that are named of each.
const LINES_MAX: usize = 8;

/// The words of a digest that stand in backticks.
fn names(digest: &str) -> BTreeSet<&str> {
    let quoted = digest.split('`').skip(1).step_by(2);
    quoted.flat_map(words).collect()
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// A step for each file with a name that `before` has and `after` lacks, and one for those beyond the first.
pub(super) fn uses(root: &Path, before: &str, after: &str) -> anyhow::Result<Vec<Step>> {
    let (known, kept) = (names(before), names(after));
    let gone = known.difference(&kept).copied();
    let gone: BTreeSet<_> = gone.filter(|it| it.len() >= NAME_LENGTH_MIN).collect();
    let mut found = Vec::new();
    if !gone.is_empty() {
        search(root, root, &gone, &mut found)?;
    }
    let more = found.len().saturating_sub(FILES_MAX);
    found.truncate(FILES_MAX);
    if more > 0 {
        let check = "`cargo check --workspace --all-targets` names those that matter";
        found.push(step(
            None,
            format!("{more} more files have such names (found by a search); {check}"),
        ));
    }
    Ok(found)
}

fn step(place: Option<Place>, action: String) -> Step {
    Step {
        kind: "source",
        place,
        action,
        is_needed: false,
    }
}

fn search(
    root: &Path,
    folder: &Path,
    names: &BTreeSet<&str>,
    found: &mut Vec<Step>,
) -> anyhow::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name());
        let is_skipped = SKIPPED.iter().any(|it| name == *it);
        if path.is_dir() && !is_skipped {
            search(root, &path, names, found)?;
        } else if path.extension().is_some_and(|it| it == "rs") {
            in_file(root, &path, names, found);
        }
    }
    Ok(())
}

fn in_file(root: &Path, path: &Path, names: &BTreeSet<&str>, found: &mut Vec<Step>) {
    let text = fs::read_to_string(path).unwrap_or_default();
    let file = path.strip_prefix(root).unwrap_or(path);
    let file = file.to_string_lossy().replace('\\', "/");
    let (mut lines, mut used) = (Vec::new(), BTreeSet::new());
    for (index, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        let here: BTreeSet<_> = words(code).filter(|word| names.contains(word)).collect();
        if !here.is_empty() {
            lines.push(index + 1);
            used.extend(here);
        }
    }
    if let Some(first) = lines.first() {
        let action = format!(
            "{} left the public surface (found by a search); see {}",
            listed(&used),
            numbered(&lines)
        );
        found.push(step(Some(Place::line(&*file, *first)), action));
    }
}

fn listed(names: &BTreeSet<&str>) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn numbered(lines: &[usize]) -> String {
    let shown: Vec<_> = lines
        .iter()
        .take(LINES_MAX)
        .map(ToString::to_string)
        .collect();
    let more = lines.len().saturating_sub(LINES_MAX);
    let word = if lines.len() == 1 { "line" } else { "lines" };
    match more {
        0 => format!("{word} {}", shown.join(", ")),
        more => format!("{word} {} and {more} more", shown.join(", ")),
    }
}
