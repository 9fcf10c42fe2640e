//! A list read row by row over its pages, though it moves.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::BoxStream;
use futures_util::StreamExt as _;
use futures_util::stream;
use progenitor_client::ResponseValue;

use crate::{Error, Page, Unread};

/// How many rows a page is asked for where the caller does not say.
const LIMIT_DEFAULT: u64 = 100;
/// One row to recognise the place by, and one to get on.
const LIMIT_MIN: u64 = 2;
/// How often a lost place is looked for.
const LOOKS_MAX: usize = 4;

/// The rows of a list that is read page by page, each once.
///
/// Pages are cut by offset, so rows that come or go before the offset would make a plain reader repeat or skip some.
/// This one asks each page to begin with the last row it has given out. Where another row stands there, it looks for that
/// row around the place the list's total points to, and goes on behind it. Without a total, it looks a page to either side,
/// and reads until nothing follows the last row.
///
/// *Given* a list that keeps its rows in order, each row that is in the list from the first request to the last is given
/// out exactly once, and none twice. *Not given*: a row that comes in before the place already reached is left out, one
/// that comes in after it is not; rows of an answer that the exchange leaves out are not noticed. When the place cannot be
/// found again, the last item is [`Error::ListMoved`], and on a page with a row that cannot be read, [`Error::UnreadRow`]. After an error nothing follows.
///
/// Nothing is sent before the first row is asked for. It is a [`Stream`], with [`Rows::next`] for those who need no more.
///
/// ```
/// use bpx_runtime::{Error, HeaderMap, Page, ResponseValue, Rows, StatusCode};
///
/// async fn page(offset: u64, limit: u64) -> Result<ResponseValue<Page<u64>>, Error> {
///     let page = Page::new((offset..250).take(limit as usize).collect(), 250);
///     Ok(ResponseValue::new(page, StatusCode::OK, HeaderMap::new()))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// let mut rows = Rows::new(Ok(None), Ok(None), |row: &u64| *row, page);
/// let mut sum = 0;
/// while let Some(row) = rows.next().await {
///     sum += row?;
/// }
/// assert_eq!(sum, 250 * 249 / 2);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent before a row is asked for"]
pub struct Rows<'a, T, E = ()> {
    stream: BoxStream<'a, Result<T, Error<E>>>,
}

impl<'a, T: Send + 'a, E: Send + 'a> Rows<'a, T, E> {
    /// Reads from a row on (0 by default), so many rows a page (100 by default, at least 2), as `fetch` gives them for an
    /// offset and a limit. Both come as a builder holds them, with the reason if they could not be converted. `key` is
    /// what a row is recognised by.
    pub fn new<K, F, Answer>(
        offset: Result<Option<u64>, String>,
        limit: Result<Option<u64>, String>,
        key: fn(&T) -> K,
        fetch: F,
    ) -> Self
    where
        K: PartialEq + Send + 'a,
        F: FnMut(u64, u64) -> Answer + Send + 'a,
        Answer: Future<Output = Result<ResponseValue<Page<T>>, Error<E>>> + Send + 'a,
    {
        let place = offset.and_then(|offset| {
            let limit = limit?.unwrap_or(LIMIT_DEFAULT).max(LIMIT_MIN);
            Ok((offset.unwrap_or(0), limit))
        });
        let stream = match place {
            Ok((offset, limit)) => Reader::new(offset, limit, key, fetch).rows().boxed(),
            Err(reason) => stream::once(async { Err(Error::InvalidRequest(reason)) }).boxed(),
        };
        Self { stream }
    }
}

impl<T, E> Rows<'_, T, E> {
    /// The next row; none after the last one and after an error.
    ///
    /// # Errors
    /// Those of the call that reads a page, and [`Error::ListMoved`].
    pub async fn next(&mut self) -> Option<Result<T, Error<E>>> {
        self.stream.next().await
    }
}

impl<T, E> Stream for Rows<'_, T, E> {
    type Item = Result<T, Error<E>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.poll_next_unpin(context)
    }
}

impl<T, E> fmt::Debug for Rows<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}

