//! The signer: puts a fresh signature on a finished request.

use std::fmt::{Debug, Formatter, Result as FmtResult};
use std::sync::Arc;

use reqwest::Request;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::clock::{Clock, ClockReading, ClockSkew, Correction, SystemClock};
use crate::origin;
use crate::string::check_window;
use crate::{
    API_KEY_HEADER, Key, Payload, SIGNATURE_HEADER, SIGNING_HEADERS, SignedOperation, SigningError,
    SigningString, TIMESTAMP_HEADER, WINDOW_HEADER, WINDOW_MS_DEFAULT,
};

/// Signs finished requests with one key, for the operations of one table.
///
/// Cheap to clone; `Debug` shows no secret. [`Signer::with_window_ms`] on a clone gives one call another window.
#[derive(Clone)]
pub struct Signer {
    key: Arc<Key>,
    api_key: Arc<str>,
    operations: Arc<[SignedOperation]>,
    window_ms: u64,
    clock: Arc<dyn Clock>,
    correction: Option<Arc<Correction>>,
}

impl Signer {
    /// A signer with the default window and the computer's clock, for the operations of a generated table or of a
    /// document that was read at run time.
    #[must_use]
    pub fn new(key: Key, operations: impl Into<Arc<[SignedOperation]>>) -> Self {
        let api_key = key.public_base64().into();
        Self {
            key: Arc::new(key),
            api_key,
            operations: operations.into(),
            window_ms: WINDOW_MS_DEFAULT,
            clock: Arc::new(SystemClock),
            correction: None,
        }
    }

    /// Sets how long a request stays valid, in milliseconds, 1 to 60000.
    ///
    /// # Errors
    /// [`SigningError::WindowOutOfRange`].
    pub fn with_window_ms(self, window_ms: u64) -> Result<Self, SigningError> {
        check_window(window_ms)?;
        Ok(Self { window_ms, ..self })
    }

