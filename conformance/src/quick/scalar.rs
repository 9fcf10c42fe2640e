//! Strings and numbers.

use bpx_contract::schema::formats::is_date_time;

use super::scan::{Scan, Step, Stop};
use super::words::{pairs, special, wide, word};

const SEPARATORS: [(u64, u64); 3] = [
    sieve(*b"0000-00-"),
    sieve(*b"00T00:00"),
    sieve(*b"00:00:00"),
];

/// `HH:MM`, after its sign and with the rest of the word filled up.
const OFFSET: (u64, u64) = sieve(*b"00:00\xff\xff\xff");
const OFFSET_END: u64 = 0xffff_ff00_0000_0000;
/// So many digits and an exponent of so many together stay below the greatest double, about 1.8e308.
const WHOLE_DIGITS_MAX: usize = 200;
const EXPONENT_DIGITS_MAX: usize = 2;

/// The separators of a pattern, and a mask of their positions.
const fn sieve(pattern: [u8; 8]) -> (u64, u64) {
    let word = u64::from_le_bytes(pattern);
    let (mut separators, mut mask, mut shift) = (0, 0, 0);
    while shift < 64 {
        let byte = (word >> shift) & 0xff;
        if byte != b'0' as u64 {
            separators |= byte << shift;
            mask |= 0xff << shift;
        }
        shift += 8;
    }
    (separators, mask)
}

