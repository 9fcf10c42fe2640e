//! The recorder and the forward proxy, against small servers.

#![cfg(test)]

mod forward;
mod messages;
mod record;
mod traffic;
