//! The canonical signing string.

use std::borrow::Cow;
use std::fmt;

use crate::explain::{Part, Rule};
use crate::fields::{Field, INSTRUCTION, Runs};
use crate::{Payload, SignedOperation, SigningError, WINDOW_MS_MAX, body, plain, query};

/// Instruction, timestamp and window with their names.
const TAIL_BYTES_USUAL: usize = 96;

/// The canonical string a signature is made of.
///
/// `instruction=<I>[&k=v ...]&timestamp=<ms>&window=<ms>`, keys sorted bytewise, values decoded and otherwise exactly
/// as sent; in a batch, instruction and fields repeat for each order. `Debug` shows the instruction and the length only.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningString {
    text: String,
    instruction: Cow<'static, str>,
}

impl SigningString {
    /// Builds the string from what goes out: the raw query as it stands in the URL and the final bytes of the body.
    /// `timestamp_ms` is Unix time, `window_ms` how long after it the request stays valid. An empty query or body
    /// counts as none.
    ///
    /// # Errors
    /// Refuses what cannot be signed without doubt: query and body on the wrong operation, a body that is not flat
    /// JSON, duplicate, empty or reserved keys, exponents, forbidden characters, an empty batch, text that is not
    /// UTF-8, a window outside 1..=60000, a time before 1970.
    pub fn new(
        operation: &SignedOperation,
        query: Option<&str>,
        body: Option<&[u8]>,
        timestamp_ms: i64,
        window_ms: u64,
    ) -> Result<Self, SigningError> {
        let input = Input::new(operation, query, body, timestamp_ms, window_ms)?;
        let mut text = match input.plain(&operation.instruction) {
            Some(text) => text,
            None => input.thorough(&operation.instruction)?,
        };
        text.push_str("&timestamp=");
        text.push_str(itoa::Buffer::new().format(timestamp_ms));
        text.push_str("&window=");
        text.push_str(itoa::Buffer::new().format(window_ms));
        Ok(Self {
            text,
            instruction: operation.instruction.clone(),
        })
    }

    /// The parts [`SigningString::new`] joins with `&`, each with the rule that made it, and the fields that are left
    /// out, with the reason.
    ///
    /// # Errors
    /// As [`SigningString::new`].
    pub fn explain(
        operation: &SignedOperation,
        query: Option<&str>,
        body: Option<&[u8]>,
        timestamp_ms: i64,
        window_ms: u64,
    ) -> Result<Vec<Part>, SigningError> {
        let runs = Input::new(operation, query, body, timestamp_ms, window_ms)?.runs()?;
        let rule = match operation.payload {
            Payload::Batch => Rule::BatchInstruction,
            Payload::Query | Payload::Object => Rule::Instruction,
        };
        let mut parts = Vec::new();
        for run in runs.iter() {
            let instruction = format!("{INSTRUCTION}{}", operation.instruction);
            parts.push(Part::new(instruction, rule));
            parts.extend(run.iter().map(part));
        }
        let timestamp = format!("timestamp={timestamp_ms}");
        parts.push(Part::new(timestamp, Rule::Timestamp));
        parts.push(Part::new(format!("window={window_ms}"), Rule::Window));
        Ok(parts)
    }

    /// The string as it is signed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for SigningString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningString")
            .field("instruction", &self.instruction)
            .field("bytes", &self.text.len())
            .finish()
    }
}

/// Refuses a window the venue would refuse.
pub(crate) fn check_window(window_ms: u64) -> Result<(), SigningError> {
    if (1..=WINDOW_MS_MAX).contains(&window_ms) {
        Ok(())
    } else {
        Err(SigningError::WindowOutOfRange { window_ms })
    }
}

/// Where the pairs come from, once it is clear that there is only one such place.
enum Input<'a> {
    Query(&'a str),
    Object(&'a [u8]),
    Batch(&'a [u8]),
}

impl<'a> Input<'a> {
    /// Checks all but the pairs. An empty query or body counts as none.
    fn new(
        operation: &SignedOperation,
        query: Option<&'a str>,
        body: Option<&'a [u8]>,
        timestamp_ms: i64,
        window_ms: u64,
    ) -> Result<Self, SigningError> {
        check_window(window_ms)?;
        if timestamp_ms < 0 {
            return Err(SigningError::NegativeTimestamp { timestamp_ms });
        }
        let query = query.filter(|query| !query.is_empty());
        let body = body.filter(|body| !body.is_empty());
        Ok(match operation.payload {
            Payload::Query => Self::Query(query_only(operation, query, body)?.unwrap_or_default()),
            Payload::Object => Self::Object(body_only(operation, query, body)?),
            Payload::Batch => Self::Batch(body_only(operation, query, body)?),
        })
    }

    /// Instruction and pairs, if the quick way leads to them.
    fn plain(&self, instruction: &str) -> Option<String> {
        match self {
            Self::Query(_) => None,
            Self::Object(body) => plain::object(instruction, body),
            Self::Batch(body) => plain::batch(instruction, body),
        }
    }

    /// Instruction and pairs, or what is wrong with them.
    fn thorough(&self, instruction: &str) -> Result<String, SigningError> {
        let runs = self.runs()?;
        let mut text = String::with_capacity(self.bytes() + TAIL_BYTES_USUAL);
        for run in runs.iter() {
            if !text.is_empty() {
                text.push('&');
            }
            text.push_str(INSTRUCTION);
            text.push_str(instruction);
            for field in run.iter().filter(|field| field.rule.is_signed()) {
                text.push('&');
                text.push_str(&field.key);
                text.push('=');
                text.push_str(&field.value);
            }
        }
        Ok(text)
    }

    fn runs(&self) -> Result<Runs<'a>, SigningError> {
        match *self {
            Self::Query(query) => query::runs(query),
            Self::Object(body) => body::object(body),
            Self::Batch(body) => body::batch(body),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Query(query) => query.len(),
            Self::Object(body) | Self::Batch(body) => body.len(),
        }
    }
}

fn part(Field { key, value, rule }: &Field<'_>) -> Part {
    let text = if rule.is_signed() {
        format!("{key}={value}")
    } else {
        key.to_string()
    };
    Part::new(text, *rule)
}

fn query_only<'a>(
    operation: &SignedOperation,
    query: Option<&'a str>,
    body: Option<&[u8]>,
) -> Result<Option<&'a str>, SigningError> {
    match body {
        Some(_) => Err(SigningError::UnexpectedBody {
            operation: operation.id.clone(),
        }),
        None => Ok(query),
    }
}

fn body_only<'a>(
    operation: &SignedOperation,
    query: Option<&str>,
    body: Option<&'a [u8]>,
) -> Result<&'a [u8], SigningError> {
    match query {
        Some(_) => Err(SigningError::UnexpectedQuery {
            operation: operation.id.clone(),
        }),
        None => body.ok_or(SigningError::MissingBody {
            operation: operation.id.clone(),
        }),
    }
}
