//! The order book: every market's ladder, every order ever placed, every fill.

pub(crate) mod ladder;
pub(crate) mod matching;
pub(crate) mod order;
pub(crate) mod terms;

use std::collections::{BTreeMap, BTreeSet};

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::account::AccountId;
use crate::book::ladder::Ladder;
use crate::book::matching::{End, Plan, Trade};
use crate::book::order::{Fill, Order};
use crate::book::terms::Terms;
use crate::market::{Market, fee};
use crate::refusal::{Code, Refusal};
use crate::words::{ExpiryReason, OrderStatus, Side};

/// Which of one's open orders a caller names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OrderKey {
    Id(String),
    ClientId(u32),
}

#[derive(Debug, Default)]
pub(crate) struct Book {
    /// By market index.
    ladders: BTreeMap<usize, Ladder>,
    /// Orders and trades are numbered from 1, in order of arrival.
    orders: BTreeMap<u64, Order>,
    /// Every account's open orders, trigger orders included.
    open: BTreeSet<(AccountId, u64)>,
    /// Every account's fills but the market maker's, oldest first.
    fills: Vec<(AccountId, Fill)>,
    last_order_id: u64,
    last_trade_id: u64,
}

impl Book {
    /// Matches an order, rests what is left of it where its terms say so, and returns it as it stands.
    pub(crate) fn place(
        &mut self,
        account: AccountId,
        terms: Terms,
        now: DateTime<Utc>,
    ) -> Result<&Order, Refusal> {
        if terms.is_post_only() && !terms.is_conditional && self.would_take(&terms) {
            return Err(Refusal::bad(
                Code::InvalidOrder,
                "Order would immediately match and take",
            ));
        }
        self.last_order_id += 1;
        let mut order = new_order(self.last_order_id, account, terms, now);
        if order.terms.is_conditional {
            order.status = OrderStatus::TriggerPending;
        } else {
            let plan = Plan::new(&order.terms, account, self.opposite(&order.terms));
            self.execute(&mut order, plan, now);
        }
        self.keep_open(&order);
        Ok(self.orders.entry(order.id).or_insert(order))
    }

    fn would_take(&self, terms: &Terms) -> bool {
        let best = self
            .opposite(terms)
            .next()
            .and_then(|maker| maker.terms.limit);
        best.is_some_and(|price| terms.accepts(price))
    }

    fn opposite(&self, terms: &Terms) -> impl Iterator<Item = &Order> {
        let side = terms.side().opposite();
        let ladder = self.ladders.get(&terms.market.index).into_iter();
        ladder
            .flat_map(move |ladder| ladder.best_first(side))
            .filter_map(|id| self.orders.get(&id))
    }

    fn execute(&mut self, taker: &mut Order, plan: Plan, now: DateTime<Utc>) {
        for id in plan.expired_makers {
            self.close(id, |maker| maker.expire(ExpiryReason::SelfTradePrevention));
        }
        for trade in plan.trades {
            self.last_trade_id += 1;
            self.fill(taker, trade, false, now);
            self.fill_maker(trade, now);
        }
        if plan.end == End::Filled {
            taker.status = OrderStatus::Filled;
        } else if let Some(reason) = plan.end.expiry(&taker.terms) {
            taker.expire(reason);
        }
    }

    fn fill_maker(&mut self, trade: Trade, now: DateTime<Utc>) {
        let Some(mut maker) = self.orders.remove(&trade.maker) else {
            return;
        };
        self.fill(&mut maker, trade, true, now);
        let is_filled = maker.remaining().is_zero();
        self.orders.insert(trade.maker, maker);
        if is_filled {
            self.close(trade.maker, |maker| maker.status = OrderStatus::Filled);
        }
    }

    /// Books one side of a trade on its order.
    fn fill(&mut self, order: &mut Order, trade: Trade, is_maker: bool, now: DateTime<Utc>) {
        let quote = trade.price * trade.quantity;
        order.executed_quantity += trade.quantity;
        order.executed_quote += quote;
        order.status = OrderStatus::PartiallyFilled;
        order.changed_at = Utc::now();
        if order.account != AccountId::MARKET_MAKER {
            let fill = Fill {
                trade_id: self.last_trade_id,
                order_id: order.id,
                client_id: order.terms.asked.client_id,
                market: Arc::clone(&order.terms.market),
                side: order.terms.side(),
                price: trade.price,
                quantity: trade.quantity,
                fee: fee(quote, is_maker),
                is_maker,
                at: now,
            };
            self.fills.push((order.account, fill));
        }
    }