/// How far a list has been read.
struct Reader<T, K, F> {
    /// Rows of the list up to the place reached.
    offset: u64,
    limit: u64,
    key: fn(&T) -> K,
    fetch: F,
    /// The row before the place reached; none before the first page.
    anchor: Option<Anchor<K>>,
    /// Rows read and not yet given out.
    ready: VecDeque<T>,
    is_last: bool,
}

struct Anchor<K> {
    key: K,
    /// How many rows the list had when this one was read, if the page has it.
    total: Option<u64>,
}

impl<T, K, F> Reader<T, K, F>
where
    K: PartialEq,
{
    fn new(offset: u64, limit: u64, key: fn(&T) -> K, fetch: F) -> Self {
        Self {
            offset,
            limit,
            key,
            fetch,
            anchor: None,
            ready: VecDeque::new(),
            is_last: false,
        }
    }

    fn rows<E, Answer>(self) -> impl Stream<Item = Result<T, Error<E>>>
    where
        F: FnMut(u64, u64) -> Answer,
        Answer: Future<Output = Result<ResponseValue<Page<T>>, Error<E>>>,
    {
        stream::try_unfold(self, |mut reader| async move {
            while reader.ready.is_empty() && !reader.is_last {
                reader.read_on().await?;
            }
            Ok(reader.ready.pop_front().map(|row| (row, reader)))
        })
    }

    /// Reads a page that shows the anchor, and keeps what follows it.
    async fn read_on<E, Answer>(&mut self) -> Result<(), Error<E>>
    where
        F: FnMut(u64, u64) -> Answer,
        Answer: Future<Output = Result<ResponseValue<Page<T>>, Error<E>>>,
    {
        let overlap = u64::from(self.anchor.is_some());
        let mut at = self.offset.saturating_sub(overlap);
        for look in 0..LOOKS_MAX {
            let mut page = (self.fetch)(at, self.limit).await?.into_inner();
            if let Some(Unread { row, reason }) = page.unread.pop() {
                let row = Box::new(row);
                return Err(Error::UnreadRow { row, reason });
            }
            let (total, is_shown) = (page.total, self.seen(&page).is_some());
            if self.take(at, page) {
                return Ok(());
            }
            at = match is_shown {
                true => self.offset.saturating_sub(1),
                false => self.place_after_move(total, look),
            };
        }
        Err(Error::ListMoved {
            offset: self.offset,
        })
    }

    /// Keeps the rows behind the anchor. False if the page does not show it, or shows nothing else though there is more.
    fn take(&mut self, at: u64, mut page: Page<T>) -> bool {
        let Some(seen) = self.seen(&page) else {
            return false;
        };
        let end = at.saturating_add(page.items.len() as u64);
        self.is_last = match page.total {
            Some(total) => end >= total,
            None => seen == page.items.len() && (seen as u64) < self.limit,
        };
        let Some(last) = page.items.last() else {
            return self.is_last;
        };
        self.anchor = Some(Anchor {
            key: (self.key)(last),
            total: page.total,
        });
        self.offset = end;
        self.ready.extend(page.items.drain(seen..));
        self.is_last || !self.ready.is_empty()
    }

    /// How many rows at the start of the page have been given out; none if the anchor is not on it.
    fn seen(&self, page: &Page<T>) -> Option<usize> {
        let Some(anchor) = &self.anchor else {
            return Some(0);
        };
        let is_anchor = |row: &T| (self.key)(row) == anchor.key;
        page.items
            .iter()
            .position(is_anchor)
            .map(|index| index.saturating_add(1))
    }

    /// Where to look for the anchor: as far on as the list has grown, in the middle of a page; if nobody knows how far, on
    /// the page after that one, then on the page before.
    fn place_after_move(&self, total: Option<u64>, look: usize) -> u64 {
        let middle = self.offset.saturating_sub(self.limit / 2);
        let before = self.anchor.as_ref().and_then(|anchor| anchor.total);
        match (total.zip(before), look) {
            (Some((total, before)), _) => middle.saturating_add(total).saturating_sub(before),
            (None, 0) => middle,
            (None, 1) => middle.saturating_add(self.limit),
            (None, _) => middle.saturating_sub(self.limit),
        }
    }
}
