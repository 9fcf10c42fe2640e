//! What was counted. Tallies can be added in any order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::histogram::Histogram;
use crate::quick::Verdict;
use crate::rules::{Rule, Severity};
use crate::settings::Settings;

/// Findings with fingerprints of their own that are kept; of more, those with the lowest fingerprints.
pub const FINDINGS_MAX: usize = 10_000;
/// Places that are kept for a finding: a sample, the same on every run.
pub const PLACES_MAX: usize = 5;

/// Why a response was not validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skip {
    /// No operation has this method and path.
    OperationUndocumented,
    /// No operation has this method and path, and the request went to another host than the API's.
    OtherHost,
    /// The operation documents no such status.
    StatusUndocumented,
    /// The connection broke off.
    NoAnswer,
    /// The recording leaves the body out.
    BodyNotRecorded,
    /// The body that was recorded cannot be read.
    BodyUnreadable,
    /// The media type is not the documented one.
    ContentType,
    /// A body where none is documented, or none where one is.
    BodyPresence,
    /// Not JSON, so there is nothing to validate.
    NotJson,
    /// The contract gives no schema, or one that cannot be applied.
    NoSchema,
    /// A browser's question before a request.
    Preflight,
    /// A request for a tunnel through a proxy.
    Tunnel,
    /// The handshake of a WebSocket connection.
    Upgrade,
    /// No channel carries the message.
    NoChannel,
    /// There is no AsyncAPI document to check messages against.
    NoAsyncapi,
    /// A message that is not text.
    Binary,
    /// A ping, pong or close frame, or an error of the connection.
    Control,
    /// The settings leave the interaction out.
    Ignored,
}

impl Skip {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OperationUndocumented => "no such operation",
            Self::OtherHost => "other host",
            Self::StatusUndocumented => "no such status",
            Self::NoAnswer => "no response",
            Self::BodyNotRecorded => "body not recorded",
            Self::BodyUnreadable => "body cannot be read",
            Self::ContentType => "other media type",
            Self::BodyPresence => "body missing or unexpected",
            Self::NotJson => "not JSON",
            Self::NoSchema => "no schema",
            Self::Preflight => "CORS preflight",
            Self::Tunnel => "tunnel through a proxy",
            Self::Upgrade => "WebSocket handshake",
            Self::NoChannel => "no such channel",
            Self::NoAsyncapi => "no AsyncAPI document",
            Self::Binary => "not text",
            Self::Control => "control frame",
            Self::Ignored => "ignored",
        }
    }
}

/// How often something was seen, and when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// How often.
    pub count: u64,
    /// First time, Unix milliseconds; none where the recordings have no times.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_ms: Option<i64>,
    /// Last time, Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_ms: Option<i64>,
}

impl Seen {
    /// Counts once more.
    pub fn add(&mut self, at_ms: Option<i64>) {
        self.merge(Self::of(at_ms, 1));
    }

    /// So many at one time.
    pub(crate) fn of(at_ms: Option<i64>, count: u64) -> Self {
        Self {
            count,
            first_ms: at_ms,
            last_ms: at_ms,
        }
    }

    /// Adds another count.
    pub fn merge(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.first_ms = [self.first_ms, other.first_ms].into_iter().flatten().min();
        self.last_ms = self.last_ms.max(other.last_ms);
    }
}

/// How often the quick validator decided what. The oracle judged the bodies of the last two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdicts {
    /// The body is as documented.
    pub ok: u64,
    /// The body is not as documented.
    pub fail: u64,
    /// Undecided.
    pub unsure: u64,
}

impl Verdicts {
    /// How many bodies the quick validator was asked about.
    #[must_use]
    pub fn total(&self) -> u64 {
        let sum = self.ok.saturating_add(self.fail);
        sum.saturating_add(self.unsure)
    }

    /// Counts one more.
    pub(crate) fn add(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Ok => &mut self.ok,
            Verdict::Fail => &mut self.fail,
            Verdict::Unsure => &mut self.unsure,
        };
        *count += 1;
    }

    fn merge(&mut self, other: Self) {
        self.ok = self.ok.saturating_add(other.ok);
        self.fail = self.fail.saturating_add(other.fail);
        self.unsure = self.unsure.saturating_add(other.unsure);
    }
}

/// Where a finding was made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Where {
    /// Its place in the sample; by chance, and the same on every run.
    pub rank: u64,
    /// The recording.
    pub file: String,
    /// The exchange in it, from 1; 0 for the file as a whole.
    pub entry: u64,
    /// Its line, from 1, where the format has one exchange per line.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<u64>,
    /// The byte its line begins at, uncompressed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub byte: Option<u64>,
    /// The value with its letters and digits replaced.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
}

/// What a finding is about; equal ones are one finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// The rule that is broken.
    pub rule: Rule,
    /// The operation; empty where none is known.
    pub operation: String,
    /// `response`, `request`, `header`, `query`, `message` or `input`.
    pub part: String,
    /// JSON Pointer with `*` for any index, or a name.
    pub pointer: String,
    /// What tells findings of one rule at one place apart: a value, a status.
    pub detail: String,
    /// The type of the contract that is broken, where it has a name.
    #[serde(rename = "type")]
    pub type_name: String,
}

