//! Recordings held against both contracts: which exchanges are judged otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use serde::Serialize;

use crate::check::{Checker, Local};
use crate::quick::Quick;
use crate::report::Subject;
use crate::rules::{Rule, Severity};
use crate::run::RunOptions;
use crate::{Contract, Error};
use bpx_recording::{FaultKind, Interaction, Item, Location, Reader, read_line};

/// Places that are shown of each change: the first.
const PLACES_MAX: usize = 3;

/// Which way a finding went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// The new contract finds what the old one did not.
    Appeared,
    /// The old contract found what the new one does not.
    Vanished,
}

/// Exchanges with one finding more or less.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// How many exchanges.
    pub exchanges: u64,
    /// The first of them: `file:line`, or file and entry.
    pub first: BTreeSet<Spot>,
}

/// Where an exchange stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Spot {
    /// The recording.
    pub file: String,
    /// The exchange in it, from 1; in files of lines, the line.
    pub entry: u64,
}

/// What replaying recordings showed. An exchange is fine if neither errors nor warnings are found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replay {
    /// Exchanges that were held against both.
    pub exchanges: u64,
    /// Fine with the old contract, not with the new one.
    pub broken: u64,
    /// Not fine with the old contract, fine with the new one.
    pub mended: u64,
    /// Fine with neither, for other reasons.
    pub otherwise: u64,
    /// Judged the same.
    pub same: u64,
    /// Lines and files that are no exchanges.
    pub unread: u64,
    /// Findings that came or went, by operation and rule.
    pub moved: BTreeMap<(String, Rule, Turn), Moved>,
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

    /// Exchanges whose verdict changes.
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

/// Holds each exchange of the files against both contracts.
///
/// # Errors
/// A file that cannot be opened. What is wrong inside a file is counted as unread.
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

/// What is found of an exchange.
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
            Item::Fault(_) => self.replay.unread += 1,
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
    let mut local = Local::new(&contract.plan);
    let checker = Checker {
        contract,
        quick: &Quick::Off,
    };
    checker.check(exchange, place, &mut local);
    let findings = local.finish().findings.into_values();
    let failing = findings.filter(|it| it.subject.rule.severity() > Severity::Note);
    // What a type is called does not travel.
    failing
        .map(|finding| Subject {
            type_name: String::new(),
            ..finding.subject
        })
        .collect()
}
