//! What the venue's lists tell of the time in which a stream was away.

use std::collections::HashMap;

use bpx_client::Client;
use bpx_client::types::{ApiError, Fill, OrderUpdate, SortDirection};
use bpx_runtime::Error;
use serde::Serialize;

use super::event::OrderGap;
use super::rows::{self, Row};
use super::seen::Seen;

/// How many rows of a list are read at most.
const ROWS_MAX: usize = 10_000;
const PAGE: u64 = 1_000;
/// How many orders are looked for one by one.
const LOOKS_MAX: usize = 200;

type Failure = Error<ApiError>;

/// What is read, and what is known already.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) client: &'a Client,
    pub(super) symbol: Option<&'a str>,
    pub(super) from_ms: i64,
    pub(super) seen: &'a Seen,
}

/// What the lists tell, in the order of its time.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) events: Vec<OrderUpdate>,
    pub(super) gaps: Vec<OrderGap>,
    /// Orders to which nothing more can happen.
    pub(super) closed: Vec<String>,
}

/// Orders by their identifiers.
type Orders = HashMap<String, Row>;

impl Wanted<'_> {
    /// Reads fills, open orders and history. What happens meanwhile comes over the stream.
    pub(super) async fn read(self) -> Lists {
        let mut lists = Lists::default();
        match self.all(&mut lists).await {
            Ok((fills, orders)) => lists.tell(&fills, &orders),
            Err(reason) => lists.fail(&reason),
        }
        lists
    }

    async fn all(&self, lists: &mut Lists) -> Result<(Vec<Fill>, Orders), String> {
        let fills = self.fills(lists).await?;
        let orders = self.orders(lists).await?;
        Ok((fills, orders))
    }

    async fn fills(&self, lists: &mut Lists) -> Result<Vec<Fill>, String> {
        let call = self.client.get_fills().from(self.from_ms).limit(PAGE);
        let call = call.sort_direction(SortDirection::Asc);
        let mut rows = match self.symbol {
            Some(symbol) => call.symbol(symbol).stream(),
            None => call.stream(),
        };
        let mut fills = Vec::new();
        while let Some(fill) = rows.next().await {
            fills.push(fill.map_err(words)?);
            if fills.len() == ROWS_MAX {
                lists.cut("fills");
                break;
            }
        }
        Ok(fills)
    }

    async fn orders(&self, lists: &mut Lists) -> Result<Orders, String> {
        let mut orders = self.open().await?;
        self.history(&mut orders, lists).await?;
        let unknown: Vec<_> = self
            .seen
            .open()
            .filter(|(id, _)| !orders.contains_key(*id))
            .collect();
        for (id, symbol) in unknown.iter().take(LOOKS_MAX) {
            self.look(id, symbol, &mut orders).await?;
        }
        let lost = unknown
            .into_iter()
            .filter(|(id, _)| !orders.contains_key(*id));
        let order_ids: Vec<_> = lost.map(|(id, _)| id.to_owned()).collect();
        if !order_ids.is_empty() {
            lists.gaps.push(OrderGap {
                reason: "neither the open orders nor the history show these orders".to_owned(),
                order_ids,
                is_retried: true,
            });
        }
        Ok(orders)
    }

    async fn open(&self) -> Result<Orders, String> {
        let call = self.client.get_open_orders();
        let call = match self.symbol {
            Some(symbol) => call.symbol(symbol),
            None => call,
        };
        let open = call.send().await.map_err(words)?.into_inner();
        let mut orders = Orders::new();
        open.iter().try_for_each(|order| take(&mut orders, order))?;
        Ok(orders)
    }

    /// The orders that were placed since, newest first.
    async fn history(&self, orders: &mut Orders, lists: &mut Lists) -> Result<(), String> {
        let call = self.client.get_order_history().limit(PAGE);
        let call = call.sort_direction(SortDirection::Desc);
        let mut rows = match self.symbol {
            Some(symbol) => call.symbol(symbol).stream(),
            None => call.stream(),
        };
        let mut read = 0;
        while let Some(order) = rows.next().await {
            let order = order.map_err(words)?;
            let placed_ms = order.created_at.value().map(|time| time.timestamp_millis());
            if placed_ms.is_some_and(|placed_ms| placed_ms < self.from_ms) {
                break;
            }
            take(orders, &order)?;
            read += 1;
            if read == ROWS_MAX {
                lists.cut("orders");
                break;
            }
        }
        Ok(())
    }

    /// One order of the history.
    async fn look(&self, id: &str, symbol: &str, orders: &mut Orders) -> Result<(), String> {
        let call = self.client.get_order_history().order_id(id);
        let mut rows = call.symbol(symbol).limit(PAGE).stream();
        match rows.next().await.transpose().map_err(words)? {
            Some(order) if order.id == id => take(orders, &order),
            _ => Ok(()),
        }
    }
}

fn take(orders: &mut Orders, order: &impl Serialize) -> Result<(), String> {
    let row = Row::of(order).ok_or("a row of an order lacks its identifier or state")?;
    orders.insert(row.id.clone(), row);
    Ok(())
}

impl Lists {
    fn tell(&mut self, fills: &[Fill], orders: &Orders) {
        /// When, and what comes first of what happened at once.
        type Place = (i64, u8);
        let mut events: Vec<(Place, OrderUpdate)> = Vec::new();
        let mut last_us: HashMap<&str, i64> = HashMap::new();
        for order in orders.values() {
            if let Some(placed) = order.placed() {
                last_us.insert(&order.id, placed.engine_time_us);
                events.push(((placed.engine_time_us, 0), placed));
            }
        }
        for fill in fills {
            match rows::of_fill(fill, orders.get(&fill.order_id)) {
                Some(update) => {
                    let last = last_us.entry(&fill.order_id).or_default();
                    *last = update.engine_time_us.max(*last);
                    events.push(((update.engine_time_us, 1), update));
                }
                None => self.gaps.push(OrderGap {
                    reason: "a fill has no trade id or no time".to_owned(),
                    order_ids: vec![fill.order_id.clone()],
                    is_retried: false,
                }),
            }
        }
        for order in orders.values() {
            if let Some(ended) = order.ended() {
                let last = last_us.get(order.id.as_str()).copied();
                events.push(((last.unwrap_or(ended.engine_time_us), 2), ended));
            }
        }
        let closed = orders.values().filter(|order| order.is_closed());
        self.closed = closed.map(|order| order.id.clone()).collect();
        events.sort_by_key(|(place, _)| *place);
        self.events = events.into_iter().map(|(_, update)| update).collect();
    }

    fn cut(&mut self, list: &str) {
        self.gaps.push(OrderGap {
            reason: format!("more than {ROWS_MAX} {list} since; further ones were not read"),
            order_ids: Vec::new(),
            is_retried: false,
        });
    }

    fn fail(&mut self, reason: &str) {
        self.gaps.push(OrderGap {
            reason: format!("the lists cannot be read: {reason}"),
            order_ids: Vec::new(),
            is_retried: true,
        });
    }
}

fn words(failure: Failure) -> String {
    failure.to_string()
}