/// A finding with its counts and a sample of its places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is about.
    #[serde(flatten)]
    pub subject: Subject,
    /// How often and when.
    #[serde(flatten)]
    pub seen: Seen,
    /// A sample of the places, by rank.
    pub places: Vec<Where>,
}

impl Finding {
    fn merge(&mut self, other: Self) {
        self.seen.merge(other.seen);
        self.places.extend(other.places);
        self.places.sort();
        self.places.dedup();
        self.places.truncate(places_max(self.subject.rule));
    }
}

/// What one operation's exchanges showed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationTally {
    /// Its exchanges.
    pub exchanges: Seen,
    /// Findings that are errors or warnings, as they occurred.
    pub findings: u64,
    /// By status.
    pub statuses: BTreeMap<String, Seen>,
    /// By media type, without parameters.
    pub media_types: BTreeMap<String, u64>,
    /// Fields, values and arms by name: `Pet.name`, `Kind=cat`, `Animal:Dog`.
    pub slots: BTreeMap<String, Seen>,
}

/// What the messages of streams showed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Messages {
    /// Messages read.
    pub seen: Seen,
    /// Updates of a stream that were validated.
    pub validated: u64,
    /// What clients sent.
    pub requests: u64,
    /// Requests that the server refused.
    pub refusals: u64,
    /// Other replies.
    pub replies: u64,
    /// Messages that were not validated, by reason.
    pub skipped: BTreeMap<Skip, u64>,
}

impl Messages {
    fn merge(&mut self, other: Self) {
        self.seen.merge(other.seen);
        self.validated = self.validated.saturating_add(other.validated);
        self.requests = self.requests.saturating_add(other.requests);
        self.refusals = self.refusals.saturating_add(other.refusals);
        self.replies = self.replies.saturating_add(other.replies);
        add_all(&mut self.skipped, other.skipped);
    }
}

/// Nulls are counted in passing, with the first place alone.
fn places_max(rule: Rule) -> usize {
    match rule {
        Rule::NullUndeclared => 1,
        _ => PLACES_MAX,
    }
}

/// All counts of a set of inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Interactions read.
    pub exchanges: Seen,
    /// Bytes of validated bodies.
    pub body_bytes: u64,
    /// Responses whose body was validated.
    pub validated: u64,
    /// What the quick validator decided about the bodies; all zero where it is off.
    #[serde(default)]
    pub verdicts: Verdicts,
    /// Responses that were not validated, by reason.
    pub skipped: BTreeMap<Skip, u64>,
    /// Messages of streams; everything above is of interactions.
    #[serde(default)]
    pub messages: Messages,
    /// By operation, and by the address of a channel.
    pub operations: BTreeMap<String, OperationTally>,
    /// Findings as they occurred, by rule; exact.
    pub rules: BTreeMap<Rule, u64>,
    /// Findings that the settings leave out, by rule.
    #[serde(default)]
    pub ignored: BTreeMap<Rule, u64>,
    /// Findings by fingerprint.
    pub findings: BTreeMap<String, Finding>,
    /// Exchanges and findings over time.
    pub times: Histogram,
}

impl Tally {
    /// Adds a finding under its fingerprint.
    pub(crate) fn add_finding(&mut self, fingerprint: String, finding: Finding) {
        match self.findings.get_mut(&fingerprint) {
            Some(known) => known.merge(finding),
            None => {
                self.findings.insert(fingerprint, finding);
                self.trim();
            }
        }
    }

    /// What has a low fingerprint among all has one among some, so trimming early or late gives the same.
    fn trim(&mut self) {
        while self.findings.len() > FINDINGS_MAX {
            self.findings.pop_last();
        }
    }

    /// Adds another tally. In whatever order and grouping tallies are added, the sum is the same.
    pub fn merge(&mut self, other: Self) {
        self.exchanges.merge(other.exchanges);
        self.body_bytes = self.body_bytes.saturating_add(other.body_bytes);
        self.validated = self.validated.saturating_add(other.validated);
        self.verdicts.merge(other.verdicts);
        add_all(&mut self.skipped, other.skipped);
        self.messages.merge(other.messages);
        add_all(&mut self.rules, other.rules);
        add_all(&mut self.ignored, other.ignored);
        for (id, operation) in other.operations {
            self.operations.entry(id).or_default().merge(operation);
        }
        for (fingerprint, finding) in other.findings {
            self.add_finding(fingerprint, finding);
        }
        self.times.merge(other.times);
    }

    /// How many findings of this severity occurred.
    #[must_use]
    pub fn count(&self, severity: Severity, settings: &Settings) -> u64 {
        let of_severity = self
            .rules
            .iter()
            .filter(|(rule, _)| settings.severity(**rule) == severity);
        of_severity.fold(0, |sum, (_, count)| count.saturating_add(sum))
    }
}

impl OperationTally {
    pub(crate) fn merge(&mut self, other: Self) {
        self.exchanges.merge(other.exchanges);
        self.findings = self.findings.saturating_add(other.findings);
        add_all(&mut self.media_types, other.media_types);
        for (status, seen) in other.statuses {
            self.statuses.entry(status).or_default().merge(seen);
        }
        for (slot, seen) in other.slots {
            self.slots.entry(slot).or_default().merge(seen);
        }
    }
}

fn add_all<K: Ord>(into: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
    for (key, count) in from {
        let sum = into.entry(key).or_default();
        *sum = sum.saturating_add(count);
    }
}
