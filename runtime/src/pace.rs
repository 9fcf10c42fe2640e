//! When the next request may leave.
//!
//! A virtual schedule (GCRA) that hands out places in the order of asking: a caller learns at once how long its wait is,
//! which limiters that only say "not yet" (governor) cannot tell when several wait.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::options::RateLimit;

/// The schedule of one connection and its clones.
#[derive(Debug)]
pub(crate) struct Pace {
    /// The time that one request takes up in the schedule.
    spacing: Duration,
    /// How far ahead of the schedule requests may leave.
    ahead_max: Duration,
    start: Instant,
    /// Up to where the schedule is taken, counted from the start.
    taken: Mutex<Duration>,
}

/// The wait would be longer than allowed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong {
    pub(crate) wait: Duration,
}

impl Pace {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let spacing = limit.refill();
        Self {
            spacing,
            ahead_max: spacing.saturating_mul(limit.burst().saturating_sub(1)),
            start: Instant::now(),
            taken: Mutex::new(Duration::ZERO),
        }
    }

    /// Waits for the next place. A place that would come too late is not taken.
    pub(crate) async fn turn(&self, wait_max: Duration) -> Result<(), TooLong> {
        let wait = self.reserve(wait_max)?;
        if !wait.is_zero() {
            sleep(wait).await;
        }
        Ok(())
    }

    fn reserve(&self, wait_max: Duration) -> Result<Duration, TooLong> {
        let now = self.start.elapsed();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (*taken).max(now);
        let wait = place.saturating_sub(now.saturating_add(self.ahead_max));
        if wait > wait_max {
            return Err(TooLong { wait });
        }
        *taken = place.saturating_add(self.spacing);
        Ok(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENT: Duration = Duration::from_secs(3600);

    #[tokio::test(start_paused = true)]
    async fn the_window_may_have_any_length() {
        let second = Duration::from_secs(1);
        let pace = Pace::new(RateLimit::new(11, second).with_burst(1));
        assert_eq!(pace.reserve(PATIENT), Ok(Duration::ZERO));
        assert_eq!(pace.reserve(PATIENT), Ok(second / 10));
        let slow = Pace::new(RateLimit::new(2, Duration::MAX));
        assert_eq!(slow.reserve(PATIENT), Ok(Duration::ZERO));
        assert!(slow.reserve(PATIENT).is_err());
    }

    fn pace(per_minute: u32, burst: u32) -> Pace {
        Pace::new(RateLimit::per_minute(per_minute).with_burst(burst))
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_sees_more_than_the_limit() {
        for (per_minute, burst) in [(2_000, 200), (60, 1), (60, 59), (7, 3), (2, 1)] {
            let (pace, start) = (pace(per_minute, burst), Instant::now());
            let mut left = Vec::new();
            for _ in 0..per_minute * 3 {
                pace.turn(PATIENT).await.unwrap();
                left.push(start.elapsed());
            }
            assert_eq!(
                left[burst as usize - 1],
                Duration::ZERO,
                "the burst waits for nothing"
            );
            for (index, first) in left.iter().enumerate() {
                // The timer is as fine as a millisecond, so one may leave that much late.
                let end = *first + Duration::from_millis(59_999);
                let count = left[index..].iter().filter(|at| **at < end).count();
                assert!(
                    count <= per_minute as usize,
                    "{count} of {per_minute} from {first:?}"
                );
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_too_long_is_refused_with_its_length_and_takes_no_place() {
        let pace = pace(61, 1);
        pace.turn(Duration::ZERO).await.unwrap();
        let (first, second) = (Duration::from_secs(1), Duration::from_secs(2));
        for _ in 0..3 {
            let refused = pace.turn(Duration::from_millis(999)).await;
            assert_eq!(refused, Err(TooLong { wait: first }));
        }
        assert_eq!(pace.reserve(PATIENT), Ok(first));
        assert_eq!(pace.reserve(PATIENT), Ok(second));
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_bucket_fills_up_to_the_burst_and_no_further() {
        let pace = pace(120, 60);
        for _ in 0..60 {
            pace.turn(Duration::ZERO).await.unwrap();
        }
        tokio::time::advance(PATIENT).await;
        for _ in 0..60 {
            pace.turn(Duration::ZERO).await.unwrap();
        }
        let wait = Duration::from_secs(1);
        assert_eq!(pace.turn(Duration::ZERO).await, Err(TooLong { wait }));
    }
}
