//! The REST server, against the local exchange.

#![cfg(test)]

#[path = "../common/mod.rs"]
mod common;

mod callers;
mod events;
mod faults;
mod guard;
mod limits;
mod openapi;
mod refusals;
mod routes;
mod shutdown;
mod support;
mod watching;
