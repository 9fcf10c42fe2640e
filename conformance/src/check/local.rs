//! What one thread has counted.

use std::collections::BTreeMap;

use bpx_recording::{Fault, FaultKind, Location};

use crate::contract::Plan;
use crate::hash;
use crate::quick::{Counts, Verdict};
use crate::report::{Finding, Messages, OperationTally, Seen, Skip, Subject, Tally, Where};
use crate::rules::{Rule, Severity};
use crate::settings::{Exchange, Settings};

/// The interaction being checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) location: Location<'a>,
    pub(crate) operation: &'a str,
    pub(crate) at_ms: Option<i64>,
    /// `response`, `request`, `header`, `query`, `message` or `input`.
    pub(crate) part: &'static str,
    pub(crate) status: Option<u16>,
    /// The interaction's place in samples.
    pub(crate) rank: u64,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        location: Location<'a>,
        operation: &'a str,
        at_ms: Option<i64>,
        status: Option<u16>,
    ) -> Self {
        Self {
            location,
            operation,
            at_ms,
            part: "response",
            status,
            rank: hash::rank(location.file, location.entry),
        }
    }

    pub(crate) fn part(self, part: &'static str) -> Self {
        Self { part, ..self }
    }

    fn at(&self, value: Option<String>) -> Where {
        Where {
            rank: self.rank,
            file: self.location.file.to_owned(),
            entry: self.location.entry,
            line: self.location.line,
            byte: self.location.byte,
            value,
        }
    }
}

/// What is found, before its location is added.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) rule: Rule,
    pub(crate) pointer: String,
    pub(crate) detail: String,
    pub(crate) type_name: String,
    /// The value's form.
    pub(crate) value: Option<String>,
}

/// A tally under construction, with counters by number where names would be slow.
#[derive(Debug)]
pub(crate) struct Local<'a> {
    plan: &'a Plan,
    settings: &'a Settings,
    /// Rules whose findings are left out of the interaction being checked.
    ignored: Vec<Rule>,
    tally: Tally,
    operations: BTreeMap<String, Operation>,
    current_id: String,
    current: Operation,
    /// Errors and warnings of the interaction being checked.
    findings: u64,
    /// What the quick validator counted in the body being checked.
    pub(super) counts: Counts,
    /// Whether the quick validator has accepted that body already.
    pub(super) judged: bool,
}

#[derive(Debug, Default)]
struct Operation {
    tally: OperationTally,
    statuses: BTreeMap<u16, Seen>,
    slots: Vec<Seen>,
    nulls: Vec<Nulls>,
}

#[derive(Debug, Clone, Default)]
struct Nulls {
    seen: Seen,
    first: Option<Where>,
}

impl<'a> Local<'a> {
    pub(crate) fn new(plan: &'a Plan, settings: &'a Settings) -> Self {
        Self {
            plan,
            settings,
            ignored: Vec::new(),
            tally: Tally::default(),
            operations: BTreeMap::new(),
            current_id: String::new(),
            current: Operation::default(),
            findings: 0,
            counts: Counts::new(plan.slots.len()),
            judged: false,
        }
    }

    /// Begins an interaction.
    pub(crate) fn begin(&mut self, at_ms: Option<i64>) {
        self.findings = 0;
        self.tally.exchanges.add(at_ms);
    }

    /// Whether the settings leave this interaction out. Of one that they do not, they may leave out rules.
    pub(crate) fn leaves_out(&mut self, exchange: Exchange<'_>) -> bool {
        self.ignored.clear();
        for rule in self.settings.ignored(exchange) {
            match rule {
                None => {
                    self.skipped(Skip::Ignored);
                    return true;
                }
                Some(rule) => self.ignored.push(rule),
            }
        }
        false
    }

    fn ignores(&mut self, rule: Rule, count: u64) -> bool {
        let is_ignored = self.ignored.contains(&rule);
        if is_ignored {
            *self.tally.ignored.entry(rule).or_default() += count;
        }
        is_ignored
    }

