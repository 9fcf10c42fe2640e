//! How the connection of streams behaves.

use std::sync::Arc;
use std::time::Duration;

use super::tap::MessageTap;

const CONNECT_TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);
const IDLE_TIMEOUT_DEFAULT: Duration = Duration::from_secs(90);
const RECONNECT_WAIT_MIN_DEFAULT: Duration = Duration::from_millis(250);
const RECONNECT_WAIT_MAX_DEFAULT: Duration = Duration::from_secs(30);
const ATTEMPTS_MAX_DEFAULT: u32 = 3;
const QUEUE_MESSAGES_MAX_DEFAULT: usize = 65_536;
const QUEUE_BYTES_MAX_DEFAULT: usize = 64 * 1024 * 1024;
const MESSAGE_BYTES_MAX_DEFAULT: usize = 8 * 1024 * 1024;

/// How the connection of streams behaves.
///
/// ```
/// use std::time::Duration;
/// use bpx_runtime::stream::StreamOptions;
///
/// let eager = StreamOptions::default()
///     .with_reconnect_wait(Duration::from_millis(10), Duration::from_secs(1))
///     .with_queue(1_000, 1024 * 1024);
/// assert_eq!(eager.queue_messages_max, 1_000);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StreamOptions {
    /// How long making a connection may take, TLS and handshake included. 10 s by default.
    pub connect_timeout: Duration,
    /// How long the server may take to answer a ping behind a request. 10 s by default.
    pub answer_timeout: Duration,
    /// How long nothing at all may arrive. After half of it a ping is sent. 90 s by default.
    pub idle_timeout: Duration,
    /// The longest wait before the first new connection; it doubles with each further one until one has lasted 10 s. A
    /// part of it, taken at random, is waited. 250 ms by default.
    pub reconnect_wait_min: Duration,
    /// Where the doubling ends. 30 s by default.
    pub reconnect_wait_max: Duration,
    /// How often the first connection is tried before the subscriptions end with an error; later ones are tried for
    /// ever. 3 by default, 0 for ever.
    pub attempts_max: u32,
    /// How many messages may wait to be read by one subscription. 65,536 by default; further ones are thrown away, and
    /// the subscription is notified of how many.
    pub queue_messages_max: usize,
    /// How many bytes of them. 64 MiB by default.
    pub queue_bytes_max: usize,
    /// The largest message that is read, in bytes; a larger one ends the connection. 8 MiB by default.
    pub message_bytes_max: usize,
    /// Sees each message. None by default.
    pub tap: Option<Arc<dyn MessageTap>>,
}

impl Default for StreamOptions {
    fn default() -> Self {
        Self {
            connect_timeout: CONNECT_TIMEOUT_DEFAULT,
            answer_timeout: ANSWER_TIMEOUT_DEFAULT,
            idle_timeout: IDLE_TIMEOUT_DEFAULT,
            reconnect_wait_min: RECONNECT_WAIT_MIN_DEFAULT,
            reconnect_wait_max: RECONNECT_WAIT_MAX_DEFAULT,
            attempts_max: ATTEMPTS_MAX_DEFAULT,
            queue_messages_max: QUEUE_MESSAGES_MAX_DEFAULT,
            queue_bytes_max: QUEUE_BYTES_MAX_DEFAULT,
            message_bytes_max: MESSAGE_BYTES_MAX_DEFAULT,
            tap: None,
        }
    }
}

impl StreamOptions {
    /// Sets how long a connection, an answer to a ping, and silence may last.
    #[must_use]
    pub fn with_timeouts(mut self, connect: Duration, answer: Duration, idle: Duration) -> Self {
        (self.connect_timeout, self.answer_timeout, self.idle_timeout) = (connect, answer, idle);
        self
    }

    /// Sets the longest wait before the first new connection, and where its doubling ends.
    #[must_use]
    pub fn with_reconnect_wait(mut self, min: Duration, max: Duration) -> Self {
        (self.reconnect_wait_min, self.reconnect_wait_max) = (min, max);
        self
    }

    /// Sets how often the first connection is tried; 0 for ever.
    #[must_use]
    pub fn with_attempts_max(mut self, attempts_max: u32) -> Self {
        self.attempts_max = attempts_max;
        self
    }

    /// Sets how many messages, and how many bytes of them, may wait to be read by one subscription.
    #[must_use]
    pub fn with_queue(mut self, messages_max: usize, bytes_max: usize) -> Self {
        (self.queue_messages_max, self.queue_bytes_max) = (messages_max, bytes_max);
        self
    }

    /// Sets the largest message that is read, in bytes.
    #[must_use]
    pub fn with_message_bytes_max(mut self, message_bytes_max: usize) -> Self {
        self.message_bytes_max = message_bytes_max;
        self
    }

    /// Shows each message to a tap.
    #[must_use]
    pub fn with_tap(mut self, tap: Arc<dyn MessageTap>) -> Self {
        self.tap = Some(tap);
        self
    }

    /// How long to wait before the next connection, after so many that did not last.
    pub(super) fn reconnect_wait(&self, failures: u32) -> Duration {
        let doubled = self
            .reconnect_wait_min
            .saturating_mul(1 << failures.min(16));
        doubled
            .min(self.reconnect_wait_max)
            .mul_f64(fastrand::f64())
    }
}
