//! Trades, candles, mark prices, funding and open interest as the public operations send them.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::amount::Amount;
use crate::book::tape::{Candle, PublicTrade};
use crate::wire::history::zoneless;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trade {
    id: u64,
    price: Amount,
    quantity: Amount,
    quote_quantity: Amount,
    /// Milliseconds.
    timestamp: i64,
    is_buyer_maker: bool,
}

/// Prices are null where nothing was traded. Times are UTC without a zone.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Kline {
    start: String,
    end: String,
    open: Option<Amount>,
    high: Option<Amount>,
    low: Option<Amount>,
    close: Option<Amount>,
    volume: Amount,
    quote_volume: Amount,
    trades: String,
}

/// The funding rate is zero: there is no funding here.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MarkPrice<'a> {
    funding_rate: Option<Amount>,
    index_price: Option<Amount>,
    mark_price: Amount,
    next_funding_timestamp: Option<i64>,
    symbol: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenInterest<'a> {
    pub(crate) symbol: &'a str,
    pub(crate) open_interest: Option<Amount>,
    /// Milliseconds.
    pub(crate) timestamp: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FundingRate<'a> {
    symbol: &'a str,
    interval_end_timestamp: String,
    funding_rate: Amount,
}

impl From<&PublicTrade> for Trade {
    fn from(trade: &PublicTrade) -> Self {
        Self {
            id: trade.id,
            price: Amount(trade.price),
            quantity: Amount(trade.quantity),
            quote_quantity: Amount(trade.price * trade.quantity),
            timestamp: trade.at.timestamp_millis(),
            is_buyer_maker: trade.is_buyer_maker,
        }
    }
}

impl From<&Candle> for Kline {
    fn from(candle: &Candle) -> Self {
        let time = |time: DateTime<Utc>| time.format("%Y-%m-%d %H:%M:%S").to_string();
        let prices = candle.prices;
        Self {
            start: time(candle.start),
            end: time(candle.end),
            open: prices.map(|prices| Amount(prices.open)),
            high: prices.map(|prices| Amount(prices.high)),
            low: prices.map(|prices| Amount(prices.low)),
            close: prices.map(|prices| Amount(prices.close)),
            volume: Amount(candle.volume),
            quote_volume: Amount(candle.quote_volume),
            trades: candle.trades.to_string(),
        }
    }
}

impl<'a> MarkPrice<'a> {
    /// Of a perpetual where the end of its funding interval is given, otherwise of a spot market.
    pub(crate) fn new(
        symbol: &'a str,
        mark: Decimal,
        index: Decimal,
        funding_at: Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            funding_rate: funding_at.map(|_| Amount(Decimal::ZERO)),
            index_price: funding_at.map(|_| Amount(index)),
            mark_price: Amount(mark),
            next_funding_timestamp: funding_at.map(|at| at.timestamp_millis()),
            symbol,
        }
    }
}

impl<'a> FundingRate<'a> {
    pub(crate) fn zero(symbol: &'a str, end: DateTime<Utc>) -> Self {
        Self {
            symbol,
            interval_end_timestamp: zoneless(end),
            funding_rate: Amount(Decimal::ZERO),
        }
    }
}
