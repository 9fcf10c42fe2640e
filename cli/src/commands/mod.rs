//! One file per command.

pub(crate) mod keygen;
pub(crate) mod sandbox;
pub(crate) mod sign;
