//! What all requests share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::account::{AccountId, Accounts};
use crate::amount::Amount;
use crate::book::Book;
use crate::book::order::Order;
use crate::book::terms::Terms;
use crate::config::{DescribedOperation, RestingLiquidity, SandboxConfig, VenueConfig};
use crate::errors::SandboxError;
use crate::held::HeldBook;
use crate::limits::{PRICE_DECIMALS, SIZE_LIMIT};
use crate::market::Markets;
use crate::pace::Pace;
use crate::refusal::Refusal;
use crate::replays::Replays;
use crate::settings::Settings;
use crate::stream::feed::{Feed, News};
use crate::verified::VerifiedLog;
use crate::wire::payload::OrderExecutePayload;
use crate::words::{OrderStatus, OrderType, ReferencePrice, SelfTradePrevention, TriggerBy};

#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) accounts: Accounts,
    pub(crate) markets: Markets,
    pub(crate) log: VerifiedLog,
    pub(crate) venue: VenueConfig,
    pub(crate) opened_at: DateTime<Utc>,
    pub(crate) replays: Replays,
    pub(crate) pace: Pace,
    pub(crate) settings: Settings,
    pub(crate) described: Vec<DescribedOperation>,
    /// What happens to the book, for the streams.
    pub(crate) feed: Feed,
    book: Mutex<Book>,
    settle_late: AtomicBool,
    /// How often the state was replaced, so that nothing settles what is no longer there.
    resets: AtomicU64,
    settle_delay: Duration,
}

impl Exchange {
    pub(crate) fn open(config: &SandboxConfig) -> Result<Self, SandboxError> {
        config.venue.check()?;
        let accounts = Accounts::open(&config.accounts)?;
        let owned = config
            .accounts
            .iter()
            .filter_map(|account| account.balances.as_ref());
        let markets = Markets::open(&config.markets, owned.flat_map(BTreeMap::keys))?;
        let exchange = Self {
            book: Mutex::new(Book::open(&accounts, &markets, &config.venue)),
            accounts,
            markets,
            log: VerifiedLog::default(),
            venue: config.venue.clone(),
            opened_at: Utc::now(),
            settings: Settings::default(),
            described: config.described.clone(),
            feed: Feed::new(),
            pace: Pace::new(config.venue.requests_per_minute),
            replays: Replays::new(config.venue.refuse_replays),
            settle_late: AtomicBool::new(config.settle_late),
            resets: AtomicU64::new(0),
            settle_delay: Duration::from_millis(config.settle_delay_ms),
        };
        {
            let (mut book, now) = (exchange.book(), Utc::now());
            for (market, config) in exchange.markets.iter().zip(&config.markets) {
                if let Some(price) = config.reference_price {
                    book.set_price(market, TriggerBy::Last, price, now);
                }
            }
        }
        config
            .liquidity
            .iter()
            .try_for_each(|order| exchange.add_liquidity(order))?;
        Ok(exchange)
    }

    /// Takes over the state of another exchange that was opened with the same configuration. Keys stay.
    pub(crate) fn reset_to(&self, fresh: Self) {
        let late = fresh.settle_late.into_inner();
        let mut book = self.book();
        let listeners = book.listeners();
        *book = fresh
            .book
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        book.add_listeners(listeners);
        self.feed.send(News::Reset);
        self.resets.fetch_add(1, Ordering::Relaxed);
        self.settle_late.store(late, Ordering::Relaxed);
        self.log.clear();
        self.pace.clear();
        self.settings.clear();
    }

