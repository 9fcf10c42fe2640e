//! What was traded and at what price: trades, candles, mark prices, funding, open interest.

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use crate::amount::Amount;
use crate::book::Book;
use crate::book::tape::{KlineInterval, candles};
use crate::exchange::Exchange;
use crate::http::live::Answer;
use crate::http::page::Page;
use crate::http::public::{Asked, Handler, routes_of};
use crate::http::reply;
use crate::market::{FUNDING_INTERVAL_MS, Market, next_funding};
use crate::refusal::{Code, Refusal};
use crate::wire::market_data::{FundingRate, Kline, MarkPrice, OpenInterest, Trade};
use crate::words::{MarketType, SortDirection};

const TRADES_MAX: usize = 1000;
const FUNDING_RATES_MAX: usize = 10_000;
const KLINES_MAX: usize = 1000;

const ROUTES: [(&str, Handler); 6] = [
    ("/api/v1/fundingRates", funding_rates),
    ("/api/v1/klines", klines),
    ("/api/v1/markPrices", mark_prices),
    ("/api/v1/openInterest", open_interest),
    ("/api/v1/trades", trades),
    ("/api/v1/trades/history", trades),
];

/// Which price candles are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
enum PriceType {
    #[default]
    Last,
    Index,
    Mark,
}

pub(crate) fn routes() -> Router<Arc<Exchange>> {
    routes_of(&ROUTES)
}

/// The trades of a market, newest first.
fn trades(exchange: &Exchange, asked: &Asked<'_>) -> Answer {
    let market = asked.market(exchange)?;
    let page = Page::read(asked.params, SortDirection::Desc, TRADES_MAX)?;
    let (trades, _) = page.cut(exchange.book().tape(market).iter());
    let rows: Vec<_> = trades.iter().map(Trade::from).collect();
    reply::ok(exchange, &rows)
}

/// Candles of what was traded, from the start of this exchange on. Index and mark prices are not kept:
/// of these, only the candle of this moment has a price.
fn klines(exchange: &Exchange, asked: &Asked<'_>) -> Answer {
    let params = asked.params;
    let market = asked.market(exchange)?;
    let interval: KlineInterval = params.needed("interval", params.word("interval")?)?;
    let from = params.needed("startTime", time(asked, "startTime")?)?;
    let to = time(asked, "endTime")?.unwrap_or(asked.now);
    let price_type: PriceType = params.word("priceType")?.unwrap_or_default();
    if from > to {
        let message = "Start time must not be after end time";
        return Err(Refusal::bad(Code::InvalidRange, message));
    }
    let (from, to) = (from.max(exchange.opened_at), to.min(asked.now));
    let rows: Vec<_> = {
        let book = exchange.book();
        let (tape, present) = match price_type {
            PriceType::Last => (book.tape(market), None),
            PriceType::Index => (&[][..], book.index(market)),
            PriceType::Mark => (&[][..], book.mark(market)),
        };
        let mut candles = candles(interval, from, to, KLINES_MAX, tape);
        let last = candles.last_mut().filter(|last| last.end > asked.now);
        if let Some((last, price)) = last.zip(present) {
            last.move_to(price);
        }
        candles.iter().map(Kline::from).collect()
    };
    reply::ok(exchange, &rows)
}

/// A moment in seconds since 1970.
fn time(asked: &Asked<'_>, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    let seconds: Option<i64> = asked.params.integer(name)?;
    let moment = |seconds| {
        DateTime::from_timestamp(seconds, 0)
            .ok_or_else(|| Refusal::parameter(name, "expected seconds since 1970"))
    };
    seconds.map(moment).transpose()
}

/// Perpetuals, where the caller does not ask for another type of market or a symbol. A market without
/// any price is left out.
fn mark_prices(exchange: &Exchange, asked: &Asked<'_>) -> Answer {
    let wanted = asked.params.market(&exchange.markets)?;
    let kind: Option<MarketType> = asked.params.word("marketType")?;
    let kind = kind.or(wanted.is_none().then_some(MarketType::Perp));
    let markets = exchange.markets.iter().filter(|market| {
        kind.is_none_or(|kind| kind == market.kind)
            && wanted.is_none_or(|wanted| wanted.index == market.index)
    });
    let rows: Vec<_> = {
        let book = exchange.book();
        let row = |market| mark_price(&book, market, asked.now);
        markets.filter_map(|market| row(market)).collect()
    };
    reply::ok(exchange, &rows)
}

fn mark_price<'a>(book: &Book, market: &'a Market, now: DateTime<Utc>) -> Option<MarkPrice<'a>> {
    let mark = book.mark(market)?;
    let index = book.index(market).unwrap_or(mark);
    let funding_at = market.is_perp().then(|| next_funding(now)).flatten();
    Some(MarkPrice::new(&market.symbol, mark, index, funding_at))
}

fn open_interest(exchange: &Exchange, asked: &Asked<'_>) -> Answer {
    let wanted = asked.params.market(&exchange.markets)?;
    let markets = exchange.markets.iter().filter(|market| match wanted {
        Some(wanted) => wanted.index == market.index,
        None => market.is_perp(),
    });
    let rows: Vec<_> = {
        let book = exchange.book();
        let row = |market: &'_ Arc<Market>| market.is_perp().then(|| book.open_interest(market));
        markets
            .map(|market| OpenInterest {
                symbol: &market.symbol,
                open_interest: row(market).map(Amount),
                timestamp: asked.now.timestamp_millis(),
            })
            .collect()
    };
    reply::ok(exchange, &rows)
}

/// One rate of zero for each funding interval that ended since the start of this exchange, newest first;
/// none on a spot market.
fn funding_rates(exchange: &Exchange, asked: &Asked<'_>) -> Answer {
    let market = asked.market(exchange)?;
    let page = Page::read(asked.params, SortDirection::Desc, FUNDING_RATES_MAX)?;
    let first = next_funding(exchange.opened_at).filter(|_| market.is_perp());
    let interval = TimeDelta::milliseconds(FUNDING_INTERVAL_MS);
    let ends = std::iter::successors(first, |end| end.checked_add_signed(interval));
    let ends: Vec<_> = ends.take_while(|end| *end <= asked.now).collect();
    let (ends, total) = page.cut(ends.iter());
    let row = |end: &DateTime<Utc>| FundingRate::zero(&market.symbol, *end);
    let rows: Vec<_> = ends.iter().map(row).collect();
    let mut response: Response = reply::ok(exchange, &rows)?;
    page.head(&mut response, total);
    Ok(response)
}
