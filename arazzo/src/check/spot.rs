//! Where an expression stands, and what is known there.

use super::callee::Fault;
use super::types::Type;
use super::worlds::World;
use crate::Root;

/// When an expression is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Before the request is sent.
    Request,
    /// After the answer, to decide about success.
    Criteria,
    /// After success.
    Outputs,
    /// After success and outputs.
    Success,
    /// After failure.
    Failure,
    /// After the workflow.
    End,
}

/// Where an expression stands.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub(super) step: Option<usize>,
    pub(super) when: When,
    /// The answers that are possible there.
    pub(super) worlds: Vec<World>,
    /// What cannot be null there, since a criterion said so.
    pub(super) proved: Vec<Root>,
}

impl Spot {
    pub(super) fn at(step: usize, when: When, worlds: Vec<World>) -> Self {
        Self {
            step: Some(step),
            when,
            worlds,
            proved: Vec::new(),
        }
    }

    pub(super) fn after_all() -> Self {
        Self {
            step: None,
            when: When::End,
            worlds: Vec::new(),
            proved: Vec::new(),
        }
    }
}

/// A type, and what to remark about how it was found.
pub(super) struct Typed {
    pub(super) ty: Type,
    pub(super) remark: Option<String>,
    /// Why it may not be there at all.
    pub(super) doubt: Option<Fault>,
}

impl From<Type> for Typed {
    fn from(ty: Type) -> Self {
        Self {
            ty,
            remark: None,
            doubt: None,
        }
    }
}

pub(super) type Result<T> = std::result::Result<T, Fault>;
