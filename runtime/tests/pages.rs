//! Lists that move while they are read page by page.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bpx_runtime::futures_core::Stream;
use bpx_runtime::{Error, HeaderMap, Page, ResponseValue, Rows, StatusCode};
use proptest::prelude::*;

/// What happens to the list between two pages.
#[derive(Debug, Clone)]
enum Move {
    /// So many new rows at this share of the list, in percent.
    Insert(u8, u8),
    /// So many rows less at this share of the list, in percent.
    Remove(u8, u8),
}

#[derive(Debug)]
struct List {
    rows: Vec<u64>,
    next: u64,
    moves: Vec<Move>,
    /// What was asked for.
    asked: Vec<(u64, u64)>,
    /// How many rows a page holds at most, whatever was asked for.
    page_rows_max: u64,
    /// Whether pages tell how many rows the list has.
    is_counted: bool,
}

type Shared = Arc<Mutex<List>>;

fn list(rows: u64, moves: Vec<Move>) -> Shared {
    Arc::new(Mutex::new(List {
        rows: (0..rows).collect(),
        next: rows,
        moves,
        asked: Vec::new(),
        page_rows_max: u64::MAX,
        is_counted: true,
    }))
}

impl List {
    fn page(&mut self, offset: u64, limit: u64) -> Page<u64> {
        self.asked.push((offset, limit));
        let rows = self.rows.iter().copied().skip(offset as usize);
        let page = rows.take(limit.min(self.page_rows_max) as usize).collect();
        let mut page = Page::new(page, self.rows.len() as u64);
        page.total = page.total.filter(|_| self.is_counted);
        if let Some(next) = self.moves.pop() {
            self.make(&next);
        }
        page
    }

    fn make(&mut self, change: &Move) {
        let at = |percent: u8| self.rows.len() * usize::from(percent) / 100;
        match *change {
            Move::Insert(percent, count) => {
                let at = at(percent);
                let new = self.next..self.next + u64::from(count);
                self.next = new.end;
                self.rows.splice(at..at, new);
            }
            Move::Remove(percent, count) => {
                let at = at(percent);
                let end = (at + usize::from(count)).min(self.rows.len());
                self.rows.drain(at..end);
            }
        }
    }
}

fn lock(list: &Shared) -> MutexGuard<'_, List> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(list: &Shared, offset: Option<u64>, limit: Option<u64>) -> Rows<'static, u64> {
    let list = Arc::clone(list);
    Rows::new(
        Ok(offset),
        Ok(limit),
        |row| *row,
        move |offset, limit| {
            let page = lock(&list).page(offset, limit);
            async move { Ok(ResponseValue::new(page, StatusCode::OK, HeaderMap::new())) }
        },
    )
}

/// All rows; nothing here waits for anything.
fn all<T: Unpin, E>(mut rows: Rows<'_, T, E>) -> Result<Vec<T>, Error<E>> {
    let mut context = Context::from_waker(Waker::noop());
    let mut read = Vec::new();
    while let Poll::Ready(Some(row)) = Pin::new(&mut rows).poll_next(&mut context) {
        read.push(row?);
    }
    Ok(read)
}

#[test]
fn a_list_at_rest_is_read_once_whatever_the_page_holds() {
    for rows in [0, 1, 2, 3, 99, 100, 101, 250] {
        for limit in [
            None,
            Some(0),
            Some(1),
            Some(2),
            Some(7),
            Some(100),
            Some(1000),
        ] {
            for is_counted in [true, false] {
                let list = list(rows, Vec::new());
                lock(&list).is_counted = is_counted;
                let read = all(read(&list, None, limit)).unwrap();
                assert_eq!(read, (0..rows).collect::<Vec<_>>(), "{rows} by {limit:?}");
            }
        }
    }
}

#[test]
fn a_list_that_fits_on_a_page_costs_one_request_and_the_next_pages_begin_with_the_last_row() {
    let short = list(100, Vec::new());
    all(read(&short, None, None)).unwrap();
    assert_eq!(lock(&short).asked, [(0, 100)]);
    let long = list(250, Vec::new());
    all(read(&long, Some(10), None)).unwrap();
    assert_eq!(lock(&long).asked, [(10, 100), (109, 100), (208, 100)]);
}

#[test]
fn nothing_is_asked_for_before_the_first_row_is() {
    let list = list(10, Vec::new());
    drop(read(&list, None, None));
    assert!(lock(&list).asked.is_empty());
}

#[test]
fn pages_smaller_than_asked_for_are_followed_to_the_end() {
    let list = list(50, Vec::new());
    lock(&list).page_rows_max = 3;
    let read = all(read(&list, None, Some(1000))).unwrap();
    assert_eq!(read, (0..50).collect::<Vec<_>>());
}

#[test]
fn rows_that_come_in_at_the_front_are_not_repeated() {
    let moves = vec![Move::Insert(0, 5); 20];
    let read = all(read(&list(100, moves), None, Some(10))).unwrap();
    assert_eq!(read, (0..100).collect::<Vec<_>>());
}

#[test]
fn rows_that_come_in_at_the_end_are_read_too() {
    let moves = vec![Move::Insert(100, 5); 4];
    let read = all(read(&list(100, moves), None, Some(10))).unwrap();
    assert_eq!(read, (0..120).collect::<Vec<_>>());
}

