//! The shapes of bodies, in and out.

pub(crate) mod history;
pub(crate) mod live;
pub(crate) mod payload;
pub(crate) mod public;
