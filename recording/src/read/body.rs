//! Bodies as bytes, from the text or base64 in which recordings write them.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Fault, FaultKind};

/// The bytes of a body that is written as text.
pub(super) fn into_bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// The bytes of a body that is written in standard base64.
pub(super) fn decoded(base64: &str) -> Result<Vec<u8>, Fault> {
    let bytes = STANDARD.decode(base64.trim());
    bytes.map_err(|_| Fault::new(FaultKind::Invalid, "a body is not standard base64"))
}
