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

/// The buckets of one account's callers.
#[derive(Debug)]
pub(crate) struct Rates {
    read: Bucket,
    trade: Bucket,
    changes: Bucket,
}

impl Rates {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            read: Bucket::of_requests(limits),
            trade: Bucket::of_requests(limits),
            changes: Bucket::new(limits.changes_per_second, limits.changes_burst),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// How long to wait, if the limit is exceeded.
    pub(crate) fn request(&self, scope: Scope) -> Result<(), Duration> {
        match scope {
            Scope::Read => self.read.take(),
            Scope::Trade => self.trade.take(),
        }
    }

    /// Counts a call that changes the account. Only the trade token allows that, so there is one bucket.
    ///
    /// # Errors
    /// How long to wait, if the limit is exceeded.
    pub(crate) fn change(&self) -> Result<(), Duration> {
        self.changes.take()
    }
}

/// A token bucket.
pub(crate) struct Bucket {
    limiter: DefaultDirectRateLimiter,
    clock: DefaultClock,
}

impl Bucket {
    fn new(per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        Self {
            limiter: RateLimiter::direct(Quota::per_second(per_second).allow_burst(burst)),
            clock: DefaultClock::default(),
        }
    }

    /// A bucket for requests.
    pub(crate) fn of_requests(limits: &Limits) -> Self {
        Self::new(limits.requests_per_second, limits.requests_burst)
    }

    /// Takes one out.
    ///
    /// # Errors
    /// How long to wait until there is one.
    pub(crate) fn take(&self) -> Result<(), Duration> {
        let taken = self.limiter.check();
        taken.map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }
}

/// The problem that reports an exceeded limit.
pub(crate) fn too_many(wait: Duration) -> Problem {
    let wait_s = wait.as_secs() + 1;
    Problem::new(problem::RATE, "this token is used too often")
        .fix(format!("wait {wait_s} s, and call again"))
        .with_header(RETRY_AFTER, HeaderValue::from(wait_s))
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").finish_non_exhaustive()
    }
}
