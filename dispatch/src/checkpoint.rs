//! Places on a write's way: where a drill may stop the process, and what an interrupted process can say of its write.

use std::fmt;
use std::sync::Arc;

/// A place on a write's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Point {
    /// Nothing is written yet.
    BeforeIntent,
    /// The intent is durable, and counts as sent; nothing has left.
    BeforeSend,
    /// The answer is here, or the time is over.
    AfterSend,
    /// The outcome is known and not written.
    BeforeOutcome,
}

impl Point {
    /// Every place, in the order of a call.
    pub const ALL: [Self; 4] = [
        Self::BeforeIntent,
        Self::BeforeSend,
        Self::AfterSend,
        Self::BeforeOutcome,
    ];
}

/// A write on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Passing<'a> {
    /// The operation that is called.
    pub operation: &'a str,
    /// The intent's id in the journal; none before there is one.
    pub intent: Option<&'a str>,
    /// The client order id of each order that is to be placed, once they are known.
    pub client_ids: &'a [u32],
}

/// Is called whenever a write reaches a [`Point`]. The write goes on when `reached` returns: it may abort the process, or
/// hold the write until the process ends.
pub trait Checkpoint: Send + Sync {
    /// A write is there.
    fn reached(&self, point: Point, write: Passing<'_>);
}

/// A checkpoint, or none.
#[derive(Clone, Default)]
pub(crate) struct Hook(pub(crate) Option<Arc<dyn Checkpoint>>);

impl Hook {
    pub(crate) fn reached(&self, point: Point, write: Passing<'_>) {
        if let Some(checkpoint) = &self.0 {
            checkpoint.reached(point, write);
        }
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "Hook(set)"
        } else {
            "Hook(none)"
        })
    }
}
