//! A report made ready to be shown: what every format shows is decided here.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat};

use crate::baseline::Baseline;
use crate::contract::bodies;
use crate::drift::{Proposal, proposals};
use crate::report::{Finding, OperationTally, Report, Tally};
use crate::rules::Severity;
use crate::{Contract, Error};

/// A report with what the contract and the baseline say about it.
#[derive(Debug)]
pub struct View<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// The report.
    pub report: &'a Report,
    /// Its sum.
    pub tally: Tally,
    /// Findings, worst first.
    pub findings: Vec<Shown>,
    /// Baseline rows that match no finding, with their reasons.
    pub stale: Vec<(String, String)>,
    /// By operation, in the contract's order.
    pub coverage: Vec<Coverage>,
    /// Changes of the contract that the recordings suggest.
    pub proposals: Vec<Proposal>,
}

/// A finding as it is shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its stable name.
    pub fingerprint: String,
    /// The finding.
    pub finding: Finding,
    /// Why it is accepted, if it is.
    pub accepted: Option<String>,
}

/// What the recordings showed of an operation, and what they never showed.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// The operation.
    pub operation: String,
    /// Its method and path.
    pub request: String,
    /// What was counted.
    pub tally: OperationTally,
    /// Documented statuses that were never seen.
    pub statuses_never: Vec<String>,
    /// Fields, values and arms that were never seen, by their names.
    pub slots_never: Vec<String>,
    /// How many of the documented statuses were seen.
    pub statuses_seen: usize,
    /// How many of the documented fields, values and arms were seen.
    pub slots_seen: usize,
}

impl Coverage {
    /// Seen parts of a hundred, of statuses, fields, values and arms together.
    #[must_use]
    pub fn percent(&self) -> usize {
        let seen = self.statuses_seen + self.slots_seen;
        let all = seen + self.statuses_never.len() + self.slots_never.len();
        (seen * 100).checked_div(all).unwrap_or(0)
    }
}

impl Shown {
    /// How much it matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.finding.subject.rule.severity()
    }

    /// Whether it makes the check fail.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.accepted.is_none() && self.severity() > Severity::Note
    }

    /// One sentence: what, where.
    #[must_use]
    pub fn message(&self) -> String {
        let subject = &self.finding.subject;
        let mut text = subject.rule.meaning().trim_end_matches('.').to_owned();
        for part in [&subject.pointer, &subject.detail] {
            if !part.is_empty() {
                text.push_str(": ");
                text.push_str(part);
            }
        }
        if !subject.type_name.is_empty() && !subject.pointer.starts_with(&subject.type_name) {
            text.push_str(&format!(" ({})", subject.type_name));
        }
        text
    }
}

impl<'a> View<'a> {
    /// Puts a report beside its contract and a baseline.
    ///
    /// # Errors
    /// A report about another contract; parts that overlap, or of which some are missing.
    pub fn new(
        contract: &'a Contract,
        report: &'a Report,
        baseline: &Baseline,
    ) -> Result<Self, Error> {
        if report.header.contract != contract.digest() {
            return Err(Error::OtherContract);
        }
        let tally = report.total()?;
        if let Some((file, shard)) = report.missing() {
            return Err(Error::MissingShard { file, shard });
        }
        let findings = shown(&tally, baseline);
        let known: BTreeSet<_> = findings.iter().map(|it| it.fingerprint.as_str()).collect();
        let stale = baseline
            .rows()
            .filter(|(fingerprint, _)| !known.contains(fingerprint));
        Ok(Self {
            stale: stale.map(|(a, b)| (a.to_owned(), b.to_owned())).collect(),
            coverage: coverage(contract, &tally),
            proposals: proposals(contract, &tally),
            contract,
            report,
            findings,
            tally,
        })
    }

