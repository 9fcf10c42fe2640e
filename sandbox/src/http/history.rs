//! The two history operations: filters, order, pages.

use std::sync::Arc;

use axum::http::header::{ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use chrono::Utc;
use serde::Serialize;

use crate::book::order::{Fill, Order};
use crate::config::VenueConfig;
use crate::exchange::Exchange;
use crate::http::admit::Admitted;
use crate::http::live::Answer;
use crate::http::params::Params;
use crate::http::reply;
use crate::market::{Market, Markets};
use crate::refusal::Refusal;
use crate::wire::history::{HistoryFill, HistoryOrder};
use crate::words::{FillType, MarketType, SortDirection};

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1000;
const EXPOSED: &str = "X-PAGE-COUNT, X-CURRENT-PAGE, X-PAGE-SIZE, X-TOTAL";

pub(crate) fn get_order_history(exchange: &Exchange, request: &Admitted) -> Answer {
    let params = Params(&request.pairs);
    let filter = Filter::read(params, &exchange.markets)?;
    let page = Page::read(params, &exchange.venue)?;
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
    let page = Page::read(params, &exchange.venue)?;
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

#[derive(Debug)]
struct Page {
    limit: usize,
    offset: usize,
    sort: SortDirection,
}

impl Page {
    fn read(params: Params<'_>, venue: &VenueConfig) -> Result<Self, Refusal> {
        let limit = params.integer("limit")?.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Refusal::client("Invalid limit: must be between 1 and 1000"));
        }
        let offset = params.integer("offset")?.unwrap_or(0);
        let usual = if venue.history_ascending {
            SortDirection::Asc
        } else {
            SortDirection::Desc
        };
        let sort = params.word("sortDirection")?.unwrap_or(usual);
        Ok(Self {
            limit,
            offset,
            sort,
        })
    }

    /// The page out of everything selected, which comes oldest first, and how much was selected.
    fn cut<'b, T: Clone + 'b>(
        &self,
        rows: impl DoubleEndedIterator<Item = &'b T>,
    ) -> (Vec<T>, usize) {
        match self.sort {
            SortDirection::Asc => self.take(rows),
            SortDirection::Desc => self.take(rows.rev()),
        }
    }

    fn take<'b, T: Clone + 'b>(&self, mut rows: impl Iterator<Item = &'b T>) -> (Vec<T>, usize) {
        let skipped = rows.by_ref().take(self.offset).count();
        let page: Vec<_> = rows.by_ref().take(self.limit).cloned().collect();
        let total = skipped + page.len() + rows.count();
        (page, total)
    }

    fn answer(&self, exchange: &Exchange, rows: &impl Serialize, total: usize) -> Answer {
        let mut response = reply::ok(exchange, rows)?;
        self.head(&mut response, total);
        Ok(response)
    }

    /// The current page counts from 1; what the venue does is not known.
    fn head(&self, response: &mut Response, total: usize) {
        let headers = response.headers_mut();
        let numbers = [
            ("x-page-count", total.div_ceil(self.limit)),
            (
                "x-current-page",
                (self.offset / self.limit).saturating_add(1),
            ),
            ("x-page-size", self.limit),
            ("x-total", total),
        ];
        for (name, number) in numbers {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(number));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(EXPOSED),
        );
    }
}
