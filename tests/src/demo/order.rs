//! A live order in a few words, and what cancel-and-replace takes over from it.

use anyhow::{Context, bail};
use bpx_client::types::{LimitOrder, LiveOrder, MarketOrder, OrderStatus, Side};
use bpx_runtime::Decimal;

use super::report::Summary;

/// The limit order in an answer.
pub(super) fn limit(order: LiveOrder) -> anyhow::Result<LimitOrder> {
    match order {
        LiveOrder::Limit(order) => Ok(order),
        other => bail!("a limit order was expected, the answer holds {other:?}"),
    }
}

/// Fails unless the order stands as expected.
pub(super) fn expect(order: &LimitOrder, status: &OrderStatus) -> anyhow::Result<()> {
    if order.status == *status {
        return Ok(());
    }
    bail!("order {} is {}, expected {status}", order.id, order.status)
}

/// What is left to trade.
pub(super) fn open_quantity(order: &LimitOrder) -> anyhow::Result<Decimal> {
    order
        .quantity
        .checked_sub(order.executed_quantity)
        .context("more is executed than was ordered")
}

/// `buy 2.5 at 148.20`.
pub(super) fn terms(order: &LimitOrder) -> String {
    let verb = verb(&order.side);
    format!("{verb} {} at {}", order.quantity, order.price)
}

pub(super) fn verb(side: &Side) -> &str {
    match side {
        Side::Bid => "buy",
        Side::Ask => "sell",
        other => other.as_ref(),
    }
}

pub(super) fn is_open(order: &LiveOrder, id: &str) -> bool {
    match order {
        LiveOrder::Limit(LimitOrder { id: own, .. })
        | LiveOrder::Market(MarketOrder { id: own, .. }) => own == id,
        _ => false,
    }
}

impl From<&LimitOrder> for Summary {
    fn from(order: &LimitOrder) -> Self {
        Self {
            id: order.id.clone(),
            symbol: order.symbol.clone(),
            side: order.side.to_string(),
            price: Some(order.price.to_string()),
            quantity: Some(order.quantity.to_string()),
            executed_quantity: order.executed_quantity.to_string(),
            status: order.status.to_string(),
        }
    }
}
