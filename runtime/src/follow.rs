//! A list that grows, followed from a place in it.

use std::fmt;

use crate::{Error, Rows};

/// How long after a row others may come in that are older, by default: in milliseconds.
const LATE_MS: i64 = 10_000;

/// When a row was made, in milliseconds since the Unix epoch, and whether two rows are one, read at different times.
type Kind<T> = (fn(&T) -> Option<i64>, fn(&T, &T) -> bool);
type Read<'a, T, E> = Box<dyn FnMut(Option<i64>) -> Rows<'a, T, E> + Send + 'a>;

/// The new rows of a list that is filtered by time, each once, as often as they are asked for.
///
/// Each look asks for rows from shortly before the newest one on, so nothing is read from the start again, however old the
/// list is. Rows of one millisecond are told apart by what does not change. A row that comes in late is found as long as it is no
/// older than [`Follow::late_ms`] before the newest one.
///
/// A look that fails gives out nothing and changes nothing: the next one finds what it would have found.
pub struct Follow<'a, T, E = ()> {
    /// Rows from a time on, oldest first; without a time, all rows, newest first.
    read: Read<'a, T, E>,
    /// When a row was made, in milliseconds since the Unix epoch.
    time: fn(&T) -> Option<i64>,
    /// Whether two rows are one, read at different times.
    same: fn(&T, &T) -> bool,
    start: Start<'a, T>,
    late_ms: i64,
    /// The time of the newest row.
    newest_ms: i64,
    /// Rows given out that the next look may show again.
    seen: Vec<T>,
}

enum Start<'a, T> {
    /// No row is older.
    From(i64),
    /// The newest row that is not new; not looked for yet.
    Behind(Box<dyn FnMut(&T) -> bool + Send + 'a>),
}

impl<'a, T: Clone, E> Follow<'a, T, E> {
    /// Follows from a time on, in milliseconds since the Unix epoch. `read` gives the rows from a time on, oldest first, or
    /// without a time all of them, newest first.
    pub fn from(
        from_ms: i64,
        (time, same): Kind<T>,
        read: impl FnMut(Option<i64>) -> Rows<'a, T, E> + Send + 'a,
    ) -> Self {
        Self {
            read: Box::new(read),
            time,
            same,
            start: Start::From(from_ms),
            late_ms: LATE_MS,
            newest_ms: from_ms,
            seen: Vec::new(),
        }
    }

    /// Follows from behind the newest row for which `is_last` holds. The first look reads back to it and no further.
    pub fn behind(
        is_last: impl FnMut(&T) -> bool + Send + 'a,
        (time, same): Kind<T>,
        read: impl FnMut(Option<i64>) -> Rows<'a, T, E> + Send + 'a,
    ) -> Self {
        Self {
            start: Start::Behind(Box::new(is_last)),
            ..Self::from(i64::MIN, (time, same), read)
        }
    }

    /// Sets how late a row may come in, in milliseconds (10,000 by default): rows of so long before the newest one are read
    /// again at each look.
    #[must_use]
    pub fn late_ms(mut self, late_ms: u32) -> Self {
        self.late_ms = late_ms.into();
        self
    }

    /// The rows that came in since the last look, oldest first; none if there are none.
    ///
    /// # Errors
    /// Those of the call that reads a page, [`Error::ListMoved`], and [`Error::InvalidRequest`] where the row to go on
    /// behind is not in the list.
    pub async fn next(&mut self) -> Result<Vec<T>, Error<E>> {
        match &self.start {
            Start::From(from_ms) => {
                let late_ms = self.newest_ms.saturating_sub(self.late_ms);
                let from_ms = late_ms.max(*from_ms);
                self.look(from_ms).await
            }
            Start::Behind(_) => self.look_back().await,
        }
    }

    async fn look(&mut self, from_ms: i64) -> Result<Vec<T>, Error<E>> {
        let mut rows = (self.read)(Some(from_ms));
        let mut new = Vec::new();
        while let Some(row) = rows.next().await {
            let row = row?;
            if !self.seen.iter().any(|seen| (self.same)(seen, &row)) {
                new.push(row);
            }
        }
        self.keep(&new);
        Ok(new)
    }

    /// From the newest row back to the one to go on behind, and over those of its millisecond.
    async fn look_back(&mut self) -> Result<Vec<T>, Error<E>> {
        let Start::Behind(is_last) = &mut self.start else {
            return Ok(Vec::new());
        };
        let mut rows = (self.read)(None);
        let (mut new, mut old, mut from_ms) = (Vec::new(), Vec::new(), None);
        while let Some(row) = rows.next().await {
            let row = row?;
            let at_ms = (self.time)(&row);
            match from_ms {
                None if is_last(&row) => {
                    from_ms = at_ms;
                    old.push(row);
                }
                None => new.push(row),
                Some(from_ms) if at_ms.is_none_or(|at_ms| at_ms < from_ms) => break,
                Some(_) => old.push(row),
            }
        }
        let Some(from_ms) = from_ms else {
            let reason = "the row to go on behind is not in the list, or has no time";
            return Err(Error::InvalidRequest(reason.to_owned()));
        };
        (self.start, self.newest_ms) = (Start::From(from_ms), from_ms);
        new.reverse();
        self.keep(&old);
        self.keep(&new);
        Ok(new)
    }

    /// Keeps in mind what the next look may show again.
    fn keep(&mut self, rows: &[T]) {
        let times = rows.iter().filter_map(self.time);
        self.newest_ms = times.fold(self.newest_ms, i64::max);
        self.seen.extend_from_slice(rows);
        let late_ms = self.newest_ms.saturating_sub(self.late_ms);
        let time = self.time;
        self.seen
            .retain(|row| time(row).is_none_or(|at_ms| at_ms >= late_ms));
    }
}

impl<T, E> fmt::Debug for Follow<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follow")
            .field("newest_ms", &self.newest_ms)
            .finish_non_exhaustive()
    }
}
