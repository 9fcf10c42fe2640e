//! An exchange with many resting orders.

use std::time::Instant;

use crate::connection::Connection;
use crate::process::{BATCH_ORDERS, Exchange};
use crate::request::order;
use crate::table::grouped;

pub(crate) struct Resting {
    pub(crate) exchange: Exchange,
    pub(crate) connection: Connection,
    pub(crate) count: usize,
}

impl Resting {
    /// Starts an exchange and sends it so many orders that rest, in signed batches.
    pub(crate) fn fill(count: usize) -> Self {
        let started = Instant::now();
        let exchange = Exchange::start();
        let mut connection = Connection::open(&exchange.account.address);
        let orders: Vec<_> = (0..count).map(resting_order).collect();
        for batch in orders.chunks(BATCH_ORDERS) {
            let request = exchange.account.place_batch(batch);
            let answer = connection.exchange(&request.bytes);
            let rows: Vec<Row> = serde_json::from_slice(answer).unwrap();
            assert_eq!(rows.len(), batch.len());
            assert!(rows.iter().all(|row| row.status.as_deref() == Some("New")));
        }
        let took = started.elapsed().as_secs_f64();
        println!(
            "{} orders rest, placed in batches of {BATCH_ORDERS} in {took:.1} s",
            grouped(count as f64)
        );
        Self {
            exchange,
            connection,
            count,
        }
    }
}

#[derive(serde::Deserialize)]
struct Row {
    status: Option<String>,
}

/// Bids below the touch and asks above it in turn, on 8,000 prices.
fn resting_order(index: usize) -> String {
    // A step that shares no divisor with the number of prices: neighbours in time are not neighbours in price.
    let level = index / 2 * 1_237 % 4_000;
    let (side, cents) = if index.is_multiple_of(2) {
        ("Bid", 14_900 - level)
    } else {
        ("Ask", 15_100 + level)
    };
    order(side, &format!("{}.{:02}", cents / 100, cents % 100), "")
}
