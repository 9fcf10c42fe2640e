//! The canonical signing string.

use std::fmt;

use crate::explain::{Part, Rule};
use crate::fields::{self, Field};
use crate::{Payload, SignedOperation, SigningError, WINDOW_MS_MAX};

/// The canonical string a signature is made of.
///
/// `instruction=<I>[&k=v ...]&timestamp=<ms>&window=<ms>`, keys sorted bytewise, values decoded and otherwise exactly
/// as sent; in a batch, instruction and fields repeat for each order. `Debug` shows the instruction and the length only.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningString {
    text: String,
    instruction: &'static str,
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
        let parts = Self::explain(operation, query, body, timestamp_ms, window_ms)?;
        let signed: Vec<&str> = parts
            .iter()
            .filter(|part| part.rule.is_signed())
            .map(|part| part.text.as_str())
            .collect();
        Ok(Self {
            text: signed.join("&"),
            instruction: operation.instruction,
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
        check_window(window_ms)?;
        if timestamp_ms < 0 {
            return Err(SigningError::NegativeTimestamp { timestamp_ms });
        }
        let query = query.filter(|query| !query.is_empty());
        let body = body.filter(|body| !body.is_empty());
        let mut parts = payload_parts(operation, query, body)?;
        parts.push(Part::new(
            format!("timestamp={timestamp_ms}"),
            Rule::Timestamp,
        ));
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

fn payload_parts(
    operation: &SignedOperation,
    query: Option<&str>,
    body: Option<&[u8]>,
) -> Result<Vec<Part>, SigningError> {
    let instruction = |rule| Part::new(format!("instruction={}", operation.instruction), rule);
    let fields = match operation.payload {
        Payload::Query => {
            query_only(operation, query, body)?.map_or(Ok(Vec::new()), fields::of_query)?
        }
        Payload::Object => fields::of_object(body_only(operation, query, body)?)?,
        Payload::Batch => {
            let orders = fields::of_batch(body_only(operation, query, body)?)?;
            let parts_of = |order| {
                [instruction(Rule::BatchInstruction)]
                    .into_iter()
                    .chain(parts(order))
            };
            return Ok(orders.into_iter().flat_map(parts_of).collect());
        }
    };
    Ok([instruction(Rule::Instruction)]
        .into_iter()
        .chain(parts(fields))
        .collect())
}

fn parts(fields: Vec<Field>) -> impl Iterator<Item = Part> {
    fields.into_iter().map(|Field { key, value, rule }| {
        let text = if rule.is_signed() {
            format!("{key}={value}")
        } else {
            key
        };
        Part::new(text, rule)
    })
}

fn query_only<'a>(
    operation: &SignedOperation,
    query: Option<&'a str>,
    body: Option<&[u8]>,
) -> Result<Option<&'a str>, SigningError> {
    match body {
        Some(_) => Err(SigningError::UnexpectedBody {
            operation: operation.id,
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
            operation: operation.id,
        }),
        None => body.ok_or(SigningError::MissingBody {
            operation: operation.id,
        }),
    }
}
