//! What a watcher sees of the exchange, as named sections of JSON.

use std::sync::Arc;

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::control::Control;
use crate::control::reply::Failure;
use crate::control::rows::{account_row, book_row, fill_row, order_row};
use crate::market::Market;

/// Sections by name. Each is replaced as a whole when anything in it changes.
pub(crate) type Sections = Map<String, Value>;

/// What a watcher asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// The only market to show the book of; all by default.
    market: Option<String>,
    /// How many price levels of each side.
    #[serde(default = "levels")]
    levels: usize,
    /// How many of the newest open orders (per account), fills, requests and faults.
    #[serde(default = "rows")]
    rows: usize,
}

fn levels() -> usize {
    20
}

fn rows() -> usize {
    50
}

const COUNT_MAX: usize = 1_000;

/// Reads what is wanted from the query.
pub(crate) fn wanted(
    query: Result<Query<Wanted>, QueryRejection>,
    control: &Control,
) -> Result<Wanted, Failure> {
    let fix = "send market=SYMBOL, levels=N and rows=N, or none of them";
    let Query(wanted) = query.map_err(|error| Failure::bad(error.body_text(), fix))?;
    let known = |symbol: &String| control.exchange.markets.find(symbol).is_some();
    if !wanted.market.as_ref().is_none_or(known) {
        return Err(Failure::bad("there is no such market", fix));
    }
    if wanted.levels.max(wanted.rows) > COUNT_MAX {
        let fix = format!("send at most {COUNT_MAX} for levels and rows");
        return Err(Failure::bad("that is more than anybody reads", fix));
    }
    Ok(wanted)
}

/// The exchange as it stands, as much of it as is wanted.
pub(crate) fn sections(control: &Control, wanted: &Wanted) -> Sections {
    let mut sections = book_sections(control, wanted);
    let others = json!({
        "exchange": {
            "base_url": control.base_url,
            "markets": control.exchange.markets.iter().map(|market| &market.symbol).collect::<Vec<_>>(),
            "clock_skew_ms": control.faults.skew_ms(),
        },
        "requests": requests(control, wanted.rows),
        "faults_armed": control.faults.armed(),
        "faults_fired": control.faults.fired(wanted.rows),
    });
    if let Value::Object(others) = others {
        sections.extend(others);
    }
    sections
}

fn requests(control: &Control, rows: usize) -> Value {
    let rows = control.exchange.log.last(rows).into_iter();
    rows.map(|(number, request)| json!({ "number": number, "request": request }))
        .collect()
}

/// What the book's lock covers; it is held for as long as this takes and no longer.
fn book_sections(control: &Control, wanted: &Wanted) -> Sections {
    let exchange = &control.exchange;
    let book = exchange.book();
    let shown = |market: &&Arc<Market>| {
        let only = wanted.market.as_ref();
        only.is_none_or(|symbol| *symbol == market.symbol)
    };
    let books = exchange.markets.iter().filter(shown);
    let books = books.map(|market| book_row(&book, market, wanted.levels));
    let mut sections = Sections::new();
    sections.insert("books".to_owned(), books.collect());
    sections.insert(
        "accounts".to_owned(),
        exchange
            .accounts
            .iter()
            .map(|account| account_row(&book, &exchange.markets, account))
            .collect(),
    );
    sections.insert(
        "open_orders".to_owned(),
        newest(exchange.accounts.iter().flat_map(|account| {
            let orders = book.open_orders(account.id).rev().take(wanted.rows);
            orders.map(move |order| (order.created_at, order_row(account, order)))
        })),
    );
    sections.insert(
        "fills".to_owned(),
        newest(exchange.accounts.iter().flat_map(|account| {
            let fills = book.fills(account.id).iter().rev().take(wanted.rows);
            fills.map(move |fill| (fill.at, fill_row(account, fill)))
        })),
    );
    sections
}

/// Rows of all accounts together, newest first.
fn newest<T: Serialize>(rows: impl Iterator<Item = (DateTime<Utc>, T)>) -> Value {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    rows.into_iter().map(|(_, row)| json!(row)).collect()
}
