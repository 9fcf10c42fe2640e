//! Who listens to what. One task takes the news of the book in the order in which they came, writes each
//! message once, and hands it to all who want it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};

use crate::account::AccountId;
use crate::book::journal::Batch;
use crate::book::tape::KlineInterval;
use crate::exchange::Exchange;
use crate::fault::{Faults, skewed};
use crate::stop::Stop;
use crate::stream::feed::{Join, News};
use crate::stream::group::{Group, to_json};
use crate::stream::outbox::{End, Outbox};
use crate::stream::topic::{Key, Topic};
use crate::wire::account_stream::{BalanceUpdate, OrderUpdate, PositionUpdate};
use crate::wire::market_stream::Trade;

/// How long the shortest pace of a stream is.
const TICK_MS: u64 = 200;
const TICKS_PER_SECOND: u64 = 1_000 / TICK_MS;
const TICKS_PER_MINUTE: u64 = 60 * TICKS_PER_SECOND;
/// The paces at which depth may come.
const PACES_MS: [u64; 3] = [200, 600, 1_000];
/// How many news are taken at once.
const NEWS_AT_ONCE: usize = 256;

struct Hub {
    exchange: Arc<Exchange>,
    faults: Arc<Faults>,
    groups: HashMap<Key, Group>,
    ticks: u64,
}

/// Tells the news of an exchange until the sandbox stops.
pub(crate) async fn run(exchange: Arc<Exchange>, faults: Arc<Faults>, stop: Stop) {
    let Some(mut news) = exchange.feed.take_receiver() else {
        return;
    };
    let mut hub = Hub {
        exchange,
        faults,
        groups: HashMap::new(),
        ticks: 0,
    };
    let mut clock = interval(Duration::from_millis(TICK_MS));
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let stopped = stop.asked();
    tokio::pin!(stopped);
    let mut taken = Vec::with_capacity(NEWS_AT_ONCE);
    loop {
        tokio::select! {
            biased;
            () = &mut stopped => return,
            _ = clock.tick(), if !hub.groups.is_empty() => hub.tick(),
            _ = news.recv_many(&mut taken, NEWS_AT_ONCE) => {
                taken.drain(..).for_each(|news| hub.take(news));
                if hub.exchange.feed.has_lost() {
                    hub.end_all(End::Overflow);
                }
            }
        }
    }
}

impl Hub {
    /// The exchange's time.
    fn now(&self) -> DateTime<Utc> {
        skewed(Utc::now(), self.faults.skew_ms())
    }

    fn take(&mut self, news: News) {
        match news {
            News::Changed(batch) => self.tell_all(&batch),
            News::Join(join) => self.join(join),
            News::Leave(outbox, keys) => keys.iter().for_each(|key| self.leave(&outbox, key)),
            News::Reset => self.end_all(End::Reset),
        }
    }

    fn join(&mut self, join: Join) {
        let now = self.now();
        for (key, name) in join.streams {
            let markets = &self.exchange.markets;
            let group = self.groups.entry(key).or_insert_with(|| {
                let market = key.market.and_then(|index| markets.get(index));
                let mut group = Group::new(key, &name, market.cloned());
                group.begin_candle(&self.exchange.book(), now);
                group
            });
            group.add(Arc::clone(&join.outbox));
        }
        for (key, position) in &join.positions {
            if let Some(group) = self.groups.get(key) {
                let data = to_json(&PositionUpdate::new(position, now));
                join.outbox.push(group.frame(&data));
            }
        }
    }

    fn leave(&mut self, outbox: &Arc<Outbox>, key: &Key) {
        if let Some(group) = self.groups.get_mut(key) {
            group.remove(outbox);
            if group.is_empty() {
                self.groups.remove(key);
            }
        }
    }

    fn end_all(&mut self, end: End) {
        for (_, group) in self.groups.drain() {
            group.subscribers().for_each(|outbox| outbox.end(end));
        }
    }

