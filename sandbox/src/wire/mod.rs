//! The shapes of bodies, in and out.

pub(crate) mod account;
pub(crate) mod account_stream;
pub(crate) mod history;
pub(crate) mod live;
pub(crate) mod market_data;
pub(crate) mod market_stream;
pub(crate) mod payload;
pub(crate) mod public;
