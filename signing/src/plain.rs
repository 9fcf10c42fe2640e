//! The quick way through a body as clients write it: compact, printable ASCII, no escapes.
//!
//! Everything else, and everything that is to be refused, gives `None` and takes the thorough way in `body`, which
//! comes to the same fields. That the two agree is tested.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use crate::error::Place;
use crate::explain::Rule;
use crate::fields::{Field, Runs, is_reserved};

pub(crate) fn object(body: &[u8]) -> Option<Runs<'_>> {
    let mut scanner = Scanner::new(body)?;
    let mut runs = Runs::for_bytes(body.len());
    scanner.object(&mut runs, Place::Body)?;
    scanner.rest.is_empty().then_some(runs)
}

pub(crate) fn batch(body: &[u8]) -> Option<Runs<'_>> {
    let mut scanner = Scanner::new(body)?;
    let mut runs = Runs::for_bytes(body.len());
    scanner.expect(b'[')?;
    loop {
        let place = Place::BatchOrder(runs.len());
        scanner.object(&mut runs, place)?;
        match scanner.next()? {
            b',' => {}
            b']' => return scanner.rest.is_empty().then_some(runs),
            _ => return None,
        }
    }
}

/// What is left of a text without escapes, in which a quote therefore always begins or ends a string.
struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    fn new(body: &'a [u8]) -> Option<Self> {
        // Without a branch per byte, so that the compiler can look at many bytes at a time.
        let is_plain = body.iter().fold(true, |all, byte| all & is_plain(*byte));
        let rest = str::from_utf8(body).ok()?;
        is_plain.then_some(Self { rest })
    }

    /// Reads `{"key":scalar,...}` and ends the run.
    fn object(&mut self, runs: &mut Runs<'a>, place: Place) -> Option<()> {
        self.expect(b'{')?;
        if self.rest.starts_with('}') {
            self.expect(b'}')?;
        } else {
            loop {
                runs.push(self.field()?);
                match self.next()? {
                    b',' => {}
                    b'}' => break,
                    _ => return None,
                }
            }
        }
        runs.end_object(place).ok()
    }

    fn field(&mut self) -> Option<Field<'a>> {
        self.expect(b'"')?;
        let key = self.string()?;
        if key.is_empty() || is_reserved(key) {
            return None;
        }
        self.expect(b':')?;
        let (value, rule) = self.scalar()?;
        Some(Field {
            key: Cow::Borrowed(key),
            value: Cow::Borrowed(value),
            rule,
        })
    }

    fn scalar(&mut self) -> Option<(&'a str, Rule)> {
        if self.rest.starts_with('"') {
            self.expect(b'"')?;
            return Some((self.string()?, Rule::TextField));
        }
        let end = memchr2(b',', b'}', self.rest.as_bytes())?;
        let (text, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        match text {
            "true" | "false" => Some((text, Rule::BooleanField)),
            "null" => Some(("", Rule::NullField)),
            _ => is_number(text).then_some((text, Rule::NumberField)),
        }
    }

    /// The rest of a string whose opening quote has been read.
    fn string(&mut self) -> Option<&'a str> {
        let end = memchr(b'"', self.rest.as_bytes())?;
        let (text, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest.get(1..)?;
        Some(text)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    fn next(&mut self) -> Option<u8> {
        let first = *self.rest.as_bytes().first()?;
        self.rest = self.rest.get(1..)?;
        Some(first)
    }
}

/// Printable ASCII that needs no escape in JSON and has no meaning in a signing string.
fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) & (byte != b'\\') & (byte != b'&') & (byte != b'=')
}

/// A JSON number without an exponent.
fn is_number(text: &str) -> bool {
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, has_fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, are_digits(fraction)),
        None => (unsigned, true),
    };
    has_fraction && are_digits(whole) && (whole == "0" || !whole.starts_with('0'))
}
