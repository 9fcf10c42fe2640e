//! What was traded in a market, as everybody may see it, and the candles made of it.

use chrono::{DateTime, Datelike as _, Days, Months, NaiveTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;

/// One trade, without its parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PublicTrade {
    pub(crate) id: u64,
    pub(crate) price: Decimal,
    pub(crate) quantity: Decimal,
    /// Whether the order that rested was the buyer's.
    pub(crate) is_buyer_maker: bool,
    pub(crate) at: DateTime<Utc>,
}

/// The length of a candle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub(crate) enum KlineInterval {
    #[serde(rename = "1s")]
    Second1,
    #[serde(rename = "1m")]
    Minute1,
    #[serde(rename = "3m")]
    Minute3,
    #[serde(rename = "5m")]
    Minute5,
    #[serde(rename = "15m")]
    Minute15,
    #[serde(rename = "30m")]
    Minute30,
    #[serde(rename = "1h")]
    Hour1,
    #[serde(rename = "2h")]
    Hour2,
    #[serde(rename = "4h")]
    Hour4,
    #[serde(rename = "6h")]
    Hour6,
    #[serde(rename = "8h")]
    Hour8,
    #[serde(rename = "12h")]
    Hour12,
    #[serde(rename = "1d")]
    Day1,
    #[serde(rename = "3d")]
    Day3,
    #[serde(rename = "1w")]
    Week1,
    #[serde(rename = "1month")]
    Month1,
}

/// What was traded within one interval. Without a trade there are no prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candle {
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    pub(crate) prices: Option<CandlePrices>,
    pub(crate) volume: Decimal,
    pub(crate) quote_volume: Decimal,
    pub(crate) trades: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CandlePrices {
    pub(crate) open: Decimal,
    pub(crate) high: Decimal,
    pub(crate) low: Decimal,
    pub(crate) close: Decimal,
}

impl KlineInterval {
    pub(crate) const ALL: [Self; 16] = [
        Self::Second1,
        Self::Minute1,
        Self::Minute3,
        Self::Minute5,
        Self::Minute15,
        Self::Minute30,
        Self::Hour1,
        Self::Hour2,
        Self::Hour4,
        Self::Hour6,
        Self::Hour8,
        Self::Hour12,
        Self::Day1,
        Self::Day3,
        Self::Week1,
        Self::Month1,
    ];

    /// The length; `None` for a month, which has no fixed one.
    fn length(self) -> Option<TimeDelta> {
        Some(match self {
            Self::Second1 => TimeDelta::seconds(1),
            Self::Minute1 => TimeDelta::minutes(1),
            Self::Minute3 => TimeDelta::minutes(3),
            Self::Minute5 => TimeDelta::minutes(5),
            Self::Minute15 => TimeDelta::minutes(15),
            Self::Minute30 => TimeDelta::minutes(30),
            Self::Hour1 => TimeDelta::hours(1),
            Self::Hour2 => TimeDelta::hours(2),
            Self::Hour4 => TimeDelta::hours(4),
            Self::Hour6 => TimeDelta::hours(6),
            Self::Hour8 => TimeDelta::hours(8),
            Self::Hour12 => TimeDelta::hours(12),
            Self::Day1 => TimeDelta::days(1),
            Self::Day3 => TimeDelta::days(3),
            Self::Week1 => TimeDelta::weeks(1),
            Self::Month1 => return None,
        })
    }

    /// The start of the interval in which a moment lies. Weeks start on Monday; `None` outside the
    /// calendar.
    fn start(self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Month1 => {
                let day = at.date_naive().with_day(1)?;
                Some(day.and_time(NaiveTime::MIN).and_utc())
            }
            Self::Week1 => {
                let monday = Days::new(at.weekday().num_days_from_monday().into());
                let day = at.date_naive().checked_sub_days(monday)?;
                Some(day.and_time(NaiveTime::MIN).and_utc())
            }
            _ => {
                let seconds = self.length()?.num_seconds();
                DateTime::from_timestamp(at.timestamp().div_euclid(seconds) * seconds, 0)
            }
        }
    }

    fn end(self, start: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.length() {
            Some(length) => start.checked_add_signed(length),
            None => start.checked_add_months(Months::new(1)),
        }
    }
}

impl Candle {
    fn empty(start: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        Self {
            start,
            end,
            prices: None,
            volume: Decimal::ZERO,
            quote_volume: Decimal::ZERO,
            trades: 0,
        }
    }

    /// The candle of a moment, with the newest trades in it; `None` outside the calendar.
    pub(crate) fn at(
        interval: KlineInterval,
        moment: DateTime<Utc>,
        tape: &[PublicTrade],
    ) -> Option<Self> {
        let start = interval.start(moment)?;
        let mut candle = Self::empty(start, interval.end(start)?);
        let newest = tape.iter().rev().take_while(|trade| trade.at >= start);
        let newest: Vec<_> = newest.filter(|trade| trade.at < candle.end).collect();
        newest.iter().rev().for_each(|trade| candle.add(trade));
        Some(candle)
    }

    /// The price moves, without a trade.
    pub(crate) fn move_to(&mut self, price: Decimal) {
        let prices = self.prices.get_or_insert(CandlePrices {
            open: price,
            high: price,
            low: price,
            close: price,
        });
        prices.high = prices.high.max(price);
        prices.low = prices.low.min(price);
        prices.close = price;
    }

    pub(crate) fn add(&mut self, trade: &PublicTrade) {
        self.move_to(trade.price);
        self.volume += trade.quantity;
        self.quote_volume += trade.price * trade.quantity;
        self.trades += 1;
    }
}

/// The candles whose intervals start between two moments, both included, at most so many.
pub(crate) fn candles(
    interval: KlineInterval,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    count_max: usize,
    tape: &[PublicTrade],
) -> Vec<Candle> {
    let mut candles = Vec::new();
    let mut start = interval.start(from);
    while let Some((begin, end)) = start.and_then(|start| Some((start, interval.end(start)?)))
        && begin <= to
        && candles.len() < count_max
    {
        candles.push(Candle::empty(begin, end));
        start = Some(end);
    }
    for trade in tape {
        let place = candles.partition_point(|candle| candle.end <= trade.at);
        if let Some(candle) = candles
            .get_mut(place)
            .filter(|candle| candle.start <= trade.at)
        {
            candle.add(trade);
        }
    }
    candles
}
