//! Recordings through the checker, on all cores.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::check::{Checker, Local};
use crate::exchange::{Exchange, Place};
use crate::fast::FastPath;
use crate::read::{self, At, Fault, Feed, Opened, Work, line};
use crate::report::{Header, Report, Tally};
use crate::rules::Rule;
use crate::{Contract, Error};

/// Lines up to this length are read. A page of a thousand orders has less than one million bytes.
const LINE_BYTES_MAX_DEFAULT: usize = 8 * 1024 * 1024;

/// A part of the work: `i/n`, i from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { index: 0, count: 1 };

    /// Its number, from 0.
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many there are.
    #[must_use]
    pub fn count(self) -> u32 {
        self.count
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let numbers = text.split_once('/').and_then(|(index, count)| {
            Some((index.parse::<u32>().ok()?, count.parse::<u32>().ok()?))
        });
        match numbers {
            Some((index, count)) if index < count => Ok(Self { index, count }),
            _ => Err(Error::Shard(text.to_owned())),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// How far a run is; to be looked at from another thread.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes of the files that were read, packed.
    pub done_bytes: Arc<AtomicU64>,
    /// Exchanges that were checked.
    pub exchanges: AtomicU64,
}

/// How a run goes about it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunOptions {
    /// Threads; as many as there are cores by default.
    pub threads: usize,
    /// Which part of the work; all of it by default.
    pub shard: Shard,
    /// Longer lines are passed over and reported, in bytes. 8 MiB by default.
    pub line_bytes_max: usize,
    /// What standard input is called in reports: `stdin` by default. Parts of one whole need names of their own, since a
    /// part with the same name and bytes counts once.
    pub stdin_name: String,
    /// Where the run says how far it is.
    pub progress: Arc<Progress>,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            threads: thread::available_parallelism().map_or(1, NonZeroUsize::get),
            shard: Shard::WHOLE,
            line_bytes_max: LINE_BYTES_MAX_DEFAULT,
            stdin_name: "stdin".to_owned(),
            progress: Arc::default(),
        }
    }
}

/// Checks files, as [`sources`](crate::sources) names them, against a contract.
///
/// # Errors
/// A file that cannot be opened. What is wrong inside a file is a finding.
pub fn check(
    contract: &Contract,
    fast: Option<&dyn FastPath>,
    files: Vec<String>,
    options: &RunOptions,
) -> Result<Report, Error> {
    let feed = Feed::new(files, options.clone());
    let checker = Checker { contract, fast };
    let work = || Worker {
        checker,
        feed: &feed,
        progress: &options.progress,
        local: Local::new(&contract.plan),
        head: Vec::new(),
    };
    let tally = thread::scope(|scope| {
        let threads: Vec<_> = (0..options.threads.max(1))
            .map(|_| scope.spawn(|| work().run()))
            .collect();
        let mut total = Tally::default();
        for thread in threads {
            total.merge(thread.join().map_err(|_| Error::Thread)??);
        }
        Ok::<_, Error>(total)
    })?;
    Ok(Report::new(Header::of(contract), feed.inputs(), tally))
}

/// Checks a single exchange that stands in no file.
#[must_use]
pub fn check_one(
    contract: &Contract,
    fast: Option<&dyn FastPath>,
    exchange: &Exchange<'_>,
) -> Tally {
    let place = Place {
        file: "",
        entry: 1,
        line: None,
        byte: None,
    };
    let mut local = Local::new(&contract.plan);
    Checker { contract, fast }.check(exchange, place, &mut local);
    local.finish()
}

/// One thread's share.
struct Worker<'a> {
    checker: Checker<'a>,
    feed: &'a Feed,
    progress: &'a Progress,
    local: Local<'a>,
    /// Room for the beginning of a line.
    head: Vec<u8>,
}

impl Worker<'_> {
    fn run(mut self) -> Result<Tally, Error> {
        loop {
            match self.feed.next()? {
                Work::Done => return Ok(self.local.finish()),
                Work::Fault(file, fault, at) => self.fault(&file, &fault, at),
                Work::Block(block) => {
                    for (line, byte, text) in block.lines() {
                        self.line(&block.file, line, byte, text);
                    }
                }
                Work::Document(opened) => self.document(opened),
            }
        }
    }

    fn line(&mut self, file: &str, line: u64, byte: u64, text: &[u8]) {
        let place = Place {
            file,
            entry: line,
            line: Some(line),
            byte: Some(byte),
        };
        if let Some(trailer) = line::trailer(text) {
            if trailer.dropped > 0 {
                let reason = format!("{} exchanges were dropped", trailer.dropped);
                let fault = Fault::new(Rule::RecordingIncomplete, reason);
                self.local.fault(place, &fault);
            }
            return;
        }
        self.progress.exchanges.fetch_add(1, Ordering::Relaxed);
        if self.checker.contract.bare().is_some() {
            self.checker.check_bare(text, place, &mut self.local);
            return;
        }
        if self.checker.fast.is_some()
            && let Some(exchange) = line::unseen(text, &mut self.head)
            && self.checker.check_unseen(&exchange, place, &mut self.local)
        {
            return;
        }
        match line::entry(text) {
            Ok(exchange) => self.checker.check(&exchange, place, &mut self.local),
            Err(fault) => self.local.fault(place, &fault),
        }
    }

    fn fault(&mut self, file: &str, fault: &Fault, at: Option<(u64, u64)>) {
        let place = Place {
            file,
            entry: at.map_or(0, |(line, _)| line),
            line: at.map(|(line, _)| line),
            byte: at.map(|(_, byte)| byte),
        };
        self.local.fault(place, fault);
    }

    fn document(&mut self, opened: Opened) {
        let Opened {
            name,
            kind,
            bytes,
            digest,
        } = opened;
        let place = |at: At| Place {
            file: &name,
            entry: at.entry,
            line: at.line,
            byte: at.byte,
        };
        let read = read::document(kind, bytes, &mut |at, entry| {
            self.progress.exchanges.fetch_add(1, Ordering::Relaxed);
            match entry {
                Ok(exchange) => self.checker.check(&exchange, place(at), &mut self.local),
                Err(fault) => self.local.fault(place(at), &fault),
            }
        });
        if let Err(fault) = read {
            self.local.fault(place(At::entry(0)), &fault);
        }
        self.feed.finished(&name, &digest);
    }
}
