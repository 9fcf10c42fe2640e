//! How a connection behaves.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::ClientBuilder;

use crate::tap::Tap;

const CONNECT_TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
const BODY_BYTES_MAX_DEFAULT: u64 = 8 * 1024 * 1024;
const RETRIES_MAX_DEFAULT: u32 = 2;
const RETRY_WAIT_MIN_DEFAULT: Duration = Duration::from_millis(100);
const RETRY_WAIT_MAX_DEFAULT: Duration = Duration::from_secs(2);
const RATE_WAIT_MAX_DEFAULT: Duration = Duration::from_secs(10);
const REQUESTS_MAX: u32 = 1_000_000;

/// How a connection behaves.
///
/// ```
/// use std::time::Duration;
/// use bpx_runtime::{Options, RateLimit};
///
/// let patient = Options::default()
///     .with_timeout(Duration::from_secs(60))
///     .with_retries_max(5)
///     .with_rate_limit(RateLimit::per_minute(1_000));
/// assert_eq!(patient.rate_limit, Some(RateLimit::per_minute(1_000)));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// How long making a connection may take, TLS included. 10 s by default.
    pub connect_timeout: Duration,
    /// How long one call may take once its turn has come: every attempt, from connecting to the last byte of the answer,
    /// and the waits between them. 30 s by default.
    pub timeout: Duration,
    /// The largest response body that is read, in bytes. 8 MiB by default.
    pub body_bytes_max: u64,
    /// How often a read (GET, HEAD) is sent again when the first attempt fails in passing. 2 by default, 0 for never.
    /// A write is sent once, whatever this says.
    pub retries_max: u32,
    /// The shortest wait before the first repetition; it doubles with each further one, and up to its own length is
    /// added at random. 100 ms by default.
    pub retry_wait_min: Duration,
    /// Where the doubling ends. 2 s by default. A `Retry-After` of the exchange that is longer goes before it.
    pub retry_wait_max: Duration,
    /// How many requests may leave in a given time. No limit by default. The connection and its clones count together;
    /// other connections of the same account are not seen.
    pub rate_limit: Option<RateLimit>,
    /// How long a call may wait for its turn under the rate limit; it fails at once where that would not do. 10 s by
    /// default.
    pub rate_wait_max: Duration,
    /// Who sees each exchange. Nobody by default.
    pub tap: Option<Arc<dyn Tap>>,
    /// Headers of every request. None by default.
    pub headers: HeaderMap,
    /// What prepares the HTTP client before the connection sets it up. Nothing by default.
    pub client: Option<PrepareClient>,
}

/// Prepares the builder of an HTTP client. See [`Options::with_client`].
#[derive(Clone)]
pub struct PrepareClient(pub(crate) Arc<dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync>);

impl fmt::Debug for PrepareClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrepareClient").finish_non_exhaustive()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: CONNECT_TIMEOUT_DEFAULT,
            timeout: TIMEOUT_DEFAULT,
            body_bytes_max: BODY_BYTES_MAX_DEFAULT,
            retries_max: RETRIES_MAX_DEFAULT,
            retry_wait_min: RETRY_WAIT_MIN_DEFAULT,
            retry_wait_max: RETRY_WAIT_MAX_DEFAULT,
            rate_limit: None,
            rate_wait_max: RATE_WAIT_MAX_DEFAULT,
            tap: None,
            headers: HeaderMap::new(),
            client: None,
        }
    }
}

impl Options {
    /// Sets how long making a connection may take.
    #[must_use]
    pub fn with_connect_timeout(mut self, connect_timeout: Duration) -> Self {
        self.connect_timeout = connect_timeout;
        self
    }

    /// Sets how long one call may take once its turn has come.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the largest response body that is read, in bytes.
    #[must_use]
    pub fn with_body_bytes_max(mut self, body_bytes_max: u64) -> Self {
        self.body_bytes_max = body_bytes_max;
        self
    }

    /// Sets how often a read is sent again; 0 for never.
    #[must_use]
    pub fn with_retries_max(mut self, retries_max: u32) -> Self {
        self.retries_max = retries_max;
        self
    }

    /// Sets the shortest wait before a repetition, and where its doubling ends.
    #[must_use]
    pub fn with_retry_wait(mut self, min: Duration, max: Duration) -> Self {
        (self.retry_wait_min, self.retry_wait_max) = (min, max);
        self
    }

    /// Sets how many requests may leave in a given time.
    #[must_use]
    pub fn with_rate_limit(mut self, rate_limit: RateLimit) -> Self {
        self.rate_limit = Some(rate_limit);
        self
    }

    /// Lets any number of requests leave.
    #[must_use]
    pub fn without_rate_limit(mut self) -> Self {
        self.rate_limit = None;
        self
    }

    /// Sets how long a call may wait for its turn under the rate limit.
    #[must_use]
    pub fn with_rate_wait_max(mut self, rate_wait_max: Duration) -> Self {
        self.rate_wait_max = rate_wait_max;
        self
    }

    /// Sends a header with every request, where the request does not set it itself. Mark secrets as sensitive.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Prepares the HTTP client, for instance with a proxy or a certificate of your own. Redirects, repetitions,
    /// encryption and time-outs are the connection's affair: it sets them afterwards.
    #[must_use]
    pub fn with_client(
        mut self,
        prepare: impl Fn(ClientBuilder) -> ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.client = Some(PrepareClient(Arc::new(prepare)));
        self
    }

    /// Lets a recorder see each exchange.
    #[must_use]
    pub fn with_tap(mut self, tap: Arc<dyn Tap>) -> Self {
        self.tap = Some(tap);
        self
    }
}

/// How many requests may leave in a window of time, as a token bucket.
///
/// The bucket holds `burst` tokens and is refilled with the rest of the window's, evenly. So no window, wherever it
/// begins, sees more than the limit, however the server counts its windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    requests: u32,
    window: Duration,
    burst: u32,
}

impl RateLimit {
    /// So many requests in any window (2 to 1,000,000 of at least 1 ms; other values are taken for the nearest), a tenth
    /// of them at once.
    #[must_use]
    pub fn new(requests: u32, window: Duration) -> Self {
        let requests = requests.clamp(2, REQUESTS_MAX);
        Self {
            requests,
            window: window.max(Duration::from_millis(1)),
            burst: (requests / 10).max(1),
        }
    }

    /// So many requests a minute.
    #[must_use]
    pub fn per_minute(requests: u32) -> Self {
        Self::new(requests, Duration::from_secs(60))
    }

    /// Sets how many may leave at once: at least one, and fewer than leave in a window. The more at once, the slower the
    /// refill.
    #[must_use]
    pub fn with_burst(self, requests: u32) -> Self {
        let burst = requests.clamp(1, self.requests.saturating_sub(1).max(1));
        Self { burst, ..self }
    }

    /// The time in which one token is refilled, rounded up.
    pub(crate) fn refill(self) -> Duration {
        let refilled = u128::from(self.requests.saturating_sub(self.burst).max(1));
        let nanos = self.window.as_nanos().div_ceil(refilled);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// How many may leave at once.
    pub(crate) fn burst(self) -> u32 {
        self.burst
    }
}
