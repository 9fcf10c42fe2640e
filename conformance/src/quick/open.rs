//! Objects with any names, and any JSON value.

use super::scan::{Scan, Step, Stop, deeper};
use super::table::Kind;

static ANY: Kind = Kind::Any;

impl<'a> Scan<'a, '_> {
    #[cold]
    pub(super) fn any(&mut self, first: u8, at: usize, depth: u8) -> Step {
        match first {
            b'"' => self.text(at + 1),
            b'{' => self.map(&ANY, at + 1, depth),
            b'[' => self.list(&ANY, at + 1, depth),
            b't' => self.word(at, b"true"),
            b'f' => self.word(at, b"false"),
            b'n' => self.word(at, b"null"),
            b'-' | b'0'..=b'9' => self.number(at),
            _ => Err(Stop::Unsure),
        }
    }

    /// An object whose members all are of one kind.
    pub(super) fn map(&mut self, value: &'a Kind, at: usize, depth: u8) -> Step {
        let depth = deeper(depth)?;
        let mut names = Vec::new();
        let mut at = self.blank(at);
        if self.byte(at) == b'}' {
            return Ok(at + 1);
        }
        loop {
            if self.byte(at) != b'"' {
                return Err(Stop::Unsure);
            }
            let (name, end) = self.plain(at + 1)?;
            names.push(name);
            let start = self.colon(end)?;
            let end = self.value(value, start, depth)?;
            at = self.blank(end);
            match self.byte(at) {
                b',' => at = self.blank(at + 1),
                b'}' => break,
                _ => return Err(Stop::Unsure),
            }
        }
        names.sort_unstable();
        let is_twice = names.iter().zip(names.iter().skip(1)).any(|(a, b)| a == b);
        if is_twice {
            Err(Stop::Unsure)
        } else {
            Ok(at + 1)
        }
    }
}
