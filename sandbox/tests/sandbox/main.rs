//! The sandbox as a client sees it: over HTTP, signed.

#![cfg(test)]

mod authentication;
mod balances;
mod batch;
mod behaviour;
mod client;
mod conditional;
mod configuration;
mod filters;
mod history;
mod late;
mod lifecycle;
mod matching;
mod positions;
mod public;
mod refusals;
mod shapes;
mod switches;
mod unreadable;
