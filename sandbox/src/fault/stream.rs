//! What goes wrong with one message of a stream.

use std::fmt;

/// Something that goes wrong with one message on one connection. In the text form, each begins with
/// `stream-`; it is given behind each.
///
/// ```
/// use bpx_sandbox::{Fault, StreamFault};
///
/// let rule = Fault::Stream(StreamFault::Skip).on("depth").nth(3);
/// assert_eq!(rule.fault.to_string(), "stream-skip");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamFault {
    /// The connection is reset in place of the message: `stream-drop`.
    Drop,
    /// The connection is closed in place of the message, without a Close frame: `stream-cut`.
    Cut,
    /// The message and all behind it are held back for so long: `stream-delay:MS`.
    Delay {
        /// How long, in milliseconds.
        delay_ms: u64,
    },
    /// The message is sent twice: `stream-twice`.
    Twice,
    /// The message, and those of its market behind it, follow the next one of another market:
    /// `stream-swap`.
    Swap,
    /// The message is left out: `stream-skip`.
    Skip,
    /// The event of an order update is one that no document knows: `stream-unknown-event`.
    UnknownEvent,
    /// The state in an order update is one that no document knows: `stream-unknown-state`.
    UnknownState,
}

/// Those without an argument.
const PLAIN: [(&str, StreamFault); 7] = [
    ("stream-drop", StreamFault::Drop),
    ("stream-cut", StreamFault::Cut),
    ("stream-twice", StreamFault::Twice),
    ("stream-swap", StreamFault::Swap),
    ("stream-skip", StreamFault::Skip),
    ("stream-unknown-event", StreamFault::UnknownEvent),
    ("stream-unknown-state", StreamFault::UnknownState),
];

pub(crate) const DELAY: &str = "stream-delay";

/// The stream whose messages have states of orders.
const ORDERS: &str = "account.orderUpdate";

impl StreamFault {
    /// The one with this name, of those without an argument.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let found = PLAIN.iter().find(|(own, _)| *own == name);
        found.map(|(_, fault)| *fault)
    }

    /// The only stream it can happen to; `None` is all.
    pub(crate) fn only(self) -> Option<&'static str> {
        matches!(self, Self::UnknownEvent | Self::UnknownState).then_some(ORDERS)
    }
}

impl fmt::Display for StreamFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Delay { delay_ms } = self {
            return write!(f, "{DELAY}:{delay_ms}");
        }
        let own = PLAIN.iter().find(|(_, fault)| fault == self);
        f.write_str(own.map_or("", |(name, _)| name))
    }
}
