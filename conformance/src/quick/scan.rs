//! Walks over the bytes of a body.

use super::table::{Form, Kind, NONE, Null, Object, Type};
use super::words::{NAME_BYTES_MAX, Name, equal, words};
use super::{Counts, Verdict};

/// Deeper values are left to the oracle.
const DEPTH_MAX: u8 = 32;

/// Why the walk ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    Fail,
    Unsure,
}

/// The position after what was read.
pub(super) type Step = Result<usize, Stop>;

/// Checks a body against a kind of value, and counts the members and nulls it has.
///
/// The counts are valid after [`Verdict::Ok`] only: a wrong body was counted up to its fault.
pub(super) fn judge(types: &[Type], kind: &Kind, body: &[u8], counts: &mut Counts) -> Verdict {
    let mut scan = Scan {
        types,
        body,
        seen: &mut counts.seen,
        nulls: &mut counts.nulls,
        wide: 0,
    };
    let start = scan.blank(0);
    match scan.value(kind, start, 0).map(|end| scan.blank(end)) {
        Ok(end) if end != body.len() => Verdict::Unsure,
        Ok(_) if scan.wide != 0 && std::str::from_utf8(body).is_err() => Verdict::Fail,
        Ok(_) => Verdict::Ok,
        Err(Stop::Fail) => Verdict::Fail,
        Err(Stop::Unsure) => Verdict::Unsure,
    }
}

pub(super) struct Scan<'a, 'b> {
    pub(super) types: &'a [Type],
    pub(super) body: &'a [u8],
    pub(super) seen: &'b mut [u32],
    nulls: &'b mut [u32],
    /// Not zero once a byte was not ASCII.
    pub(super) wide: u64,
}

/// The tags of the unions around an object: members that the arm itself does not name.
#[derive(Clone, Copy)]
struct Tags<'a> {
    name: &'a Name,
    outer: Option<&'a Tags<'a>>,
    bit: u64,
}

/// A member's name.
enum Member {
    Field(usize),
    /// A tag, by its bit.
    Tag(u64),
}

