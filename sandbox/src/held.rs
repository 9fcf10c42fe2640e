//! The book while its lock is held.

use std::ops::{Deref, DerefMut};
use std::sync::MutexGuard;

use crate::book::Book;
use crate::stream::feed::{Feed, News};

/// Sends what happened to the book to the streams before the lock is given back, so that news come in the
/// order of the changes.
#[derive(Debug)]
pub(crate) struct HeldBook<'a> {
    pub(crate) book: MutexGuard<'a, Book>,
    pub(crate) feed: &'a Feed,
}

impl Deref for HeldBook<'_> {
    type Target = Book;

    fn deref(&self) -> &Book {
        &self.book
    }
}

impl DerefMut for HeldBook<'_> {
    fn deref_mut(&mut self) -> &mut Book {
        &mut self.book
    }
}

impl Drop for HeldBook<'_> {
    fn drop(&mut self) {
        if let Some(batch) = self.book.take_news() {
            self.feed.send(News::Changed(batch));
        }
    }
}