    /// Ends it.
    pub(crate) fn end(&mut self, context: &Context<'_>) {
        let findings = self.findings;
        if let Some(at_ms) = context.at_ms {
            self.tally.times.add(at_ms, findings);
        }
        if !context.operation.is_empty() {
            self.enter(context.operation);
            self.current.tally.findings += findings;
        }
    }

    pub(crate) fn matched(&mut self, context: &Context<'_>, status: Option<u16>) {
        self.enter(context.operation);
        self.current.tally.exchanges.add(context.at_ms);
        if let Some(status) = status {
            let seen = self.current.statuses.entry(status).or_default();
            seen.add(context.at_ms);
        }
    }

    pub(crate) fn media_type(&mut self, media_type: &str) {
        let counts = &mut self.current.tally.media_types;
        match counts.get_mut(media_type) {
            Some(count) => *count += 1,
            None => {
                counts.insert(media_type.to_owned(), 1);
            }
        }
    }

    pub(crate) fn validated(&mut self, body_bytes: usize) {
        self.tally.validated += 1;
        self.tally.body_bytes += body_bytes as u64;
    }

    pub(crate) fn skipped(&mut self, reason: Skip) {
        *self.tally.skipped.entry(reason).or_default() += 1;
    }

    /// A body that is not there, and why if it was recorded.
    pub(crate) fn body_unread(&mut self, fault: Option<&'static str>, context: &Context<'_>) {
        let Some(reason) = fault else {
            return self.skipped(Skip::BodyNotRecorded);
        };
        self.finding(
            &context.part("input"),
            Rule::BodyUnreadable,
            "",
            reason,
            None,
        );
        self.skipped(Skip::BodyUnreadable);
    }

    /// Counts what the quick validator decided.
    pub(crate) fn verdict(&mut self, verdict: Verdict) {
        self.tally.verdicts.add(verdict);
    }

    /// Takes what the quick validator counted, and sets its counters to zero.
    pub(crate) fn take_counts(&mut self, context: &Context<'_>) {
        let mut counts = std::mem::take(&mut self.counts);
        for (count, slot) in counts.seen.iter().zip(0..).filter(|(count, _)| **count > 0) {
            self.slot(context, slot, u64::from(*count));
        }
        for (count, slot) in counts
            .nulls
            .iter()
            .zip(0..)
            .filter(|(count, _)| **count > 0)
        {
            self.null(context, slot, u64::from(*count));
        }
        counts.clear();
        self.counts = counts;
    }

    /// Counts a field, value or arm.
    pub(crate) fn slot(&mut self, context: &Context<'_>, slot: usize, count: u64) {
        if let Some(seen) = self.current.slots.get_mut(slot) {
            seen.merge(Seen::of(context.at_ms, count));
        }
    }

    /// Counts a null that the contract does not declare; nearly every body has some, so this must be quick.
    pub(crate) fn null(&mut self, context: &Context<'_>, slot: usize, count: u64) {
        if self.ignores(Rule::NullUndeclared, count) {
            return;
        }
        let Some(nulls) = self.current.nulls.get_mut(slot) else {
            return;
        };
        nulls.seen.merge(Seen::of(context.at_ms, count));
        let is_first = |first: &Where| context.rank < first.rank;
        if nulls.first.as_ref().is_none_or(is_first) {
            nulls.first = Some(context.at(None));
        }
    }

    /// Adds a finding about no type in particular.
    pub(crate) fn finding(
        &mut self,
        context: &Context<'_>,
        rule: Rule,
        pointer: impl Into<String>,
        detail: impl Into<String>,
        value: Option<String>,
    ) {
        let found = Found {
            rule,
            pointer: pointer.into(),
            detail: detail.into(),
            type_name: String::new(),
            value,
        };
        self.found(context, found);
    }

