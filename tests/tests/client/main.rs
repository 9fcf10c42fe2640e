//! The typed client, operation by operation: what it sends, what it makes of the answer, what it refuses to send.
//!
//! Where the exchange's own behaviour matters, the local exchange answers; where the exact bytes matter, a server that
//! writes down what it receives and responds as configured.

#![cfg(test)]

mod answers;
mod errors;
mod server;
mod unknown;
mod wire;
