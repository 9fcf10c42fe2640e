//! What a change of the clock leaves in the log.
//!
//! It stands alone in its process: tracing remembers, for all threads, whether anybody listens to a place in the
//! code, and a test without a subscriber that came there first would decide it for this one.

#![cfg(test)]

mod common;

use std::io::Write;
use std::sync::{Arc, Mutex};

use bpx_signing::{Key, Signer};
use common::{At, GET_ORDER, OPERATIONS, SEED};
use reqwest::header::{DATE, HeaderMap};
use reqwest::{Method, Request};

/// Sun, 06 Nov 1994 08:49:37 GMT.
const DATE_MS: i64 = 784_111_777_000;
const DATE_TEXT: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// What is logged, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_change_of_the_clock_is_logged_and_nothing_secret_with_it() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let key = Key::from_base64(SEED).unwrap();
        let signer = Signer::new(key, OPERATIONS)
            .with_clock(At(DATE_MS - 9_000))
            .with_clock_correction(60_000);
        let headers = HeaderMap::from_iter([(DATE, DATE_TEXT.parse().unwrap())]);
        signer.observe_date(&headers, DATE_MS - 9_000, DATE_MS - 9_000);
        let mut request = Request::new(Method::GET, "https://h/api/v1/order".parse().unwrap());
        signer.sign(&mut request, &GET_ORDER).unwrap();
    });
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        logged.contains("INFO") && logged.contains("offset_ms=9499"),
        "{logged}"
    );
    assert_eq!(logged.lines().count(), 1, "{logged}");
    assert!(
        !logged.contains(SEED) && !logged.contains("instruction="),
        "{logged}"
    );
}
