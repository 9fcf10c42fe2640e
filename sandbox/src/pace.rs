//! How many requests an account signs in a minute, for the switch that limits them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;

use crate::account::AccountId;
use crate::refusal::{Code, Refusal};

const MINUTE_MS: i64 = 60_000;

/// Remembers when each account's requests of the last minute came. Without a limit it remembers nothing.
#[derive(Debug)]
pub(crate) struct Pace {
    requests_max: usize,
    taken_ms: Mutex<HashMap<AccountId, VecDeque<i64>>>,
}

impl Pace {
    /// A limit of 0 is none.
    pub(crate) fn new(requests_per_minute: u32) -> Self {
        Self {
            requests_max: requests_per_minute as usize,
            taken_ms: Mutex::default(),
        }
    }

    /// Counts a request, or refuses it. What is refused does not count.
    pub(crate) fn check(&self, account: AccountId, now_ms: i64) -> Result<(), Refusal> {
        if self.requests_max == 0 {
            return Ok(());
        }
        let mut accounts = self.taken_ms();
        let taken = accounts.entry(account).or_default();
        while taken
            .front()
            .is_some_and(|at_ms| now_ms.saturating_sub(*at_ms) >= MINUTE_MS)
        {
            taken.pop_front();
        }
        if taken.len() >= self.requests_max {
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Err(Refusal::coded(
                status,
                Code::TooManyRequests,
                "Too many requests",
            ));
        }
        taken.push_back(now_ms);
        Ok(())
    }

    pub(crate) fn clear(&self) {
        self.taken_ms().clear();
    }

    fn taken_ms(&self) -> MutexGuard<'_, HashMap<AccountId, VecDeque<i64>>> {
        self.taken_ms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_requests_of_each_account_and_no_more() {
        let pace = Pace::new(2);
        let [one, two] = [1, 2].map(AccountId);
        let is_taken = |account, now_ms| pace.check(account, now_ms).is_ok();
        assert_eq!(
            [0, 10, 20].map(|now_ms| is_taken(one, now_ms)),
            [true, true, false]
        );
        assert!(is_taken(two, 20));
        assert_eq!(
            [59_999, 60_000, 60_009].map(|now_ms| is_taken(one, now_ms)),
            [false, true, false]
        );
        assert!(is_taken(one, 60_010));
    }

    #[test]
    fn a_limit_of_zero_is_none() {
        let pace = Pace::new(0);
        assert!((0..10_000).all(|_| pace.check(AccountId(1), 0).is_ok()));
    }
}
