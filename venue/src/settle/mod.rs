//! What became of a call whose response left it open: found out by asking, never by sending again.
//!
//! # When an order counts as never placed
//!
//! All of these have to hold; else the outcome stays unknown.
//!
//! 1. The request can no longer be accepted: its latest possible signing time, its window and
//!    [`Bounds::clock_skew_max`] are over.
//! 2. [`Bounds::venue_lag_max`] after that, neither the order's `clientId` ([`GET_ORDER`]) nor the whole list of the
//!    market's open orders shows it.
//! 3. [`Bounds::venue_lag_max`] after that again, the market's order history, read back to a day and a half before the
//!    request, has no row with the `clientId` either, and no fill since the request carries it.
//!
//! Orders that another call of the journal placed do not count. An order with the `clientId` that no call of the journal
//! placed, and that is of another kind or was made before the request, is a doubt, and the outcome stays unknown.
//!
//! A cancellation that the exchange did not accept with a 202, and whose order is still open by point 2, stays unknown,
//! since the exchange may execute it late; cancelling again does no harm.
//!
//! Open orders are asked before the history, since orders go that way. Two things are taken on trust: that the
//! exchange's lists trail by no more than [`Bounds::venue_lag_max`], and that the clock that signs is no further from
//! the exchange's than [`Bounds::clock_skew_max`].
//!
//! [`Bounds::clock_skew_max`]: bpx_dispatch::Bounds::clock_skew_max
//! [`Bounds::venue_lag_max`]: bpx_dispatch::Bounds::venue_lag_max
//! [`GET_ORDER`]: crate::operations::GET_ORDER

mod batch;
mod cancel;
mod cancel_all;
mod place;
mod response;
mod rows;

use bpx_dispatch::settle::{Resolved, Sent, Settler};
use bpx_dispatch::{Closing, Order, Outcome, Policy, Standing};
use serde_json::Value;

use crate::operations::{CANCEL_OPEN_ORDERS, CANCEL_ORDER, EXECUTE_ORDER, EXECUTE_ORDER_BATCH, is};
use crate::orders;

/// Looks into one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) settler: &'a Settler<'a>,
}

impl Look<'_> {
    /// Asks until it is known how the call ended, or the time is over.
    pub(crate) async fn reconcile(&self, sent: &Sent<'_>) -> Resolved {
        let operation = sent.operation;
        if is(operation, &EXECUTE_ORDER) {
            self.settle_place(sent).await
        } else if is(operation, &EXECUTE_ORDER_BATCH) {
            self.settle_batch(sent, &[]).await
        } else if is(operation, &CANCEL_ORDER) {
            self.settle_cancel(sent).await
        } else if is(operation, &CANCEL_OPEN_ORDERS) {
            self.settle_cancel_all(sent).await
        } else {
            Outcome::unknown(&sent.why, "find out by hand whether it was carried out").into()
        }
    }

    /// Whether an order is open, and how it ended if it is not.
    pub(crate) async fn standing(&self, symbol: &str, order_id: &str) -> Standing {
        let key = ("orderId", Value::from(order_id));
        match self.open_order(symbol, key).await {
            Err(_) => Standing::Unknown,
            Ok(Some(row)) => Standing::Open(row.raw),
            Ok(None) => {
                let row = self.past_order(symbol, order_id).await.ok().flatten();
                let row = row.filter(rows::Row::is_closed);
                let state = row.map(|row| row.status.to_string());
                Standing::Ended(state.unwrap_or_else(|| "closed".to_owned()))
            }
        }
    }
}

/// The orders that a request was to place.
fn placed(sent: &Sent<'_>) -> Vec<Order> {
    orders::orders(sent.operation, sent.arguments, &Policy::default())
}

/// The outcome of a call that placed nothing: its client order ids are free again.
fn nothing_placed(sent: &Sent<'_>, outcome: Outcome) -> Resolved {
    let closed = placed(sent)
        .iter()
        .filter_map(|order| order.client_id)
        .collect();
    Resolved {
        outcome,
        closing: Closing {
            closed,
            ..Closing::default()
        },
    }
}
