//! Whether a read is worth another attempt, and when.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, StatusCode};

use crate::Options;

/// Whether repeating the request changes nothing.
pub(crate) fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// The waits between attempts, one for each that may follow the first.
pub(crate) fn waits(options: &Options) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_jitter()
        .with_min_delay(options.retry_wait_min)
        .with_max_delay(options.retry_wait_max)
        .with_max_times(usize::try_from(options.retries_max).unwrap_or(usize::MAX))
        .build()
}

/// Whether a refusal with this status passes by itself.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

/// How long the exchange asks to wait: seconds or an HTTP date (RFC 9110, 10.2.3). None if it does not ask, or not so
/// that it could be read.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn asked(value: &'static str) -> Option<Duration> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
        // Sun, 06 Nov 1994 08:49:37 GMT
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        retry_after(&headers, now)
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        assert_eq!(asked("0"), Some(Duration::ZERO));
        assert_eq!(asked(" 120 "), Some(Duration::from_secs(120)));
        let later = Some(Duration::from_secs(30));
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:07 GMT"), later);
        assert_eq!(asked("Sunday, 06-Nov-94 08:50:07 GMT"), later);
        assert_eq!(asked("Sun Nov  6 08:50:07 1994"), later);
        assert_eq!(asked("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
    }

    #[test]
    fn a_retry_after_beyond_every_number_is_very_long_and_nonsense_is_none() {
        let longest = Some(Duration::from_secs(u64::MAX));
        assert_eq!(asked("99999999999999999999999999"), longest);
        for nonsense in [
            "",
            "soon",
            "-1",
            "1.5",
            "+1",
            "Sun, 99 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(asked(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn the_waits_double_with_jitter_and_end() {
        let ms = Duration::from_millis;
        let options = Options::default()
            .with_retry_wait(ms(100), ms(400))
            .with_retries_max(4);
        for _ in 0..100 {
            let waited: Vec<_> = waits(&options).collect();
            assert_eq!(waited.len(), 4);
            for (wait, least) in waited.iter().zip([100, 200, 400, 400]) {
                assert!((ms(least)..=ms(2 * least)).contains(wait), "{waited:?}");
            }
        }
        assert_eq!(waits(&options.with_retries_max(0)).count(), 0);
    }

    #[test]
    fn only_reads_are_repeated_and_only_after_what_passes() {
        assert!(is_read(&Method::GET) && is_read(&Method::HEAD));
        for method in [
            Method::POST,
            Method::PUT,
            Method::DELETE,
            Method::PATCH,
            Method::OPTIONS,
        ] {
            assert!(!is_read(&method), "{method}");
        }
        let passing: Vec<_> = (100..1000)
            .filter(|code| StatusCode::from_u16(*code).is_ok_and(is_passing))
            .collect();
        assert_eq!(passing, [429, 502, 503, 504]);
    }
}
