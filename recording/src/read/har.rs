//! HAR 1.2, entry by entry: the file is never in memory as a whole.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Fault, FaultKind, See, alias};
use crate::Location;

/// Reads the entries of `log.entries`, each with its location. What comes before a fault is read.
pub(super) fn read(name: &str, bytes: impl Read, see: &mut See<'_>) -> Result<(), Fault> {
    let position = Rc::new(Position::default());
    let counted = Counted {
        inner: BufReader::new(bytes),
        position: Rc::clone(&position),
    };
    let mut parser = serde_json::Deserializer::from_reader(counted);
    let mut entries = Entries {
        name,
        see,
        position,
        count: 0,
        found: false,
    };
    let step = Inside {
        step: Step::File,
        entries: &mut entries,
    };
    let result = step.deserialize(&mut parser).and_then(|()| parser.end());
    match result {
        Ok(()) if entries.found => Ok(()),
        Ok(()) => {
            let reason = "a HAR file without log.entries";
            Err(Fault::new(FaultKind::Unrecognised, reason))
        }
        Err(error) => Err(broken(&error, entries.found)),
    }
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
    inner: R,
    position: Rc<Position>,
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
    see: &'a mut See<'b>,
    position: Rc<Position>,
    count: u64,
    found: bool,
}

impl Entries<'_, '_> {
    /// The parser stands at the entry's last byte.
    fn entry(&mut self, raw: &str) {
        self.count += 1;
        let Position { bytes, lines } = &*self.position;
        let at = Location {
            file: self.name,
            entry: self.count,
            line: Some((lines.get() + 1).saturating_sub(line_breaks(raw.as_bytes()))),
            byte: Some(bytes.get().saturating_sub(raw.len() as u64)),
        };
        (self.see)(at, alias::entry(raw));
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
                members.next_value_seed(Inside {
                    step,
                    entries: &mut *self.entries,
                })?;
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
