//! Arazzo: expressions, conditions, documents, and the checker over our contract.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers stop at the first thing that is wrong"
)]

mod answers;
mod bodies;
mod conditions;
mod criteria;
mod documents;
mod examples;
mod expressions;
mod features;
mod files;
mod flow;
mod meaning;
mod mutations;
mod support;
mod texts;
mod workflows;
