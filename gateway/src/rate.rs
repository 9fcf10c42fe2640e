//! Rate limits: a token bucket for each caller.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::header::{HeaderValue, RETRY_AFTER};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::caller::Scope;
use crate::problem::{self, Problem};
use crate::settings::Limits;

/// The buckets of all callers.
pub(crate) struct Rates {
    /// For requests without a valid token.
    anonymous: DefaultDirectRateLimiter,
    read: DefaultDirectRateLimiter,
    trade: DefaultDirectRateLimiter,
    changes: DefaultDirectRateLimiter,
    clock: DefaultClock,
}

impl Rates {
    pub(crate) fn new(limits: &Limits) -> Self {
        let requests = || bucket(limits.requests_per_second, limits.requests_burst);
        Self {
            anonymous: requests(),
            read: requests(),
            trade: requests(),
            changes: bucket(limits.changes_per_second, limits.changes_burst),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// How long to wait, if the limit is exceeded.
    pub(crate) fn request(&self, scope: Option<Scope>) -> Result<(), Duration> {
        self.take(match scope {
            None => &self.anonymous,
            Some(Scope::Read) => &self.read,
            Some(Scope::Trade) => &self.trade,
        })
    }

    /// Counts a call that changes the account. Only the trade token allows that, so there is one bucket.
    ///
    /// # Errors
    /// How long to wait, if the limit is exceeded.
    pub(crate) fn change(&self) -> Result<(), Duration> {
        self.take(&self.changes)
    }

    fn take(&self, bucket: &DefaultDirectRateLimiter) -> Result<(), Duration> {
        bucket
            .check()
            .map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }
}

/// The problem that reports an exceeded limit.
pub(crate) fn too_many(wait: Duration) -> Problem {
    let wait_s = wait.as_secs() + 1;
    Problem::new(problem::RATE, "this token is used too often")
        .fix(format!("wait {wait_s} s, and call again"))
        .with_header(RETRY_AFTER, HeaderValue::from(wait_s))
}

fn bucket(per_second: NonZeroU32, burst: NonZeroU32) -> DefaultDirectRateLimiter {
    RateLimiter::direct(Quota::per_second(per_second).allow_burst(burst))
}

impl fmt::Debug for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rates").finish_non_exhaustive()
    }
}
