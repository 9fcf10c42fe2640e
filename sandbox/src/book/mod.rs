//! The order book: every market's ladder, every order ever placed, every fill, every balance.

mod conditional;
mod entry;
pub(crate) mod filter;
pub(crate) mod funds;
pub(crate) mod journal;
pub(crate) mod ladder;
pub(crate) mod ledger;
pub(crate) mod matching;
#[cfg(test)]
mod model;
mod obstacle;
pub(crate) mod order;
pub(crate) mod prices;
mod register;
pub(crate) mod tape;
pub(crate) mod terms;
mod trigger;
pub(crate) mod valuation;

use chrono::{DateTime, Utc};
use std::collections::VecDeque;

use crate::account::{AccountId, Accounts};
use crate::book::journal::{Journal, OrderEvent};
use crate::book::ladder::{Ladder, Level};
use crate::book::ledger::{Balance, Ledger, Position};
use crate::book::order::{Fill, Order};
use crate::book::prices::{Prices, Traded};
use crate::book::register::Register;
use crate::book::tape::PublicTrade;
use crate::book::terms::Terms;
use crate::book::trigger::Triggers;
use crate::config::{DuplicateClientId, VenueConfig};
use crate::market::{Market, Markets};
use crate::refusal::Refusal;
use crate::words::{ExpiryReason, OrderStatus, Side};

/// Which of one's open orders a caller names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OrderKey {
    Id(String),
    ClientId(u32),
}

/// Everything that orders change.
#[derive(Debug)]
pub(crate) struct Book {
    /// By market.
    floors: Vec<Floor>,
    ledger: Ledger,
    register: Register,
    journal: Journal,
    /// Triggered orders that have not entered the book yet.
    fired: VecDeque<u64>,
    last_arrival: u64,
    last_trade_id: u64,
    refuses_duplicates: bool,
    holds_back: bool,
}

/// What belongs to one market.
#[derive(Debug, Default)]
struct Floor {
    ladder: Ladder,
    triggers: Triggers,
    prices: Prices,
    traded: Traded,
    tape: Vec<PublicTrade>,
}

impl Book {
    pub(crate) fn open(accounts: &Accounts, markets: &Markets, venue: &VenueConfig) -> Self {
        Self {
            floors: markets.iter().map(|_| Floor::default()).collect(),
            ledger: Ledger::open(accounts, markets),
            register: Register::default(),
            journal: Journal::default(),
            fired: VecDeque::new(),
            last_arrival: 0,
            last_trade_id: 0,
            refuses_duplicates: venue.duplicate_client_id == DuplicateClientId::Refuse,
            holds_back: venue.pending_release_ms > 0,
        }
    }

    /// Takes an order in, with everything that follows from it, and returns it as it stands then.
    pub(crate) fn place(
        &mut self,
        account: AccountId,
        terms: Terms,
        now: DateTime<Utc>,
    ) -> Result<&Order, Refusal> {
        self.check_place(account, &terms)?;
        let id = self.register.next_id();
        if terms.trigger().is_some() {
            self.add(account, terms, OrderStatus::TriggerPending, now);
            self.wait(id, None);
        } else {
            let plan = self
                .plan(account, &terms)
                .map_err(|obstacle| obstacle.refusal())?;
            let is_held = self.holds_back && !terms.post_only && account != AccountId::MARKET_MAKER;
            if is_held {
                self.add(account, terms, OrderStatus::PendingRelease, now);
                self.register.open(id);
                self.note_order(OrderEvent::Speedbumped, id, now);
            } else {
                self.add(account, terms, OrderStatus::New, now);
                self.enter(id, plan, now);
                self.run_fired(now);
            }
        }
        self.register.get(id).ok_or_else(Refusal::lost)
    }

    fn check_place(&self, account: AccountId, terms: &Terms) -> Result<(), Refusal> {
        if account == AccountId::MARKET_MAKER {
            return Ok(());
        }
        let is_taken = |id| self.register.is_client_id_open(account, id);
        if self.refuses_duplicates && terms.client_id.is_some_and(is_taken) {
            return Err(Refusal::client("Duplicate `clientId`"));
        }
        let filters = &terms.market.filters;
        let active = self.prices(&terms.market).last;
        terms
            .limit
            .map_or(Ok(()), |price| filter::check_band(filters, price, active))
    }

    /// Takes an order into the register alone, and gives its id.
    fn add(
        &mut self,
        account: AccountId,
        terms: Terms,
        status: OrderStatus,
        now: DateTime<Utc>,
    ) -> u64 {
        let id = self.register.next_id();
        let order = Order {
            status,
            ..Order::new(id, account, terms, now)
        };
        self.register.add(order);
        id
    }

    /// Lets an order in that was held back.
    pub(crate) fn release(&mut self, id: u64, now: DateTime<Utc>) {
        let held = self.register.get(id);
        let Some(order) = held.filter(|order| order.status == OrderStatus::PendingRelease) else {
            return;
        };
        match self.plan(order.account, &order.terms) {
            Ok(plan) => self.enter(id, plan, now),
            Err(obstacle) => self.expire(id, obstacle.expiry(), now),
        }
        self.run_fired(now);
    }

