//! Eight bytes at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;
/// Names up to this length, their closing quote included, are compared as words.
pub(super) const NAME_BYTES_MAX: usize = 24;

/// A name with its closing quote, as words that can be compared under a mask.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) text: Box<str>,
    words: [u64; 3],
    masks: [u64; 3],
}

impl Name {
    pub(super) fn new(text: &str) -> Self {
        let quoted: Vec<u8> = text.bytes().chain([b'"']).take(NAME_BYTES_MAX).collect();
        Self {
            text: text.into(),
            words: words(&quoted, 0),
            masks: words(&vec![u8::MAX; quoted.len()], 0),
        }
    }

    /// Whether these bytes begin with the name and its closing quote.
    #[inline]
    pub(super) fn begins(&self, [a, b, c]: [u64; 3], bytes: &[u8]) -> bool {
        let ([x, y, z], [k, l, m]) = (self.words, self.masks);
        let differs = ((a & k) ^ x) | ((b & l) ^ y) | ((c & m) ^ z);
        differs == 0 && (self.text.len() < NAME_BYTES_MAX || self.begins_long(bytes))
    }

    #[cold]
    fn begins_long(&self, bytes: &[u8]) -> bool {
        let rest = bytes.strip_prefix(self.text.as_bytes());
        rest.is_some_and(|rest| rest.first() == Some(&b'"'))
    }
}

/// The eight bytes at a position, zeros after the end.
#[inline]
pub(super) fn word(bytes: &[u8], at: usize) -> u64 {
    let whole = bytes
        .get(at..at + 8)
        .and_then(|eight| <[u8; 8]>::try_from(eight).ok());
    whole.map_or_else(|| padded(bytes, at), u64::from_le_bytes)
}

#[cold]
fn padded(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    let shifted = rest.iter().take(8).zip((0..).step_by(8));
    shifted.fold(0, |word, (byte, shift)| word | u64::from(*byte) << shift)
}

/// The words at a position, as many as a name has.
#[inline]
pub(super) fn words(bytes: &[u8], at: usize) -> [u64; 3] {
    [word(bytes, at), word(bytes, at + 8), word(bytes, at + 16)]
}

/// High bits of bytes that equal this one; exact up to the first.
#[inline]
pub(super) fn equal(word: u64, byte: u8) -> u64 {
    let zero = word ^ (ONES * u64::from(byte));
    zero.wrapping_sub(ONES) & !zero & HIGHS
}

/// High bits of the bytes that a string cannot hold unescaped: quotes, backslashes, controls. Exact up to the
/// first.
#[inline]
pub(super) fn special(word: u64) -> u64 {
    let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
    control | equal(word, b'"') | equal(word, b'\\')
}

/// High bits of bytes that are not ASCII, before this bit.
#[inline]
pub(super) fn wide(word: u64, before_bits: u32) -> u64 {
    let mask = 1_u64
        .checked_shl(before_bits)
        .map_or(u64::MAX, |bit| bit - 1);
    word & HIGHS & mask
}

/// Pairs of digits between separators: byte `k` of the result is the number that begins at byte `k`. `None` where
/// a digit or a separator is another character.
#[inline]
pub(super) fn pairs(word: u64, separators: u64, mask: u64) -> Option<u64> {
    let digits = (word & !mask) | ((ONES * 0x30) & mask);
    let is_digits = |word: u64| word & (ONES * 0xf0) == ONES * 0x30;
    let fits = word & mask == separators
        && is_digits(digits)
        && is_digits(digits.wrapping_add(ONES * 0x06));
    let values = digits & (ONES * 0x0f);
    fits.then(|| values.wrapping_mul(10).wrapping_add(values >> 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_with_its_closing_quote_only() {
        for text in [
            "id",
            "symbol12",
            "executedQuoteQuantity",
            "aNameThatIsLongerThanThreeWords",
        ] {
            let name = Name::new(text);
            let after = |rest: &str| {
                let bytes = format!("{text}{rest}").into_bytes();
                name.begins(words(&bytes, 0), &bytes)
            };
            assert!(after("\":1") && after("\""));
            assert!(!after("") && !after("x\":1"));
            assert!(!name.begins(words(b"other\":1", 0), b"other\":1"));
        }
    }

    #[test]
    fn the_first_special_byte_is_found_at_any_place() {
        for at in 0..8_usize {
            for byte in [b'"', b'\\', 0x1f, 0] {
                let mut bytes = *b"abcdefgh";
                bytes[at] = byte;
                let found = special(u64::from_le_bytes(bytes)).trailing_zeros() / 8;
                assert_eq!(found as usize, at);
            }
        }
        assert_eq!(special(u64::from_le_bytes(*b"abc\xff\x7f !~")), 0);
        assert_eq!(wide(u64::from_le_bytes(*b"ab\xffdefgh"), 16), 0);
        assert_ne!(wide(u64::from_le_bytes(*b"ab\xffdefgh"), 24), 0);
    }
}
