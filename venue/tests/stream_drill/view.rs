//! What a reader of order updates knows.

use std::collections::BTreeMap;

use bpx_client::types::{OrderUpdate, OrderUpdateEvent};
use bpx_venue::stream::OrderEvent;

/// Orders by their identifier, and fills by trade and order.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) orders: BTreeMap<String, Told>,
    /// Quantity and price of each fill, each time it was told.
    pub(crate) fills: BTreeMap<(i64, String), Vec<(String, String)>>,
    pub(crate) live: usize,
    pub(crate) recovered: usize,
    pub(crate) gaps: Vec<String>,
}

/// How often it was told what happened to an order.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) placed: usize,
    pub(crate) ends: Vec<OrderUpdateEvent>,
}

impl View {
    pub(crate) fn take(&mut self, event: OrderEvent) {
        match event {
            OrderEvent::Update { update, recovered } => {
                if recovered {
                    self.recovered += 1;
                } else {
                    self.live += 1;
                }
                self.update(&update);
            }
            OrderEvent::Gap(gap) => self.gaps.push(gap.reason),
            _ => {}
        }
    }

    fn update(&mut self, update: &OrderUpdate) {
        let message = self.orders.entry(update.order_id.clone()).or_default();
        match update.event {
            OrderUpdateEvent::OrderAccepted | OrderUpdateEvent::TriggerPlaced => {
                message.placed += 1
            }
            OrderUpdateEvent::OrderCancelled
            | OrderUpdateEvent::OrderExpired
            | OrderUpdateEvent::TriggerFailed => message.ends.push(update.event.clone()),
            OrderUpdateEvent::OrderFill => {
                let amount = |amount: Option<bpx_client::Decimal>| {
                    amount.unwrap_or_default().normalize().to_string()
                };
                let fill = (update.trade_id.unwrap_or_default(), update.order_id.clone());
                let message = self.fills.entry(fill).or_default();
                message.push((amount(update.fill_quantity), amount(update.fill_price)));
            }
            _ => {}
        }
    }
}
