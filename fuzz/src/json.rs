//! JSON objects without nesting, read one character at a time.
#![allow(
    clippy::missing_panics_doc,
    unreachable_pub,
    reason = "shared with a test of bpx-signing, where it is no public item"
)]

/// The fields of an object in their order; `None` is null.
pub type Object = Vec<(String, Option<String>)>;

/// Reads from a text, from its start.
#[derive(Debug)]
pub struct Reader {
    left: Vec<char>,
}

impl Reader {
    /// Starts at the beginning of the text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            left: text.chars().rev().collect(),
        }
    }

    /// One object and nothing after it.
    pub fn only_object(mut self) -> Option<Object> {
        let object = self.object()?;
        self.is_at_end().then_some(object)
    }

    /// An array of objects and nothing after it.
    pub fn only_objects(mut self) -> Option<Vec<Object>> {
        self.take('[')?;
        let mut objects = vec![self.object()?];
        while self.take(',').is_some() {
            objects.push(self.object()?);
        }
        self.take(']')?;
        self.is_at_end().then_some(objects)
    }

    fn object(&mut self) -> Option<Object> {
        let mut fields = Vec::new();
        self.take('{')?;
        if self.take('}').is_some() {
            return Some(fields);
        }
        loop {
            self.take('"')?;
            let key = self.text()?;
            self.take(':')?;
            fields.push((key, self.scalar()?));
            if self.take('}').is_some() {
                return Some(fields);
            }
            self.take(',')?;
        }
    }

    fn scalar(&mut self) -> Option<Option<String>> {
        if self.take('"').is_some() {
            return self.text().map(Some);
        }
        let mut word = String::new();
        while let Some(&next) = self.left.last() {
            if !(next.is_ascii_alphanumeric() || "+-.".contains(next)) {
                break;
            }
            word.push(next);
            self.left.pop();
        }
        match word.as_str() {
            "null" => Some(None),
            "true" | "false" => Some(Some(word)),
            _ => is_plain_number(&word).then_some(Some(word)),
        }
    }

    fn text(&mut self) -> Option<String> {
        let mut units = Vec::new();
        loop {
            match self.left.pop()? {
                '"' => return String::from_utf16(&units).ok(),
                '\\' => units.push(self.escape()?),
                '\0'..='\u{1f}' => return None,
                plain => units.extend_from_slice(plain.encode_utf16(&mut [0; 2])),
            }
        }
    }

    fn escape(&mut self) -> Option<u16> {
        let short = match self.left.pop()? {
            'u' => {
                let digits: Option<String> = (0..4).map(|_| self.left.pop()).collect();
                let digits = digits.filter(|text| text.chars().all(|c| c.is_ascii_hexdigit()))?;
                return u16::from_str_radix(&digits, 16).ok();
            }
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            same @ ('"' | '\\' | '/') => same,
            _ => return None,
        };
        u16::try_from(u32::from(short)).ok()
    }

    /// The next character that is not white space, if it is this one.
    fn take(&mut self, expected: char) -> Option<()> {
        self.skip_space();
        (self.left.last() == Some(&expected)).then(|| {
            self.left.pop();
        })
    }

    fn is_at_end(&mut self) -> bool {
        self.skip_space();
        self.left.is_empty()
    }

    fn skip_space(&mut self) {
        while matches!(self.left.last(), Some(' ' | '\t' | '\r' | '\n')) {
            self.left.pop();
        }
    }
}

/// Digits, perhaps with a sign and a point, as JSON writes them.
fn is_plain_number(word: &str) -> bool {
    let mut parts = word.strip_prefix('-').unwrap_or(word).split('.');
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let whole = parts.next().unwrap_or_default();
    let has_leading_zero = whole.len() > 1 && whole.starts_with('0');
    digits(whole) && !has_leading_zero && parts.next().is_none_or(digits) && parts.next().is_none()
}
