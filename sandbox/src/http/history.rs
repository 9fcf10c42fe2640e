//! The two history operations with their filters, and the histories of what this exchange does not do.

use std::sync::Arc;

use chrono::Utc;

use crate::book::order::{Fill, Order};
use crate::exchange::Exchange;
use crate::http::admit::Admitted;
use crate::http::live::Answer;
use crate::http::page::{LIMIT_MAX, Page};
use crate::http::params::Params;
use crate::market::{Market, Markets};
use crate::refusal::Refusal;
use crate::wire::history::{HistoryFill, HistoryOrder};
use crate::words::{FillType, MarketType, SortDirection};

pub(crate) fn get_order_history(exchange: &Exchange, request: &Admitted) -> Answer {
    let params = Params(&request.pairs);
    let filter = Filter::read(params, &exchange.markets)?;
    let page = page(exchange, params)?;
    let wanted = |order: &&Order| {
        request.influence.shows(order.changed_at, Utc::now())
            && filter.selects(order.id, &order.terms.market)
    };
    let (orders, total) = {
        let book = exchange.book();
        page.cut(book.history(request.account).filter(wanted))
    };
    let rows: Vec<_> = orders.iter().map(HistoryOrder::from).collect();
    page.answer(exchange, &rows, total)
}

pub(crate) fn get_fills(exchange: &Exchange, request: &Admitted) -> Answer {
    let params = Params(&request.pairs);
    let filter = Filter::read(params, &exchange.markets)?;
    let page = page(exchange, params)?;
    let from: i64 = params.integer("from")?.unwrap_or(i64::MIN);
    let to: i64 = params.integer("to")?.unwrap_or(i64::MAX);
    // There are no system orders here: every fill is of type User.
    let kind: FillType = params.word("fillType")?.unwrap_or(FillType::User);
    let wanted = |fill: &&Fill| {
        let at = fill.at.timestamp_millis();
        kind == FillType::User
            && request.influence.shows(fill.at, request.now)
            && from <= at
            && at <= to
            && filter.selects(fill.order_id, &fill.market)
    };
    let (fills, total) = {
        let book = exchange.book();
        page.cut(book.fills(request.account).iter().filter(wanted))
    };
    let rows: Vec<_> = fills.iter().map(HistoryFill::from).collect();
    page.answer(exchange, &rows, total)
}

/// A history without rows: deposits, withdrawals, funding, interest, strategies and the like are not
/// modelled here. The page is checked, and whatever else the query names is left alone.
pub(crate) fn nothing(exchange: &Exchange, request: &Admitted) -> Answer {
    let page = page(exchange, Params(&request.pairs))?;
    page.answer(exchange, &[(); 0], 0)
}

fn page(exchange: &Exchange, params: Params<'_>) -> Result<Page, Refusal> {
    let usual = if exchange.venue.history_ascending {
        SortDirection::Asc
    } else {
        SortDirection::Desc
    };
    Page::read(params, usual, LIMIT_MAX)
}

/// The filters both operations take.
#[derive(Debug)]
struct Filter<'a> {
    order_id: Option<u64>,
    has_strategy: bool,
    market: Option<&'a Market>,
    kinds: Vec<MarketType>,
}

impl<'a> Filter<'a> {
    fn read(params: Params<'a>, markets: &'a Markets) -> Result<Self, Refusal> {
        Ok(Self {
            order_id: params.text("orderId")?.map(order_number),
            has_strategy: params.text("strategyId")?.is_some(),
            market: params.market(markets)?.map(Arc::as_ref),
            kinds: params.words("marketType")?,
        })
    }

    /// No order here belongs to a strategy, so a strategy filter selects nothing.
    fn selects(&self, order_id: u64, market: &Market) -> bool {
        !self.has_strategy
            && self.order_id.is_none_or(|id| id == order_id)
            && self
                .market
                .is_none_or(|wanted| wanted.index == market.index)
            && (self.kinds.is_empty() || self.kinds.contains(&market.kind))
    }
}

/// The order's number; 0, which no order has, for a text that is not one as this exchange writes it.
fn order_number(text: &str) -> u64 {
    let number: u64 = text.parse().unwrap_or(0);
    if number.to_string() == text {
        number
    } else {
        0
    }
}