    /// The book; a panic elsewhere does not close the exchange.
    pub(crate) fn book(&self) -> HeldBook<'_> {
        HeldBook {
            book: self.book.lock().unwrap_or_else(PoisonError::into_inner),
            feed: &self.feed,
        }
    }

    /// Places the market maker's order; it takes the place of the market maker's own orders that it
    /// crosses, trades with those of others, and rests the remainder.
    pub(crate) fn add_liquidity(&self, liquidity: &RestingLiquidity) -> Result<(), SandboxError> {
        let refused = |reason: String| SandboxError::Liquidity {
            symbol: liquidity.symbol.clone(),
            reason,
        };
        let terms = self
            .terms(&liquidity_order(liquidity))
            .map_err(|refusal| refused(refusal.to_string()))?;
        self.book()
            .place(AccountId::MARKET_MAKER, terms, Utc::now())
            .map(drop)
            .map_err(|refusal| refused(refusal.to_string()))
    }

    fn terms(&self, asked: &OrderExecutePayload) -> Result<Terms, Refusal> {
        let unknown = || Refusal::unknown_symbol("OrderExecutePayload");
        let market = self.markets.find(&asked.symbol).ok_or_else(unknown)?;
        Terms::check(market, asked)
    }

    /// Places one order of an account and gives it as it stands right afterwards.
    pub(crate) fn execute(
        self: &Arc<Self>,
        account: AccountId,
        asked: &OrderExecutePayload,
        now: DateTime<Utc>,
    ) -> Result<Order, Refusal> {
        let terms = self.terms(asked)?;
        let order = self.book().place(account, terms, now)?.clone();
        if order.status == OrderStatus::PendingRelease {
            let (id, delay) = (order.id, self.venue.pending_release_ms);
            self.later(Duration::from_millis(delay), move |book| {
                book.release(id, Utc::now());
            });
        }
        Ok(order)
    }

    /// Sets a reference price of a market, in the quote asset, and lets in the orders it triggers.
    pub(crate) fn set_reference_price(
        &self,
        symbol: &str,
        by: ReferencePrice,
        price: Decimal,
    ) -> Result<(), SandboxError> {
        let refused = |reason: String| SandboxError::ReferencePrice {
            symbol: symbol.to_owned(),
            reason,
        };
        let market = self.markets.find(symbol);
        let market = market.ok_or_else(|| refused("Invalid market symbol".to_owned()))?;
        let is_good = price > Decimal::ZERO && price < SIZE_LIMIT;
        if !is_good || price.scale() > PRICE_DECIMALS {
            return Err(refused("Invalid price".to_owned()));
        }
        self.book().set_price(market, by.into(), price, Utc::now());
        Ok(())
    }

    pub(crate) fn set_settle_late(&self, late: bool) {
        self.settle_late.store(late, Ordering::Relaxed);
    }

    /// How much later a cancellation settles; `None` where it settles at once.
    pub(crate) fn settle_delay(&self) -> Option<Duration> {
        let late = self.settle_late.load(Ordering::Relaxed);
        late.then_some(self.settle_delay)
    }

    /// Cancels these orders after a delay, as far as they are still open by then.
    pub(crate) fn settle_later(self: &Arc<Self>, ids: Vec<u64>, delay: Duration) {
        self.later(delay, move |book| {
            for id in ids {
                book.cancel(id, Utc::now());
            }
        });
    }

    /// Does something to the book after a while, unless the state was replaced meanwhile.
    fn later(self: &Arc<Self>, delay: Duration, act: impl FnOnce(&mut Book) + Send + 'static) {
        let exchange = Arc::downgrade(self);
        let resets = self.resets.load(Ordering::Relaxed);
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            let Some(exchange) = exchange.upgrade() else {
                return;
            };
            let mut book = exchange.book();
            if resets == exchange.resets.load(Ordering::Relaxed) {
                act(&mut book);
            }
        });
    }
}

fn liquidity_order(liquidity: &RestingLiquidity) -> OrderExecutePayload {
    let price = Some(Amount(liquidity.price));
    let quantity = Some(Amount(liquidity.quantity));
    OrderExecutePayload {
        price,
        quantity,
        self_trade_prevention: Some(SelfTradePrevention::Maker),
        ..OrderExecutePayload::new(&liquidity.symbol, liquidity.side, OrderType::Limit)
    }
}
