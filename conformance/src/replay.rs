//! Checks recordings against two contracts, and reports which verdicts change.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::check::{Checker, Local};
use crate::quick::Quick;
use crate::report::Subject;
use crate::rules::{Rule, Severity};
use crate::run::RunOptions;
use crate::{Contract, Error, Settings};
use bpx_recording::{FaultKind, Interaction, Item, Location, Reader, read_line};

/// How many locations are kept of each change: the first ones.
const PLACES_MAX: usize = 3;

/// Whether a finding is new or gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// Only the new contract has the finding.
    Appeared,
    /// Only the old contract has the finding.
    Vanished,
}

/// Interactions with one finding more or less.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// How many interactions.
    pub exchanges: u64,
    /// The first of them.
    pub first: BTreeSet<Spot>,
}

/// The location of an interaction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Spot {
    /// The recording.
    pub file: String,
    /// The number of the interaction in it, from 1; in files of lines, the line.
    pub entry: u64,
}

/// The result of a replay. An interaction is fine if it has neither errors nor warnings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replay {
    /// Interactions that were checked against both.
    pub exchanges: u64,
    /// Fine with the old contract, not with the new one.
    pub broken: u64,
    /// Not fine with the old contract, fine with the new one.
    pub mended: u64,
    /// Fine with neither, but with other findings.
    pub otherwise: u64,
    /// The same findings, or none, with both.
    pub same: u64,
    /// Lines and files that are not interactions.
    pub unread: u64,
    /// Findings that appeared or vanished, by operation and rule.
    pub moved: BTreeMap<(String, Rule, Turn), Moved>,
}

/// One finding that appeared or vanished.
#[derive(Serialize)]
struct Row<'a> {
    operation: &'a str,
    rule: Rule,
    turn: Turn,
    exchanges: u64,
    first: &'a BTreeSet<Spot>,
}

impl Serialize for Replay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self
            .moved
            .iter()
            .map(|((operation, rule, turn), moved)| Row {
                operation,
                rule: *rule,
                turn: *turn,
                exchanges: moved.exchanges,
                first: &moved.first,
            });
        let mut replay = serializer.serialize_struct("Replay", 7)?;
        replay.serialize_field("exchanges", &self.exchanges)?;
        replay.serialize_field("ok_to_finding", &self.broken)?;
        replay.serialize_field("finding_to_ok", &self.mended)?;
        replay.serialize_field("other_findings", &self.otherwise)?;
        replay.serialize_field("same", &self.same)?;
        replay.serialize_field("unread", &self.unread)?;
        replay.serialize_field("findings", &rows.collect::<Vec<_>>())?;
        replay.end()
    }
}

impl Replay {
    fn merge(&mut self, other: Self) {
        self.exchanges += other.exchanges;
        self.broken += other.broken;
        self.mended += other.mended;
        self.otherwise += other.otherwise;
        self.same += other.same;
        self.unread += other.unread;
        for (key, moved) in other.moved {
            let known = self.moved.entry(key).or_default();
            known.exchanges += moved.exchanges;
            known.first.extend(moved.first);
            known.shorten();
        }
    }

    /// Interactions that are fine with one contract only.
    #[must_use]
    pub fn changed(&self) -> u64 {
        self.broken + self.mended
    }
}

impl Moved {
    fn shorten(&mut self) {
        while self.first.len() > PLACES_MAX {
            self.first.pop_last();
        }
    }
}

/// Checks each interaction of the files against both contracts.
///
/// # Errors
/// A file that cannot be opened. Faults inside a file are counted as unread.
pub fn replay(
    old: &Contract,
    new: &Contract,
    files: Vec<String>,
    options: &RunOptions,
) -> Result<Replay, Error> {
    let reader = Reader::new(files, options.read.clone());
    thread::scope(|scope| {
        let threads: Vec<_> = (0..options.threads.max(1))
            .map(|_| scope.spawn(|| Worker::new(old, new).run(&reader)))
            .collect();
        let mut total = Replay::default();
        for thread in threads {
            total.merge(thread.join().map_err(|_| Error::Thread)??);
        }
        Ok(total)
    })
}

/// The findings of an interaction.
type Findings = BTreeSet<Subject>;

struct Worker<'a> {
    old: &'a Contract,
    new: &'a Contract,
    replay: Replay,
}

impl<'a> Worker<'a> {
    fn new(old: &'a Contract, new: &'a Contract) -> Self {
        Self {
            old,
            new,
            replay: Replay::default(),
        }
    }

    fn run(mut self, reader: &Reader) -> Result<Replay, Error> {
        reader.read(&mut |location, item| match item {
            Item::Line(text) => match read_line(text) {
                Ok(exchange) => self.exchange(&exchange, location.file, location.entry),
                Err(_) => self.replay.unread += 1,
            },
            Item::Interaction(exchange) => {
                self.exchange(&exchange, location.file, location.entry);
            }
            Item::Fault(fault) if fault.kind == FaultKind::Incomplete => {}
            Item::Message(_) | Item::Fault(_) => self.replay.unread += 1,
        })?;
        Ok(self.replay)
    }

    fn exchange(&mut self, exchange: &Interaction<'_>, file: &str, entry: u64) {
        let place = Location {
            file,
            entry,
            line: None,
            byte: None,
        };
        let before = findings(self.old, exchange, place);
        let after = findings(self.new, exchange, place);
        self.replay.exchanges += 1;
        let count = match (before.is_empty(), after.is_empty()) {
            (true, false) => &mut self.replay.broken,
            (false, true) => &mut self.replay.mended,
            _ if before == after => &mut self.replay.same,
            _ => &mut self.replay.otherwise,
        };
        *count += 1;
        let appeared = after.difference(&before).map(|it| (it, Turn::Appeared));
        let vanished = before.difference(&after).map(|it| (it, Turn::Vanished));
        let moved = appeared.chain(vanished);
        let once: BTreeSet<_> = moved
            .map(|(subject, turn)| (subject.operation.clone(), subject.rule, turn))
            .collect();
        for key in once {
            let moved = self.replay.moved.entry(key).or_default();
            moved.exchanges += 1;
            moved.first.insert(Spot {
                file: file.to_owned(),
                entry,
            });
            moved.shorten();
        }
    }
}

/// Errors and warnings.
fn findings(contract: &Contract, exchange: &Interaction<'_>, place: Location<'_>) -> Findings {
    let settings = Settings::default();
    let mut local = Local::new(&contract.plan, &settings);
    let checker = Checker {
        contract,
        quick: &Quick::Off,
    };
    checker.check(exchange, place, &mut local);
    let findings = local.finish().findings.into_values();
    let failing = findings.filter(|it| it.subject.rule.severity() > Severity::Note);
    // The name of a type is not sent.
    failing
        .map(|finding| Subject {
            type_name: String::new(),
            ..finding.subject
        })
        .collect()
}
