//! The validators that are generated from the contract.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bpx_client::validators::{ANSWERS, OPENAPI_SHA256, TYPES};
use bpx_runtime::validate::{Counts, Kind, Verdict, judge};

use super::{FastPath, Sightings};
use crate::Contract;

/// The generated tables, for the contract they come from.
#[derive(Debug)]
pub struct Generated {
    /// By a table's slot, the contract's.
    slots: Vec<usize>,
    /// Counters at rest; each thread takes its own.
    counts: Mutex<Vec<Counts>>,
}

impl Generated {
    /// The validators, if the tables come from this very document; nothing else may be held against them.
    #[must_use]
    pub fn of(contract: &Contract) -> Option<Self> {
        if contract.document().sha256 != OPENAPI_SHA256 {
            return None;
        }
        let known: HashMap<_, _> = contract.slots().iter().zip(0..).collect();
        let counts = Counts::new(TYPES);
        let slots = counts.names().iter().map(|name| known.get(name).copied());
        Some(Self {
            slots: slots.collect::<Option<_>>()?,
            counts: Mutex::new(vec![counts]),
        })
    }

    fn kind(operation: &str, status: Option<u16>) -> Kind {
        let row = ANSWERS.binary_search_by_key(&operation, |row| row.operation);
        let row = row.ok().and_then(|at| ANSWERS.get(at));
        match (row, status) {
            (Some(row), Some(200..300)) => row.success,
            (Some(row), Some(400..)) => row.failure,
            _ => Kind::Doubt,
        }
    }

    fn tell(&self, counts: &Counts, seen: &mut dyn Sightings) {
        for (slot, count) in shown(&counts.seen, &self.slots) {
            seen.slot(slot, count);
        }
        for (slot, count) in shown(&counts.nulls, &self.slots) {
            seen.null(slot, count);
        }
    }
}

impl FastPath for Generated {
    fn verdict(
        &self,
        operation: &str,
        status: Option<u16>,
        body: &[u8],
        seen: &mut dyn Sightings,
    ) -> Verdict {
        let resting = || self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = resting().pop();
        let mut counts = taken.unwrap_or_else(|| Counts::new(TYPES));
        let verdict = judge(TYPES, Self::kind(operation, status), body, &mut counts);
        if verdict == Verdict::Ok {
            self.tell(&counts, seen);
        }
        counts.clear();
        resting().push(counts);
        verdict
    }
}

/// What was seen at all, under the contract's numbers.
fn shown<'a>(counts: &'a [u32], slots: &'a [usize]) -> impl Iterator<Item = (usize, u64)> + 'a {
    let counted = counts.iter().zip(slots);
    counted
        .filter(|(count, _)| **count > 0)
        .map(|(count, slot)| (*slot, u64::from(*count)))
}
