//! A reader of the streams alone, and the state it derives from them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::account::AccountId;
use crate::book::Book;
use crate::book::journal::{Batch, DepthNews, OrderEvent, OrderNews};
use crate::book::ledger::Balance;
use crate::book::order::Order;
use crate::market::{Market, Markets};
use crate::words::{OrderStatus, Side};

/// Quantities by side and price.
type Levels = BTreeMap<(Side, Decimal), Decimal>;

#[derive(Default)]
pub(super) struct Listener {
    orders: BTreeMap<u64, Order>,
    fills: BTreeMap<AccountId, Vec<u64>>,
    trades: usize,
    /// By market: the last update, and the levels.
    books: BTreeMap<usize, (u64, Levels)>,
    balances: BTreeMap<(AccountId, usize), Balance>,
    positions: BTreeMap<AccountId, Decimal>,
}

impl Listener {
    pub(super) fn hear(&mut self, batch: &Batch) {
        batch.orders.iter().for_each(|news| self.order(news));
        batch.depths.iter().for_each(|news| self.depth(news));
        self.trades += batch.trades.len();
        for news in &batch.balances {
            self.balances
                .insert((news.account, news.asset), news.balance);
        }
        for news in &batch.positions {
            let before = self.positions.entry(news.account).or_default();
            assert_eq!(news.before, Some(*before));
            *before = news.held.position.quantity;
        }
    }

    fn order(&mut self, news: &OrderNews) {
        let known = self.orders.insert(news.order.id, news.order.clone());
        let has_ended = known.as_ref().is_some_and(|known| !known.is_open());
        assert!(!has_ended, "{news:?} after {known:?}");
        let is_first = matches!(
            news.event,
            OrderEvent::TriggerPlaced | OrderEvent::Speedbumped
        );
        assert!(!is_first || known.is_none(), "{news:?}");
        match (&news.fill, news.event) {
            (Some(fill), OrderEvent::OrderFill) => {
                let before = known.map_or(Decimal::ZERO, |known| known.executed_quantity);
                assert_eq!(before + fill.quantity, news.order.executed_quantity);
                let fills = self.fills.entry(news.order.account).or_default();
                fills.push(fill.trade_id);
            }
            (None, event) => assert_ne!(event, OrderEvent::OrderFill),
            (Some(_), event) => panic!("a fill with {event:?}"),
        }
    }

    fn depth(&mut self, news: &DepthNews) {
        let (last, levels) = self.books.entry(news.market).or_default();
        assert_eq!(news.first, *last + 1);
        assert!(news.last >= news.first);
        *last = news.last;
        levels.extend(&news.levels);
        levels.retain(|_, quantity| !quantity.is_zero());
        let best = |side| {
            let mut prices = levels.keys().filter(|(own, _)| *own == side);
            let best = match side {
                Side::Bid => prices.next_back(),
                Side::Ask => prices.next(),
            };
            best.map(|(_, price)| *price)
        };
        assert_eq!(news.best_bid.map(|level| level.price), best(Side::Bid));
        assert_eq!(news.best_ask.map(|level| level.price), best(Side::Ask));
    }

    /// The derived state is the real one.
    pub(super) fn compare(&self, book: &Book, markets: &Markets, users: u32) {
        for account in (1..=users).map(AccountId) {
            self.compare_account(book, markets, account);
        }
        let trades = markets.iter().map(|market| book.tape(market).len());
        assert_eq!(self.trades, trades.sum::<usize>());
        markets
            .iter()
            .for_each(|market| self.compare_book(book, market));
    }

    fn compare_account(&self, book: &Book, markets: &Markets, account: AccountId) {
        for order in book.history(account) {
            let derived = &self.orders[&order.id];
            let of = |order: &Order| (order.status, order.expiry_reason, order.executed_quantity);
            assert_eq!(of(derived), of(order));
            let is_filled = order.terms.size.base() == Some(order.executed_quantity);
            assert!(!is_filled || order.status == OrderStatus::Filled);
        }
        let fills = book.fills(account).iter().map(|fill| fill.trade_id);
        let derived = self.fills.get(&account).cloned().unwrap_or_default();
        assert_eq!(derived, fills.collect::<Vec<_>>());
        for ((_, asset), balance) in self.balances.range((account, 0)..=(account, usize::MAX)) {
            assert_eq!(*balance, book.balance(account, *asset));
        }
        let held = markets
            .iter()
            .map(|market| book.position(account, market).quantity);
        let derived = self.positions.get(&account).copied().unwrap_or_default();
        assert_eq!(derived, held.sum::<Decimal>());
    }

    fn compare_book(&self, book: &Book, market: &Market) {
        let sides = [Side::Bid, Side::Ask];
        let levels = sides.into_iter().flat_map(|side| {
            let levels = book.levels(market, side, usize::MAX).into_iter();
            levels.map(move |level| ((side, level.price), level.quantity))
        });
        let derived = self.books.get(&market.index).cloned().unwrap_or_default();
        assert_eq!(derived, (book.updates(market), levels.collect()));
    }
}
