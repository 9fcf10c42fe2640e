//! The book against a slow and simple one: whatever is done to both, both say and own the same, and what
//! is owned adds up.

mod naive_matching;
mod naive_triggers;
mod news;
mod reference;
mod spec;

use std::sync::Arc;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::config::{AccountConfig, MarketConfig};
use crate::refusal::Coded;
use crate::words::CancelOrderType;
use news::Listener;
use reference::{RefOrder, Reference, dec};
use spec::{Command, Spec, USERS, command};

/// Both exchanges.
struct Pair {
    markets: Markets,
    book: Book,
    reference: Reference,
    /// One who listens to the streams of the book.
    listener: Listener,
}

fn markets() -> Vec<MarketConfig> {
    let market = |is_perp| MarketConfig {
        tick_size: dec(1, 1),
        step_size: dec(1, 2),
        ..MarketConfig::new("SOL", "USDC", is_perp)
    };
    vec![market(false), market(true)]
}

fn accounts() -> Accounts {
    let owned = [("SOL", 20), ("USDC", 300)];
    let user = |number: u32| AccountConfig {
        name: number.to_string(),
        balances: Some(owned.map(|(asset, n)| (asset.to_owned(), n.into())).into()),
        ..AccountConfig::default()
    };
    Accounts::open(&(1..=USERS).map(user).collect::<Vec<_>>()).unwrap()
}

impl Pair {
    fn new(accounts: &Accounts) -> Self {
        let markets = Markets::open(&markets(), [].into_iter()).unwrap();
        let mut book = Book::open(accounts, &markets, &VenueConfig::default());
        book.add_listeners(1);
        Self {
            book,
            markets,
            reference: Reference::new(),
            listener: Listener::default(),
        }
    }

    fn market(&self, is_perp: bool) -> Arc<Market> {
        let symbol = if is_perp { "SOL_USDC_PERP" } else { "SOL_USDC" };
        self.markets.find(symbol).unwrap().clone()
    }

    fn run(&mut self, command: &Command) {
        match command {
            Command::Place(spec) => self.place(spec.clone()),
            Command::Batch(account, specs) => {
                for spec in specs.clone() {
                    let account = *account;
                    self.place(Spec { account, ..spec });
                }
            }
            Command::Cancel(account, n) => self.cancel(*account, *n),
            Command::CancelAll(account, is_perp, kind) => {
                self.cancel_all(*account, *is_perp, *kind);
            }
            Command::SetPrice(is_perp, by, price) => {
                let market = self.market(*is_perp);
                let now = DateTime::UNIX_EPOCH;
                self.book.set_price(&market, *by, *price, now);
                self.reference.set_price(*is_perp, *by, *price);
            }
        }
    }

    fn place(&mut self, spec: Spec) {
        let terms = Terms::check(&self.market(spec.is_perp), &spec.payload()).unwrap();
        let placed = self
            .book
            .place(AccountId(spec.account), terms, DateTime::UNIX_EPOCH);
        let placed = placed
            .map(|order| order.id)
            .map_err(|refusal| code(&refusal));
        let expected = self.reference.place(spec);
        let expected = expected.map(|n| n as u64 + 1).map_err(str::to_owned);
        assert_eq!(placed, expected);
    }

    fn cancel(&mut self, account: u32, n: usize) {
        let open: Vec<_> = self
            .book
            .open_orders(AccountId(account))
            .map(|order| order.id)
            .collect();
        let expected: Vec<_> = self
            .reference
            .open(account)
            .iter()
            .map(|n| *n as u64 + 1)
            .collect();
        assert_eq!(open, expected);
        if let Some(id) = open.get(n % open.len().max(1)) {
            let cancelled = self.book.cancel(*id, DateTime::UNIX_EPOCH).unwrap();
            assert_eq!(cancelled.status, OrderStatus::Cancelled);
            self.reference.cancel(*id as usize - 1);
        }
    }

    fn cancel_all(&mut self, account: u32, is_perp: bool, kind: Option<CancelOrderType>) {
        let market = self.market(is_perp);
        let chosen = |order: &&Order| match kind {
            None => true,
            Some(CancelOrderType::ConditionalOrder) => order.is_pending_trigger(),
            Some(CancelOrderType::RestingLimitOrder) => order.is_resting(),
        };
        let orders = self.book.open_orders_on(AccountId(account), &market);
        let ids: Vec<_> = orders.filter(chosen).map(|order| order.id).collect();
        for id in ids {
            self.book.cancel(id, DateTime::UNIX_EPOCH);
        }
        self.reference.cancel_all(account, is_perp, kind);
    }