#[test]
fn rows_that_go_at_the_front_make_none_skipped() {
    let moves = vec![Move::Remove(0, 3); 3];
    let read = all(read(&list(100, moves), None, Some(10))).unwrap();
    assert_eq!(read, (0..100).collect::<Vec<_>>());
}

#[test]
fn a_jump_of_many_pages_is_followed_by_the_total() {
    let read = all(read(&list(100, vec![Move::Insert(0, 200)]), None, Some(10))).unwrap();
    assert_eq!(read, (0..100).collect::<Vec<_>>());
}

#[test]
fn without_a_total_the_place_is_found_a_page_to_either_side() {
    let grown = vec![Move::Insert(0, 5); 20];
    let shrunk = vec![Move::Remove(0, 3); 3];
    for moves in [grown, shrunk] {
        let list = list(100, moves);
        lock(&list).is_counted = false;
        let read = all(read(&list, None, Some(10))).unwrap();
        assert_eq!(read, (0..100).collect::<Vec<_>>());
    }
}

#[test]
fn without_a_total_small_pages_are_followed_to_the_end() {
    let list = list(50, Vec::new());
    lock(&list).page_rows_max = 3;
    lock(&list).is_counted = false;
    let read = all(read(&list, None, Some(1000))).unwrap();
    assert_eq!(read, (0..50).collect::<Vec<_>>());
}

#[test]
fn a_place_that_is_lost_is_an_error_and_the_end() {
    // The last row read is taken out of the list.
    let list = list(100, vec![Move::Remove(9, 1)]);
    let mut rows = read(&list, None, Some(10));
    let mut context = Context::from_waker(Waker::noop());
    let mut next = || Pin::new(&mut rows).poll_next(&mut context);
    for expected in 0..10 {
        assert!(matches!(next(), Poll::Ready(Some(Ok(row))) if row == expected));
    }
    let Poll::Ready(Some(Err(error))) = next() else {
        panic!("the place is lost")
    };
    assert!(
        matches!(error, Error::ListMoved { offset: 10 }),
        "{error:?}"
    );
    assert!(!error.is_unknown() && error.status().is_none());
    assert!(error.to_string().contains("read it again"), "{error}");
    assert!(matches!(next(), Poll::Ready(None)));
    assert_eq!(lock(&list).asked.len(), 5, "the search is bounded");
}

#[test]
fn a_server_that_contradicts_itself_does_not_keep_the_reader_for_ever() {
    for page_rows_max in [0, 1] {
        let list = list(10, Vec::new());
        lock(&list).page_rows_max = page_rows_max;
        assert!(all(read(&list, None, None)).is_err());
    }
}

#[test]
fn a_parameter_that_could_not_be_converted_sends_nothing() {
    let list = list(10, Vec::new());
    let fetch = move |offset, limit| {
        let page = lock(&list).page(offset, limit);
        async move { Ok::<_, Error>(ResponseValue::new(page, StatusCode::OK, HeaderMap::new())) }
    };
    let rows = Rows::new(Ok(None), Err("limit: -1".to_owned()), |row| *row, fetch);
    let error = all(rows).expect_err("no limit");
    assert!(
        matches!(&error, Error::InvalidRequest(reason) if reason == "limit: -1"),
        "{error}"
    );
}

#[test]
fn the_error_of_a_page_is_told_and_the_end() {
    let fetch = |_, _| async {
        Err::<ResponseValue<Page<u64>>, Error>(Error::InvalidRequest("x".to_owned()))
    };
    let mut rows = Rows::new(Ok(None), Ok(None), |row: &u64| *row, fetch);
    let mut context = Context::from_waker(Waker::noop());
    let mut next = || Pin::new(&mut rows).poll_next(&mut context);
    assert!(matches!(
        next(),
        Poll::Ready(Some(Err(Error::InvalidRequest(_))))
    ));
    assert!(matches!(next(), Poll::Ready(None)));
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        (0..=100_u8, 0..30_u8).prop_map(|(at, count)| Move::Insert(at, count)),
        (0..=100_u8, 0..5_u8).prop_map(|(at, count)| Move::Remove(at, count)),
    ];
    proptest::collection::vec(one, 0..12)
}

proptest! {
    #[test]
    fn what_stays_is_read_once_in_order_or_the_loss_is_told(
        rows in 0..120_u64,
        limit in 2..40_u64,
        moves in moves(),
        is_counted: bool,
    ) {
        let list = list(rows, moves);
        lock(&list).is_counted = is_counted;
        let Ok(read) = all(read(&list, None, Some(limit))) else {
            return Ok(());
        };
        let list = lock(&list);
        let once: BTreeSet<_> = read.iter().collect();
        prop_assert_eq!(once.len(), read.len(), "none twice: {:?}", read);
        let stayed = list.rows.iter().filter(|row| **row < rows);
        for row in stayed {
            prop_assert!(once.contains(row), "{} is missing: {:?}", row, read);
        }
        let old: Vec<_> = read.iter().filter(|row| **row < rows).collect();
        prop_assert!(old.is_sorted());
    }
}
