//! Comparisons: of the repository's own document after an edit, and of documents made for one question each.

#![cfg(test)]

#[cfg(test)]
mod complete;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod edits;
#[cfg(test)]
mod made;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod pairs;
#[cfg(test)]
mod support;
