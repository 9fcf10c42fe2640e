//! A report made ready to be shown: what every format shows is decided here.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat};

use crate::baseline::Baseline;
use crate::contract::bodies;
use crate::drift::{Proposal, proposals};
use crate::report::{FINDINGS_MAX, Finding, OperationTally, Report, Seen, Subject, Tally};
use crate::rules::{Rule, Severity};
use crate::settings::{Exchange, Settings};
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
    /// By operation, then by channel, in the contract's order.
    pub coverage: Vec<Coverage>,
    /// Changes of the contract that the recordings suggest.
    pub proposals: Vec<Proposal>,
    /// Whether the report for a terminal lists the coverage.
    pub lists_coverage: bool,
}

/// What is to be said beside the findings.
#[derive(Debug)]
pub(crate) struct Remark {
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) fix: &'static str,
}

/// A finding as it is shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its stable name.
    pub fingerprint: String,
    /// How much it matters.
    pub severity: Severity,
    /// The finding.
    pub finding: Finding,
    /// Why it is accepted, if it is.
    pub accepted: Option<String>,
}

/// What the recordings showed of an operation, and what they never showed.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// The operation, or the address of the channel.
    pub operation: String,
    /// Its method and path; `stream` for a channel.
    pub request: String,
    /// Whether it is a channel.
    pub is_channel: bool,
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
    /// Whether it makes the check fail.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.accepted.is_none() && self.severity > Severity::Note
    }

    /// One sentence: what, where.
    #[must_use]
    pub fn message(&self) -> String {
        self.finding.subject.message()
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
        let settings = &report.header.settings;
        let findings = tally.findings.iter().map(|(fingerprint, finding)| Shown {
            fingerprint: fingerprint.clone(),
            severity: settings.severity(finding.subject.rule),
            finding: in_reading_order(finding),
            accepted: baseline.reason(fingerprint).map(str::to_owned),
        });
        let findings = sorted(findings.chain(unknown_formats(contract, settings, baseline)));
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
            lists_coverage: false,
        })
    }

    /// Whether anything is found that is neither a note nor accepted, or the baseline is stale.
    #[must_use]
    pub fn fails(&self) -> bool {
        let named = self.findings.iter().any(Shown::fails);
        named || !self.stale.is_empty() || self.failing_not_kept() > 0
    }

    /// How many findings of this severity occurred.
    #[must_use]
    pub fn count(&self, severity: Severity) -> u64 {
        self.tally.count(severity, &self.report.header.settings)
    }

    /// Findings that occurred, and are not kept by name.
    #[must_use]
    pub fn not_kept(&self) -> u64 {
        let all = self.tally.rules.values().copied();
        let named = self.tally.findings.values().map(|it| it.seen.count);
        total(all).saturating_sub(total(named))
    }

    fn failing_not_kept(&self) -> u64 {
        let all = [Severity::Error, Severity::Warning].map(|it| self.count(it));
        let failing = self
            .findings
            .iter()
            .filter(|it| it.severity > Severity::Note);
        let named = failing.map(|it| it.finding.seen.count);
        total(all.into_iter()).saturating_sub(total(named))
    }

    /// Stale rows of the baseline, and how many findings are not shown by name.
    pub(crate) fn remarks(&self) -> Vec<Remark> {
        let stale = self.stale.iter().map(|(fingerprint, reason)| Remark {
            id: "stale-baseline",
            severity: Severity::Error,
            message: format!("{fingerprint} matches no finding any more ({reason})"),
            fix: "Remove the row.",
        });
        let missing = Some(self.not_kept()).filter(|count| *count > 0);
        let missing = missing.map(|count| Remark {
            id: "findings-not-kept",
            severity: match self.failing_not_kept() {
                0 => Severity::Note,
                _ => Severity::Error,
            },
            message: format!(
                "findings occurred {count} times beyond the {FINDINGS_MAX} different ones that are kept by name"
            ),
            fix: "Correct the first ones, or check fewer recordings at a time; counts by rule are exact.",
        });
        stale.chain(missing).collect()
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

fn total(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
}

/// Worst first, accepted ones last.
fn sorted(findings: impl Iterator<Item = Shown>) -> Vec<Shown> {
    let mut findings: Vec<_> = findings.collect();
    findings.sort_by(|a, b| {
        let key = |it: &Shown| (std::cmp::Reverse(it.severity), it.accepted.is_some());
        (key(a), &a.finding.subject).cmp(&(key(b), &b.finding.subject))
    });
    findings
}

/// What is not held is about the contract, whatever was recorded.
fn unknown_formats(
    contract: &Contract,
    settings: &Settings,
    baseline: &Baseline,
) -> impl Iterator<Item = Shown> {
    let rule = Rule::FormatUnknown;
    let is_ignored = settings
        .ignored(Exchange::default())
        .any(|it| it == Some(rule));
    let formats = contract.unknown_formats();
    formats.filter(move |_| !is_ignored).map(move |unknown| {
        let subject = Subject {
            rule,
            operation: String::new(),
            part: "contract".to_owned(),
            pointer: unknown.pointer.clone(),
            detail: unknown.format.clone(),
            type_name: String::new(),
        };
        let fingerprint = subject.fingerprint();
        Shown {
            accepted: baseline.reason(&fingerprint).map(str::to_owned),
            fingerprint,
            severity: settings.severity(rule),
            finding: Finding {
                subject,
                seen: Seen::of(None, 1),
                places: Vec::new(),
            },
        }
    })
}

fn coverage(contract: &Contract, tally: &Tally) -> Vec<Coverage> {
    let model = contract.model();
    let mut rows: Vec<_> = contract
        .operations()
        .iter()
        .map(|(id, operation)| {
            let seen = tally.operations.get(id).cloned().unwrap_or_default();
            let written = &operation.written;
            let documented = written.responses.iter().map(|it| &it.status);
            let (statuses_seen, statuses_never) = split(documented, &seen.statuses);
            let shapes = model.operations.get(id).map(bodies).unwrap_or_default();
            let slots = contract.plan.reachable(model, shapes);
            let names = slots
                .into_iter()
                .filter_map(|slot| contract.plan.slots.get(slot));
            let (slots_seen, slots_never) = split(names, &seen.slots);
            Coverage {
                operation: id.clone(),
                request: format!("{} {}", written.method, written.path),
                is_channel: false,
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
            is_channel: false,
            tally: seen,
            statuses_never: Vec::new(),
            slots_never,
            statuses_seen: 0,
            slots_seen,
        });
    }
    rows.extend(
        contract
            .streams()
            .into_iter()
            .flat_map(|it| channels(it, tally)),
    );
    rows
}

fn channels(contract: &Contract, tally: &Tally) -> Vec<Coverage> {
    let rows = contract.channels().all.iter().map(|channel| {
        let seen = tally
            .operations
            .get(&channel.address)
            .cloned()
            .unwrap_or_default();
        let plan = &contract.plan;
        let slots = plan.reachable(contract.model(), &channel.shape);
        let names = slots.into_iter().filter_map(|slot| plan.slots.get(slot));
        let (slots_seen, slots_never) = split(names, &seen.slots);
        Coverage {
            operation: channel.address.clone(),
            request: "stream".to_owned(),
            is_channel: true,
            tally: seen,
            statuses_never: Vec::new(),
            slots_never,
            statuses_seen: 0,
            slots_seen,
        }
    });
    rows.collect()
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
