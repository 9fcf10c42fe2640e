//! Comparisons: of the repository's own document after an edit, and of documents made for one question each.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong, in its helpers too"
)]

#[cfg(test)]
mod documents;
#[cfg(test)]
mod edits;
#[cfg(test)]
mod made;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod support;
