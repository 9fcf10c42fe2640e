//! What anyone may ask without a signature, and the balances of the one who signs.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};

use crate::book::Book;
use crate::exchange::Exchange;
use crate::fault::Influence;
use crate::http::admit::{Admitted, query_pairs};
use crate::http::live::Answer;
use crate::http::params::Params;
use crate::http::reply;
use crate::market::Market;
use crate::refusal::Refusal;
use crate::wire::public::{Asset, Balance, Depth, PublicMarket, Status, Ticker};
use crate::words::Side;

/// The numbers of levels the venue takes for `limit`; the last one is the default.
const DEPTH_LIMITS: [usize; 7] = [5, 10, 20, 50, 100, 500, 1000];

type Handler = fn(&Exchange, &Asked<'_>) -> Answer;

const ROUTES: [(&str, Handler); 9] = [
    ("/api/v1/assets", assets),
    ("/api/v1/depth", depth),
    ("/api/v1/market", market),
    ("/api/v1/markets", markets),
    ("/api/v1/ping", |_, _| Ok("pong".into_response())),
    ("/api/v1/status", status),
    ("/api/v1/ticker", ticker),
    ("/api/v1/tickers", tickers),
    ("/api/v1/time", time),
];

/// One unsigned request.
struct Asked<'a> {
    params: Params<'a>,
    now: DateTime<Utc>,
}

impl Asked<'_> {
    /// The market named by `symbol`, which must be given.
    fn market<'b>(&self, exchange: &'b Exchange) -> Result<&'b Arc<Market>, Refusal> {
        let missing = || Refusal::parameter("symbol", "the parameter is missing");
        let found = self.params.market(&exchange.markets)?;
        found.ok_or_else(missing)
    }
}

pub(crate) fn routes() -> Router<Arc<Exchange>> {
    let routes = ROUTES.into_iter();
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
    answer.unwrap_or_else(reply::refuse)
}

fn assets(exchange: &Exchange, _: &Asked<'_>) -> Answer {
    let assets: Vec<_> = exchange.markets.assets().map(Asset::from).collect();
    reply::ok(exchange, &assets)
}

fn market(exchange: &Exchange, asked: &Asked<'_>) -> Answer {
    let market = asked.market(exchange)?;
    reply::ok(exchange, &PublicMarket::new(market, exchange.opened_at))
}

fn markets(exchange: &Exchange, _: &Asked<'_>) -> Answer {
    let shown = |market| PublicMarket::new(market, exchange.opened_at);
    let markets: Vec<_> = exchange.markets.iter().map(shown).collect();
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
    let ticker = ticker_of(&exchange.book(), market);
    reply::ok(exchange, &ticker)
}

fn tickers(exchange: &Exchange, _: &Asked<'_>) -> Answer {
    let tickers: Vec<_> = {
        let book = exchange.book();
        let markets = exchange.markets.iter();
        markets.map(|market| ticker_of(&book, market)).collect()
    };
    reply::ok(exchange, &tickers)
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

/// What the account owns of every asset, by symbol.
pub(crate) fn get_balances(exchange: &Exchange, request: &Admitted) -> Answer {
    let balances: BTreeMap<_, _> = {
        let book = exchange.book();
        let balance = |(place, asset)| {
            let balance = book.balance(request.account, place);
            (asset, Balance::from(balance))
        };
        exchange.markets.assets().enumerate().map(balance).collect()
    };
    reply::ok(exchange, &balances)
}