    fn tell_all(&mut self, batch: &Batch) {
        let now = self.now();
        for news in &batch.orders {
            let (account, market) = (news.order.account, news.order.terms.market.index);
            let keys = both(Topic::OrderUpdate, account, market);
            self.tell(&keys, || OrderUpdate::new(news, now));
        }
        self.tell_market(batch, now);
        for news in &batch.positions {
            let keys = both(Topic::PositionUpdate, news.account, news.market.index);
            self.tell(&keys, || PositionUpdate::new(news, now));
        }
        let exchange = Arc::clone(&self.exchange);
        for news in &batch.balances {
            let key = Key {
                topic: Topic::BalanceUpdate,
                market: None,
                account: Some(news.account),
            };
            let asset = exchange.markets.assets().nth(news.asset);
            self.tell(&[key], || {
                BalanceUpdate::new(news, asset.unwrap_or_default(), now)
            });
        }
    }

    fn tell_market(&mut self, batch: &Batch, now: DateTime<Utc>) {
        let exchange = Arc::clone(&self.exchange);
        for news in &batch.trades {
            let symbol = exchange.markets.get(news.market);
            let symbol = symbol.map_or("", |market| &market.symbol);
            self.tell(&[public(Topic::Trade, news.market)], || {
                Trade::new(symbol, news, now)
            });
            for interval in KlineInterval::ALL {
                let key = public(Topic::Kline(interval), news.market);
                self.with(key, |group| group.trade(interval, news, now));
            }
        }
        for news in &batch.depths {
            let paced = PACES_MS.map(Topic::PacedDepth);
            for topic in [Topic::Depth, Topic::BookTicker].into_iter().chain(paced) {
                self.with(public(topic, news.market), |group| group.depth(news, now));
            }
        }
    }

    /// Sends the same data on streams, written once if anybody listens.
    fn tell<T: Serialize>(&mut self, keys: &[Key], data: impl Fn() -> T) {
        let mut written = None;
        for key in keys {
            self.with(*key, |group| {
                group.send(written.get_or_insert_with(|| to_json(&data())));
            });
        }
    }

    /// Does something with a stream somebody listens to; without anybody left it is forgotten.
    fn with(&mut self, key: Key, act: impl FnOnce(&mut Group)) {
        if let Some(group) = self.groups.get_mut(&key) {
            act(group);
            if group.is_empty() {
                self.groups.remove(&key);
            }
        }
    }

    fn tick(&mut self) {
        let now = self.now();
        self.ticks += 1;
        let ticks = self.ticks;
        for group in self.groups.values_mut() {
            match group.key.topic {
                Topic::PacedDepth(pace_ms) if ticks.is_multiple_of(pace_ms / TICK_MS) => {
                    group.send_changes(now);
                }
                Topic::Kline(interval) if ticks.is_multiple_of(TICKS_PER_SECOND) => {
                    group.tell_candle(interval, now);
                }
                _ => {}
            }
        }
        if ticks.is_multiple_of(TICKS_PER_SECOND) {
            self.look(ticks.is_multiple_of(TICKS_PER_MINUTE), now);
        }
        self.groups.retain(|_, group| !group.is_empty());
    }

    /// Looks up what nobody tells of.
    fn look(&mut self, is_minute: bool, now: DateTime<Utc>) {
        let facts: Vec<_> = {
            let book = self.exchange.book();
            let groups = self.groups.values();
            let facts = groups.filter_map(|group| Some((group.key, group.facts(&book)?)));
            facts.collect()
        };
        for (key, facts) in facts {
            self.with(key, |group| group.tell_facts(facts, is_minute, now));
        }
    }
}

fn public(topic: Topic, market: usize) -> Key {
    Key {
        topic,
        market: Some(market),
        account: None,
    }
}

/// The stream of every market and that of the one.
fn both(topic: Topic, account: AccountId, market: usize) -> [Key; 2] {
    [None, Some(market)].map(|market| Key {
        topic,
        market,
        account: Some(account),
    })
}