impl<'a> Scan<'a, '_> {
    /// The position after the closing quote of the string whose text begins here.
    #[inline]
    pub(super) fn text(&mut self, mut at: usize) -> Step {
        loop {
            let word = word(self.body, at);
            let found = special(word);
            let bits = found.trailing_zeros() & !7;
            self.wide |= wide(word, bits);
            if found == 0 {
                at += 8;
                continue;
            }
            at += bits as usize / 8;
            match self.byte(at) {
                b'"' => return Ok(at + 1),
                b'\\' if is_simple_escape(self.byte(at + 1)) => at += 2,
                _ => return Err(Stop::Unsure),
            }
        }
    }

    /// As [`Scan::text`], with the text itself, which has no escape.
    #[inline]
    pub(super) fn plain(&mut self, start: usize) -> Result<(&'a [u8], usize), Stop> {
        let mut at = start;
        loop {
            let word = word(self.body, at);
            let found = special(word);
            let bits = found.trailing_zeros() & !7;
            self.wide |= wide(word, bits);
            at += bits as usize / 8;
            if found == 0 {
                continue;
            }
            return match (self.byte(at), self.body.get(start..at)) {
                (b'"', Some(text)) => Ok((text, at + 1)),
                _ => Err(Stop::Unsure),
            };
        }
    }

    /// Why a string is not of its format: it may be spelled with escapes.
    #[cold]
    fn broken(&mut self, at: usize) -> Stop {
        match self.plain(at) {
            Ok(_) => Stop::Fail,
            Err(stop) => stop,
        }
    }

    /// A decimal after its quote.
    #[inline]
    pub(super) fn decimal(&mut self, start: usize) -> Step {
        let whole = start + usize::from(self.byte(start) == b'-');
        let mut at = self.digits(whole);
        let leads = self.byte(whole) == b'0' && at > whole + 1;
        if at == whole || leads {
            return Err(self.broken(start));
        }
        if self.byte(at) == b'.' {
            let fraction = at + 1;
            at = self.digits(fraction);
            if at == fraction {
                return Err(self.broken(start));
            }
        }
        match self.byte(at) {
            b'"' => Ok(at + 1),
            _ => Err(self.broken(start)),
        }
    }

    #[inline]
    fn digits(&self, mut at: usize) -> usize {
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        at
    }

    /// A date and time after its quote: `YYYY-MM-DDTHH:MM:SS`, and up to nine digits of a fraction.
    #[inline]
    pub(super) fn naive_date_time(&mut self, start: usize) -> Step {
        if !self.is_on_the_calendar(start) {
            return Err(self.broken(start));
        }
        let mut at = start + 19;
        if self.byte(at) == b'.' {
            let end = self.digits(at + 1);
            if !(1..=9).contains(&(end - at - 1)) {
                return Err(self.broken(start));
            }
            at = end;
        }
        match self.byte(at) {
            b'"' => Ok(at + 1),
            _ => Err(self.broken(start)),
        }
    }

    #[inline]
    fn is_on_the_calendar(&self, at: usize) -> bool {
        let [date, middle, time] = SEPARATORS;
        let read = |at, (separators, mask)| pairs(word(self.body, at), separators, mask);
        let (Some(date), Some(middle), Some(time)) =
            (read(at, date), read(at + 8, middle), read(at + 11, time))
        else {
            return false;
        };
        let pair = |word: u64, at: u32| (word >> (8 * at)) & 0xff;
        let year = pair(date, 0) * 100 + pair(date, 2);
        let (month, day) = (pair(date, 5), pair(middle, 0));
        (1..=12).contains(&month)
            && day >= 1
            && (day <= 28 || day <= days(year, month))
            && pair(middle, 3) < 24
            && pair(middle, 6) < 60
            && pair(time, 6) < 60
    }

    /// A date and time with an offset (RFC 3339) after its quote. Rare spellings are left to the oracle's own check.
    #[inline]
    pub(super) fn date_time(&mut self, start: usize) -> Step {
        match self.usual_date_time(start) {
            Some(end) => Ok(end),
            None => self.unusual_date_time(start),
        }
    }

    #[inline]
    fn usual_date_time(&self, start: usize) -> Option<usize> {
        let mut at = start + 19;
        if !self.is_on_the_calendar(start) {
            return None;
        }
        if self.byte(at) == b'.' {
            let end = self.digits(at + 1);
            if !(1..=9).contains(&(end - at - 1)) {
                return None;
            }
            at = end;
        }
        if self.byte(at) == b'Z' {
            at += 1;
        } else {
            let (separators, mask) = OFFSET;
            let offset = pairs(word(self.body, at + 1) | OFFSET_END, separators, mask)?;
            let (hours, minutes) = (offset & 0xff, (offset >> 24) & 0xff);
            if !matches!(self.byte(at), b'+' | b'-') || hours > 23 || minutes > 59 {
                return None;
            }
            at += 6;
        }
        (self.byte(at) == b'"').then_some(at + 1)
    }

    #[cold]
    fn unusual_date_time(&mut self, start: usize) -> Step {
        let (text, end) = self.plain(start)?;
        let text = std::str::from_utf8(text).map_err(|_| Stop::Fail)?;
        if is_date_time(text) {
            Ok(end)
        } else {
            Err(Stop::Fail)
        }
    }

    /// A string after its quote, of so many characters. Only plain ASCII has as many characters as bytes.
    pub(super) fn sized(&mut self, start: usize, least: usize, greatest: usize) -> Step {
        let (text, end) = self.plain(start)?;
        if !text.is_ascii() {
            return Err(Stop::Unsure);
        }
        if (least..=greatest).contains(&text.len()) {
            Ok(end)
        } else {
            Err(Stop::Fail)
        }
    }

    /// A number that fits 64 bits of floating point.
    pub(super) fn number(&mut self, start: usize) -> Step {
        let negative = self.byte(start) == b'-';
        let first = start + usize::from(negative);
        let mut at = self.digits(first);
        if at == first {
            return Err(if negative { Stop::Unsure } else { Stop::Fail });
        }
        if (self.byte(first) == b'0' && at > first + 1) || at > first + WHOLE_DIGITS_MAX {
            return Err(Stop::Unsure);
        }
        if self.byte(at) == b'.' {
            let fraction = at + 1;
            at = self.digits(fraction);
            if at == fraction {
                return Err(Stop::Unsure);
            }
        }
        if matches!(self.byte(at), b'e' | b'E') {
            let exponent = at + 1 + usize::from(matches!(self.byte(at + 1), b'+' | b'-'));
            at = self.digits(exponent);
            if !(1..=EXPONENT_DIGITS_MAX).contains(&(at - exponent)) {
                return Err(Stop::Unsure);
            }
        }
        Ok(at)
    }

    /// A whole number between bounds.
    #[inline]
    pub(super) fn whole(&mut self, start: usize, least: i64, greatest: u64) -> Step {
        let negative = self.byte(start) == b'-';
        let first = start + usize::from(negative);
        let at = self.digits(first);
        let leads = self.byte(first) == b'0' && (negative || at > first + 1);
        if at == first && !negative {
            return Err(Stop::Fail);
        }
        if at == first || leads || at > first + 19 || matches!(self.byte(at), b'.' | b'e' | b'E') {
            return Err(Stop::Unsure);
        }
        let digits = self.body.get(first..at).unwrap_or_default();
        let size = digits
            .iter()
            .fold(0_u64, |size, digit| size * 10 + u64::from(digit - b'0'));
        if negative && size > i64::MIN.unsigned_abs() {
            return Err(Stop::Unsure);
        }
        let fits = if negative {
            size <= least.unsigned_abs() && least < 0
        } else {
            size <= greatest && (least <= 0 || size >= least.unsigned_abs())
        };
        if fits { Ok(at) } else { Err(Stop::Fail) }
    }
}

fn is_simple_escape(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')
}

fn days(year: u64, month: u64) -> u64 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
