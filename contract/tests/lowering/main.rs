//! The rules of lowering, one by one, over small documents.

#![cfg(test)]

mod hoisting;
mod operations;
mod probe;
mod responses;
mod schemas;
mod signing;
mod unions;
mod usable;
