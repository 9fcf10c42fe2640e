//! Workflows against the local exchange: every row of how others behave, every trap, every way to end.

#![cfg(test)]

mod behaviour;
mod conditions;
mod dry_run;
mod flow;
mod preflight;
mod replacement;
mod requests;
mod resume;
mod services;
mod sources;
mod support;
mod traps;
