//! One file per command.

pub(crate) mod approve;
pub(crate) mod cancel_after;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod health;
pub(crate) mod keygen;
pub(crate) mod kill;
pub(crate) mod manual;
pub(crate) mod mcp;
pub(crate) mod operations;
pub(crate) mod record;
pub(crate) mod report;
pub(crate) mod sandbox;
pub(crate) mod serve;
pub(crate) mod sign;
pub(crate) mod watch;
pub(crate) mod workflow;