    /// Cancels an order if it is still open.
    pub(crate) fn cancel(&mut self, id: u64, now: DateTime<Utc>) -> Option<&Order> {
        self.register.get(id).filter(|order| order.is_open())?;
        self.close(id, OrderStatus::Cancelled, None, now);
        self.register.get(id)
    }

    fn expire(&mut self, id: u64, reason: ExpiryReason, now: DateTime<Utc>) {
        self.close(id, OrderStatus::Expired, Some(reason), now);
    }

    /// Takes an order out of wherever it stands, gives it its last status, and lets the orders follow
    /// that it asked for.
    fn close(
        &mut self,
        id: u64,
        status: OrderStatus,
        reason: Option<ExpiryReason>,
        now: DateTime<Utc>,
    ) {
        self.forget_trigger(id);
        let Some(order) = self.register.get_mut(id) else {
            return;
        };
        let event = OrderEvent::of_end(order.status, status);
        let (side, remaining) = (order.terms.side, order.remaining());
        let market = order.terms.market.index;
        let floor = self.floors.get_mut(market);
        if let Some((place, floor)) = order.place().zip(floor) {
            floor.ladder.remove(side, place, remaining);
            self.journal.level(market, side, place.price);
        }
        order.status = status;
        order.expiry_reason = reason;
        order.changed_at = Utc::now();
        match event {
            Some(event) => self.note_order(event, id, now),
            None => self.journal.filled(id),
        }
        self.lock_rest(id);
        self.register.close(id);
        self.add_exits(id, now);
    }

    /// Expires the resting reduce-only orders that have nothing left to reduce.
    fn end_reducing(&mut self, account: AccountId, market: &Market, now: DateTime<Utc>) {
        for id in self.register.reducing_ids(account, market) {
            let Some(side) = self.register.get(id).map(|order| order.terms.side) else {
                continue;
            };
            if self.ledger.reducible(account, market, side).is_zero() {
                self.expire(id, ExpiryReason::ReduceOnlyNotReduced, now);
            }
        }
    }

    /// An account's open order under a key. Of several with one client id, the newest.
    pub(crate) fn find_open(
        &self,
        account: AccountId,
        market: &Market,
        key: &OrderKey,
    ) -> Option<&Order> {
        match key {
            OrderKey::Id(text) => {
                let order = self.find(account, text)?;
                (order.is_open() && order.terms.market.index == market.index).then_some(order)
            }
            OrderKey::ClientId(id) => self.register.by_client_id(account, market, *id),
        }
    }

    /// An account's order, open or not. An id is opaque text: `01` does not name order `1`.
    pub(crate) fn find(&self, account: AccountId, text: &str) -> Option<&Order> {
        let id: u64 = text.parse().ok()?;
        let order = self.register.get(id)?;
        (order.account == account && id.to_string() == text).then_some(order)
    }

    /// An account's open orders, oldest first.
    pub(crate) fn open_orders(
        &self,
        account: AccountId,
    ) -> impl DoubleEndedIterator<Item = &Order> {
        self.register.open_orders(account)
    }

    /// An account's open orders on one market, oldest first.
    pub(crate) fn open_orders_on(
        &self,
        account: AccountId,
        market: &Market,
    ) -> impl DoubleEndedIterator<Item = &Order> {
        self.register.open_orders_on(account, market)
    }

    /// Every order an account ever placed, oldest first.
    pub(crate) fn history(&self, account: AccountId) -> impl DoubleEndedIterator<Item = &Order> {
        self.register.placed(account)
    }

    /// An account's fills, oldest first.
    pub(crate) fn fills(&self, account: AccountId) -> &[Fill] {
        self.register.fills(account)
    }

    /// What an account owns of an asset, by its place in [`Markets::assets`].
    pub(crate) fn balance(&self, account: AccountId, asset: usize) -> Balance {
        self.ledger.balance(account, asset)
    }

    pub(crate) fn position(&self, account: AccountId, market: &Market) -> Position {
        self.ledger.position(account, market)
    }

    pub(crate) fn prices(&self, market: &Market) -> Prices {
        let floor = self.floors.get(market.index);
        floor.map(|floor| floor.prices).unwrap_or_default()
    }

    pub(crate) fn traded(&self, market: &Market) -> Traded {
        let floor = self.floors.get(market.index);
        floor.map(|floor| floor.traded).unwrap_or_default()
    }

    /// Every trade of a market, oldest first.
    pub(crate) fn tape(&self, market: &Market) -> &[PublicTrade] {
        let floor = self.floors.get(market.index);
        floor.map_or(&[], |floor| &floor.tape)
    }

    /// The best price levels of one side.
    pub(crate) fn levels(&self, market: &Market, side: Side, count_max: usize) -> Vec<Level> {
        let floor = self.floors.get(market.index).into_iter();
        let levels = floor.flat_map(|floor| floor.ladder.levels(side));
        levels.take(count_max).collect()
    }

    /// How often a market's book has changed.
    pub(crate) fn updates(&self, market: &Market) -> u64 {
        let floor = self.floors.get(market.index);
        floor.map_or(0, |floor| floor.ladder.updates)
    }
}
