//! The WebSocket streams.
//!
//! The book notes what happens to it while its lock is held, and only while somebody listens. When the
//! lock is given back, the notes go to the hub as one [`feed::News`], so they are in the book's order. The
//! hub writes each message once and puts it into the outbox of every connection that wants it; each
//! connection sends all that waits with one write.

mod connection;
pub(crate) mod feed;
mod group;
pub(crate) mod hub;
pub(crate) mod outbox;
mod pipe;
mod request;
pub(crate) mod topic;

pub(crate) use connection::Streams;
