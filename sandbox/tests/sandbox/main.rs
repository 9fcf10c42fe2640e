//! The sandbox as a client sees it: over HTTP, signed.

#![cfg(test)]

mod account;
mod authentication;
mod balances;
mod batch;
mod behaviour;
mod client;
mod conditional;
mod configuration;
mod defaults;
mod filters;
mod history;
mod late;
mod lifecycle;
mod market_data;
mod matching;
mod positions;
mod public;
mod recorded;
mod refusals;
mod shapes;
mod switches;
mod unreadable;
