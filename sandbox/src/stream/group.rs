//! Those who listen to one stream, and what it has to remember.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::json;

use crate::amount::Amount;
use crate::book::Book;
use crate::book::journal::{DepthNews, TradeNews};
use crate::book::ladder::Level;
use crate::book::prices::Traded;
use crate::book::tape::{Candle, KlineInterval};
use crate::market::{Market, next_funding};
use crate::stream::outbox::{Frame, Outbox};
use crate::stream::topic::{Key, Topic};
use crate::wire::market_stream::{BookTicker, Depth, Head, Kline, MarkPrice, OpenInterest, Ticker};
use crate::words::Side;

#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) key: Key,
    /// `None` where the stream is of every market, or of none.
    market: Option<Arc<Market>>,
    /// A message up to its data.
    start: String,
    subscribers: Vec<Arc<Outbox>>,
    memory: Memory,
}

/// What the next message of a stream depends on.
#[derive(Debug)]
enum Memory {
    Nothing,
    /// The best bid and ask that were sent last.
    Best(Option<[Option<Level>; 2]>),
    /// What has changed since the last message.
    Changes(Option<Changes>),
    Candle(Option<Watched>),
    Facts(Option<Facts>),
}

#[derive(Debug)]
struct Changes {
    first: u64,
    last: u64,
    levels: BTreeMap<(Side, Decimal), Decimal>,
}

/// A candle that is still open.
#[derive(Debug)]
struct Watched {
    candle: Candle,
    /// Trades up to this one are in it, or before it.
    last_trade: u64,
    is_told: bool,
}

/// What is looked up instead of being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Facts {
    Ticker {
        traded: Traded,
        last: Option<Decimal>,
    },
    Prices {
        mark: Decimal,
        index: Decimal,
    },
    OpenInterest(Decimal),
}

pub(crate) fn to_json(data: &impl Serialize) -> String {
    // These shapes have text for keys and no maps that could fail.
    serde_json::to_string(data).unwrap_or_default()
}

impl Group {
    pub(crate) fn new(key: Key, name: &str, market: Option<Arc<Market>>) -> Self {
        let memory = match key.topic {
            Topic::BookTicker => Memory::Best(None),
            Topic::PacedDepth(_) => Memory::Changes(None),
            Topic::Kline(_) => Memory::Candle(None),
            Topic::Ticker | Topic::MarkPrice | Topic::OpenInterest => Memory::Facts(None),
            _ => Memory::Nothing,
        };
        Self {
            key,
            market,
            start: format!("{{\"stream\":{},\"data\":", json!(name)),
            subscribers: Vec::new(),
            memory,
        }
    }

    pub(crate) fn add(&mut self, outbox: Arc<Outbox>) {
        self.subscribers.push(outbox);
    }

    pub(crate) fn remove(&mut self, outbox: &Arc<Outbox>) {
        self.subscribers.retain(|other| !Arc::ptr_eq(other, outbox));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.subscribers.is_empty()
    }

    pub(crate) fn subscribers(&self) -> impl Iterator<Item = &Arc<Outbox>> {
        self.subscribers.iter()
    }

    /// Sends data to all; who takes no more is forgotten.
    pub(crate) fn send(&mut self, data: &str) {
        let frame = self.frame(data);
        self.subscribers.retain(|outbox| outbox.push(frame.clone()));
    }

    /// A message with this data.
    pub(crate) fn frame(&self, data: &str) -> Frame {
        Frame {
            text: Utf8Bytes::from([&self.start, data, "}"].concat()),
            key: Some(self.key),
        }
    }

    /// Takes in a change of the book: at once, or for the next message of a paced stream.
    pub(crate) fn depth(&mut self, news: &DepthNews, now: DateTime<Utc>) {
        let Some(market) = self.market.clone() else {
            return;
        };
        match &mut self.memory {
            Memory::Best(sent) => {
                let best = [news.best_bid, news.best_ask];
                if sent.replace(best) != Some(best) {
                    self.send(&to_json(&BookTicker::new(&market.symbol, news, now)));
                }
            }
            Memory::Changes(changes) => {
                let changes = changes.get_or_insert_with(|| Changes {
                    first: news.first,
                    last: news.last,
                    levels: BTreeMap::new(),
                });
                changes.last = news.last;
                changes.levels.extend(&news.levels);
            }
            _ => {
                let updates = (news.first, news.last);
                let data = Depth::new(&market.symbol, updates, &news.levels, now);
                self.send(&to_json(&data));
            }
        }
    }

