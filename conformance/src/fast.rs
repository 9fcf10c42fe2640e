//! The seam for validators that read bytes once and build no tree.

use std::fmt;

/// What a quick validator says of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is what the schema says, holds no member that the contract does not name, and no key twice.
    Ok,
    /// It is not; the oracle says why.
    Fail,
    /// The validator does not decide; the oracle does.
    Unsure,
}

/// Where a validator tells what it saw. Slots are numbered as in [`Contract::slots`](crate::Contract::slots).
///
/// What was told counts whatever the verdict, so whoever does not end with [`Verdict::Ok`] must have told nothing: the
/// oracle's walk tells it again.
pub trait Sightings {
    /// A field, a value or an arm.
    fn slot(&mut self, slot: usize);

    /// A null that the contract does not declare, in the field of this slot.
    fn null(&mut self, slot: usize);
}

/// Quick validators, by operation and status.
///
/// An answer of [`Verdict::Ok`] is final, so whoever gives it must agree with the oracle
/// ([`Contract::schema_of`](crate::Contract::schema_of)).
pub trait FastPath: Sync + fmt::Debug {
    /// Judges the body of an answer; [`Verdict::Unsure`] where there is no validator. There is no status where lines are
    /// bare documents of a schema.
    fn verdict(
        &self,
        operation: &str,
        status: Option<u16>,
        body: &[u8],
        seen: &mut dyn Sightings,
    ) -> Verdict;
}
