//! HAR 1.2 and lists of JSON, entry by entry: the file is never in memory as a whole.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read};
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::beside::Beside;
use super::line::{Recorded, or_message};
use super::{Fault, FaultKind, See, alias, message};
use crate::Location;

/// Reads the entries of `log.entries`, each with its location. What comes before a fault is read.
pub(super) fn read(
    name: &str,
    beside: Beside<'_>,
    bytes: impl Read,
    see: &mut See<'_>,
) -> Result<(), Fault> {
    let mut entries = Entries::new(name, beside, see);
    let mut parser = serde_json::Deserializer::from_reader(entries.counted(bytes));
    let result = entries.step(Step::File).deserialize(&mut parser);
    match result.and_then(|()| parser.end()) {
        Ok(()) if entries.found => Ok(()),
        Ok(()) => {
            let reason = "a HAR file without log.entries";
            Err(Fault::new(FaultKind::Unrecognised, reason))
        }
        Err(error) => Err(broken(&error, entries.found)),
    }
}

/// Reads the elements of a list, or objects that follow one another.
pub(super) fn read_list(
    name: &str,
    beside: Beside<'_>,
    bytes: impl Read,
    see: &mut See<'_>,
) -> Result<(), Fault> {
    let mut entries = Entries::new(name, beside, see);
    let mut bytes = entries.counted(bytes);
    let is_list = bytes.starts_with_list();
    let mut parser = serde_json::Deserializer::from_reader(bytes);
    if is_list {
        let result = entries.step(Step::Entries).deserialize(&mut parser);
        return result
            .and_then(|()| parser.end())
            .map_err(|error| broken(&error, true));
    }
    for entry in parser.into_iter::<Box<RawValue>>() {
        entries.entry(entry.map_err(|error| broken(&error, true))?.get());
    }
    Ok(())
}

fn broken(error: &serde_json::Error, found: bool) -> Fault {
    let line = error.line();
    if error.is_eof() || error.is_io() {
        let reason = format!("the file breaks off at line {line}");
        return Fault::new(FaultKind::Truncated, reason);
    }
    let kind = if found {
        FaultKind::Truncated
    } else {
        FaultKind::Unrecognised
    };
    let (reason, column) = (Fault::of_json(error).reason, error.column());
    Fault::new(kind, format!("{reason}, line {line}, column {column}"))
}

/// How far the parser has read; it takes byte after byte.
#[derive(Debug, Default)]
struct Position {
    bytes: Cell<u64>,
    lines: Cell<u64>,
}

struct Counted<R> {
    inner: BufReader<R>,
    position: Rc<Position>,
}

impl<R: Read> Counted<R> {
    /// Passes over a byte-order mark, which is no JSON.
    fn skip_mark(&mut self) {
        let mark = b"\xef\xbb\xbf";
        if self
            .inner
            .fill_buf()
            .is_ok_and(|start| start.starts_with(mark))
        {
            self.inner.consume(mark.len());
            self.position.bytes.set(mark.len() as u64);
        }
    }

    fn starts_with_list(&mut self) -> bool {
        let start = self.inner.fill_buf().unwrap_or_default();
        start.trim_ascii_start().starts_with(b"[")
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let read = buffer.get(..count).unwrap_or_default();
        let Position { bytes, lines } = &*self.position;
        bytes.set(bytes.get() + count as u64);
        lines.set(lines.get() + line_breaks(read));
        Ok(count)
    }
}

fn line_breaks(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// Where entries go, and what was seen of them so far.
struct Entries<'a, 'b> {
    name: &'a str,
    beside: Beside<'a>,
    see: &'a mut See<'b>,
    position: Rc<Position>,
    count: u64,
    found: bool,
}

impl<'a, 'b> Entries<'a, 'b> {
    fn new(name: &'a str, beside: Beside<'a>, see: &'a mut See<'b>) -> Self {
        Self {
            name,
            beside,
            see,
            position: Rc::default(),
            count: 0,
            found: false,
        }
    }

    fn counted<R: Read>(&self, bytes: R) -> Counted<R> {
        let mut counted = Counted {
            inner: BufReader::new(bytes),
            position: Rc::clone(&self.position),
        };
        counted.skip_mark();
        counted
    }

    fn step(&mut self, step: Step) -> Inside<'_, 'a, 'b> {
        Inside {
            step,
            entries: self,
        }
    }

    /// The parser stands at the entry's last byte.
    fn entry(&mut self, raw: &str) {
        self.count += 1;
        let Position { bytes, lines } = &*self.position;
        let line = (lines.get() + 1).saturating_sub(line_breaks(raw.as_bytes()));
        let byte = bytes.get().saturating_sub(raw.len() as u64);
        let at = |offset: usize| Location {
            file: self.name,
            entry: self.count,
            line: Some(line + line_breaks(raw.as_bytes().get(..offset).unwrap_or_default())),
            byte: Some(byte + offset as u64),
        };
        let entry = or_message(alias::entry(raw, self.beside), raw);
        (self.see)(at(0), entry.into());
        for (offset, message) in message::of_har(raw) {
            let message = message.map(|it| Recorded::Message(Box::new(it)));
            (self.see)(at(offset), message.into());
        }
    }
}

/// How deep in the file: the file, its `log`, the `entries`.
#[derive(Clone, Copy)]
enum Step {
    File,
    Log,
    Entries,
}

struct Inside<'e, 'a, 'b> {
    step: Step,
    entries: &'e mut Entries<'a, 'b>,
}

impl<'de> DeserializeSeed<'de> for Inside<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        match self.step {
            Step::Entries => input.deserialize_seq(self),
            Step::File | Step::Log => input.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Inside<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.step {
            Step::File => "an object with a log",
            Step::Log => "a log with entries",
            Step::Entries => "a list of entries",
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let (wanted, step) = match self.step {
            Step::File => ("log", Step::Log),
            _ => ("entries", Step::Entries),
        };
        while let Some(key) = members.next_key::<String>()? {
            if key == wanted {
                members.next_value_seed(self.entries.step(step))?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.entries.found = true;
        while let Some(entry) = list.next_element::<Box<RawValue>>()? {
            self.entries.entry(entry.get());
        }
        Ok(())
    }
}