    /// Adds a finding.
    pub(crate) fn found(&mut self, context: &Context<'_>, found: Found) {
        let Found {
            rule,
            pointer,
            detail,
            type_name,
            value,
        } = found;
        if self.ignores(rule, 1) {
            return;
        }
        if self.settings.severity(rule) > Severity::Note {
            self.findings += 1;
        }
        let mut seen = Seen::default();
        seen.add(context.at_ms);
        let subject = Subject {
            rule,
            operation: context.operation.to_owned(),
            part: context.part.to_owned(),
            pointer,
            detail,
            type_name,
        };
        self.add(subject, seen, vec![context.at(value)]);
    }

    /// A fault of the recording itself.
    pub(crate) fn fault(&mut self, location: Location<'_>, fault: &Fault) {
        let context = Context::new(location, "", None, None).part("input");
        let ignored = self.settings.ignored(Exchange::default());
        self.ignored = ignored.flatten().collect();
        self.finding(&context, rule(fault.kind), "", fault.reason.as_str(), None);
    }

    fn add(&mut self, subject: Subject, seen: Seen, places: Vec<Where>) {
        *self.tally.rules.entry(subject.rule).or_default() += seen.count;
        let finding = Finding {
            subject,
            seen,
            places,
        };
        self.tally
            .add_finding(finding.subject.fingerprint(), finding);
    }

    /// Changes to an operation; most interactions follow one of the same operation.
    fn enter(&mut self, id: &str) {
        if self.current_id == id {
            return;
        }
        let next = self.operations.remove(id).unwrap_or_else(|| Operation {
            slots: vec![Seen::default(); self.plan.slots.len()],
            nulls: vec![Nulls::default(); self.plan.slots.len()],
            ..Operation::default()
        });
        let last = std::mem::replace(&mut self.current, next);
        let last_id = std::mem::replace(&mut self.current_id, id.to_owned());
        if !last_id.is_empty() {
            self.operations.insert(last_id, last);
        }
    }

    /// What is counted of messages alone.
    pub(crate) fn messages(&mut self) -> &mut Messages {
        &mut self.tally.messages
    }

    /// The counts of messages, where nothing else was counted.
    pub(crate) fn finish_messages(self) -> Tally {
        let mut tally = self.finish_as("message");
        let messages = &mut tally.messages;
        messages.seen = std::mem::take(&mut tally.exchanges);
        messages.validated = std::mem::take(&mut tally.validated);
        messages.skipped = std::mem::take(&mut tally.skipped);
        tally
    }

    /// The counts under their names.
    pub(crate) fn finish(self) -> Tally {
        self.finish_as("response")
    }

    fn finish_as(mut self, part: &str) -> Tally {
        self.enter("");
        for (id, operation) in std::mem::take(&mut self.operations) {
            let mut tally = operation.tally;
            let statuses = operation.statuses.into_iter();
            tally.statuses = statuses
                .map(|(status, seen)| (status.to_string(), seen))
                .collect();
            let named = self.plan.slots.iter().zip(operation.slots);
            tally.slots = named
                .filter(|(_, seen)| seen.count > 0)
                .map(|(name, seen)| (name.clone(), seen))
                .collect();
            self.tally.operations.insert(id.clone(), tally);
            for (name, nulls) in self.plan.slots.iter().zip(operation.nulls) {
                let subject = Subject {
                    rule: Rule::NullUndeclared,
                    operation: id.clone(),
                    part: part.to_owned(),
                    pointer: name.clone(),
                    detail: String::new(),
                    type_name: name.split('.').next().unwrap_or_default().to_owned(),
                };
                if nulls.seen.count > 0 {
                    self.add(subject, nulls.seen, nulls.first.into_iter().collect());
                }
            }
        }
        self.tally
    }
}

fn rule(kind: FaultKind) -> Rule {
    match kind {
        FaultKind::Empty => Rule::InputEmpty,
        FaultKind::Unrecognised => Rule::InputUnrecognised,
        FaultKind::Truncated => Rule::InputTruncated,
        FaultKind::Incomplete => Rule::RecordingIncomplete,
        FaultKind::Invalid => Rule::LineInvalid,
        FaultKind::TooLong => Rule::LineTooLong,
        FaultKind::NotUtf8 => Rule::Utf8Invalid,
    }
}
