//! Places on a write's way at which a drill may stop the process.

use std::fmt;
use std::sync::Arc;

/// A place on a write's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Point {
    /// Nothing is written yet.
    BeforeIntent,
    /// The intent is durable, nothing else is.
    AfterIntent,
    /// That it is sent is durable; nothing has left.
    BeforeSend,
    /// The answer is here, or the time is over.
    AfterSend,
    /// The outcome is known and not written.
    BeforeOutcome,
}

impl Point {
    /// Every place, in the order of a call.
    pub const ALL: [Self; 5] = [
        Self::BeforeIntent,
        Self::AfterIntent,
        Self::BeforeSend,
        Self::AfterSend,
        Self::BeforeOutcome,
    ];
}

/// Is told whenever a write reaches a [`Point`]. For drills: it may abort the process.
pub trait Checkpoint: Send + Sync {
    /// A write of this operation is there.
    fn reached(&self, point: Point, operation: &str);
}

/// A checkpoint, or none.
#[derive(Clone, Default)]
pub(crate) struct Hook(pub(crate) Option<Arc<dyn Checkpoint>>);

impl Hook {
    pub(crate) fn reached(&self, point: Point, operation: &str) {
        if let Some(checkpoint) = &self.0 {
            checkpoint.reached(point, operation);
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
