//! Dispatch against the local exchange: every outcome, every fault, restarts, limits.

#![cfg(test)]

mod faults;
mod idempotency;
mod journal;
mod outcomes;
mod policy;
mod postgres;
mod reported;
mod restart;
mod strangers;
mod support;
mod switches;
mod validation;
