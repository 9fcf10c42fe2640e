//! One call: its turn, its attempts, its span.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use bpx_signing::{Clock as _, ClockSkew, SignedOperation, Signer, SystemClock};
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::SET_COOKIE;
use reqwest::{Client, Request, Response};
use tokio::time::{Instant, sleep};
use tracing::{Instrument as _, Span, field, info_span, warn};

use crate::Options;
use crate::credential::Credential;
use crate::decode::Answer;
use crate::error::Error;
use crate::pace::Pace;
use crate::retry;
use crate::tap::Tapped;

/// Streams last as long as the server likes.
const STREAM_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// One call on its way out.
pub(crate) struct Call<'a> {
    pub(crate) base_url: &'a str,
    pub(crate) http: &'a Client,
    pub(crate) options: &'a Options,
    pub(crate) pace: Option<&'a Pace>,
    pub(crate) operation: Cow<'static, str>,
    pub(crate) signing: Option<(&'a Signer, &'a SignedOperation)>,
    /// Applied behind the tap, which must not see them.
    pub(crate) credentials: Vec<&'a Credential>,
}

/// A response that is left to be read as it arrives, or one that is read already, for it is a refusal.
pub(crate) enum Opened {
    Stream(Response),
    Received(Received),
}

/// An answer, and how far the clocks differ if its `Date` shows that they do for sure.
pub(crate) struct Received {
    pub(crate) answer: Answer,
    pub(crate) skew: Option<ClockSkew>,
}

type Outcome<E> = Result<Received, Error<E>>;

/// What one attempt came to.
struct Attempt<E> {
    number: u32,
    latency: Duration,
    outcome: Outcome<E>,
}

/// What is left of the time for all attempts.
struct Budget {
    start: Instant,
    whole: Duration,
}

impl Budget {
    fn left(&self) -> Duration {
        self.whole.saturating_sub(self.start.elapsed())
    }
}

