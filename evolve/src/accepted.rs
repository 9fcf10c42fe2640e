//! The changes that a repository accepts, and verdicts of its own: a TOML file.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::{Diagnostic, Diagnostics, Place};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::change::{Change, Diff};
use crate::rules::{Rule, Verdict};

/// What a repository has decided about changes: those that it accepts, and verdicts of its own.
///
/// ```
/// use bpx_evolve::{Accepted, Rule, Verdict};
///
/// let text = r#"
/// [severity]
/// "response-value-added" = "breaking"
///
/// [[accepted]]
/// rule = "operation-removed"
/// subject = "getPet"
/// operations = ["getPet"]        # optional: the change may reach no other operation
/// reason = "nobody has called it since May"
/// "#;
/// let accepted = Accepted::parse("accepted.toml", text)?;
/// assert_eq!(accepted.verdicts[&Rule::ResponseValueAdded], Verdict::Breaking);
///
/// let unknown = Accepted::parse("accepted.toml", &text.replace("operation-removed", "gone")).unwrap_err();
/// assert!(unknown.to_string().contains("at: accepted.toml:6"));
/// # Ok::<(), bpx_contract::Diagnostics>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Accepted {
    file: String,
    rows: Vec<Row>,
    /// The verdict that every change of a rule gets.
    pub verdicts: BTreeMap<Rule, Verdict>,
}

/// One accepted change.
#[derive(Debug, Clone)]
struct Row {
    line: usize,
    rule: Rule,
    subject: String,
    operations: Option<BTreeSet<String>>,
    reason: String,
}

/// An accepted change that the documents do not have.
#[derive(Debug, Clone, Serialize)]
pub struct Stale {
    /// The rule.
    pub rule: Rule,
    /// What the change was about.
    pub subject: String,
    /// Why it was accepted.
    pub reason: String,
    /// Where it is accepted: file and line.
    pub place: Place,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    severity: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    accepted: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: Spanned<String>,
    subject: String,
    operations: Option<BTreeSet<String>>,
    reason: String,
}

impl Accepted {
    /// Reads the TOML text of a file.
    ///
    /// # Errors
    /// Broken syntax, unknown keys, rules or verdicts, and accepted changes without a reason; each with its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, Diagnostics> {
        let source = Source { file, text };
        let parsed: File = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let message = error.message().replace('\n', ", ");
            Diagnostics(vec![source.fault(start, message, "correct the file")])
        })?;
        let (mut rows, mut verdicts, mut faults) = (Vec::new(), BTreeMap::new(), Vec::new());
        for (rule, verdict) in &parsed.severity {
            match source
                .rule(rule)
                .and_then(|it| Ok((it, source.verdict(verdict)?)))
            {
                Ok((rule, verdict)) => drop(verdicts.insert(rule, verdict)),
                Err(fault) => faults.push(fault),
            }
        }
        for entry in parsed.accepted {
            match source.row(entry) {
                Ok(row) => rows.push(row),
                Err(fault) => faults.push(fault),
            }
        }
        let file = file.to_owned();
        Diagnostics::or(
            faults,
            Self {
                file,
                rows,
                verdicts,
            },
        )
    }

    /// The entry to accept a change, whose reason is left to be written.
    #[must_use]
    pub fn entry(change: &Change) -> String {
        let text = |text: &str| toml::Value::from(text).to_string();
        let operations: Vec<_> = change.operations.iter().map(|it| text(it)).collect();
        let (rule, subject) = (text(change.rule.id()), text(&change.subject));
        let operations = operations.join(", ");
        format!(
            "[[accepted]]\nrule = {rule}\nsubject = {subject}\noperations = [{operations}]\nreason = \"\"\n"
        )
    }

    pub(crate) fn reason(&self, change: &Change) -> Option<&str> {
        let row = self.rows.iter().find(|it| it.matches(change))?;
        Some(&row.reason)
    }

    pub(crate) fn stale(&self, diff: &Diff) -> Vec<Stale> {
        let is_stale = |row: &&Row| !diff.changes.iter().any(|it| row.matches(it));
        let rows = self.rows.iter().filter(is_stale);
        let stale = rows.map(|row| Stale {
            rule: row.rule,
            subject: row.subject.clone(),
            reason: row.reason.clone(),
            place: Place::line(&*self.file, row.line),
        });
        stale.collect()
    }
}

impl Row {
    /// A change that reaches further operations than were accepted is not the accepted one.
    fn matches(&self, change: &Change) -> bool {
        let is_within = |known: &BTreeSet<_>| change.operations.is_subset(known);
        self.rule == change.rule
            && self.subject == change.subject
            && self.operations.as_ref().is_none_or(is_within)
    }
}

impl Stale {
    /// What is wrong, in one sentence.
    #[must_use]
    pub fn problem(&self) -> String {
        format!(
            "The accepted change `{}` of `{}` does not occur",
            self.rule, self.subject
        )
    }
}

/// The text of a file, for faults with lines.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn line(&self, offset: usize) -> usize {
        let before = self.text.bytes().take(offset);
        before.filter(|byte| *byte == b'\n').count() + 1
    }

    fn fault(&self, offset: usize, problem: impl Into<String>, fix: &str) -> Diagnostic {
        Diagnostic::new(Place::line(self.file, self.line(offset)), problem, fix)
    }

    fn rule(&self, id: &Spanned<String>) -> Result<Rule, Diagnostic> {
        let known = Rule::ALL.iter().find(|it| it.id() == id.get_ref());
        known.copied().ok_or_else(|| {
            let problem = format!("unknown rule `{}`", id.get_ref());
            self.fault(id.span().start, problem, "use an id of `bpx diff --rules`")
        })
    }

    fn verdict(&self, name: &Spanned<String>) -> Result<Verdict, Diagnostic> {
        let known = Verdict::ALL
            .into_iter()
            .find(|it| it.as_str() == name.get_ref());
        known.ok_or_else(|| {
            let problem = format!("unknown severity `{}`", name.get_ref());
            self.fault(
                name.span().start,
                problem,
                "use breaking, risky, undecided or safe",
            )
        })
    }

    fn row(&self, entry: Entry) -> Result<Row, Diagnostic> {
        let rule = self.rule(&entry.rule)?;
        let start = entry.rule.span().start;
        if entry.reason.trim().is_empty() {
            let problem = format!(
                "`{rule}` of `{}` is accepted without a reason",
                entry.subject
            );
            return Err(self.fault(start, problem, "write why the change is accepted"));
        }
        Ok(Row {
            line: self.line(start),
            rule,
            subject: entry.subject,
            operations: entry.operations,
            reason: entry.reason,
        })
    }
}
