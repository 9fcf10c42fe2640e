//! What a reader of order updates gets.

use bpx_client::types::OrderUpdate;

/// What a reader of order updates gets.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum OrderEvent {
    /// Something happened to an order.
    Update {
        /// What, as the stream tells it.
        update: Box<OrderUpdate>,
        /// Whether it was read from the lists after the stream had missed it, or before it had begun. Such an update has
        /// the members that a list shows; the time of an order's end is not among them.
        recovered: bool,
    },
    /// Something may have happened that is not reported, and why.
    Gap(OrderGap),
}

/// What is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderGap {
    /// What went wrong.
    pub reason: String,
    /// The orders of which it is not known what became of them; empty where it could be any.
    pub order_ids: Vec<String>,
    /// Whether the lists are read again, after which the missing updates may still come.
    pub is_retried: bool,
}