    /// Takes the time from another clock.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self {
            clock: Arc::new(clock),
            ..self
        }
    }

    /// Lets [`Signer::observe_date`] correct the clock by up to `offset_ms_max` milliseconds. Off unless asked for.
    ///
    /// Half a second is the best precision there is (see [`ClockSkew`]): it helps a clock that is seconds away, where
    /// the venue answers that the request has expired, and leaves a good clock alone.
    #[must_use]
    pub fn with_clock_correction(self, offset_ms_max: u64) -> Self {
        Self {
            correction: Some(Arc::new(Correction::new(offset_ms_max))),
            ..self
        }
    }

    /// Takes note of the venue's `Date`, given an answer's headers and the times by [`Signer::clock_ms`] at which the
    /// request was sent and the answer arrived. Where the correction changes it changes for all clones of this signer,
    /// and a `tracing` event at info level tells the new one.
    pub fn observe_date(
        &self,
        headers: &HeaderMap,
        sent_ms: i64,
        received_ms: i64,
    ) -> ClockReading {
        let Some(correction) = &self.correction else {
            return ClockReading::Off;
        };
        let reading = match ClockSkew::measure(headers, sent_ms, received_ms) {
            Ok(skew) => correction.observe(skew),
            Err(reason) => ClockReading::Ignored(reason),
        };
        report(reading);
        reading
    }

    /// What is added to the clock at present, in milliseconds; 0 without a correction.
    #[must_use]
    pub fn clock_offset_ms(&self) -> i64 {
        self.correction
            .as_ref()
            .map_or(0, |correction| correction.offset_ms())
    }

    /// The clock without its correction, in Unix milliseconds.
    #[must_use]
    pub fn clock_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// The public key in base64, as sent in `X-API-KEY`.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// How long a request stays valid, in milliseconds.
    #[must_use]
    pub fn window_ms(&self) -> u64 {
        self.window_ms
    }

    /// The operations this signer signs.
    #[must_use]
    pub fn operations(&self) -> &[SignedOperation] {
        &self.operations
    }

    /// The operation of a method, in upper case, and a path below the base path. Where several templates fit, the most
    /// precise one.
    #[must_use]
    pub fn operation(&self, method: &str, path: &str) -> Option<&SignedOperation> {
        self.operations
            .iter()
            .filter(|operation| operation.is(method, path))
            .min_by_key(|operation| operation.open_segments())
    }

    /// Signs the request as it stands, with the time of now, and sets the four signing headers, marked as sensitive.
    ///
    /// Call it last, once per attempt, on a copy of the unsigned request: neither query nor body may change after.
    ///
    /// # Errors
    /// Refuses an operation that is not in the table ([`SigningError::UnknownOperation`]) or not the request's
    /// ([`SigningError::OperationMismatch`]), http to another computer ([`SigningError::PlainText`]), a fragment
    /// ([`SigningError::Fragment`]), a signing header that is set already ([`SigningError::PresetHeader`]), a streaming
    /// body ([`SigningError::StreamingBody`]) and all that [`SigningString::new`] refuses. On error the
    /// request is unchanged.
    pub fn sign(
        &self,
        request: &mut Request,
        operation: &SignedOperation,
    ) -> Result<(), SigningError> {
        self.check_operation(request, operation)?;
        origin::check(request.url())?;
        check_unsigned(request)?;
        let timestamp_ms = self.clock_ms().saturating_add(self.clock_offset_ms());
        let query = request.url().query();
        let string = SigningString::new(
            operation,
            query,
            body_of(request)?,
            timestamp_ms,
            self.window_ms,
        )?;
        let signature = self.key.sign_text(string.as_str());
        self.set_headers(request, signature.as_str(), timestamp_ms)
    }

    /// Signs a subscription to the private streams of the account, as of now: API key, signature, Unix time and window in
    /// milliseconds, for a server that takes them as a list of texts.
    ///
    /// # Errors
    /// [`SigningError::UnknownOperation`] for the instruction of an operation of the table: what permits to listen must not
    /// permit anything else. All that [`SigningString::new`] refuses.
    pub fn sign_subscription(
        &self,
        instruction: &'static str,
    ) -> Result<[String; 4], SigningError> {
        let is_of_operation = |operation: &SignedOperation| operation.instruction == instruction;
        let subscribe = SignedOperation::new("subscribe", "GET", "/", instruction, Payload::Query);
        if self.operations.iter().any(is_of_operation) {
            return Err(SigningError::UnknownOperation {
                method: subscribe.method.to_string(),
                path: subscribe.path.to_string(),
            });
        }
        let timestamp_ms = self.clock_ms().saturating_add(self.clock_offset_ms());
        let string = SigningString::new(&subscribe, None, None, timestamp_ms, self.window_ms)?;
        let signature = self.key.sign_text(string.as_str()).as_str().to_owned();
        let (timestamp, window) = (timestamp_ms.to_string(), self.window_ms.to_string());
        Ok([self.api_key.to_string(), signature, timestamp, window])
    }

    fn check_operation(
        &self,
        request: &Request,
        operation: &SignedOperation,
    ) -> Result<(), SigningError> {
        let SignedOperation {
            id, method, path, ..
        } = operation;
        if !self.operations.contains(operation) {
            return Err(SigningError::UnknownOperation {
                method: method.to_string(),
                path: path.to_string(),
            });
        }
        if !operation.ends(request.method().as_str(), request.url().path()) {
            return Err(SigningError::OperationMismatch {
                operation: id.clone(),
                method: method.clone(),
                path: path.clone(),
            });
        }
        Ok(())
    }

    fn set_headers(
        &self,
        request: &mut Request,
        signature: &str,
        timestamp_ms: i64,
    ) -> Result<(), SigningError> {
        let text = |text: &str| HeaderValue::from_str(text).map_err(SigningError::HeaderValue);
        let values = [
            (API_KEY_HEADER, text(&self.api_key)?),
            (SIGNATURE_HEADER, text(signature)?),
            (TIMESTAMP_HEADER, HeaderValue::from(timestamp_ms)),
            (WINDOW_HEADER, HeaderValue::from(self.window_ms)),
        ];
        let headers = request.headers_mut();
        headers.reserve(values.len());
        for (name, mut value) in values {
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(name), value);
        }
        Ok(())
    }
}

impl Debug for Signer {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        f.debug_struct("Signer")
            .field("key", &self.key)
            .field("operations", &self.operations.len())
            .field("window_ms", &self.window_ms)
            .field("clock", &self.clock)
            .field("clock_offset_ms", &self.clock_offset_ms())
            .finish()
    }
}

/// A change of the clock is never silent.
fn report(reading: ClockReading) {
    match reading {
        ClockReading::Changed {
            offset_ms,
            before_ms,
            skew,
        } => {
            let uncertainty_ms = skew.uncertainty_ms;
            tracing::info!(
                offset_ms,
                before_ms,
                uncertainty_ms,
                "clock correction changed"
            );
        }
        ClockReading::Ignored(reason) => {
            tracing::debug!(reason = reason.text(), "clock correction not measured");
        }
        ClockReading::Off | ClockReading::Kept { .. } => {}
    }
}

fn check_unsigned(request: &Request) -> Result<(), SigningError> {
    match SIGNING_HEADERS
        .into_iter()
        .find(|name| request.headers().contains_key(*name))
    {
        Some(name) => Err(SigningError::PresetHeader { name }),
        None => Ok(()),
    }
}

/// The bytes that will go out; a stream has none yet.
fn body_of(request: &Request) -> Result<Option<&[u8]>, SigningError> {
    request
        .body()
        .map(|body| body.as_bytes().ok_or(SigningError::StreamingBody))
        .transpose()
}
