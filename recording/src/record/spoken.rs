//! Messages of streams on their way into a recording.

use std::borrow::Cow;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bpx_runtime::Bytes;
use bpx_runtime::stream::TappedMessage;
use serde::Serialize;

use super::entry::time;
use super::mask::{Masking, body};
use crate::Direction;
use crate::message::without_credentials;

/// A message that waits to be written.
#[derive(Debug)]
pub(super) struct Spoken {
    at: SystemTime,
    direction: Direction,
    pub(super) content: Bytes,
    is_text: bool,
}

/// As it is written: text, or bytes that are no text.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl Spoken {
    /// `None` for a kind of message that is newer than this crate.
    pub(super) fn of(message: TappedMessage<'_>) -> Option<Self> {
        let is_text = !matches!(message, TappedMessage::ReceivedBytes(_));
        let (direction, content) = match message {
            TappedMessage::Received(text) => {
                (Direction::Received, Bytes::copy_from_slice(text.as_bytes()))
            }
            TappedMessage::ReceivedBytes(bytes) => {
                (Direction::Received, Bytes::copy_from_slice(bytes))
            }
            TappedMessage::Sent(text) => {
                let text = without_credentials(Cow::Borrowed(text));
                (Direction::Sent, text.into_owned().into())
            }
            _ => return None,
        };
        Some(Self {
            at: SystemTime::now(),
            direction,
            content,
            is_text,
        })
    }

    pub(super) fn masked(self, masking: Masking) -> Self {
        match masking {
            Masking::Keep => self,
            Masking::Mask => Self {
                content: body(&self.content),
                ..self
            },
        }
    }

    /// A line of NDJSON, without its end.
    pub(super) fn line(&self) -> serde_json::Result<Vec<u8>> {
        let text = std::str::from_utf8(&self.content).ok();
        let text = text.filter(|_| self.is_text);
        serde_json::to_vec(&Line {
            time: time(self.at),
            direction: self.direction.as_str(),
            base64: text.is_none().then(|| STANDARD.encode(&self.content)),
            text,
        })
    }
}
