//! Arazzo: expressions, conditions, documents, and the checker over our contract.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers stop at the first thing that is wrong"
)]

mod conditions;
mod expressions;
mod files;
