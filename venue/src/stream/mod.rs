//! Streams of the venue without loss: order updates, and the book of a market.
//!
//! A stream alone cannot tell what happened while its connection was away. [`OrderUpdates`] reads it from the venue's lists,
//! [`BookUpdates`] from a snapshot; what cannot be known is reported.

use std::time::Duration;

mod book;
mod event;
mod happenings;
mod lists;
mod orders;
mod rows;
mod seen;

pub(crate) use happenings::happenings;

pub use book::{Book, BookEvent, BookUpdates, MissedUpdates};
pub use event::{OrderEvent, OrderGap};
pub use orders::OrderUpdates;

/// How long to wait after a reading that failed: doubled while readings fail.
const READ_AGAIN_MIN: Duration = Duration::from_secs(1);
const READ_AGAIN_MAX: Duration = Duration::from_secs(30);

/// How long to wait before the next reading, after so many that failed in a row before this one.
fn read_again_after(failures: u32) -> Duration {
    let wait = READ_AGAIN_MIN.saturating_mul(1 << failures.min(8));
    wait.min(READ_AGAIN_MAX)
}
