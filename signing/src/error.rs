//! The one error of this crate. A message is "problem; fix" and never repeats a value that was to be signed.

use std::borrow::Cow;
use std::fmt;

/// The longest piece of a caller's field name that a message repeats, in characters.
const SHOWN_CHARS_MAX: usize = 40;

/// Why something was not signed, or a key or signature not accepted.
///
/// Each message gives the problem and, after a semicolon, what to do. Field names appear, shortened; values, seeds and
/// signatures never do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The operation is not in the signer's table.
    #[error(
        "{method} {path} is not a signed operation of this client; check both, or add it to the contract and regenerate"
    )]
    UnknownOperation {
        /// Method that was asked for.
        method: String,
        /// Path that was asked for.
        path: String,
    },
    /// The request's method or path is not the operation's.
    #[error(
        "the request is not {operation}, which is {method} {path}; pass the operation that belongs to the request"
    )]
    OperationMismatch {
        /// Operation the caller named.
        operation: Cow<'static, str>,
        /// Its method.
        method: Cow<'static, str>,
        /// Its path.
        path: Cow<'static, str>,
    },
    /// The request carries a signature header already.
    #[error(
        "the header {name} is already set; leave signing headers to the signer, and sign a fresh copy of the request for each attempt"
    )]
    PresetHeader {
        /// The header, in lower case.
        name: &'static str,
    },
    /// The body is a stream, so the bytes that go out cannot be signed.
    #[error(
        "the body is a stream and cannot be read before it is sent; build the request from bytes"
    )]
    StreamingBody,
    /// The operation signs its body and there is none.
    #[error("{operation} needs a JSON body and has none; send its parameters as a JSON body")]
    MissingBody {
        /// Operation that was to be signed.
        operation: Cow<'static, str>,
    },
    /// The operation signs its query, and there is a body.
    #[error(
        "{operation} takes its parameters from the query, but the request has a body; move them to the query"
    )]
    UnexpectedBody {
        /// Operation that was to be signed.
        operation: Cow<'static, str>,
    },
    /// The operation signs its body, and there is a query.
    #[error(
        "{operation} takes its parameters from the body, but the request has a query; move them to the body"
    )]
    UnexpectedQuery {
        /// Operation that was to be signed.
        operation: Cow<'static, str>,
    },
    /// The body is not JSON.
    #[error("the body is not JSON (line {line}, column {column}); send valid JSON")]
    NotJson {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
    },
    /// The body is JSON of another shape than the operation's.
    #[error("the body is not {expected} (line {line}, column {column}); send {expected}")]
    WrongShape {
        /// The shape the operation signs.
        expected: &'static str,
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
    },
    /// A batch without orders has no signing string.
    #[error("the batch is empty; put at least one order into it")]
    EmptyBatch,
    /// A field holds an object or an array.
    #[error(
        "{place}: the field {key:?} holds an object or an array; only text, numbers, true, false and null can be signed"
    )]
    NestedValue {
        /// Where it stands.
        place: Place,
        /// Name of the field, shortened.
        key: String,
    },
    /// A number is written with an exponent.
    #[error("{place}: the number in {key:?} has an exponent; write it out in digits")]
    ExponentNumber {
        /// Where it stands.
        place: Place,
        /// Name of the field, shortened.
        key: String,
    },
    /// A body holds the same field twice.
    #[error("{place}: the field {key:?} stands twice; send it once")]
    DuplicateKey {
        /// Where it stands.
        place: Place,
        /// Name of the field, shortened.
        key: String,
    },
    /// A parameter has no name.
    #[error("{place}: a parameter has no name; name it or leave it out")]
    EmptyKey {
        /// Where it stands.
        place: Place,
    },
    /// A parameter is called like one of the signing string's own parts.
    #[error(
        "{place}: {key:?} belongs to the signing string itself; rename or leave out the parameter"
    )]
    ReservedKey {
        /// Where it stands.
        place: Place,
        /// Name of the field.
        key: String,
    },
    /// A name or value could be read as more than one pair of the signing string.
    #[error(
        "{place}: the parameter {key:?} holds '&' or a control character, or '=' in its name; remove it"
    )]
    ForbiddenCharacter {
        /// Where it stands.
        place: Place,
        /// Name of the field, shortened.
        key: String,
    },
    /// A text is not Unicode.
    #[error("{place}: the text is not valid UTF-8; send UTF-8")]
    NotUtf8 {
        /// Where it stands.
        place: Place,
    },
    /// A `%` in a query is not followed by two hexadecimal digits.
    #[error(
        "{place}: a '%' is not followed by two hexadecimal digits; write a percent sign as %25"
    )]
    MalformedPercent {
        /// Where it stands.
        place: Place,
    },
    /// A query holds a character that does not reach the server as it stands: a `#` ends the URL there, a space is
    /// cut off or rewritten, a `;` ends the pair for some servers.
    #[error(
        "query: {character:?} is not percent-encoded and might not arrive as it stands; write it as %{:02X}",
        u32::from(*.character)
    )]
    UnencodedCharacter {
        /// The character.
        character: char,
    },
    /// The URL has a fragment.
    #[error("the URL has a fragment, which is never sent; write a '#' inside a value as %23")]
    Fragment,
    /// The request would go over the network in plain text.
    #[error(
        "the request to {host:?} is not https and could be read on the way; use https, or a loopback address for http"
    )]
    PlainText {
        /// The host, shortened.
        host: String,
    },
    /// The base URL of a middleware cannot be used.
    #[error("the base URL cannot be used ({reason}); write it like https://api.backpack.exchange")]
    InvalidBaseUrl {
        /// Why.
        reason: String,
    },
    /// The request goes elsewhere than the base URL says.
    #[error(
        "the request to {origin} is not below {base_url}; send it there, or make another middleware for the other place"
    )]
    ForeignOrigin {
        /// Where it goes, shortened.
        origin: String,
        /// Where it should go.
        base_url: String,
    },
    /// The HTTP client followed a redirect, which may have carried the signature elsewhere. The request **was** sent.
    #[error(
        "the HTTP client followed a redirect to {origin} with a signed request; turn redirects off and ask the exchange what became of it"
    )]
    RedirectFollowed {
        /// Where the answer came from.
        origin: String,
    },
    /// The window is outside what the venue accepts.
    #[error("the window of {window_ms} ms is outside 1..=60000; choose one inside (5000 is usual)")]
    WindowOutOfRange {
        /// The refused window, in milliseconds.
        window_ms: u64,
    },
    /// The timestamp is before 1970.
    #[error("the timestamp {timestamp_ms} ms is before 1970; set the clock")]
    NegativeTimestamp {
        /// The refused time, in Unix milliseconds.
        timestamp_ms: i64,
    },
    /// A key or signature is not standard padded base64.
    #[error(
        "the {what} is not standard base64; use the alphabet with '+' and '/', keep the padding, remove spaces and line ends"
    )]
    NotBase64 {
        /// Which text it is: `seed`, `public key` or `signature`.
        what: &'static str,
    },
    /// A key or signature has the wrong length.
    #[error("the {what} has the wrong length; it must encode {expected} bytes")]
    WrongLength {
        /// Which text it is: `seed`, `public key` or `signature`.
        what: &'static str,
        /// The lengths that are accepted.
        expected: &'static str,
    },
    /// A public key is not a point of the curve.
    #[error(
        "the public key is not an Ed25519 key; copy it again, or leave it out where it follows from the seed"
    )]
    InvalidPublicKey,
    /// The public key does not belong to the seed.
    #[error(
        "the public key does not belong to the seed; use the pair as it was issued, or leave the public key out"
    )]
    PublicKeyMismatch,
    /// The signature is not that key's signature of that string.
    #[error(
        "the signature does not fit the key and the signing string; compare the two strings part by part"
    )]
    SignatureMismatch,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes for a key; check its entropy source")]
    Entropy(#[source] getrandom::Error),
    /// A header value could not be made.
    #[error("a signing header could not be set; report this with the name of the operation")]
    HeaderValue(#[source] reqwest::header::InvalidHeaderValue),
}

/// Where in a request a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In the URL's query.
    Query,
    /// In the JSON body.
    Body,
    /// In this order of a batch, counted from 0.
    BatchOrder(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Query => f.write_str("query"),
            Self::Body => f.write_str("body"),
            Self::BatchOrder(index) => write!(f, "body, /{index}"),
        }
    }
}

/// A field name short enough for a message.
pub(crate) fn shown(key: &str) -> String {
    match key.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}...", key.get(..end).unwrap_or_default()),
        None => key.to_owned(),
    }
}
