//! The seam for validators that read bytes once and build no tree.

mod generated;

use std::fmt;

pub use bpx_runtime::validate::Verdict;

pub use self::generated::Generated;

/// Where a validator tells what it saw. Slots are numbered as in [`Contract::slots`](crate::Contract::slots).
///
/// What was told counts after [`Verdict::Ok`] only: otherwise the oracle's walk tells it again.
pub trait Sightings {
    /// A field, a value or an arm, and how often.
    fn slot(&mut self, slot: usize, count: u64);

    /// Nulls that the contract does not declare, in the field of this slot.
    fn null(&mut self, slot: usize, count: u64);
}

/// Quick validators, by operation and status.
///
/// An answer of [`Verdict::Ok`] is final, so whoever gives it must agree with the oracle
/// ([`Contract::schema_of`](crate::Contract::schema_of)). It also says that the body is one JSON text.
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

/// What a validator said of a body, until it is counted.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) verdict: Verdict,
    pub(crate) seen: Vec<(usize, u64)>,
    pub(crate) nulls: Vec<(usize, u64)>,
}

impl Told {
    pub(crate) fn by(
        fast: &dyn FastPath,
        operation: &str,
        status: Option<u16>,
        body: &[u8],
    ) -> Self {
        let mut told = Self {
            verdict: Verdict::Unsure,
            seen: Vec::new(),
            nulls: Vec::new(),
        };
        told.verdict = fast.verdict(operation, status, body, &mut told);
        told
    }
}

impl Sightings for Told {
    fn slot(&mut self, slot: usize, count: u64) {
        self.seen.push((slot, count));
    }

    fn null(&mut self, slot: usize, count: u64) {
        self.nulls.push((slot, count));
    }
}
