//! Books, trades, candles and prices as the public streams send them: members of one letter, times in
//! microseconds.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::amount::Amount;
use crate::book::journal::{DepthNews, TradeNews};
use crate::book::ladder::Level;
use crate::book::prices::Traded;
use crate::book::tape::Candle;
use crate::words::Side;

/// What every message begins with.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Head<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time_us: i64,
    s: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Depth<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    a: Vec<(Amount, Amount)>,
    b: Vec<(Amount, Amount)>,
    #[serde(rename = "U")]
    first: u64,
    u: u64,
    #[serde(rename = "T")]
    engine_time_us: i64,
}

/// A side without orders is left out.
#[derive(Debug, Serialize)]
pub(crate) struct BookTicker<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    a: Option<Amount>,
    #[serde(rename = "A", skip_serializing_if = "Option::is_none")]
    ask_quantity: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    b: Option<Amount>,
    #[serde(rename = "B", skip_serializing_if = "Option::is_none")]
    bid_quantity: Option<Amount>,
    /// A number, as in recorded messages; the venue's document has text.
    u: u64,
    #[serde(rename = "T")]
    engine_time_us: i64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Trade<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    p: Amount,
    q: Amount,
    /// The buyer's order.
    b: String,
    /// The seller's order.
    a: String,
    t: u64,
    #[serde(rename = "T")]
    engine_time_us: i64,
    m: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Ticker<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    o: Amount,
    c: Amount,
    h: Amount,
    l: Amount,
    v: Amount,
    #[serde(rename = "V")]
    quote_volume: Amount,
    n: u64,
}

/// Times are UTC without a zone. Prices are left out where nothing was traded.
#[derive(Debug, Serialize)]
pub(crate) struct Kline<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    t: String,
    #[serde(rename = "T")]
    end: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    o: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    c: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    h: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    l: Option<Amount>,
    v: Amount,
    n: u64,
    #[serde(rename = "X")]
    is_closed: bool,
}

/// Rate, index and time belong to a perpetual. The rate is zero: there is no funding here.
#[derive(Debug, Serialize)]
pub(crate) struct MarkPrice<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    p: Amount,
    #[serde(rename = "f", skip_serializing_if = "Option::is_none")]
    funding_rate: Option<Amount>,
    #[serde(rename = "i", skip_serializing_if = "Option::is_none")]
    index: Option<Amount>,
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    funding_at_ms: Option<i64>,
    #[serde(rename = "T")]
    engine_time_us: i64,
}

#[derive(Debug, Serialize)]
pub(crate) struct OpenInterest<'a> {
    #[serde(flatten)]
    pub(crate) head: Head<'a>,
    pub(crate) o: Amount,
}

impl<'a> Head<'a> {
    pub(crate) fn new(event: &'static str, symbol: &'a str, now: DateTime<Utc>) -> Self {
        Self {
            e: event,
            event_time_us: now.timestamp_micros(),
            s: symbol,
        }
    }
}

impl<'a> Depth<'a> {
    pub(crate) fn new(
        symbol: &'a str,
        (first, last): (u64, u64),
        levels: &BTreeMap<(Side, Decimal), Decimal>,
        now: DateTime<Utc>,
    ) -> Self {
        let of = |wanted: Side| {
            let levels = levels.iter().filter(|((side, _), _)| *side == wanted);
            let pairs = levels.map(|((_, price), quantity)| (Amount(*price), Amount(*quantity)));
            pairs.collect()
        };
        Self {
            head: Head::new("depth", symbol, now),
            a: of(Side::Ask),
            b: of(Side::Bid),
            first,
            u: last,
            engine_time_us: now.timestamp_micros(),
        }
    }
}

impl<'a> BookTicker<'a> {
    pub(crate) fn new(symbol: &'a str, news: &DepthNews, now: DateTime<Utc>) -> Self {
        let price = |level: Option<Level>| level.map(|level| Amount(level.price));
        let quantity = |level: Option<Level>| level.map(|level| Amount(level.quantity));
        Self {
            head: Head::new("bookTicker", symbol, now),
            a: price(news.best_ask),
            ask_quantity: quantity(news.best_ask),
            b: price(news.best_bid),
            bid_quantity: quantity(news.best_bid),
            u: news.last,
            engine_time_us: now.timestamp_micros(),
        }
    }
}

impl<'a> Trade<'a> {
    pub(crate) fn new(symbol: &'a str, news: &TradeNews, now: DateTime<Utc>) -> Self {
        let trade = &news.trade;
        Self {
            head: Head::new("trade", symbol, now),
            p: Amount(trade.price),
            q: Amount(trade.quantity),
            b: news.buyer.to_string(),
            a: news.seller.to_string(),
            t: trade.id,
            engine_time_us: trade.at.timestamp_micros(),
            m: trade.is_buyer_maker,
        }
    }
}

impl<'a> Ticker<'a> {
    /// Counted from the start of the exchange; prices are zero until one is known.
    pub(crate) fn new(head: Head<'a>, traded: &Traded, last: Option<Decimal>) -> Self {
        let last = last.unwrap_or_default();
        Self {
            head,
            o: Amount(traded.first.unwrap_or(last)),
            c: Amount(last),
            h: Amount(traded.high.unwrap_or(last)),
            l: Amount(traded.low.unwrap_or(last)),
            v: Amount(traded.volume),
            quote_volume: Amount(traded.quote_volume),
            n: traded.trades,
        }
    }
}

impl<'a> Kline<'a> {
    pub(crate) fn new(head: Head<'a>, candle: &Candle, is_closed: bool) -> Self {
        let time = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%S").to_string();
        let prices = candle.prices;
        Self {
            head,
            t: time(candle.start),
            end: time(candle.end),
            o: prices.map(|prices| Amount(prices.open)),
            c: prices.map(|prices| Amount(prices.close)),
            h: prices.map(|prices| Amount(prices.high)),
            l: prices.map(|prices| Amount(prices.low)),
            v: Amount(candle.volume),
            n: candle.trades,
            is_closed,
        }
    }
}

impl<'a> MarkPrice<'a> {
    /// Of a perpetual where the end of its funding interval is given, otherwise of a spot market.
    pub(crate) fn new(
        head: Head<'a>,
        mark: Decimal,
        index: Decimal,
        funding_at: Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            p: Amount(mark),
            funding_rate: funding_at.map(|_| Amount(Decimal::ZERO)),
            index: funding_at.map(|_| Amount(index)),
            funding_at_ms: funding_at.map(|at| at.timestamp_millis()),
            engine_time_us: head.event_time_us,
            head,
        }
    }
}
