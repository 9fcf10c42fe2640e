//! Markets, depths and tickers as the public operations send them. Numbers are strings.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::amount::Amount;
use crate::book::ladder::Level;
use crate::book::prices::{Prices, Traded};
use crate::market::{FUNDING_INTERVAL_MS, INITIAL_MARGIN, Market};
use crate::wire::history::zoneless;
use crate::wire::live::Absent;
use crate::words::MarketType;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublicMarket<'a> {
    symbol: &'a str,
    base_symbol: &'a str,
    quote_symbol: &'a str,
    market_type: MarketType,
    filters: Filters,
    imf_function: Option<MarginFunction>,
    mmf_function: Option<MarginFunction>,
    /// Milliseconds.
    funding_interval: Option<i64>,
    funding_rate_upper_bound: Option<Amount>,
    funding_rate_lower_bound: Option<Amount>,
    open_interest_limit: Absent,
    order_book_state: &'static str,
    created_at: String,
    visible: bool,
    position_limit_weight: Absent,
}

#[derive(Debug, Serialize)]
struct Filters {
    price: PriceFilter,
    quantity: QuantityFilter,
}

/// The multipliers are the market's price band.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PriceFilter {
    min_price: Amount,
    max_price: Option<Amount>,
    tick_size: Amount,
    max_multiplier: Option<Amount>,
    min_multiplier: Option<Amount>,
    max_impact_multiplier: Absent,
    min_impact_multiplier: Absent,
    mean_mark_price_band: Absent,
    mean_premium_band: Absent,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct QuantityFilter {
    min_quantity: Amount,
    max_quantity: Option<Amount>,
    step_size: Amount,
}

/// Share of a position's value that must be set aside; with a factor of 0 it is the same for all sizes.
#[derive(Debug, Serialize)]
pub(crate) struct MarginFunction {
    #[serde(rename = "type")]
    kind: &'static str,
    base: Amount,
    factor: Amount,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Depth {
    asks: Vec<(Amount, Amount)>,
    bids: Vec<(Amount, Amount)>,
    last_update_id: String,
    /// Microseconds.
    timestamp: i64,
}

/// Counted from the start of the exchange; prices are zero until one is known.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ticker<'a> {
    symbol: &'a str,
    first_price: Amount,
    last_price: Amount,
    price_change: Amount,
    price_change_percent: Amount,
    high: Amount,
    low: Amount,
    volume: Amount,
    quote_volume: Amount,
    trades: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Asset<'a> {
    symbol: &'a str,
    display_name: &'a str,
    coingecko_id: Absent,
    /// No chain carries them.
    tokens: [(); 0],
}

#[derive(Debug, Serialize)]
pub(crate) struct Status {
    pub(crate) status: &'static str,
    pub(crate) message: Absent,
}

impl<'a> PublicMarket<'a> {
    pub(crate) fn new(market: &'a Arc<Market>, created_at: DateTime<Utc>) -> Self {
        Self {
            symbol: &market.symbol,
            base_symbol: &market.base,
            quote_symbol: &market.quote,
            market_type: market.kind,
            filters: Filters::from(market.as_ref()),
            imf_function: market.is_perp().then(MarginFunction::flat),
            mmf_function: market.is_perp().then(MarginFunction::flat),
            funding_interval: market.is_perp().then_some(FUNDING_INTERVAL_MS),
            funding_rate_upper_bound: market.is_perp().then_some(Amount(Decimal::ZERO)),
            funding_rate_lower_bound: market.is_perp().then_some(Amount(Decimal::ZERO)),
            open_interest_limit: None,
            order_book_state: "Open",
            created_at: zoneless(created_at),
            visible: true,
            position_limit_weight: None,
        }
    }
}

impl MarginFunction {
    pub(crate) fn flat() -> Self {
        Self {
            kind: "sqrt",
            base: Amount(INITIAL_MARGIN),
            factor: Amount(Decimal::ZERO),
        }
    }
}

impl From<&Market> for Filters {
    fn from(market: &Market) -> Self {
        let filters = &market.filters;
        let band = filters.price_band_percent;
        let share = band.map(|percent| percent / Decimal::ONE_HUNDRED);
        let least = |share: Decimal| (Decimal::ONE - share).max(Decimal::ZERO);
        Self {
            price: PriceFilter {
                min_price: Amount(filters.min_price),
                max_price: filters.max_price.map(Amount),
                tick_size: Amount(filters.tick_size),
                max_multiplier: share.map(|share| Amount(Decimal::ONE + share)),
                min_multiplier: share.map(|share| Amount(least(share))),
                max_impact_multiplier: None,
                min_impact_multiplier: None,
                mean_mark_price_band: None,
                mean_premium_band: None,
            },
            quantity: QuantityFilter {
                min_quantity: Amount(filters.min_quantity),
                max_quantity: filters.max_quantity.map(Amount),
                step_size: Amount(filters.step_size),
            },
        }
    }
}

impl Depth {
    /// From the best levels of each side, best first. They are sent in ascending order, so the best bid
    /// comes last.
    pub(crate) fn new(bids: &[Level], asks: &[Level], updates: u64, at: DateTime<Utc>) -> Self {
        let pair = |level: &Level| (Amount(level.price), Amount(level.quantity));
        Self {
            asks: asks.iter().map(pair).collect(),
            bids: bids.iter().rev().map(pair).collect(),
            last_update_id: updates.to_string(),
            timestamp: at.timestamp_micros(),
        }
    }
}

impl<'a> Ticker<'a> {
    pub(crate) fn new(market: &'a Market, prices: Prices, traded: Traded) -> Self {
        let last = prices.last.unwrap_or_default();
        let first = traded.first.unwrap_or(last);
        let change = last - first;
        let share = change.checked_div(first).unwrap_or_default();
        Self {
            symbol: &market.symbol,
            first_price: Amount(first),
            last_price: Amount(last),
            price_change: Amount(change),
            price_change_percent: Amount(share.round_dp(6)),
            high: Amount(traded.high.unwrap_or(last)),
            low: Amount(traded.low.unwrap_or(last)),
            volume: Amount(traded.volume),
            quote_volume: Amount(traded.quote_volume),
            trades: traded.trades.to_string(),
        }
    }
}

impl<'a> From<&'a str> for Asset<'a> {
    fn from(symbol: &'a str) -> Self {
        Self {
            symbol,
            display_name: symbol,
            coingecko_id: None,
            tokens: [],
        }
    }
}
