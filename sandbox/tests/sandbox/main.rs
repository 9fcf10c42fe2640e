//! The sandbox as a client sees it: over HTTP, signed.

mod client;
mod lifecycle;
