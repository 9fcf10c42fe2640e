//! What happens to the book, noted for those who listen to the streams. Nothing is noted while nobody
//! does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::account::AccountId;
use crate::book::Book;
use crate::book::ladder::Level;
use crate::book::ledger::Balance;
use crate::book::order::{Fill, Order};
use crate::book::tape::PublicTrade;
use crate::book::valuation::Held;
use crate::market::Market;
use crate::words::{OrderStatus, Side};

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum OrderEvent {
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFill,
    TriggerPlaced,
    TriggerFailed,
    /// Held back before it reaches the book; the venue has announced it.
    Speedbumped,
    /// Held back, and refused by the book in the end; announced too.
    ReleaseFailed,
}

/// All that came of one change of the book, in the order in which it came within each list.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) orders: Vec<OrderNews>,
    pub(crate) trades: Vec<TradeNews>,
    pub(crate) depths: Vec<DepthNews>,
    pub(crate) balances: Vec<BalanceNews>,
    pub(crate) positions: Vec<PositionNews>,
}

#[derive(Clone, Debug)]
pub(crate) struct OrderNews {
    pub(crate) event: OrderEvent,
    /// As it stood then.
    pub(crate) order: Order,
    pub(crate) fill: Option<Fill>,
    pub(crate) at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct TradeNews {
    pub(crate) market: usize,
    pub(crate) trade: PublicTrade,
    pub(crate) buyer: u64,
    pub(crate) seller: u64,
}

/// The price levels of a market that changed, as they are now.
#[derive(Clone, Debug)]
pub(crate) struct DepthNews {
    pub(crate) market: usize,
    /// The first and the last of the updates that this sums up.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// A quantity of zero is a level that is gone.
    pub(crate) levels: BTreeMap<(Side, Decimal), Decimal>,
    pub(crate) best_bid: Option<Level>,
    pub(crate) best_ask: Option<Level>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct BalanceNews {
    pub(crate) account: AccountId,
    pub(crate) asset: usize,
    pub(crate) balance: Balance,
}

#[derive(Clone, Debug)]
pub(crate) struct PositionNews {
    pub(crate) account: AccountId,
    pub(crate) market: Arc<Market>,
    /// The quantity before; `None` where nothing happened and the position is only shown.
    pub(crate) before: Option<Decimal>,
    pub(crate) held: Held,
}

#[derive(Debug, Default)]
pub(crate) struct Journal {
    listeners: usize,
    orders: Vec<OrderNews>,
    trades: Vec<TradeNews>,
    /// One entry for each update of a ladder.
    levels: Vec<(usize, Side, Decimal)>,
    balances: BTreeSet<(AccountId, usize)>,
    /// The quantities before.
    positions: BTreeMap<(AccountId, usize), (Arc<Market>, Decimal)>,
}

impl OrderEvent {
    /// How an order ends that had one status and gets another; a fill has reported already that it is filled.
    pub(crate) fn of_end(before: OrderStatus, status: OrderStatus) -> Option<Self> {
        match (before, status) {
            (_, OrderStatus::Cancelled) => Some(Self::OrderCancelled),
            (OrderStatus::PendingRelease, OrderStatus::Expired) => Some(Self::ReleaseFailed),
            (_, OrderStatus::Expired) => Some(Self::OrderExpired),
            (_, OrderStatus::TriggerFailed) => Some(Self::TriggerFailed),
            _ => None,
        }
    }
}

impl Journal {
    fn is_on(&self) -> bool {
        self.listeners > 0
    }

    /// Nobody is notified of the internal market maker's own affairs.
    fn notes(&self, account: AccountId) -> bool {
        self.is_on() && account != AccountId::MARKET_MAKER
    }

    /// A ladder was updated at this price.
    pub(crate) fn level(&mut self, market: usize, side: Side, price: Decimal) {
        if self.is_on() {
            self.levels.push((market, side, price));
        }
    }

    pub(crate) fn trade(&mut self, market: usize, trade: PublicTrade, taker: u64, maker: u64) {
        if self.is_on() {
            let (buyer, seller) = if trade.is_buyer_maker {
                (maker, taker)
            } else {
                (taker, maker)
            };
            self.trades.push(TradeNews {
                market,
                trade,
                buyer,
                seller,
            });
        }
    }

    pub(crate) fn balance(&mut self, account: AccountId, asset: usize) {
        if self.notes(account) {
            self.balances.insert((account, asset));
        }
    }