    /// Whether anything is found that is neither a note nor accepted, or the baseline is stale.
    #[must_use]
    pub fn fails(&self) -> bool {
        // Findings beyond those that are kept by name count too.
        let counts = self.findings.iter().map(|it| counted(&it.finding));
        let named = counts.fold(0, u64::saturating_add);
        let [errors, warnings] =
            [Severity::Error, Severity::Warning].map(|it| self.tally.count(it));
        let all = errors.saturating_add(warnings);
        !self.stale.is_empty() || self.findings.iter().any(Shown::fails) || all > named
    }

    /// Findings that are accepted.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.findings
            .iter()
            .filter(|it| it.accepted.is_some())
            .count()
    }
}

/// Places are kept by chance, and shown as they are read.
fn in_reading_order(finding: &Finding) -> Finding {
    let mut finding = finding.clone();
    finding
        .places
        .sort_by(|a, b| (&a.file, a.entry).cmp(&(&b.file, b.entry)));
    finding
}

fn counted(finding: &Finding) -> u64 {
    match finding.subject.rule.severity() {
        Severity::Note => 0,
        _ => finding.seen.count,
    }
}

fn shown(tally: &Tally, baseline: &Baseline) -> Vec<Shown> {
    let mut findings: Vec<_> = tally
        .findings
        .iter()
        .map(|(fingerprint, finding)| Shown {
            fingerprint: fingerprint.clone(),
            finding: in_reading_order(finding),
            accepted: baseline.reason(fingerprint).map(str::to_owned),
        })
        .collect();
    findings.sort_by(|a, b| {
        let key = |it: &Shown| (std::cmp::Reverse(it.severity()), it.accepted.is_some());
        (key(a), &a.finding.subject).cmp(&(key(b), &b.finding.subject))
    });
    findings
}

fn coverage(contract: &Contract, tally: &Tally) -> Vec<Coverage> {
    let model = contract.model();
    let mut rows: Vec<_> = model
        .operations
        .iter()
        .map(|(id, operation)| {
            let seen = tally.operations.get(id).cloned().unwrap_or_default();
            let documented = operation.success.statuses.iter().map(|(status, _)| status);
            let documented = documented.chain(operation.errors.iter().map(|it| &it.status));
            let (statuses_seen, statuses_never) = split(documented, &seen.statuses);
            let slots = contract.plan.reachable(model, bodies(operation));
            let names = slots
                .into_iter()
                .filter_map(|slot| contract.plan.slots.get(slot));
            let (slots_seen, slots_never) = split(names, &seen.slots);
            Coverage {
                operation: id.clone(),
                request: format!("{} {}", operation.method.as_str(), operation.path),
                tally: seen,
                statuses_never,
                slots_never,
                statuses_seen,
                slots_seen,
            }
        })
        .collect();
    if contract.bare().is_some() {
        let seen = tally
            .operations
            .get(&model.title)
            .cloned()
            .unwrap_or_default();
        let (slots_seen, slots_never) = split(&contract.plan.slots, &seen.slots);
        rows.push(Coverage {
            operation: model.title.clone(),
            request: "each line".to_owned(),
            tally: seen,
            statuses_never: Vec::new(),
            slots_never,
            statuses_seen: 0,
            slots_seen,
        });
    }
    rows
}

/// How many of the documented names were seen, and those that were not.
fn split<'a, V>(
    documented: impl IntoIterator<Item = &'a String>,
    seen: &BTreeMap<String, V>,
) -> (usize, Vec<String>) {
    let is_seen = |name: &str| match name.strip_suffix("XX") {
        Some(class) => seen
            .keys()
            .any(|status| status.len() == 3 && status.starts_with(class)),
        None => seen.contains_key(name),
    };
    let documented: BTreeSet<_> = documented.into_iter().collect();
    let (seen, never): (Vec<_>, Vec<_>) = documented.into_iter().partition(|name| is_seen(name));
    (seen.len(), never.into_iter().cloned().collect())
}

/// RFC 3339 in UTC, with milliseconds.
#[must_use]
pub(crate) fn time(at_ms: Option<i64>) -> Option<String> {
    let at = DateTime::from_timestamp_millis(at_ms?)?;
    Some(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}
