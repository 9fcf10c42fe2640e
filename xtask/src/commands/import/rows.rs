//! Rows of the names table that an import makes stale.

use bpx_contract::{Diagnostic, Place};

use super::super::generate::NAMES;
use super::step::Step;

/// Members of a row that name what was renamed.
const SUBJECTS: [&str; 2] = ["component", "operation"];

/// A row that no longer applies.
#[derive(Debug)]
pub(super) struct Row {
    /// The kind: `type`, `variant`, `field`, `operation`, `parameter`.
    kind: String,
    /// Its position among the rows of its kind.
    index: usize,
    line: Option<usize>,
    /// What is wrong with it.
    problem: String,
    /// The member that names what has another name now, and both names.
    renamed: Option<(&'static str, String, String)>,
}

impl Row {
    pub(super) fn step(&self) -> Step {
        let action = match &self.renamed {
            Some((member, old, new)) => {
                format!("write `{member} = \"{new}\"` in this row: `{old}` is now called `{new}`")
            }
            None => format!(
                "remove this row, it no longer applies: {}; or, if an earlier import renamed what it is about, write the new name",
                self.problem
            ),
        };
        let place = Place {
            line: self.line,
            ..Place::at(NAMES, format!("/{}/{}", self.kind, self.index))
        };
        Step {
            kind: "names",
            place: Some(place),
            action,
            is_needed: true,
        }
    }
}

fn row_of(fault: &Diagnostic) -> Option<(&str, usize)> {
    let pointer = fault.place.pointer.as_deref()?.strip_prefix('/')?;
    let (kind, index) = pointer.split_once('/')?;
    Some((kind, index.parse().ok()?))
}

/// Whether a fault of the table is about the table as a whole.
pub(super) fn is_about_no_row(fault: &Diagnostic) -> bool {
    row_of(fault).is_none()
}

/// The rows that the faults are about.
pub(super) fn stale(text: &str, faults: &[Diagnostic], renamed: &[(String, String)]) -> Vec<Row> {
    let table: toml::Table = text.parse().unwrap_or_default();
    let of_table = faults.iter().filter(|it| it.place.file.ends_with(NAMES));
    let rows = of_table.filter_map(|fault| {
        let (kind, index) = row_of(fault)?;
        let row = table.get(kind)?.get(index)?;
        let renamed = SUBJECTS.into_iter().find_map(|member| {
            let subject = row.get(member)?.as_str()?;
            let (old, new) = renamed.iter().find(|(old, _)| old == subject)?;
            Some((member, old.clone(), new.clone()))
        });
        let header = format!("[[{kind}]]");
        let mut lines = text.lines().enumerate();
        let lines = lines.by_ref().filter(|(_, line)| line.trim() == header);
        let line = lines.map(|(line, _)| line + 1).nth(index);
        Some(Row {
            kind: kind.to_owned(),
            index,
            line,
            problem: fault.problem.clone(),
            renamed,
        })
    });
    rows.collect()
}

/// The table with the rows corrected, to see what the contracts give then.
pub(super) fn corrected(text: &str, rows: &[Row]) -> String {
    let mut table: toml::Table = text.parse().unwrap_or_default();
    // From the last row on, so that the others keep their positions.
    let mut last_first: Vec<_> = rows.iter().collect();
    last_first.sort_by_key(|row| std::cmp::Reverse(row.index));
    for row in last_first {
        let list = table.get_mut(&row.kind).and_then(toml::Value::as_array_mut);
        let Some(list) = list.filter(|list| row.index < list.len()) else {
            continue;
        };
        match (&row.renamed, list.get_mut(row.index)) {
            (Some((member, _, new)), Some(toml::Value::Table(written))) => {
                written.insert((*member).to_owned(), toml::Value::String(new.clone()));
            }
            _ => drop(list.remove(row.index)),
        }
    }
    table.to_string()
}