    fn order(&mut self, event: OrderEvent, order: &Order, fill: Option<&Fill>, at: DateTime<Utc>) {
        if self.notes(order.account) {
            let (order, fill) = (order.clone(), fill.cloned());
            self.orders.push(OrderNews {
                event,
                order,
                fill,
                at,
            });
        }
    }

    pub(crate) fn fill(&mut self, order: &Order, fill: &Fill) {
        self.order(OrderEvent::OrderFill, order, Some(fill), fill.at);
    }

    /// The last fill of an order has filled it.
    pub(crate) fn filled(&mut self, id: u64) {
        let mut newest = self.orders.iter_mut().rev();
        if let Some(news) = newest.find(|news| news.order.id == id) {
            news.order.status = OrderStatus::Filled;
        }
    }
}

impl Book {
    pub(super) fn note_order(&mut self, event: OrderEvent, id: u64, at: DateTime<Utc>) {
        if let Some(order) = self.register.get(id) {
            self.journal.order(event, order, None, at);
        }
    }

    /// Notes what a trade is about to change.
    pub(super) fn note_owned(&mut self, account: AccountId, market: &Arc<Market>) {
        if !self.journal.notes(account) {
            return;
        }
        self.journal.balance(account, market.quote_asset);
        if market.is_perp() {
            let before = self.ledger.position(account, market).quantity;
            let noted = self.journal.positions.entry((account, market.index));
            noted.or_insert_with(|| (Arc::clone(market), before));
        } else {
            self.journal.balance(account, market.base_asset);
        }
    }

    pub(crate) fn add_listeners(&mut self, count: usize) {
        self.journal.listeners += count;
    }

    pub(crate) fn remove_listener(&mut self) {
        self.journal.listeners = self.journal.listeners.saturating_sub(1);
    }

    pub(crate) fn listeners(&self) -> usize {
        self.journal.listeners
    }

    /// What was noted since the last time; `None` where it is nothing.
    pub(crate) fn take_news(&mut self) -> Option<Box<Batch>> {
        let journal = &self.journal;
        let is_quiet = journal.orders.is_empty()
            && journal.trades.is_empty()
            && journal.levels.is_empty()
            && journal.balances.is_empty()
            && journal.positions.is_empty();
        if is_quiet {
            return None;
        }
        let listeners = self.journal.listeners;
        let quiet = Journal {
            listeners,
            ..Journal::default()
        };
        let noted = std::mem::replace(&mut self.journal, quiet);
        let balance = |(account, asset)| BalanceNews {
            account,
            asset,
            balance: self.balance(account, asset),
        };
        let position =
            |((account, _), (market, before)): (_, (Arc<Market>, Decimal))| PositionNews {
                account,
                before: Some(before),
                held: self.held(account, &market),
                market,
            };
        Some(Box::new(Batch {
            depths: self.depths(noted.levels),
            balances: noted.balances.into_iter().map(balance).collect(),
            positions: noted.positions.into_iter().map(position).collect(),
            orders: noted.orders,
            trades: noted.trades,
        }))
    }

    /// Sums up updates of ladders, market by market.
    fn depths(&self, mut updates: Vec<(usize, Side, Decimal)>) -> Vec<DepthNews> {
        updates.sort_unstable();
        let of_markets = updates.chunk_by(|(one, ..), (next, ..)| one == next);
        let news = of_markets.filter_map(|updates| {
            let market = updates.first()?.0;
            let ladder = &self.floors.get(market)?.ladder;
            let level = |(_, side, price): &(usize, Side, Decimal)| {
                ((*side, *price), ladder.quantity(*side, *price))
            };
            Some(DepthNews {
                market,
                first: ladder.updates + 1 - updates.len() as u64,
                last: ladder.updates,
                levels: updates.iter().map(level).collect(),
                best_bid: ladder.levels(Side::Bid).next(),
                best_ask: ladder.levels(Side::Ask).next(),
            })
        });
        news.collect()
    }

    /// An account's positions that are not closed, of one market or all.
    pub(crate) fn shown_positions<'a>(
        &self,
        account: AccountId,
        markets: impl Iterator<Item = &'a Arc<Market>>,
    ) -> Vec<PositionNews> {
        let shown = markets.map(|market| PositionNews {
            account,
            market: Arc::clone(market),
            before: None,
            held: self.held(account, market),
        });
        let is_open = |news: &PositionNews| !news.held.position.quantity.is_zero();
        shown.filter(is_open).collect()
    }
}
