//! Checks recordings on all cores.

use std::num::NonZeroUsize;
use std::thread;

use bpx_recording::{
    Interaction, Item, Location, Message, ReadOptions, Reader, Recorded, read_head, read_recorded,
};

use crate::check::{Checker, Local, unchecked};
use crate::quick::Quick;
use crate::report::{Header, Report, Tally};
use crate::{Contract, Error, Settings};

/// How to check.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunOptions {
    /// Threads; as many as there are cores by default.
    pub threads: usize,
    /// What to read of the files.
    pub read: ReadOptions,
    /// How findings are judged.
    pub settings: Settings,
    /// Who judges bodies before the oracle does; the contract's own tables by default.
    pub quick: Quick,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            threads: thread::available_parallelism().map_or(1, NonZeroUsize::get),
            read: ReadOptions::default(),
            settings: Settings::default(),
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
    let worker = || Worker::new(contract, options);
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
    let header = Header::of(contract, &options.settings);
    Ok(Report::new(header, reader.inputs(), tally))
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
    let settings = Settings::default();
    let mut local = Local::new(&contract.plan, &settings);
    Checker { contract, quick }.check(interaction, location, &mut local);
    local.finish()
}

/// One thread's share.
pub(crate) struct Worker<'a> {
    checker: Checker<'a>,
    local: Local<'a>,
    /// Of the messages of streams.
    messages: Local<'a>,
    /// A buffer for the beginning of a line.
    head: Vec<u8>,
}

impl<'a> Worker<'a> {
    pub(crate) fn new(contract: &'a Contract, options: &'a RunOptions) -> Self {
        let quick = &options.quick;
        let plan = &contract.streams().unwrap_or(contract).plan;
        Self {
            checker: Checker { contract, quick },
            local: Local::new(&contract.plan, &options.settings),
            messages: Local::new(plan, &options.settings),
            head: Vec::new(),
        }
    }

    fn run(mut self, reader: &Reader) -> Result<Tally, Error> {
        reader.read(&mut |location, item| match item {
            Item::Line(line) => self.line(location, line),
            Item::Interaction(interaction) => self.interaction(location, &interaction),
            Item::Message(message) => self.message(location, &message),
            Item::Fault(fault) => self.local.fault(location, &fault),
        })?;
        Ok(self.finish())
    }

    pub(crate) fn finish(self) -> Tally {
        let mut tally = self.local.finish();
        tally.merge(self.messages.finish_messages());
        tally
    }

    pub(crate) fn line(&mut self, location: Location<'_>, line: &[u8]) {
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
        match read_recorded(line) {
            Ok(Recorded::Interaction(interaction)) => self.interaction(location, &interaction),
            Ok(Recorded::Message(message)) => self.message(location, &message),
            Err(fault) => self.local.fault(location, &fault),
        }
    }

    fn interaction(&mut self, location: Location<'_>, interaction: &Interaction<'_>) {
        self.checker.check(interaction, location, &mut self.local);
    }

    fn message(&mut self, location: Location<'_>, message: &Message<'_>) {
        let Some(contract) = self.checker.contract.streams() else {
            return unchecked(message, location, &mut self.messages);
        };
        let quick = self.checker.quick;
        Checker { contract, quick }.message(message, location, &mut self.messages);
    }
}
