//! HAR 1.2, entry by entry: the file is never in memory as a whole.

use std::fmt;
use std::io::{BufReader, Read};

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::{Entry, Fault, alias};
use crate::rules::Rule;

/// Reads the entries of `log.entries`, each with its number. What comes before a fault is read.
pub(crate) fn read(bytes: impl Read, seen: &mut dyn FnMut(u64, Entry<'_>)) -> Result<(), Fault> {
    let mut parser = serde_json::Deserializer::from_reader(BufReader::new(bytes));
    let mut count = 0;
    let mut found = false;
    let result = Inside(Step::File, seen, &mut count, &mut found)
        .deserialize(&mut parser)
        .and_then(|()| parser.end());
    match result {
        Ok(()) if found => Ok(()),
        Ok(()) => Err(Fault::new(
            Rule::InputUnrecognised,
            "a HAR file without log.entries",
        )),
        Err(error) if error.is_eof() || error.is_io() => {
            let reason = format!("the file breaks off at line {}", error.line());
            Err(Fault::new(Rule::InputTruncated, reason))
        }
        Err(error) => {
            let fault = Fault::of_json(&error);
            let rule = if found {
                Rule::InputTruncated
            } else {
                Rule::InputUnrecognised
            };
            let reason = format!(
                "{}, line {}, column {}",
                fault.reason,
                error.line(),
                error.column()
            );
            Err(Fault::new(rule, reason))
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

struct Inside<'a, 'b>(
    Step,
    &'a mut dyn FnMut(u64, Entry<'_>),
    &'b mut u64,
    &'b mut bool,
);

impl<'de> DeserializeSeed<'de> for Inside<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        match self.0 {
            Step::Entries => input.deserialize_seq(self),
            Step::File | Step::Log => input.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Inside<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Step::File => "an object with a log",
            Step::Log => "a log with entries",
            Step::Entries => "a list of entries",
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let (wanted, next) = match self.0 {
            Step::File => ("log", Step::Log),
            _ => ("entries", Step::Entries),
        };
        while let Some(key) = members.next_key::<String>()? {
            if key == wanted {
                members.next_value_seed(Inside(next, &mut *self.1, &mut *self.2, &mut *self.3))?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        *self.3 = true;
        while let Some(entry) = entries.next_element::<Box<RawValue>>()? {
            *self.2 += 1;
            if *self.2 == u64::MAX {
                return Err(A::Error::custom("too many entries"));
            }
            (self.1)(*self.2, alias::entry(entry.get()));
        }
        Ok(())
    }
}
