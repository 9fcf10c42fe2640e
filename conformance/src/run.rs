//! Checks recordings on all cores.

use std::num::NonZeroUsize;
use std::thread;

use bpx_recording::{
    Fault, Interaction, Item, Location, ReadOptions, Reader, read_head, read_line,
};

use crate::check::{Checker, Local};
use crate::quick::Quick;
use crate::report::{Header, Report, Tally};
use crate::{Contract, Error};

/// How to check.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunOptions {
    /// Threads; as many as there are cores by default.
    pub threads: usize,
    /// What to read of the files.
    pub read: ReadOptions,
    /// Who judges bodies before the oracle does; the contract's own tables by default.
    pub quick: Quick,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            threads: thread::available_parallelism().map_or(1, NonZeroUsize::get),
            read: ReadOptions::default(),
            quick: Quick::default(),
        }
    }
}

/// Checks files, as [`sources`](bpx_recording::sources) names them, against a contract.
///
/// # Errors
/// A file that cannot be opened. What is wrong inside a file is a finding.
pub fn check(
    contract: &Contract,
    files: Vec<String>,
    options: &RunOptions,
) -> Result<Report, Error> {
    let reader = Reader::new(files, options.read.clone());
    let worker = || Worker::new(contract, &options.quick);
    let tally = thread::scope(|scope| {
        let threads: Vec<_> = (0..options.threads.max(1))
            .map(|_| scope.spawn(|| worker().run(&reader)))
            .collect();
        let mut total = Tally::default();
        for thread in threads {
            total.merge(thread.join().map_err(|_| Error::Thread)??);
        }
        Ok::<_, Error>(total)
    })?;
    Ok(Report::new(Header::of(contract), reader.inputs(), tally))
}

/// Checks a single interaction that is in no file.
#[must_use]
pub fn check_one(contract: &Contract, quick: &Quick, interaction: &Interaction<'_>) -> Tally {
    let location = Location {
        file: "",
        entry: 1,
        line: None,
        byte: None,
    };
    let mut local = Local::new(&contract.plan);
    Checker { contract, quick }.check(interaction, location, &mut local);
    local.finish()
}

/// One thread's share.
struct Worker<'a> {
    checker: Checker<'a>,
    local: Local<'a>,
    /// A buffer for the beginning of a line.
    head: Vec<u8>,
}

impl<'a> Worker<'a> {
    fn new(contract: &'a Contract, quick: &'a Quick) -> Self {
        Self {
            checker: Checker { contract, quick },
            local: Local::new(&contract.plan),
            head: Vec::new(),
        }
    }

    fn run(mut self, reader: &Reader) -> Result<Tally, Error> {
        reader.read(&mut |location, item| match item {
            Item::Line(line) => self.line(location, line),
            Item::Interaction(interaction) => self.interaction(location, &Ok(*interaction)),
            Item::Fault(fault) => self.local.fault(location, &fault),
        })?;
        Ok(self.local.finish())
    }

    fn line(&mut self, location: Location<'_>, line: &[u8]) {
        if self.checker.contract.bare().is_some() {
            self.checker.check_bare(line, location, &mut self.local);
            return;
        }
        if !matches!(self.checker.quick, Quick::Off)
            && let Some(interaction) = read_head(line, &mut self.head)
            && self
                .checker
                .check_unparsed(&interaction, location, &mut self.local)
        {
            return;
        }
        self.interaction(location, &read_line(line));
    }

    fn interaction(
        &mut self,
        location: Location<'_>,
        interaction: &Result<Interaction<'_>, Fault>,
    ) {
        match interaction {
            Ok(interaction) => self.checker.check(interaction, location, &mut self.local),
            Err(fault) => self.local.fault(location, fault),
        }
    }
}
