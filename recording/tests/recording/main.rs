//! The recorder and the forward proxy, against small servers.

#![cfg(test)]

mod forward;
mod record;
mod traffic;
