//! Faults: what goes wrong on purpose, and when.
//!
//! A [`Fault`] is data. A request names it in a header, or a [`FaultRule`] armed beforehand chooses it.
//! The layer decides once per request, before anything else looks at it, and does its part before and
//! after the handler; what only a handler can do travels with the request as [`Influence`]. Messages of
//! streams have faults of their own, [`StreamFault`], chosen by the same rules.

mod answer;
mod codes;
mod influence;
mod kind;
mod layer;
mod line;
mod registry;
mod rule;
mod stream;
mod text;

pub use kind::Fault;
pub use registry::{ArmedFault, FaultFired};
pub use rule::FaultRule;
pub use stream::StreamFault;

pub(crate) use influence::{Influence, skewed};
pub(crate) use layer::inject;
pub(crate) use line::{Line, LineListener};
pub(crate) use registry::{Chosen, Faults, Target};
