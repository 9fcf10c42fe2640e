//! The quick way through a body as clients write it: compact, printable ASCII, no escapes.
//!
//! Everything else, and everything that is to be refused, gives `None` and takes the thorough way in `body`, which
//! comes to the same text. That the two agree is tested. What is measured here are nanoseconds: a batch of twenty
//! orders has some two hundred fields, and a signature takes about ten microseconds.

use crate::fields::{INSTRUCTION, is_reserved};

/// A key and the text of its value; `None` is null.
type Pair<'a> = (&'a [u8], Option<&'a [u8]>);

/// How many fields an order has room for before memory is asked for again.
const FIELDS_USUAL: usize = 32;

/// Instruction and fields of the one object.
pub(crate) fn object(instruction: &str, body: &[u8]) -> Option<String> {
    let mut scanner = Scanner::new(body)?;
    let mut text = Text::for_bytes(body.len());
    scanner.object(
        &mut text,
        instruction,
        &mut Vec::with_capacity(FIELDS_USUAL),
    )?;
    scanner.rest.is_empty().then(|| text.finish()).flatten()
}

/// Instruction and fields of each object of the array.
pub(crate) fn batch(instruction: &str, body: &[u8]) -> Option<String> {
    let mut scanner = Scanner::new(body)?;
    let mut text = Text::for_bytes(body.len());
    let mut pairs = Vec::with_capacity(FIELDS_USUAL);
    scanner.expect(b'[')?;
    loop {
        scanner.object(&mut text, instruction, &mut pairs)?;
        match scanner.next()? {
            b',' => text.put(b"&")?,
            b']' => return scanner.rest.is_empty().then(|| text.finish()).flatten(),
            _ => return None,
        }
    }
}

/// What is left of a text without escapes, in which a quote therefore always begins or ends a string.
struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    fn new(rest: &'a [u8]) -> Option<Self> {
        // Without a branch per byte, so that the compiler can look at many bytes at a time.
        let is_plain = rest.iter().fold(true, |all, byte| all & is_plain(*byte));
        is_plain.then_some(Self { rest })
    }

    /// Reads `{"key":scalar,...}` and writes what is signed of it. `pairs` are those of the order before, if any.
    fn object(
        &mut self,
        text: &mut Text,
        instruction: &str,
        pairs: &mut Vec<Pair<'a>>,
    ) -> Option<()> {
        let is_alike = self.pairs(pairs)?;
        if !is_alike {
            sort(pairs)?;
        }
        text.put(INSTRUCTION.as_bytes())?;
        text.put(instruction.as_bytes())?;
        for (key, value) in pairs {
            if let Some(value) = value {
                text.put_pair(key, value)?;
            }
        }
        Some(())
    }

    /// Replaces the pairs by those that follow. Tells whether the keys have stayed the same, which the orders of a
    /// batch mostly do; then they need neither be searched for nor sorted. Fewer of them are as sorted as all.
    fn pairs(&mut self, pairs: &mut Vec<Pair<'a>>) -> Option<bool> {
        let mut count = 0;
        let mut is_alike = true;
        self.expect(b'{')?;
        if self.rest.first() == Some(&b'}') {
            pairs.clear();
            return self.expect(b'}').map(|()| false);
        }
        loop {
            self.expect(b'"')?;
            let key = match pairs.get(count) {
                Some((before, _)) if self.takes(before) => before,
                _ => {
                    is_alike = false;
                    self.key()?
                }
            };
            self.expect(b':')?;
            let pair = (key, self.scalar()?);
            match pairs.get_mut(count) {
                Some(before) => *before = pair,
                None => pairs.push(pair),
            }
            count += 1;
            match self.next()? {
                b',' => {}
                b'}' => break,
                _ => return None,
            }
        }
        pairs.truncate(count);
        Some(is_alike)
    }

    /// Reads this key and its closing quote, if they are next.
    fn takes(&mut self, key: &[u8]) -> bool {
        let rest = self.rest.strip_prefix(key);
        let rest = rest.and_then(|rest| rest.strip_prefix(b"\""));
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn key(&mut self) -> Option<&'a [u8]> {
        let key = self.string()?;
        (!key.is_empty() && !is_reserved(key)).then_some(key)
    }

    fn scalar(&mut self) -> Option<Option<&'a [u8]>> {
        if self.rest.first() == Some(&b'"') {
            self.expect(b'"')?;
            return self.string().map(Some);
        }
        match self.until(|byte| matches!(byte, b',' | b'}'))? {
            b"null" => Some(None),
            word => (matches!(word, b"true" | b"false") || is_number(word)).then_some(Some(word)),
        }
    }

    /// The rest of a string whose opening quote has been read.
    fn string(&mut self) -> Option<&'a [u8]> {
        let text = self.until(|byte| byte == b'"')?;
        self.expect(b'"')?;
        Some(text)
    }

    /// What stands before the first such byte. The texts are too short for a search in wider steps to pay.
    fn until(&mut self, is_end: impl Fn(u8) -> bool) -> Option<&'a [u8]> {
        let end = self.rest.iter().position(|byte| is_end(*byte))?;
        let (text, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        Some(text)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }
}

