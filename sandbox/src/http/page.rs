//! Pages of lists: `limit`, `offset` and `sortDirection`, and the headers that count.

use axum::http::header::{ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use serde::Serialize;

use crate::exchange::Exchange;
use crate::http::live::Answer;
use crate::http::params::Params;
use crate::http::reply;
use crate::refusal::Refusal;
use crate::words::SortDirection;

const LIMIT_DEFAULT: usize = 100;
/// What most lists take as `limit` at most.
pub(crate) const LIMIT_MAX: usize = 1000;
const EXPOSED: &str = "X-PAGE-COUNT, X-CURRENT-PAGE, X-PAGE-SIZE, X-TOTAL";

#[derive(Debug)]
pub(crate) struct Page {
    limit: usize,
    offset: usize,
    sort: SortDirection,
}

impl Page {
    /// Reads `limit`, `offset` and `sortDirection`.
    pub(crate) fn read(
        params: Params<'_>,
        usual: SortDirection,
        limit_max: usize,
    ) -> Result<Self, Refusal> {
        let limit = params.integer("limit")?.unwrap_or(LIMIT_DEFAULT);
        if !(1..=limit_max).contains(&limit) {
            let message = format!("Invalid limit: must be between 1 and {limit_max}");
            return Err(Refusal::client(message));
        }
        Ok(Self {
            limit,
            offset: params.integer("offset")?.unwrap_or(0),
            sort: params.word("sortDirection")?.unwrap_or(usual),
        })
    }

    /// The page out of everything selected, which comes oldest first, and how much was selected.
    pub(crate) fn cut<'b, T: Clone + 'b>(
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

    pub(crate) fn answer(
        &self,
        exchange: &Exchange,
        rows: &impl Serialize,
        total: usize,
    ) -> Answer {
        let mut response = reply::ok(exchange, rows)?;
        self.head(&mut response, total);
        Ok(response)
    }

    /// The current page counts from 1; what the venue does is not known.
    pub(crate) fn head(&self, response: &mut Response, total: usize) {
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
