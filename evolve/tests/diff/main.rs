//! Comparisons: of the repository's own document after an edit, and of documents made for one question each.

#![cfg(test)]

#[cfg(test)]
mod complete;
mod documents;
#[cfg(test)]
mod edits;
#[cfg(test)]
mod made;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod support;
