//! What a success can mean besides a plain value.

use std::ops::Deref;

use serde_json::Value;

/// The response to a call that the server may carry out at once or later.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<T> {
    /// Carried out: the server sent the result (any 2xx with a body).
    Done(T),
    /// Accepted, not yet carried out (202 without a body). Ask the server for the outcome.
    Accepted,
}

impl<T> Outcome<T> {
    /// The result, if the call was carried out.
    #[must_use]
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(value) => Some(value),
            Self::Accepted => None,
        }
    }

    /// Whether the call was accepted and not yet carried out.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted)
    }

    /// Turns the result into another.
    #[must_use]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Done(value) => Outcome::Done(f(value)),
            Self::Accepted => Outcome::Accepted,
        }
    }
}

/// One page of a list, with what the page headers say about the rest. Reads like a slice of its items.
///
/// A count is absent where its header is missing or not a whole number.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// How many pages there are.
    pub page_count: Option<u64>,
    /// Which page this is. Whether counting begins at 0 or 1 is up to the server.
    pub current_page: Option<u64>,
    /// How many items a full page holds.
    pub page_size: Option<u64>,
    /// How many items there are on all pages.
    pub total: Option<u64>,
    /// Rows of this page that are not what the contract documents, and therefore not among the items. Empty on all but the
    /// oddest days; whoever adds up items has to look.
    pub unread: Vec<Unread>,
}

/// A row of a page that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Unread {
    /// The row, as it came.
    pub row: Value,
    /// What is wrong, with the path to the field.
    pub reason: String,
}

impl<T> Page<T> {
    /// These items as the only page of a list, which has so many items on all its pages. For servers and tests.
    #[must_use]
    pub fn new(items: Vec<T>, total: u64) -> Self {
        Self {
            page_count: Some(1),
            current_page: Some(1),
            page_size: Some(items.len() as u64),
            total: Some(total),
            unread: Vec::new(),
            items,
        }
    }
}

impl<T> Deref for Page<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Page<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}
