//! What all requests share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::account::{AccountId, Accounts};
use crate::amount::Amount;
use crate::book::Book;
use crate::book::order::Order;
use crate::book::terms::Terms;
use crate::config::{RestingLiquidity, SandboxConfig, VenueConfig};
use crate::errors::SandboxError;
use crate::market::Markets;
use crate::refusal::Refusal;
use crate::verified::VerifiedLog;
use crate::wire::payload::OrderExecutePayload;
use crate::words::{ExpiryReason, OrderType};

#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) accounts: Accounts,
    pub(crate) markets: Markets,
    pub(crate) log: VerifiedLog,
    pub(crate) venue: VenueConfig,
    book: Mutex<Book>,
    settle_late: AtomicBool,
    /// How often the state was replaced, so that nothing settles what is no longer there.
    resets: AtomicU64,
    settle_delay: Duration,
}

impl Exchange {
    pub(crate) fn open(config: &SandboxConfig) -> Result<Self, SandboxError> {
        let exchange = Self {
            accounts: Accounts::open(&config.accounts)?,
            markets: Markets::open(&config.markets)?,
            log: VerifiedLog::default(),
            venue: config.venue.clone(),
            book: Mutex::default(),
            settle_late: AtomicBool::new(config.settle_late),
            resets: AtomicU64::new(0),
            settle_delay: Duration::from_millis(config.settle_delay_ms),
        };
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
        *book = fresh
            .book
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        self.resets.fetch_add(1, Ordering::Relaxed);
        self.settle_late.store(late, Ordering::Relaxed);
        self.log.clear();
    }

    /// The book; a panic elsewhere does not close the exchange.
    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Places the market maker's order; it trades with what it crosses and rests the remainder.
    pub(crate) fn add_liquidity(&self, liquidity: &RestingLiquidity) -> Result<(), SandboxError> {
        let refused = |reason: String| SandboxError::Liquidity {
            symbol: liquidity.symbol.clone(),
            reason,
        };
        let terms = Terms::check(&self.markets, liquidity_order(liquidity))
            .map_err(|refusal| refused(refusal.to_string()))?;
        let mut book = self.book();
        let order = book
            .place(AccountId::MARKET_MAKER, terms, Utc::now())
            .map_err(|refusal| refused(refusal.to_string()))?;
        match order.expiry_reason {
            Some(ExpiryReason::SelfTradePrevention) => {
                Err(refused("it crosses the liquidity already there".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Places one order of the account and hands it to `show` as it stands right afterwards.
    pub(crate) fn execute<T>(
        &self,
        account: AccountId,
        payload: OrderExecutePayload,
        now: DateTime<Utc>,
        show: impl FnOnce(&Order) -> T,
    ) -> Result<T, Refusal> {
        let terms = Terms::check(&self.markets, payload)?;
        terms.check_funds()?;
        self.book().place(account, terms, now).map(show)
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
        let exchange = Arc::downgrade(self);
        let resets = self.resets.load(Ordering::Relaxed);
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            let Some(exchange) = exchange.upgrade() else {
                return;
            };
            let mut book = exchange.book();
            let is_same = resets == exchange.resets.load(Ordering::Relaxed);
            for id in ids.into_iter().filter(|_| is_same) {
                book.cancel(id);
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
        ..OrderExecutePayload::new(&liquidity.symbol, liquidity.side, OrderType::Limit)
    }
}