impl<'a> Scan<'a, '_> {
    /// The byte at a position; zero, which JSON never holds, after the end.
    #[inline]
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.body.get(at).copied().unwrap_or(0)
    }

    #[inline]
    pub(super) fn blank(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\n' | b'\r' | b'\t') {
            at += 1;
        }
        at
    }

    #[inline]
    pub(super) fn value(&mut self, kind: &'a Kind, at: usize, depth: u8) -> Step {
        let first = self.byte(at);
        match kind {
            Kind::Doubt => Err(Stop::Unsure),
            Kind::Named(number) => self.named(*number, at, depth, None),
            Kind::List(item) if first == b'[' => self.list(item, at + 1, depth),
            Kind::Text if first == b'"' => self.text(at + 1),
            Kind::Decimal if first == b'"' => self.decimal(at + 1),
            Kind::NaiveDateTime if first == b'"' => self.naive_date_time(at + 1),
            Kind::Whole(least, greatest) => self.whole(at, *least, *greatest),
            Kind::Flag if first == b't' => self.word(at, b"true"),
            Kind::Flag if first == b'f' => self.word(at, b"false"),
            Kind::DateTime if first == b'"' => self.date_time(at + 1),
            Kind::Sized(least, greatest) if first == b'"' => self.sized(at + 1, *least, *greatest),
            Kind::Number => self.number(at),
            Kind::Map(value) if first == b'{' => self.map(value, at + 1, depth),
            Kind::Any => self.any(first, at, depth),
            // Another type, or invalid JSON: a finding in any case.
            _ => Err(Stop::Fail),
        }
    }

    #[inline]
    pub(super) fn word(&self, at: usize, word: &[u8]) -> Step {
        let end = at + word.len();
        match self.body.get(at..end) {
            Some(text) if text == word => Ok(end),
            _ => Err(Stop::Unsure),
        }
    }

    pub(super) fn list(&mut self, item: &'a Kind, at: usize, depth: u8) -> Step {
        let depth = deeper(depth)?;
        let mut at = self.blank(at);
        if self.byte(at) == b']' {
            return Ok(at + 1);
        }
        loop {
            let end = self.value(item, at, depth)?;
            let end = self.blank(end);
            match self.byte(end) {
                b',' => at = self.blank(end + 1),
                b']' => return Ok(end + 1),
                _ => return Err(Stop::Unsure),
            }
        }
    }

    fn named(&mut self, number: usize, at: usize, depth: u8, tags: Option<&Tags<'_>>) -> Step {
        let types: &'a [Type] = self.types;
        let named = types.get(number).ok_or(Stop::Unsure)?;
        let slot = named.slot;
        match (&named.form, self.byte(at)) {
            (Form::Doubt, _) => Err(Stop::Unsure),
            (Form::Object(object), b'{') => self.object(object, slot, at + 1, depth, tags),
            (Form::Values(values), b'"') => {
                let (text, end) = self.plain(at + 1)?;
                let mut values = values.iter();
                let found = values.position(|value| value.as_bytes() == text);
                count(self.seen, slot + found.ok_or(Stop::Fail)?);
                Ok(end)
            }
            (Form::Tagged(tag, arms), b'{') => {
                let text = self.tag(tag, at + 1)?;
                let mut known = arms.iter();
                let found = known.position(|arm| arm.value.as_bytes() == text);
                let index = found.ok_or(Stop::Fail)?;
                count(self.seen, slot + index);
                let inner = Tags {
                    name: tag,
                    outer: tags,
                    bit: tags.map_or(1, |outer| outer.bit << 1),
                };
                match arms.get(index).map(|arm| &arm.kind) {
                    Some(Kind::Named(arm)) => self.named(*arm, at, deeper(depth)?, Some(&inner)),
                    _ => Err(Stop::Unsure),
                }
            }
            (Form::Untagged(arms), _) => self.untagged(arms, slot, at, depth),
            _ => Err(Stop::Fail),
        }
    }

    fn object(
        &mut self,
        object: &'a Object,
        slot: usize,
        at: usize,
        depth: u8,
        tags: Option<&Tags<'_>>,
    ) -> Step {
        let depth = deeper(depth)?;
        let (mut met, mut met_tags, mut guess) = (0_u64, 0_u64, 0);
        let mut at = self.blank(at);
        if self.byte(at) == b'}' {
            return if object.required == 0 {
                Ok(at + 1)
            } else {
                Err(Stop::Fail)
            };
        }
        loop {
            let (member, end) = self.member(object, guess, at, tags)?;
            let value = self.colon(end)?;
            let bit = match member {
                Member::Field(index) => {
                    guess = index + 1;
                    at = self.field(object, index, slot + index, value, depth)?;
                    twice(&mut met, 1 << index)
                }
                Member::Tag(bit) => {
                    at = self.tag_text(value)?.1;
                    twice(&mut met_tags, bit)
                }
            };
            bit?;
            at = self.blank(at);
            match self.byte(at) {
                b',' => at = self.blank(at + 1),
                b'}' if met & object.required == object.required => return Ok(at + 1),
                b'}' => return Err(Stop::Fail),
                _ => return Err(Stop::Unsure),
            }
        }
    }

    #[inline]
    fn field(
        &mut self,
        object: &'a Object,
        index: usize,
        slot: usize,
        at: usize,
        depth: u8,
    ) -> Step {
        let field = object.fields.get(index).ok_or(Stop::Unsure)?;
        count(self.seen, slot);
        if self.byte(at) != b'n' {
            return self.value(&field.kind, at, depth);
        }
        match field.null {
            Null::Fine => {}
            Null::Undeclared => count(self.nulls, slot),
            Null::Wrong => return Err(Stop::Fail),
            Null::Doubt => return Err(Stop::Unsure),
        }
        self.word(at, b"null")
    }

    /// The member whose name begins here. Members mostly come in the order of the table.
    #[inline]
    fn member(
        &self,
        object: &'a Object,
        guess: usize,
        at: usize,
        tags: Option<&Tags<'_>>,
    ) -> Result<(Member, usize), Stop> {
        if self.byte(at) != b'"' {
            return Err(Stop::Unsure);
        }
        let at = at + 1;
        let words = words(self.body, at);
        let rest = self.body.get(at..).unwrap_or_default();
        if let Some(field) = object.fields.get(guess)
            && field.name.begins(words, rest)
        {
            return Ok((Member::Field(guess), at + field.name.text.len() + 1));
        }
        let length = name_length(words, rest);
        let mut candidate = object.first(length);
        while candidate != NONE {
            let index = usize::from(candidate);
            let field = object.fields.get(index).ok_or(Stop::Unsure)?;
            if field.name.begins(words, rest) {
                return Ok((Member::Field(index), at + length + 1));
            }
            candidate = object.next(candidate);
        }
        let mut tag = tags;
        while let Some(tags) = tag {
            if tags.name.begins(words, rest) {
                return Ok((Member::Tag(tags.bit), at + length + 1));
            }
            tag = tags.outer;
        }
        // An unknown name, unless it is spelled with escapes.
        let name = rest.get(..length).unwrap_or(rest);
        let plain = !name.contains(&b'\\');
        Err(match plain && object.is_closed {
            true => Stop::Fail,
            false => Stop::Unsure,
        })
    }

    #[inline]
    pub(super) fn colon(&self, at: usize) -> Step {
        let at = self.blank(at);
        match self.byte(at) {
            b':' => Ok(self.blank(at + 1)),
            _ => Err(Stop::Unsure),
        }
    }

    /// The tag's value, wherever among the members it is. The other members are read later.
    fn tag(&mut self, tag: &Name, at: usize) -> Result<&'a [u8], Stop> {
        let mut at = self.blank(at);
        loop {
            if self.byte(at) != b'"' {
                // No member left, or invalid JSON: a finding in any case.
                return Err(Stop::Fail);
            }
            let rest = self.body.get(at + 1..).unwrap_or_default();
            let is_tag = tag.begins(words(self.body, at + 1), rest);
            let (_, end) = self.plain(at + 1)?;
            let value = self.colon(end)?;
            if is_tag {
                return Ok(self.tag_text(value)?.0);
            }
            at = self.passed(value)?;
            at = self.blank(at);
            match self.byte(at) {
                b',' => at = self.blank(at + 1),
                _ => return Err(Stop::Fail),
            }
        }
    }

    fn tag_text(&mut self, at: usize) -> Result<(&'a [u8], usize), Stop> {
        match self.byte(at) {
            b'"' => self.plain(at + 1),
            _ => Err(Stop::Fail),
        }
    }

    /// The end of any value.
    pub(super) fn passed(&mut self, mut at: usize) -> Step {
        let mut depth = 0_usize;
        loop {
            match self.byte(at) {
                b'"' => at = self.text(at + 1)?,
                b'{' | b'[' => (depth, at) = (depth + 1, at + 1),
                b'}' | b']' if depth > 0 => (depth, at) = (depth - 1, at + 1),
                b'}' | b']' | b',' if depth == 0 => return Ok(at),
                0 => return Err(Stop::Unsure),
                _ => at += 1,
            }
        }
    }
}

/// The length of the name before its closing quote.
#[inline]
fn name_length(words: [u64; 3], rest: &[u8]) -> usize {
    for (word, before) in words.into_iter().zip([0, 8, 16]) {
        let found = equal(word, b'"');
        if found != 0 {
            return before + found.trailing_zeros() as usize / 8;
        }
    }
    let beyond = rest.iter().skip(NAME_BYTES_MAX);
    let further = beyond.take_while(|byte| **byte != b'"').count();
    NAME_BYTES_MAX + further
}

#[inline]
pub(super) fn count(counters: &mut [u32], slot: usize) {
    if let Some(counter) = counters.get_mut(slot) {
        *counter += 1;
    }
}

/// Readers disagree about a name that occurs twice.
#[inline]
fn twice(met: &mut u64, bit: u64) -> Result<(), Stop> {
    if *met & bit != 0 {
        return Err(Stop::Unsure);
    }
    *met |= bit;
    Ok(())
}

pub(super) fn deeper(depth: u8) -> Result<u8, Stop> {
    if depth < DEPTH_MAX {
        Ok(depth + 1)
    } else {
        Err(Stop::Unsure)
    }
}
