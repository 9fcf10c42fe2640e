//! The seam for validators that read bytes once and build no tree.

use std::fmt;

/// What a quick validator says of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is what the schema says, holds no unknown member and no key twice.
    Ok,
    /// It is not; the oracle says why.
    Fail,
    /// The validator does not decide; the oracle does.
    Unsure,
}

/// Quick validators, by operation.
///
/// An answer of [`Verdict::Ok`] is final, so whoever gives it must agree with the oracle, and must have told `seen` the
/// slot of every field, value and arm ([`Contract::slots`](crate::Contract::slots)). A body with a null that the contract
/// does not declare is [`Verdict::Unsure`], unless its validator counts such nulls itself.
pub trait FastPath: Sync + fmt::Debug {
    /// Judges the body of an answer; [`Verdict::Unsure`] where there is no validator.
    fn verdict(&self, operation: &str, body: &[u8], seen: &mut dyn FnMut(usize)) -> Verdict;
}
