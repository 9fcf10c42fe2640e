//! What was told, held against the exchange's lists.

use std::collections::BTreeMap;

use bpx_client::Client;
use bpx_client::types::{Fill, Order, OrderStatus, OrderUpdateEvent};

use crate::view::View;

#[derive(Debug, Default)]
pub(crate) struct Audit {
    pub(crate) faults: u64,
    pub(crate) connections: u64,
    pub(crate) orders: usize,
    pub(crate) fills: usize,
    pub(crate) live: usize,
    pub(crate) recovered: usize,
    pub(crate) gaps: usize,
    /// What was told and is not so, or is so and was not told.
    pub(crate) wrong: Vec<String>,
}

/// The exchange's own lists.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) orders: BTreeMap<String, Order>,
    pub(crate) fills: Vec<Fill>,
}

impl Ledger {
    pub(crate) async fn read(client: &Client) -> Self {
        let mut orders = BTreeMap::new();
        let mut rows = client.get_order_history().limit(1_000_u64).stream();
        while let Some(order) = rows.next().await {
            let order = order.expect("the history");
            orders.insert(order.id.clone(), order);
        }
        let mut fills = Vec::new();
        let mut rows = client.get_fills().limit(1_000_u64).stream();
        while let Some(fill) = rows.next().await {
            fills.push(fill.expect("the fills"));
        }
        Self { orders, fills }
    }

    /// What differs from what was told.
    pub(crate) fn differences(&self, view: &View) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut message = view.fills.clone();
        for fill in &self.fills {
            let key = (fill.trade_id.unwrap_or_default(), fill.order_id.clone());
            let amount = (
                fill.quantity.normalize().to_string(),
                fill.price.normalize().to_string(),
            );
            match message.remove(&key) {
                Some(fills) if fills == [amount.clone()] => {}
                other => wrong.push(format!(
                    "fill {key:?} of {amount:?} was reported as {other:?}"
                )),
            }
        }
        wrong.extend(
            message
                .keys()
                .map(|key| format!("fill {key:?} is in no list")),
        );
        for (id, order) in &self.orders {
            let expected: &[OrderUpdateEvent] = match order.status {
                OrderStatus::Cancelled => &[OrderUpdateEvent::OrderCancelled],
                OrderStatus::Expired => &[OrderUpdateEvent::OrderExpired],
                OrderStatus::TriggerFailed => &[OrderUpdateEvent::TriggerFailed],
                _ => &[],
            };
            let (placed, ends) = match view.orders.get(id) {
                Some(message) => (message.placed, message.ends.as_slice()),
                None => (0, &[][..]),
            };
            if placed != 1 || ends != expected {
                let status = &order.status;
                wrong.push(format!(
                    "order {id}, {status}: placed {placed} times, ended {ends:?}"
                ));
            }
        }
        let unknown = view
            .orders
            .keys()
            .filter(|id| !self.orders.contains_key(*id));
        wrong.extend(unknown.map(|id| format!("order {id} is in no list")));
        wrong
    }
}
