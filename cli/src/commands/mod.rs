//! One file per command.

pub(crate) mod check;
pub(crate) mod keygen;
pub(crate) mod record;
pub(crate) mod report;
pub(crate) mod sandbox;
pub(crate) mod sign;
