//! What anyone may ask about the exchange, its markets and their books, without a signature.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::book::Book;
use crate::exchange::Exchange;
use crate::fault::Influence;
use crate::http::admit::query_pairs;
use crate::http::live::Answer;
use crate::http::page::{LIMIT_MAX, Page};
use crate::http::params::Params;
use crate::http::reply;
use crate::market::Market;
use crate::refusal::{NOT_LISTED, Refusal};
use crate::wire::public::{Asset, Depth, PublicMarket, Status, Ticker};
use crate::words::{MarketType, Side, SortDirection};

/// The numbers of levels the venue takes for `limit`; the last one is the default.
const DEPTH_LIMITS: [usize; 7] = [5, 10, 20, 50, 100, 500, 1000];

pub(crate) type Handler = fn(&Exchange, &Asked<'_>) -> Answer;

const ROUTES: [(&str, Handler); 21] = [
    ("/api/v1/assets", assets),
    ("/api/v1/depth", depth),
    ("/api/v1/market", market),
    ("/api/v1/markets", markets),
    ("/api/v1/ping", |_, _| Ok("pong".into_response())),
    ("/api/v1/status", status),
    ("/api/v1/ticker", ticker),
    ("/api/v1/tickers", tickers),
    ("/api/v1/time", time),
    ("/api/v1/borrowLend/apy", rates),
    ("/api/v1/borrowLend/markets", nothing),
    ("/api/v1/borrowLend/markets/history", nothing),
    ("/api/v1/collateral", nothing),
    ("/api/v1/market-holidays", nothing),
    ("/api/v1/market-sessions", nothing),
    ("/api/v1/prediction", nothing),
    ("/api/v1/prediction/tags", nothing),
    ("/api/v1/securities", nothing),
    ("/api/v1/vaults", nothing),
    ("/api/v1/vaults/history", nothing),
    ("/api/v1/wallets", nothing),
];

/// One unsigned request.
pub(crate) struct Asked<'a> {
    pub(crate) params: Params<'a>,
    pub(crate) now: DateTime<Utc>,
}

impl Asked<'_> {
    /// The market named by `symbol`, which must be given.
    pub(crate) fn market<'b>(&self, exchange: &'b Exchange) -> Result<&'b Arc<Market>, Refusal> {
        self.params.needed_market(&exchange.markets)
    }
}

pub(crate) fn routes() -> Router<Arc<Exchange>> {
    routes_of(&ROUTES)
}

/// Serves each path with its handler.
pub(crate) fn routes_of(routes: &[(&'static str, Handler)]) -> Router<Arc<Exchange>> {
    let routes = routes.iter().copied();
    routes.fold(Router::new(), |router, (path, handler)| {
        let serve = move |State(exchange): State<Arc<Exchange>>, request: Request| async move {
            answer(handler, &exchange, &request)
        };
        router.route(path, get(serve))
    })
}

fn answer(handler: Handler, exchange: &Exchange, request: &Request) -> Response {
    let now = Influence::of(request.extensions()).now();
    let answer = query_pairs(request.uri()).and_then(|pairs| {
        let params = Params(&pairs);
        handler(exchange, &Asked { params, now })
    });
    let mut response = answer.unwrap_or_else(reply::refuse);
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// A page of what this exchange does not have.
fn nothing(exchange: &Exchange, asked: &Asked<'_>) -> Answer {
    let page = Page::read(asked.params, SortDirection::Desc, LIMIT_MAX)?;
    page.answer(exchange, &[(); 0], 0)
}

/// The rates of lending and of staking, of which there are none.
fn rates(exchange: &Exchange, _: &Asked<'_>) -> Answer {
    reply::ok(exchange, &json!({ "borrowLend": [], "staking": [] }))
}

fn assets(exchange: &Exchange, _: &Asked<'_>) -> Answer {
    let assets: Vec<_> = exchange.markets.assets().map(Asset::from).collect();
    reply::ok(exchange, &assets)
}

fn market(exchange: &Exchange, asked: &Asked<'_>) -> Answer {
    let market = asked.market(exchange)?;
    reply::ok(exchange, &PublicMarket::new(market, exchange.opened_at))
}

/// All markets, or those of the types named.
fn markets(exchange: &Exchange, asked: &Asked<'_>) -> Answer {
    let kinds: Vec<MarketType> = asked.params.words("marketType")?;
    let markets = exchange.markets.iter();
    let markets = markets.filter(|market| kinds.is_empty() || kinds.contains(&market.kind));
    let shown = |market| PublicMarket::new(market, exchange.opened_at);
    let markets: Vec<_> = markets.map(shown).collect();
    reply::ok(exchange, &markets)
}

fn depth(exchange: &Exchange, asked: &Asked<'_>) -> Answer {
    let market = asked.market(exchange)?;
    let limit = asked.params.integer("limit")?.unwrap_or(1000);
    if !DEPTH_LIMITS.contains(&limit) {
        let problem = "expected one of 5, 10, 20, 50, 100, 500, 1000";
        return Err(Refusal::parameter("limit", problem));
    }
    let (bids, asks, updates) = {
        let book = exchange.book();
        let levels = |side| book.levels(market, side, limit);
        (levels(Side::Bid), levels(Side::Ask), book.updates(market))
    };
    reply::ok(exchange, &Depth::new(&bids, &asks, updates, asked.now))
}

fn ticker(exchange: &Exchange, asked: &Asked<'_>) -> Answer {
    let market = asked.market(exchange)?;
    check_span(asked)?;
    let ticker = ticker_of(&exchange.book(), market);
    reply::ok(exchange, &ticker)
}

fn tickers(exchange: &Exchange, asked: &Asked<'_>) -> Answer {
    check_span(asked)?;
    let tickers: Vec<_> = {
        let book = exchange.book();
        let markets = exchange.markets.iter();
        markets.map(|market| ticker_of(&book, market)).collect()
    };
    reply::ok(exchange, &tickers)
}

/// The span of a ticker is read, but everything counts from the start of this exchange.
fn check_span(asked: &Asked<'_>) -> Result<(), Refusal> {
    match asked.params.text("interval")? {
        None | Some("1d" | "1w") => Ok(()),
        Some(_) => Err(Refusal::parameter("interval", NOT_LISTED)),
    }
}

fn ticker_of<'a>(book: &Book, market: &'a Market) -> Ticker<'a> {
    Ticker::new(market, book.prices(market), book.traded(market))
}

fn status(exchange: &Exchange, _: &Asked<'_>) -> Answer {
    let status = Status {
        status: "Ok",
        message: None,
    };
    reply::ok(exchange, &status)
}

/// Milliseconds, as text.
fn time(_: &Exchange, asked: &Asked<'_>) -> Answer {
    Ok(asked.now.timestamp_millis().to_string().into_response())
}