    /// Sends what a paced stream has gathered.
    pub(crate) fn send_changes(&mut self, now: DateTime<Utc>) {
        if let Some(market) = self.market.clone()
            && let Memory::Changes(changes) = &mut self.memory
            && let Some(changes) = changes.take()
        {
            let updates = (changes.first, changes.last);
            let data = Depth::new(&market.symbol, updates, &changes.levels, now);
            self.send(&to_json(&data));
        }
    }

    /// Begins the candle of this moment with what was traded in it so far.
    pub(crate) fn begin_candle(&mut self, book: &Book, now: DateTime<Utc>) {
        if let Topic::Kline(interval) = self.key.topic
            && let Some(market) = &self.market
        {
            let tape = book.tape(market);
            let last_trade = tape.last().map_or(0, |trade| trade.id);
            let candle = Candle::at(interval, now, tape);
            self.memory = Memory::Candle(candle.map(|candle| Watched {
                is_told: candle.prices.is_none(),
                candle,
                last_trade,
            }));
        }
    }

    /// Takes a trade into the candle; one that is over is closed first.
    pub(crate) fn trade(&mut self, interval: KlineInterval, news: &TradeNews, now: DateTime<Utc>) {
        self.close_candle(interval, news.trade.at, now);
        if let Memory::Candle(Some(watched)) = &mut self.memory
            && news.trade.id > watched.last_trade
            && news.trade.at >= watched.candle.start
        {
            watched.candle.add(&news.trade);
            watched.last_trade = news.trade.id;
            watched.is_told = false;
        }
    }

    /// Once a second: the candle, if it has changed or is over.
    pub(crate) fn tell_candle(&mut self, interval: KlineInterval, now: DateTime<Utc>) {
        self.close_candle(interval, now, now);
        if let Memory::Candle(Some(watched)) = &mut self.memory
            && !std::mem::replace(&mut watched.is_told, true)
        {
            let candle = watched.candle;
            self.send_candle(&candle, false, now);
        }
    }

    /// Sends the candle as closed if it is over at this moment, and begins the next. One without a trade
    /// is not notified of.
    fn close_candle(&mut self, interval: KlineInterval, moment: DateTime<Utc>, now: DateTime<Utc>) {
        let Memory::Candle(Some(watched)) = &mut self.memory else {
            return;
        };
        if moment < watched.candle.end {
            return;
        }
        let closed = watched.candle;
        if let Some(next) = Candle::at(interval, moment, &[]) {
            watched.candle = next;
            watched.is_told = true;
        }
        if closed.prices.is_some() {
            self.send_candle(&closed, true, now);
        }
    }

    fn send_candle(&mut self, candle: &Candle, is_closed: bool, now: DateTime<Utc>) {
        if let Some(market) = self.market.clone() {
            let head = Head::new("kline", &market.symbol, now);
            self.send(&to_json(&Kline::new(head, candle, is_closed)));
        }
    }

    /// What this stream looks up; `None` where it looks nothing up, or there is nothing yet.
    pub(crate) fn facts(&self, book: &Book) -> Option<Facts> {
        let market = self.market.as_deref()?;
        match self.key.topic {
            Topic::Ticker => Some(Facts::Ticker {
                traded: book.traded(market),
                last: book.prices(market).last,
            }),
            Topic::MarkPrice => Some(Facts::Prices {
                mark: book.mark(market)?,
                index: book.index(market)?,
            }),
            Topic::OpenInterest => Some(Facts::OpenInterest(book.open_interest(market))),
            _ => None,
        }
    }

    /// Sends what was looked up, if it is new; open interest every minute, new or not.
    pub(crate) fn tell_facts(&mut self, facts: Facts, is_minute: bool, now: DateTime<Utc>) {
        let (Memory::Facts(sent), Some(market)) = (&mut self.memory, self.market.clone()) else {
            return;
        };
        let is_due = match (sent.replace(facts), facts) {
            (None, _) => true,
            (Some(_), Facts::OpenInterest(_)) => is_minute,
            (Some(sent), _) => sent != facts,
        };
        if !is_due {
            return;
        }
        let head = |event| Head::new(event, &market.symbol, now);
        let data = match facts {
            Facts::Ticker { traded, last } => to_json(&Ticker::new(head("ticker"), &traded, last)),
            Facts::Prices { mark, index } => {
                let funding_at = market.is_perp().then(|| next_funding(now)).flatten();
                to_json(&MarkPrice::new(head("markPrice"), mark, index, funding_at))
            }
            Facts::OpenInterest(quantity) => to_json(&OpenInterest {
                head: head("openInterest"),
                o: Amount(quantity),
            }),
        };
        self.send(&data);
    }
}