    /// Everything both exchanges know is the same, and so is what its streams reported.
    fn compare(&mut self) {
        if let Some(batch) = self.book.take_news() {
            self.listener.hear(&batch);
        }
        self.listener.compare(&self.book, &self.markets, USERS);
        for (n, expected) in self.reference.orders.iter().enumerate() {
            compare_order(self.book.register.get(n as u64 + 1).unwrap(), expected);
        }
        assert_eq!(
            self.book.register.next_id(),
            self.reference.orders.len() as u64 + 1
        );
        for account in 0..=USERS {
            self.compare_account(account);
        }
        for is_perp in [false, true] {
            for side in [Side::Bid, Side::Ask] {
                self.compare_depth(is_perp, side);
            }
        }
    }

    fn compare_account(&self, account: u32) {
        let (id, place) = (AccountId(account), account as usize);
        let locked = self.reference.locked(place);
        for (asset, locked) in locked.into_iter().enumerate() {
            let balance = self.book.balance(id, asset);
            let expected = (self.reference.owned[place][asset] - locked, locked);
            assert_eq!(
                (balance.available, balance.locked),
                expected,
                "account {account}"
            );
        }
        let position = self.book.position(id, &self.market(true));
        let expected = self.reference.holdings[place];
        assert_eq!(
            (position.quantity, position.cost),
            (expected.quantity, expected.cost)
        );
        assert_eq!(position.margin, self.reference.margin(place));
    }

    fn compare_depth(&self, is_perp: bool, side: Side) {
        let market = self.market(is_perp);
        let levels = self.book.levels(&market, side, usize::MAX);
        let taker = side.opposite();
        let best_first = |pair: &[Level]| taker.is_no_worse(pair[0].price, pair[1].price);
        assert!(levels.windows(2).all(best_first));
        let mut offered = Decimal::ZERO;
        for level in levels {
            let here = |order: &&RefOrder| {
                let spec = &order.spec;
                order.rests()
                    && (spec.is_perp, spec.side, spec.limit) == (is_perp, side, Some(level.price))
            };
            let orders = self.reference.orders.iter().filter(here);
            let (count, sum) = orders.fold((0, Decimal::ZERO), |(count, sum), order| {
                (count + 1, sum + order.left())
            });
            assert_eq!((level.orders, level.quantity), (count, sum));
            offered += sum;
        }
        let all = self.reference.orders.iter().filter(|order| {
            order.rests() && (order.spec.is_perp, order.spec.side) == (is_perp, side)
        });
        assert_eq!(offered, all.map(RefOrder::left).sum::<Decimal>());
    }

    /// Nothing is made and nothing is lost, to the last digit.
    fn adds_up(&self) {
        let market = self.market(true);
        let everyone = || (0..=USERS).map(AccountId);
        let owned = |asset| -> Decimal {
            let balances = everyone().map(|account| self.book.balance(account, asset));
            balances
                .map(|balance| balance.available + balance.locked)
                .sum()
        };
        let positions = || everyone().map(|account| self.book.position(account, &market));
        let cost: Decimal = positions().map(|position| position.cost).sum();
        let realized: Decimal = positions().map(|position| position.realized).sum();
        let users = Decimal::from(USERS);
        assert_eq!(owned(0), users * dec(20, 0));
        assert_eq!(
            owned(1) + self.book.ledger.fees(1) - cost,
            users * dec(300, 0)
        );
        assert_eq!(realized, cost);
        assert!(
            positions()
                .map(|position| position.quantity)
                .sum::<Decimal>()
                .is_zero()
        );
        let sol = everyone()
            .skip(1)
            .map(|account| self.book.balance(account, 0));
        assert!(
            sol.map(|balance| balance.available)
                .all(|sol| sol >= Decimal::ZERO)
        );
    }
}

fn code(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Json(_, Coded { code, .. }) => serde_json::to_value(code)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned(),
        Refusal::Text(_, message) => message.clone(),
    }
}

fn compare_order(order: &Order, expected: &RefOrder) {
    let found = (
        order.status,
        order.expiry_reason,
        order.executed_quantity,
        order.executed_quote,
    );
    let shown = (
        expected.status,
        expected.reason,
        expected.executed,
        expected.value,
    );
    assert_eq!(found, shown, "{order:?}");
    if order.is_resting() {
        assert_eq!(order.remaining(), expected.left());
    }
    assert!(order.is_open() || order.locked.is_zero(), "{order:?}");
}

/// So many sequences in every run of the tests; `PROPTEST_CASES` asks for another number.
const SEQUENCES: u32 = 10_000;

#[test]
fn the_book_and_a_simple_one_agree_after_every_command() {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok());
    let config = ProptestConfig::with_cases(cases.unwrap_or(SEQUENCES));
    let accounts = accounts();
    proptest!(config, |(commands in prop::collection::vec(command(), 1..24))| {
        let mut pair = Pair::new(&accounts);
        for command in &commands {
            pair.run(command);
            pair.compare();
            pair.adds_up();
        }
    });
}