impl Call<'_> {
    /// The answer of the last attempt.
    pub(crate) async fn answer<E>(&self, request: Request) -> Outcome<E> {
        let span = info_span!(
            "call",
            operation = &*self.operation,
            attempt = field::Empty,
            status = field::Empty,
            latency_ms = field::Empty,
            failure = field::Empty,
            clock_skew_ms = field::Empty,
        );
        self.attempts(request, &span).instrument(span.clone()).await
    }

    async fn attempts<E>(&self, request: Request, span: &Span) -> Outcome<E> {
        self.first_turn(span).await?;
        let budget = Budget {
            start: Instant::now(),
            whole: self.options.timeout,
        };
        let is_repeatable = retry::is_read(request.method()) && self.options.retries_max > 0;
        let unsigned = is_repeatable.then(|| request.try_clone()).flatten();
        let mut last = self.attempt(request, 1, &budget).await;
        for (wait, number) in retry::waits(self.options).zip(2_u32..) {
            let Some(again) = unsigned.as_ref().and_then(Request::try_clone) else {
                break;
            };
            let Some(wait) = wait_before_next(&last.outcome, wait) else {
                break;
            };
            if !self.waited(wait, number, &budget).await {
                break;
            }
            last = self.attempt(again, number, &budget).await;
        }
        last.record(span);
        last.outcome
    }

    async fn first_turn<E>(&self, span: &Span) -> Result<(), Error<E>> {
        let Some(pace) = self.pace else {
            return Ok(());
        };
        pace.turn(self.options.rate_wait_max)
            .await
            .map_err(|too_long| {
                span.record("failure", "throttled");
                Error::Throttled {
                    operation: self.operation.clone(),
                    wait_ms: millis(too_long.wait.saturating_add(Duration::from_micros(999))),
                }
            })
    }

    /// Waits for the next attempt and its turn; not at all where the time would not do.
    async fn waited(&self, wait: Duration, attempt: u32, budget: &Budget) -> bool {
        if wait >= budget.left() {
            return false;
        }
        warn!(attempt, wait_ms = millis(wait), "the read is sent again");
        sleep(wait).await;
        if let Some(pace) = self.pace
            && pace.turn(budget.left()).await.is_err()
        {
            return false;
        }
        !budget.left().is_zero()
    }

    async fn attempt<E>(&self, request: Request, number: u32, budget: &Budget) -> Attempt<E> {
        let start = Instant::now();
        let outcome = self.sign_and_send(request, budget).await;
        Attempt {
            number,
            latency: start.elapsed(),
            outcome,
        }
    }

    /// Signs with the time of now and sends. Nothing may wait between the two.
    async fn sign_and_send<E>(&self, mut request: Request, budget: &Budget) -> Outcome<E> {
        *request.timeout_mut() = Some(budget.left());
        if let Some((signer, operation)) = self.signing {
            signer.sign(&mut request, operation)?;
        }
        self.send(request).await
    }

    /// The answer to a request that is sent as it is, in the time of a call.
    pub(crate) async fn once<E>(&self, mut request: Request) -> Outcome<E> {
        *request.timeout_mut() = Some(self.options.timeout);
        self.send(request).await
    }

    /// The one way out, seen by the tap.
    async fn send<E>(&self, request: Request) -> Outcome<E> {
        let Some(tap) = &self.options.tap else {
            return self.exchange(request).await;
        };
        let (sent, start) = (
            Tapped::sent(self.operation.clone(), &request),
            Instant::now(),
        );
        let outcome = self.exchange(request).await;
        let elapsed = start.elapsed();
        let seen = match &outcome {
            Ok(received) => sent.answered(&received.answer),
            Err(error) => sent.failed(error.status(), failure(error)),
        };
        tap.saw(Tapped { elapsed, ..seen });
        outcome
    }

    /// Sends once and leaves a success to be read as it arrives.
    pub(crate) async fn open<E>(&self, mut request: Request) -> Result<Opened, Error<E>> {
        self.first_turn(&Span::none()).await?;
        *request.timeout_mut() = Some(STREAM_TIMEOUT);
        let sent_ms = self.clock_ms();
        let response = self.head(request).await?;
        if response.status().is_success() {
            return Ok(Opened::Stream(response));
        }
        self.received(response, sent_ms).await.map(Opened::Received)
    }

    /// Sends once and reads the whole answer.
    async fn exchange<E>(&self, request: Request) -> Outcome<E> {
        let sent_ms = self.clock_ms();
        let response = self.head(request).await?;
        self.received(response, sent_ms).await
    }

    /// Sends once, up to the head of the response.
    async fn head<E>(&self, mut request: Request) -> Result<Response, Error<E>> {
        for credential in &self.credentials {
            credential.apply(&mut request)?;
        }
        self.http.execute(request).await.map_err(|error| {
            let operation = self.operation.clone();
            let source = error.without_url();
            if source.is_connect() || source.is_builder() {
                let base_url = self.base_url.to_owned();
                return Error::NotSent {
                    operation,
                    base_url,
                    source,
                };
            }
            Error::Transport {
                operation,
                status: None,
                source,
            }
        })
    }

    async fn received<E>(&self, response: Response, sent_ms: i64) -> Outcome<E> {
        let skew = self.skew(response.headers(), sent_ms);
        let status = response.status();
        let headers = without_cookies_in_debug(response.headers().clone());
        let body = self.read(response).await?;
        let answer = Answer {
            status,
            headers,
            body,
        };
        Ok(Received { answer, skew })
    }

    fn clock_ms(&self) -> i64 {
        match self.signing {
            Some((signer, _)) => signer.clock_ms(),
            None => SystemClock.now_ms(),
        }
    }

    /// What the answer says of the clocks; a signer that corrects its clock learns of it.
    fn skew(&self, headers: &HeaderMap, sent_ms: i64) -> Option<ClockSkew> {
        let received_ms = self.clock_ms();
        if let Some((signer, _)) = self.signing {
            signer.observe_date(headers, sent_ms, received_ms);
        }
        let skew = ClockSkew::measure(headers, sent_ms, received_ms).ok()?;
        skew.is_certain().then_some(skew)
    }

    async fn read<E>(&self, mut response: Response) -> Result<Bytes, Error<E>> {
        let status = response.status();
        let body_bytes_max = self.options.body_bytes_max;
        let is_too_large = |bytes: u64| bytes > body_bytes_max;
        let too_large = || Error::TooLarge {
            operation: self.operation.clone(),
            status,
            body_bytes_max,
        };
        if response.content_length().is_some_and(is_too_large) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| Error::Transport {
            operation: self.operation.clone(),
            status: Some(status),
            source: error.without_url(),
        })? {
            if is_too_large((body.len() as u64).saturating_add(chunk.len() as u64)) {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

/// How long to wait before another attempt, at least so long; none if the outcome is final.
fn wait_before_next<E>(outcome: &Outcome<E>, at_least: Duration) -> Option<Duration> {
    match outcome {
        Ok(Received { answer, .. }) if retry::is_passing(answer.status) => {
            let asked = retry::retry_after(&answer.headers, SystemTime::now());
            Some(at_least.max(asked.unwrap_or_default()))
        }
        Err(Error::NotSent { source, .. }) if source.is_connect() => Some(at_least),
        Err(Error::Transport { .. }) => Some(at_least),
        _ => None,
    }
}

impl<E> Attempt<E> {
    /// What came of it, for the span: once, since what is recorded is not taken back.
    fn record(&self, span: &Span) {
        let (skew, failure) = match &self.outcome {
            Ok(received) => (received.skew, None),
            Err(error) => (None, Some(failure(error))),
        };
        let status = match &self.outcome {
            Ok(received) => Some(received.answer.status),
            Err(error) => error.status(),
        };
        span.record("attempt", self.number);
        span.record("status", status.map(|status| status.as_u16()));
        span.record("latency_ms", millis(self.latency));
        span.record("failure", failure);
        span.record("clock_skew_ms", skew.map(|skew| skew.offset_ms));
    }
}

/// What kept the whole answer away.
fn failure<E>(error: &Error<E>) -> &'static str {
    match error {
        Error::Signing(_) => "not signed",
        Error::NotSent { .. } => "not connected",
        Error::TooLarge { .. } => "too large",
        _ => "broken off",
    }
}

/// A session cookie is as good as a password, and headers end up in errors.
fn without_cookies_in_debug(mut headers: HeaderMap) -> HeaderMap {
    for (name, value) in &mut headers {
        if *name == SET_COOKIE {
            value.set_sensitive(true);
        }
    }
    headers
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
