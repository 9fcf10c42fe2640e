//! Faults: what goes wrong on purpose, and when.

mod influence;

pub(crate) use influence::Influence;