/// Printable ASCII that needs no escape in JSON and has no meaning in a signing string.
fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) & (byte != b'\\') & (byte != b'&') & (byte != b'=')
}

/// A JSON number without an exponent.
fn is_number(word: &[u8]) -> bool {
    let unsigned = word.strip_prefix(b"-").unwrap_or(word);
    let whole = unsigned.iter().take_while(|b| b.is_ascii_digit()).count();
    let has_leading_zero = whole > 1 && unsigned.first() == Some(&b'0');
    let is_fraction = |rest: &[u8]| match rest.split_first() {
        None => true,
        Some((point, digits)) => {
            *point == b'.' && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
        }
    };
    whole > 0 && !has_leading_zero && unsigned.get(whole..).is_some_and(is_fraction)
}

/// Sorts by key; `None` if a key stands twice. Most bodies arrive sorted, and most keys differ in the first letter.
fn sort(pairs: &mut [Pair<'_>]) -> Option<()> {
    let is_before = |a: &Pair<'_>, b: &Pair<'_>| a.0.first() < b.0.first() || a.0 < b.0;
    if pairs.is_sorted_by(is_before) {
        return Some(());
    }
    pairs.sort_unstable_by_key(|(key, _)| *key);
    pairs.is_sorted_by(is_before).then_some(())
}

/// A text under construction: zeroes from `end` on.
struct Text {
    bytes: Vec<u8>,
    end: usize,
}

impl Text {
    /// Room for a body of this length, some orders' instructions, and what follows.
    fn for_bytes(bytes: usize) -> Self {
        let bytes = vec![0; bytes + bytes / 4 + 128];
        Self { bytes, end: 0 }
    }

    fn put(&mut self, piece: &[u8]) -> Option<()> {
        copy(self.room(piece.len())?, piece);
        Some(())
    }

    /// Appends `&key=value`.
    fn put_pair(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
        let to = self.room(1 + key.len() + 1 + value.len())?;
        let (ampersand, to) = to.split_first_mut()?;
        let (key_to, to) = to.split_at_mut_checked(key.len())?;
        let (equals, value_to) = to.split_first_mut()?;
        *ampersand = b'&';
        copy(key_to, key);
        *equals = b'=';
        copy(value_to, value);
        Some(())
    }

    /// The next so many bytes.
    fn room(&mut self, bytes: usize) -> Option<&mut [u8]> {
        let start = self.end;
        self.end += bytes;
        if self.end > self.bytes.len() {
            self.bytes.resize(2 * self.end, 0);
        }
        self.bytes.get_mut(start..self.end)
    }

    fn finish(mut self) -> Option<String> {
        self.bytes.truncate(self.end);
        String::from_utf8(self.bytes).ok()
    }
}

/// Copies between slices of the same length. Most are short, for which two words that overlap are cheaper than a call.
fn copy(to: &mut [u8], from: &[u8]) {
    overlapped::<8>(to, from)
        .or_else(|| overlapped::<4>(to, from))
        .unwrap_or_else(|| to.copy_from_slice(from));
}

/// Copies `N` to `2 * N` bytes as the first and the last `N` of them.
#[inline]
fn overlapped<const N: usize>(to: &mut [u8], from: &[u8]) -> Option<()> {
    if from.len() > 2 * N {
        return None;
    }
    *to.first_chunk_mut::<N>()? = *from.first_chunk::<N>()?;
    *to.last_chunk_mut::<N>()? = *from.last_chunk::<N>()?;
    Some(())
}
