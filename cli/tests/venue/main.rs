//! Several capabilities of the venue beside the order capability, in one process on the local exchange: every route and
//! tool is called once, and the exchange has verified every operation that a document says is signed.

#![cfg(test)]

#[path = "../common/mod.rs"]
mod common;
mod files;
mod fleet;
mod limits;
mod script;
mod serving;
mod workflows;
