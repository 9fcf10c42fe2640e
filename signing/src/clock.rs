//! The time a signature carries, and how far it is from the venue's.

use std::fmt::Debug;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::header::{AGE, DATE, HeaderMap};

/// A `Date` header has no fraction of a second: the time it was made at lies up to this much after it.
const DATE_MS: i64 = 999;
/// An answer that took longer says too little about the venue's clock.
const ROUND_TRIP_MS_MAX: i64 = 5_000;

/// Where a signer takes the time from. Replace it in tests.
pub trait Clock: Debug + Send + Sync {
    /// Unix time in milliseconds.
    fn now_ms(&self) -> i64;
}

/// The computer's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    /// A clock set before 1970 gives a negative time, which is then refused.
    fn now_ms(&self) -> i64 {
        unix_ms(SystemTime::now()).unwrap_or(-1)
    }
}

fn unix_ms(time: SystemTime) -> Option<i64> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// How far the venue's clock is from ours, as one answer shows it.
///
/// The header `Date` counts whole seconds and the way there and back takes time, so an answer gives a range: the venue
/// is between `offset_ms - uncertainty_ms` and `offset_ms + uncertainty_ms` ahead. Half a second is the best there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockSkew {
    /// The middle of the range: what to add to our clock to get the venue's, in milliseconds.
    pub offset_ms: i64,
    /// How far the truth may be from the middle, in milliseconds.
    pub uncertainty_ms: i64,
}

impl ClockSkew {
    /// Measures by the answer's headers and the times, on our clock, at which the request was sent and the answer's
    /// headers had arrived.
    ///
    /// # Errors
    /// The reason why the answer says nothing about the venue's clock.
    pub fn measure(
        headers: &HeaderMap,
        sent_ms: i64,
        received_ms: i64,
    ) -> Result<Self, IgnoredDate> {
        let round_trip_ms = received_ms.checked_sub(sent_ms);
        if !round_trip_ms.is_some_and(|ms| (0..=ROUND_TRIP_MS_MAX).contains(&ms)) {
            return Err(IgnoredDate::SlowAnswer);
        }
        let is_cached = |age: &str| age.trim() != "0";
        if headers
            .get(AGE)
            .is_some_and(|age| age.to_str().map_or(true, is_cached))
        {
            return Err(IgnoredDate::Stale);
        }
        let date_ms = date_ms(headers)?;
        let at_least_ms = date_ms.saturating_sub(received_ms);
        let at_most_ms = date_ms.saturating_add(DATE_MS).saturating_sub(sent_ms);
        let width_ms = at_most_ms - at_least_ms;
        Ok(Self {
            offset_ms: at_least_ms + width_ms / 2,
            uncertainty_ms: width_ms - width_ms / 2,
        })
    }

    /// Whether the clocks differ for sure: the range does not hold zero.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        !self.allows(0)
    }

    /// Whether the offset lies in the range.
    fn allows(&self, offset_ms: i64) -> bool {
        offset_ms.abs_diff(self.offset_ms) <= self.uncertainty_ms.unsigned_abs()
    }
}

fn date_ms(headers: &HeaderMap) -> Result<i64, IgnoredDate> {
    let mut dates = headers.get_all(DATE).iter();
    let date = dates.next().ok_or(IgnoredDate::Missing)?;
    if dates.next().is_some() {
        return Err(IgnoredDate::Malformed);
    }
    let date = date.to_str().map_err(|_| IgnoredDate::Malformed)?;
    let date = httpdate::parse_http_date(date).map_err(|_| IgnoredDate::Malformed)?;
    unix_ms(date).ok_or(IgnoredDate::Malformed)
}

/// Why an answer was not used to correct the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IgnoredDate {
    /// There is no `Date` header.
    Missing,
    /// The `Date` header is no HTTP date, or there are two.
    Malformed,
    /// The answer comes from a cache, so its date may be old.
    Stale,
    /// The answer took more than 5 s, or our clock was set back meanwhile.
    SlowAnswer,
    /// The correction would be larger than the signer was allowed.
    TooFar,
}

impl IgnoredDate {
    /// The reason, in words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Missing => "the answer has no Date header",
            Self::Malformed => "the Date header is not one HTTP date",
            Self::Stale => "the answer comes from a cache",
            Self::SlowAnswer => "the answer took too long, or the clock was set meanwhile",
            Self::TooFar => "the clocks are further apart than may be corrected; set this clock",
        }
    }
}

/// What a signer made of an answer's `Date`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClockReading {
    /// The signer does not correct its clock; see [`Signer::with_clock_correction`](crate::Signer::with_clock_correction).
    Off,
    /// The correction in use, perhaps none, agrees with the answer.
    Kept {
        /// The correction in use, in milliseconds.
        offset_ms: i64,
        /// What the answer shows.
        skew: ClockSkew,
    },
    /// Signatures carry another correction from now on.
    Changed {
        /// The correction in use from now on, in milliseconds.
        offset_ms: i64,
        /// The correction so far, in milliseconds.
        before_ms: i64,
        /// What the answer shows.
        skew: ClockSkew,
    },
    /// The answer was not used.
    Ignored(IgnoredDate),
}

/// The correction the clones of a signer share.
#[derive(Debug)]
pub(crate) struct Correction {
    offset_ms: AtomicI64,
    offset_ms_max: u64,
}

impl Correction {
    pub(crate) fn new(offset_ms_max: u64) -> Self {
        Self {
            offset_ms: AtomicI64::new(0),
            offset_ms_max,
        }
    }

    pub(crate) fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed)
    }

    /// Changes the correction only when the answer contradicts it, so that it does not jump with each answer.
    pub(crate) fn observe(&self, skew: ClockSkew) -> ClockReading {
        let before_ms = self.offset_ms();
        if skew.allows(before_ms) {
            let offset_ms = before_ms;
            return ClockReading::Kept { offset_ms, skew };
        }
        let offset_ms = if skew.is_certain() { skew.offset_ms } else { 0 };
        if offset_ms.unsigned_abs() > self.offset_ms_max {
            return ClockReading::Ignored(IgnoredDate::TooFar);
        }
        self.offset_ms.store(offset_ms, Ordering::Relaxed);
        ClockReading::Changed {
            offset_ms,
            before_ms,
            skew,
        }
    }
}
