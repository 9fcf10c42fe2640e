//! The one model of a report: counts that add up, and parts that are put together in any order.

mod histogram;
mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use bpx_recording::{Input, Shard};
use serde::{Deserialize, Serialize};

pub use self::histogram::{Column, Histogram};
pub use self::tally::{
    FINDINGS_MAX, Finding, Messages, OperationTally, PLACES_MAX, Seen, Skip, Subject, Tally,
    Verdicts, Where,
};
use crate::rules::Rule;
use crate::{Contract, Error, Settings, hash};

/// What makes reports comparable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the checker.
    pub tool: String,
    /// Digest of the contract.
    pub contract: String,
    /// Digest of the rules.
    pub rules: String,
    /// How findings were judged.
    #[serde(default)]
    pub settings: Settings,
}

/// What one run counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it read.
    pub inputs: BTreeSet<Input>,
    /// What it counted.
    pub tally: Tally,
}

/// Parts under the digest of their inputs: a part that comes twice is there once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What makes reports comparable.
    pub header: Header,
    /// By the digest of the inputs.
    pub parts: BTreeMap<String, Part>,
}

impl Subject {
    /// One sentence: what, where.
    #[must_use]
    pub fn message(&self) -> String {
        let mut text = self.rule.meaning().trim_end_matches('.').to_owned();
        for part in [&self.pointer, &self.detail] {
            if !part.is_empty() {
                text.push_str(": ");
                text.push_str(part);
            }
        }
        if !self.type_name.is_empty() && !self.pointer.starts_with(&self.type_name) {
            text.push_str(&format!(" ({})", self.type_name));
        }
        text
    }
    /// The stable name of a finding, for baselines.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let Self {
            rule,
            operation,
            part,
            pointer,
            detail,
            type_name,
        } = self;
        hash::fingerprint(&[rule.id(), operation, part, pointer, detail, type_name])
    }
}

impl Header {
    /// The header of reports about this contract.
    #[must_use]
    pub fn of(contract: &Contract, settings: &Settings) -> Self {
        let rules: Vec<_> = Rule::ALL
            .iter()
            .flat_map(|rule| [rule.id(), rule.severity().as_str()])
            .collect();
        Self {
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            contract: contract.digest(),
            rules: hash::fingerprint(&rules),
            settings: settings.clone(),
        }
    }
}

impl Report {
    /// A report of one part.
    #[must_use]
    pub fn new(header: Header, inputs: BTreeSet<Input>, tally: Tally) -> Self {
        let part = Part { inputs, tally };
        let parts = BTreeMap::from([(part.key(), part)]);
        Self { header, parts }
    }

    /// Puts another report's parts to these.
    ///
    /// # Errors
    /// Reports of different tools, contracts or rules; a part with the same inputs but other counts.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        let same = [
            (self.header.tool == other.header.tool, "tool's version"),
            (self.header.contract == other.header.contract, "contract"),
            (self.header.rules == other.header.rules, "rules"),
            (
                self.header.settings == other.header.settings,
                "severities or what they leave out",
            ),
        ];
        if let Some((_, what)) = same.into_iter().find(|(same, _)| !same) {
            return Err(Error::Mixed(what));
        }
        for (key, part) in other.parts {
            if self.parts.get(&key).is_some_and(|known| *known != part) {
                return Err(Error::Mixed("counts for the same inputs"));
            }
            self.parts.insert(key, part);
        }
        Ok(())
    }

    /// The sum of all parts.
    ///
    /// # Errors
    /// Parts that share some inputs: their counts cannot be told apart any more.
    pub fn total(&self) -> Result<Tally, Error> {
        if let Some((twice, _)) = self.shards().iter().find(|(_, dealt)| dealt.len() > 1) {
            return Err(Error::Overlap(twice.file.clone()));
        }
        let mut inputs = BTreeSet::new();
        let mut total = Tally::default();
        for part in self.parts.values() {
            if let Some(twice) = part.inputs.iter().find(|input| !inputs.insert(*input)) {
                return Err(Error::Overlap(twice.file.clone()));
            }
            total.merge(part.tally.clone());
        }
        Ok(total)
    }

    /// Every input, sorted. One whose shards are all there stands as a whole, as if it had never been dealt out.
    #[must_use]
    pub fn inputs(&self) -> BTreeSet<Input> {
        let mut inputs = BTreeSet::new();
        for (whole, dealt) in self.shards() {
            for (count, indices) in dealt {
                if indices.len() == count as usize {
                    inputs.insert(whole.clone());
                    continue;
                }
                inputs.extend(indices.into_iter().map(|index| Input {
                    shard: format!("{index}/{count}"),
                    ..whole.clone()
                }));
            }
        }
        inputs
    }

    /// A shard that is missing from what was dealt out, and of which file.
    pub(crate) fn missing(&self) -> Option<(String, String)> {
        let shards = self.shards();
        let mut dealt = shards.iter().flat_map(|(whole, dealt)| {
            let counts = dealt.iter();
            counts.map(move |(count, indices)| (&whole.file, *count, indices))
        });
        dealt.find_map(|(file, count, indices)| {
            let missing = (0..count).find(|index| !indices.contains(index))?;
            Some((file.clone(), format!("{missing}/{count}")))
        })
    }

    /// By input, into how many shards it was dealt out, and which of them are here.
    fn shards(&self) -> BTreeMap<Input, BTreeMap<u32, BTreeSet<u32>>> {
        let mut shards: BTreeMap<_, BTreeMap<_, BTreeSet<_>>> = BTreeMap::new();
        for input in self.parts.values().flat_map(|part| &part.inputs) {
            let shard = input.shard.parse().unwrap_or(Shard::WHOLE);
            let whole = Input {
                shard: Shard::WHOLE.to_string(),
                ..input.clone()
            };
            let dealt = shards.entry(whole).or_default();
            dealt
                .entry(shard.count())
                .or_default()
                .insert(shard.index());
        }
        shards
    }

    /// Writes the partial report as one JSON document; equal reports give equal bytes.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let mut text = serde_json::to_vec(self)?;
        text.push(b'\n');
        fs::write(path, text).map_err(|source| Error::Output {
            file: path.display().to_string(),
            source,
        })
    }

    /// Reads what [`Report::write`] wrote.
    ///
    /// # Errors
    /// A file that cannot be read or is no partial report.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let file = path.display().to_string();
        let bytes = fs::read(path).map_err(|source| Error::Input {
            file: file.clone(),
            source,
        })?;
        serde_json::from_slice(&bytes).map_err(|error| Error::Part {
            file,
            reason: error.to_string(),
        })
    }
}

impl Part {
    fn key(&self) -> String {
        let texts: Vec<_> = self
            .inputs
            .iter()
            .map(|input| {
                [
                    &*input.file,
                    &input.shard,
                    &input.bytes.to_string(),
                    &input.hash,
                ]
                .join("\n")
            })
            .collect();
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        hash::fingerprint(&texts)
    }
}
