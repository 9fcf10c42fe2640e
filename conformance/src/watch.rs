//! Follows a recording that is being written.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};

use bpx_recording::{Input, Location, Shard};
use xxhash_rust::xxh3::Xxh3;

use crate::report::{Finding, Header, Report, Tally};
use crate::run::{RunOptions, Worker};
use crate::{Contract, Error};

/// Bytes that are read at a time.
const CHUNK_BYTES: u64 = 1 << 20;

/// A recording with an interaction a line that grows, and what was counted in it so far.
pub struct Watch<'a> {
    contract: &'a Contract,
    options: &'a RunOptions,
    name: String,
    file: File,
    /// Bytes that were taken from the file, the last line's begin included.
    taken_bytes: u64,
    hash: Box<Xxh3>,
    /// The begin of a line whose end is not written yet.
    begun: Vec<u8>,
    lines: u64,
    tally: Tally,
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("name", &self.name)
            .field("lines", &self.lines)
            .finish_non_exhaustive()
    }
}

impl<'a> Watch<'a> {
    /// Begins at the begin of the file.
    ///
    /// # Errors
    /// A file that cannot be opened.
    pub fn open(
        contract: &'a Contract,
        name: &str,
        options: &'a RunOptions,
    ) -> Result<Self, Error> {
        let file = File::open(name).map_err(|source| input_error(name, source))?;
        Ok(Self {
            contract,
            options,
            name: name.to_owned(),
            file,
            taken_bytes: 0,
            hash: Box::default(),
            begun: Vec::new(),
            lines: 0,
            tally: Tally::default(),
        })
    }

    /// Checks the lines that were completed since; returns the findings that were not known before, and whether the file
    /// holds more to read at once.
    ///
    /// # Errors
    /// A file that cannot be read, was cut, or is another one than the one that was opened.
    pub fn poll(&mut self) -> Result<(Vec<Finding>, bool), Error> {
        let read_bytes = self.take()?;
        if self.begun.len() > self.options.read.line_bytes_max && !self.begun.contains(&b'\n') {
            let source = io::Error::other("a line is longer than the limit");
            return Err(input_error(&self.name, source));
        }
        let cut = self.begun.iter().rposition(|byte| *byte == b'\n');
        let rest = self.begun.split_off(cut.map_or(0, |at| at + 1));
        let complete = std::mem::replace(&mut self.begun, rest);
        let tally = self.check(&complete);
        let is_new = |key: &&String| !self.tally.findings.contains_key(*key);
        let new: Vec<_> = tally.findings.keys().filter(is_new).cloned().collect();
        let new = new
            .iter()
            .filter_map(|key| tally.findings.get(key).cloned());
        let new = new.collect();
        self.tally.merge(tally);
        Ok((new, read_bytes == CHUNK_BYTES))
    }

    fn take(&mut self) -> Result<u64, Error> {
        let error = |source| input_error(&self.name, source);
        let now_bytes = fs::metadata(&self.name).map_err(error)?.len();
        if now_bytes < self.taken_bytes {
            let source = io::Error::other("the file became shorter while it was watched");
            return Err(error(source));
        }
        let from = self.begun.len();
        let position = SeekFrom::Start(self.taken_bytes);
        self.file.seek(position).map_err(error)?;
        let mut part = (&self.file).take(CHUNK_BYTES);
        let read_bytes = part.read_to_end(&mut self.begun).map_err(error)? as u64;
        self.hash.update(self.begun.get(from..).unwrap_or_default());
        self.taken_bytes += read_bytes;
        Ok(read_bytes)
    }

    fn check(&mut self, complete: &[u8]) -> Tally {
        let mut worker = Worker::new(self.contract, self.options);
        let begin = self.taken_bytes - (self.begun.len() + complete.len()) as u64;
        let mut byte = begin;
        for line in complete.split_inclusive(|byte| *byte == b'\n') {
            self.lines += 1;
            let location = Location {
                file: &self.name,
                entry: self.lines,
                line: Some(self.lines),
                byte: Some(byte),
            };
            byte += line.len() as u64;
            if !line.trim_ascii().is_empty() {
                worker.line(location, line.trim_ascii_end());
            }
        }
        worker.finish()
    }

    /// Ends watching: the report on what was read, the last line included if it has no end.
    #[must_use]
    pub fn finish(mut self) -> Report {
        let rest = std::mem::take(&mut self.begun);
        let tally = self.check(&rest);
        self.tally.merge(tally);
        let input = Input {
            file: self.name,
            shard: Shard::WHOLE.to_string(),
            bytes: self.taken_bytes,
            hash: format!("{:032x}", self.hash.digest128()),
        };
        let header = Header::of(self.contract, &self.options.settings);
        Report::new(header, [input].into(), self.tally)
    }
}

fn input_error(name: &str, source: io::Error) -> Error {
    Error::Input {
        file: name.to_owned(),
        source,
    }
}