    fn keep_open(&mut self, order: &Order) {
        if !order.is_open() {
            return;
        }
        self.open.insert((order.account, order.id));
        if let Some((side, price)) = resting_place(order) {
            self.ladders
                .entry(order.terms.market.index)
                .or_default()
                .insert(side, price, order.id);
        }
    }

    /// Takes an order off the book and lets `end` set its last status.
    fn close(&mut self, id: u64, end: impl FnOnce(&mut Order)) -> Option<&Order> {
        let order = self.orders.get_mut(&id)?;
        if let Some((side, price)) = resting_place(order) {
            self.ladders
                .entry(order.terms.market.index)
                .or_default()
                .remove(side, price, id);
        }
        self.open.remove(&(order.account, id));
        end(order);
        order.changed_at = Utc::now();
        Some(order)
    }

    /// Cancels an order if it is still open.
    pub(crate) fn cancel(&mut self, id: u64) -> Option<&Order> {
        self.orders.get(&id).filter(|order| order.is_open())?;
        self.close(id, |order| order.status = OrderStatus::Cancelled)
    }

    /// An account's open order under a key. Of several with one client id, the newest.
    pub(crate) fn find_open(
        &self,
        account: AccountId,
        market: &Market,
        key: &OrderKey,
    ) -> Option<&Order> {
        let here = |order: &&Order| order.terms.market.index == market.index;
        match key {
            OrderKey::Id(text) => self.open_order(account, text).filter(here),
            OrderKey::ClientId(id) => {
                let mut newest_first = self.open_orders(account).rev().filter(here);
                newest_first.find(|order| order.terms.asked.client_id == Some(*id))
            }
        }
    }

    /// An id is opaque text: `01` does not name order `1`.
    fn open_order(&self, account: AccountId, text: &str) -> Option<&Order> {
        let id = text
            .parse()
            .ok()
            .filter(|id: &u64| id.to_string() == text)?;
        let (_, id) = self.open.get(&(account, id))?;
        self.orders.get(id)
    }

    /// An account's open orders, oldest first.
    pub(crate) fn open_orders(
        &self,
        account: AccountId,
    ) -> impl DoubleEndedIterator<Item = &Order> {
        self.open
            .range((account, 0)..=(account, u64::MAX))
            .filter_map(|(_, id)| self.orders.get(id))
    }

    /// The best price levels of one side: price, quantity left, orders.
    pub(crate) fn levels(
        &self,
        market_index: usize,
        side: Side,
        count_max: usize,
    ) -> Vec<(Decimal, Decimal, usize)> {
        let mut levels: Vec<(Decimal, Decimal, usize)> = Vec::new();
        let ladder = self.ladders.get(&market_index).into_iter();
        let ids = ladder.flat_map(|ladder| ladder.best_first(side));
        for order in ids.filter_map(|id| self.orders.get(&id)) {
            let (price, left) = (order.terms.limit.unwrap_or_default(), order.remaining());
            let is_full = levels.len() == count_max;
            match levels.last_mut().filter(|level| level.0 == price) {
                Some(level) => *level = (price, level.1 + left, level.2 + 1),
                None if is_full => break,
                None => levels.push((price, left, 1)),
            }
        }
        levels
    }

    /// Every order an account ever placed, oldest first.
    pub(crate) fn history(&self, account: AccountId) -> impl DoubleEndedIterator<Item = &Order> {
        self.orders
            .values()
            .filter(move |order| order.account == account)
    }

    /// An account's fills, oldest first.
    pub(crate) fn fills(&self, account: AccountId) -> impl DoubleEndedIterator<Item = &Fill> {
        let own = self
            .fills
            .iter()
            .filter(move |(owner, _)| *owner == account);
        own.map(|(_, fill)| fill)
    }
}

/// Where an order rests; trigger orders and market orders rest nowhere.
fn resting_place(order: &Order) -> Option<(Side, Decimal)> {
    if order.is_pending_trigger() {
        return None;
    }
    Some((order.terms.side(), order.terms.limit?))
}

fn new_order(id: u64, account: AccountId, terms: Terms, created_at: DateTime<Utc>) -> Order {
    Order {
        id,
        account,
        created_at,
        terms,
        status: OrderStatus::New,
        expiry_reason: None,
        executed_quantity: Decimal::ZERO,
        executed_quote: Decimal::ZERO,
        changed_at: Utc::now(),
    }
}
