//! Records every call of the demo, and checks the recording against the contract afterwards.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use bpx_conformance::{Baseline, Contract, Coverage, RunOptions, Severity, View, check};
use bpx_recording::{Masking, Recorder, Recording, sources};
use serde::Serialize;

use crate::workspace::root;

/// What became of the recording.
#[derive(Debug, Clone, Serialize)]
pub struct Recorded {
    /// The file.
    pub file: String,
    /// Exchanges in it.
    pub recorded: u64,
    /// Exchanges that the recorder had to leave out.
    pub dropped: u64,
    /// Exchanges that the checker read.
    pub exchanges: u64,
    /// Responses that were checked against the contract.
    pub validated: u64,
    /// Answers that were not.
    pub skipped: u64,
    /// Errors and warnings.
    pub findings: u64,
    /// Nulls where the contract declares none, and the like.
    pub notes: u64,
    /// The findings in words.
    pub found: Vec<String>,
    /// By operation.
    pub coverage: Vec<Covered>,
}

/// What the recording showed of an operation.
#[derive(Debug, Clone, Serialize)]
pub struct Covered {
    /// The operation's id.
    pub operation: String,
    /// How many of its exchanges were recorded.
    pub exchanges: u64,
    /// How many of its documented statuses were seen, and how many there are.
    pub statuses: [usize; 2],
    /// Likewise of fields, values of enumerations and arms of unions.
    pub names: [usize; 2],
}

/// Begins the file.
pub(super) fn start(path: &Path) -> anyhow::Result<(Arc<Recorder>, Recording)> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    Ok(Recorder::start(path, Masking::Keep)?)
}

/// Ends the file and checks it.
pub(super) fn checked(recording: Recording, path: &Path) -> anyhow::Result<Recorded> {
    let taken = recording.finish()?;
    let contract = Contract::from_api(bpx_venue::api().clone())?;
    let files = sources(&[path.display().to_string()])?;
    let report = check(&contract, files, &RunOptions::default())?;
    let view = View::new(&contract, &report, &Baseline::default())?;
    let tally = &view.tally;
    let failing = view.findings.iter().filter(|finding| finding.fails());
    Ok(Recorded {
        file: shown(path),
        recorded: taken.recorded,
        dropped: taken.dropped,
        exchanges: tally.exchanges.count,
        validated: tally.validated,
        skipped: tally.skipped.values().sum(),
        findings: view.count(Severity::Error) + view.count(Severity::Warning),
        notes: view.count(Severity::Note),
        found: failing.map(|finding| finding.message()).collect(),
        coverage: view.coverage.iter().map(Covered::from).collect(),
    })
}

/// Below the workspace, without the way there.
fn shown(path: &Path) -> String {
    let short = path.strip_prefix(root()).unwrap_or(path);
    short.display().to_string()
}

impl From<&Coverage> for Covered {
    fn from(row: &Coverage) -> Self {
        let of = |seen: usize, never: &[String]| [seen, seen + never.len()];
        Self {
            operation: row.operation.clone(),
            exchanges: row.tally.exchanges.count,
            statuses: of(row.statuses_seen, &row.statuses_never),
            names: of(row.slots_seen, &row.slots_never),
        }
    }
}

impl Recorded {
    /// Whether all was recorded and checked, and nothing found.
    pub(super) fn is_fine(&self) -> bool {
        self.dropped == 0
            && self.skipped == 0
            && self.findings == 0
            && self.exchanges == self.recorded
    }

    /// What is wrong with the recording of a story of which the exchange logged so many requests.
    pub(super) fn problems(&self, logged: usize) -> Vec<String> {
        let mut problems = self.found.clone();
        if !self.is_fine() && problems.is_empty() {
            problems.push(format!(
                "of {} recorded exchanges {} were read and {} were skipped; {} were dropped",
                self.recorded, self.exchanges, self.skipped, self.dropped
            ));
        }
        if u64::try_from(logged) != Ok(self.recorded) {
            problems.push(format!(
                "the exchange answered {logged} requests, {} are recorded",
                self.recorded
            ));
        }
        problems
    }
}
