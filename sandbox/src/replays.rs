//! Signatures that were believed once, for the switch that refuses them the second time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::auth::WINDOW_MAX_MS;
use crate::refusal::Refusal;

/// A signature of a clock that is a window ahead is good for two windows.
const KEPT_MS: i64 = 2 * WINDOW_MAX_MS as i64;

/// Remembers a signature for as long as it can be believed. Without the switch it remembers nothing.
#[derive(Debug)]
pub(crate) struct Replays(Option<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// When each was seen, in milliseconds.
    at_ms: HashMap<[u8; 64], i64>,
    /// How many there may be before the old ones are looked for.
    count_max: usize,
}

impl Replays {
    pub(crate) fn new(refuses: bool) -> Self {
        Self(refuses.then(Mutex::default))
    }

    pub(crate) fn check(&self, signature: [u8; 64], now_ms: i64) -> Result<(), Refusal> {
        let Some(seen) = &self.0 else {
            return Ok(());
        };
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.at_ms.len() >= seen.count_max {
            seen.at_ms
                .retain(|_, at_ms| now_ms.saturating_sub(*at_ms) <= KEPT_MS);
            seen.count_max = 2 * seen.at_ms.len() + 1024;
        }
        match seen.at_ms.insert(signature, now_ms) {
            None => Ok(()),
            Some(_) => Err(Refusal::client("Request was sent before")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(number: u64) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        bytes
    }

    #[test]
    fn a_signature_is_taken_once_and_without_the_switch_always() {
        for (refuses, second) in [(true, false), (false, true)] {
            let replays = Replays::new(refuses);
            assert!(replays.check(signature(1), 5).is_ok());
            assert!(replays.check(signature(2), 5).is_ok());
            assert_eq!(replays.check(signature(1), 6).is_ok(), second);
        }
    }

    #[test]
    fn what_has_expired_is_forgotten() {
        let replays = Replays::new(true);
        for (number, now_ms) in (0..20_000).zip((0..).step_by(1_000)) {
            assert!(replays.check(signature(number), now_ms).is_ok());
        }
        let seen = replays.0.as_ref().unwrap().lock().unwrap();
        assert!(seen.at_ms.len() < 3_000);
    }
}
