//! The rules of lowering, one by one, over small documents.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers stop at the first thing that is wrong"
)]

mod hoisting;
mod operations;
mod probe;
mod responses;
mod schemas;
mod signing;
mod unions;
mod usable;
