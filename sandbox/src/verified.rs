//! The log of requests whose signature verified.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// How many requests the log keeps; the oldest go first.
const KEPT_MAX: usize = 10_000;

/// One authenticated request and how it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verified {
    /// HTTP method, upper case; `SUBSCRIBE` or `UNSUBSCRIBE` for a message over WebSocket.
    pub method: String,
    /// Path without query.
    pub path: String,
    /// The instructions in the verified signing string: one, or one per order of a batch.
    pub instructions: Vec<String>,
    /// HTTP status of the answer; 101 over WebSocket.
    pub status: u16,
}

/// Entries under their arrival number, so that concurrent answers do not reorder them.
#[derive(Debug, Default)]
pub(crate) struct VerifiedLog(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    arrived: u64,
    kept: BTreeMap<u64, Verified>,
}

impl VerifiedLog {
    /// Takes the number of a request that was just authenticated.
    pub(crate) fn arrive(&self) -> u64 {
        let mut entries = self.lock();
        entries.arrived += 1;
        entries.arrived
    }

    pub(crate) fn record(&self, arrival: u64, entry: Verified) {
        let mut entries = self.lock();
        entries.kept.insert(arrival, entry);
        if entries.kept.len() > KEPT_MAX {
            entries.kept.pop_first();
        }
    }

    pub(crate) fn snapshot(&self) -> Vec<Verified> {
        self.lock().kept.values().cloned().collect()
    }

    /// The newest entries with their numbers, newest first.
    pub(crate) fn last(&self, count_max: usize) -> Vec<(u64, Verified)> {
        let entries = self.lock();
        let newest = entries.kept.iter().rev().take(count_max);
        newest
            .map(|(number, entry)| (*number, entry.clone()))
            .collect()
    }

    /// Forgets everything, numbers included.
    pub(crate) fn clear(&self) {
        *self.lock() = Entries::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(status: u16) -> Verified {
        Verified {
            method: "GET".into(),
            path: "/".into(),
            instructions: vec![],
            status,
        }
    }

    #[test]
    fn entries_stand_in_arrival_order_whatever_finished_first() {
        let log = VerifiedLog::default();
        let (first, second) = (log.arrive(), log.arrive());
        log.record(second, entry(202));
        log.record(first, entry(200));
        let statuses: Vec<_> = log.snapshot().iter().map(|entry| entry.status).collect();
        assert_eq!(statuses, [200, 202]);
    }

    #[test]
    fn the_log_forgets_the_oldest_when_full() {
        let log = VerifiedLog::default();
        for _ in 0..=KEPT_MAX {
            log.record(log.arrive(), entry(200));
        }
        log.record(log.arrive(), entry(404));
        let kept = log.snapshot();
        assert_eq!(kept.len(), KEPT_MAX);
        assert_eq!(kept.last().map(|entry| entry.status), Some(404));
    }
}
