//! Streams of the venue without loss: order updates, and the book of a market.
//!
//! A stream alone cannot tell what happened while its connection was away. [`OrderUpdates`] reads it from the venue's lists,
//! [`BookUpdates`] from a snapshot; what cannot be known is reported.

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
