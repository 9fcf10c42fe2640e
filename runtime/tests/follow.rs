//! Lists that grow, followed by time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bpx_runtime::{Error, Follow, HeaderMap, Page, ResponseValue, Rows, StatusCode};
use proptest::prelude::*;

/// Number and time, in the list's order.
type Row = (u64, i64);
type Shared = Arc<Mutex<List>>;

#[derive(Debug, Default)]
struct List {
    rows: Vec<Row>,
    /// Rows that come in one by one, each after a page.
    coming: Vec<Row>,
    /// Pages that fail before others come.
    failures: usize,
    /// The times asked from, and how many rows were sent.
    asked: Vec<Option<i64>>,
    sent: usize,
}

impl List {
    fn page(&mut self, from: Option<i64>, offset: u64, limit: u64) -> Result<Page<Row>, Error> {
        if self.failures > 0 {
            self.failures -= 1;
            return Err(Error::InvalidRequest("broken".to_owned()));
        }
        self.rows.sort_by_key(|(_, at)| *at);
        let mut rows = self.rows.clone();
        match from {
            Some(from) => rows.retain(|(_, at)| *at >= from),
            None => rows.reverse(),
        }
        let total = rows.len() as u64;
        let page: Vec<_> = rows.into_iter().skip(offset as usize).collect();
        let page: Vec<_> = page.into_iter().take(limit as usize).collect();
        self.asked.push(from);
        self.sent += page.len();
        self.rows.extend(self.coming.pop());
        Ok(Page::new(page, total))
    }
}

fn list(rows: impl IntoIterator<Item = Row>) -> Shared {
    Arc::new(Mutex::new(List {
        rows: rows.into_iter().collect(),
        ..List::default()
    }))
}

fn lock(list: &Shared) -> MutexGuard<'_, List> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(list: &Shared) -> impl FnMut(Option<i64>) -> Rows<'static, Row> + Send + 'static {
    let list = Arc::clone(list);
    move |from| {
        let list = Arc::clone(&list);
        Rows::new(Ok(None), Ok(Some(5)), Clone::clone, move |offset, limit| {
            let page = lock(&list).page(from, offset, limit);
            async move { Ok(ResponseValue::new(page?, StatusCode::OK, HeaderMap::new())) }
        })
    }
}

type Time = fn(&Row) -> Option<i64>;
type Same = fn(&Row, &Row) -> bool;

const KIND: (Time, Same) = (|row| Some(row.1), |row, other| row == other);

fn numbers(rows: &[Row]) -> Vec<u64> {
    rows.iter().map(|(number, _)| *number).collect()
}

#[tokio::test]
async fn a_late_row_and_rows_of_one_millisecond_come_once() {
    let list = list([(1, 100), (2, 100)]);
    let mut follow = Follow::from(100, KIND, read(&list)).late_ms(10);
    assert_eq!(numbers(&follow.next().await.unwrap()), [1, 2]);
    assert!(follow.next().await.unwrap().is_empty());
    let add = |rows: &[Row]| lock(&list).rows.extend_from_slice(rows);
    add(&[(3, 100), (4, 105)]);
    assert_eq!(numbers(&follow.next().await.unwrap()), [3, 4]);
    add(&[(5, 96), (6, 101), (7, 105), (8, 99)]);
    assert_eq!(
        numbers(&follow.next().await.unwrap()),
        [6, 7],
        "no row before the start"
    );
    let from: Vec<_> = lock(&list).asked.drain(..).flatten().collect();
    assert_eq!(from, [100, 100, 100, 100, 100]);
}

#[tokio::test]
async fn what_is_old_is_not_read_again() {
    let list = list((0..1_000).map(|number| (number, number as i64)));
    let mut follow = Follow::from(0, KIND, read(&list)).late_ms(3);
    assert_eq!(follow.next().await.unwrap().len(), 1_000);
    lock(&list).sent = 0;
    lock(&list).rows.push((1_000, 1_000));
    assert_eq!(numbers(&follow.next().await.unwrap()), [1_000]);
    assert_eq!(
        lock(&list).sent,
        5,
        "those of the last 3 ms and the new one"
    );
}

#[tokio::test]
async fn from_behind_a_row_it_reads_back_to_it_and_no_further() {
    let list = list((0..1_000).map(|number| (number, (number / 4) as i64)));
    let mut follow = Follow::behind(|row: &Row| row.0 == 990, KIND, read(&list));
    let new = numbers(&follow.next().await.unwrap());
    assert_eq!(new, (991..1_000).collect::<Vec<_>>());
    assert!(lock(&list).sent < 25);
    lock(&list).rows.push((1_000, 247));
    assert_eq!(numbers(&follow.next().await.unwrap()), [1_000]);
    let mut none = Follow::behind(|row: &Row| row.0 == 5_000, KIND, read(&list));
    let error = none.next().await.unwrap_err();
    assert!(error.to_string().contains("not in the list"), "{error}");
}

#[tokio::test]
async fn a_look_that_fails_loses_nothing() {
    let list = list((0..20).map(|number| (number, 7)));
    let mut follow = Follow::from(0, KIND, read(&list));
    let mut behind = Follow::behind(|row: &Row| row.0 == 3, KIND, read(&list));
    for _ in 0..3 {
        lock(&list).failures = 1;
        assert!(follow.next().await.is_err());
        lock(&list).failures = 1;
        assert!(behind.next().await.is_err());
    }
    assert_eq!(follow.next().await.unwrap().len(), 20);
    assert_eq!(behind.next().await.unwrap().len(), 16);
}

proptest! {
    #[test]
    fn each_row_comes_once_whatever_comes_in_meanwhile(
        first in proptest::collection::vec(0..20_i64, 0..30),
        coming in proptest::collection::vec(0..4_i64, 0..60),
        looks in 1..8_usize,
    ) {
        let row = |(number, at): (usize, i64)| (number as u64, at);
        let list = list(first.into_iter().enumerate().map(row));
        // Each comes in up to three milliseconds late.
        let coming: Vec<_> = coming.into_iter().enumerate().collect();
        let coming = coming.into_iter().map(|(index, late)| (1_000 + index as u64, 20 + index as i64 / 5 - late));
        lock(&list).coming = coming.rev().collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut read_ = Vec::new();
        runtime.block_on(async {
            let mut follow = Follow::from(0, KIND, read(&list)).late_ms(20);
            for _ in 0..looks {
                // A row that comes in before the place already reached is found by the next look.
                if let Ok(new) = follow.next().await {
                    read_.extend(numbers(&new));
                }
            }
            lock(&list).coming.clear();
            read_.extend(numbers(&follow.next().await.unwrap()));
        });
        read_.sort_unstable();
        let mut all = numbers(&lock(&list).rows);
        all.sort_unstable();
        prop_assert_eq!(read_, all);
    }
}
