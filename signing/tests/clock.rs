//! The clock's correction: what it is measured from, when it changes, and that changes are reported.

#![cfg(test)]

mod common;

use bpx_signing::{ClockReading, ClockSkew, IgnoredDate, Key, Signer, SigningString, verify};
use common::{At, GET_ORDER, OPERATIONS, PUBLIC, SEED};
use proptest::prelude::*;
use reqwest::header::{AGE, DATE, HeaderMap};
use reqwest::{Method, Request};

/// Sun, 06 Nov 1994 08:49:37 GMT.
const DATE_MS: i64 = 784_111_777_000;
const DATE_TEXT: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

fn signer(now_ms: i64) -> Signer {
    Signer::new(Key::from_base64(SEED).unwrap(), OPERATIONS).with_clock(At(now_ms))
}

fn dated(date: &str) -> HeaderMap {
    HeaderMap::from_iter([(DATE, date.parse().unwrap())])
}

fn measured(headers: &HeaderMap) -> Result<ClockSkew, IgnoredDate> {
    ClockSkew::measure(headers, DATE_MS, DATE_MS + 100)
}

fn timestamp_ms(signer: &Signer) -> i64 {
    let mut request = Request::new(Method::GET, "https://h/api/v1/order".parse().unwrap());
    signer.sign(&mut request, &GET_ORDER).unwrap();
    let header = |name| request.headers()[name].to_str().unwrap();
    let timestamp_ms = header("x-timestamp").parse().unwrap();
    let string = SigningString::new(&GET_ORDER, None, None, timestamp_ms, 5_000).unwrap();
    verify(PUBLIC, header("x-signature"), string.as_str()).unwrap();
    timestamp_ms
}

#[test]
fn a_signer_does_not_correct_its_clock_unless_asked_to() {
    let signer = signer(DATE_MS - 60_000);
    let reading = signer.observe_date(&dated(DATE_TEXT), DATE_MS - 60_000, DATE_MS - 60_000);
    assert_eq!(reading, ClockReading::Off);
    assert_eq!(signer.clock_offset_ms(), 0);
    assert_eq!(timestamp_ms(&signer), DATE_MS - 60_000);
}

#[test]
fn a_clock_that_is_seconds_away_is_corrected_for_all_clones() {
    for (now_ms, expected_ms) in [(DATE_MS - 9_000, 9_449), (DATE_MS + 9_000, -8_551)] {
        let signer = signer(now_ms).with_clock_correction(60_000);
        let clone = signer.clone().with_window_ms(1_000).unwrap();
        let reading = clone.observe_date(&dated(DATE_TEXT), now_ms, now_ms + 100);
        let skew = ClockSkew {
            offset_ms: expected_ms,
            uncertainty_ms: 550,
        };
        let changed = ClockReading::Changed {
            offset_ms: expected_ms,
            before_ms: 0,
            skew,
        };
        assert_eq!(reading, changed);
        assert_eq!(signer.clock_offset_ms(), expected_ms);
        assert_eq!(signer.clock_ms(), now_ms);
        assert_eq!(timestamp_ms(&signer), now_ms + expected_ms);
    }
}

#[test]
fn a_clock_within_the_uncertainty_is_left_alone() {
    for ahead_ms in [-999, -500, 0, 100] {
        let now_ms = DATE_MS - ahead_ms;
        let signer = signer(now_ms).with_clock_correction(60_000);
        let reading = signer.observe_date(&dated(DATE_TEXT), now_ms, now_ms + 100);
        assert!(
            matches!(reading, ClockReading::Kept { offset_ms: 0, skew } if !skew.is_certain()),
            "{ahead_ms} {reading:?}"
        );
        assert_eq!(timestamp_ms(&signer), now_ms);
    }
}

#[test]
fn a_correction_stays_while_answers_agree_and_goes_when_the_clock_was_set_right() {
    let slow_ms = DATE_MS - 9_000;
    let signer = signer(slow_ms).with_clock_correction(60_000);
    signer.observe_date(&dated(DATE_TEXT), slow_ms, slow_ms);
    let offset_ms = signer.clock_offset_ms();
    let again = signer.observe_date(&dated(DATE_TEXT), slow_ms - 300, slow_ms + 200);
    assert!(
        matches!(again, ClockReading::Kept { offset_ms: kept, .. } if kept == offset_ms),
        "{again:?}"
    );
    let set_right = signer.observe_date(&dated(DATE_TEXT), DATE_MS, DATE_MS);
    assert!(
        matches!(set_right, ClockReading::Changed { offset_ms: 0, .. }),
        "{set_right:?}"
    );
    assert_eq!(signer.clock_offset_ms(), 0);
}

#[test]
fn a_date_further_away_than_allowed_is_ignored() {
    let signer = signer(0).with_clock_correction(60_000);
    let reading = signer.observe_date(&dated(DATE_TEXT), 0, 0);
    assert_eq!(reading, ClockReading::Ignored(IgnoredDate::TooFar));
    assert_eq!(signer.clock_offset_ms(), 0);
}

#[test]
fn a_missing_malformed_or_stale_date_is_ignored_with_the_reason() {
    assert_eq!(measured(&HeaderMap::new()), Err(IgnoredDate::Missing));
    for date in ["", "yesterday", "1994-11-06T08:49:37Z", "784111777"] {
        assert_eq!(
            measured(&dated(date)),
            Err(IgnoredDate::Malformed),
            "{date}"
        );
    }
    let mut twice = dated(DATE_TEXT);
    twice.append(DATE, DATE_TEXT.parse().unwrap());
    assert_eq!(measured(&twice), Err(IgnoredDate::Malformed));
    let mut cached = dated(DATE_TEXT);
    cached.insert(AGE, "17".parse().unwrap());
    assert_eq!(measured(&cached), Err(IgnoredDate::Stale));
    cached.insert(AGE, "0".parse().unwrap());
    assert!(measured(&cached).is_ok());
}

#[test]
fn an_answer_that_took_too_long_or_came_before_its_request_is_ignored() {
    let headers = dated(DATE_TEXT);
    for (sent_ms, received_ms) in [(0, 5_001), (1, 0), (i64::MIN, i64::MAX)] {
        assert_eq!(
            ClockSkew::measure(&headers, sent_ms, received_ms),
            Err(IgnoredDate::SlowAnswer),
            "{sent_ms}"
        );
    }
    assert!(ClockSkew::measure(&headers, i64::MIN, i64::MIN).is_ok());
    assert!(ClockSkew::measure(&headers, i64::MAX, i64::MAX).is_ok());
}

#[test]
fn every_reason_is_told_in_words() {
    let reasons = [
        IgnoredDate::Missing,
        IgnoredDate::Malformed,
        IgnoredDate::Stale,
        IgnoredDate::SlowAnswer,
        IgnoredDate::TooFar,
    ];
    assert!(reasons.iter().all(|reason| !reason.text().is_empty()));
}

proptest! {
    /// Whatever the venue's clock, its fraction of a second and the ways there and back: the truth is in the range.
    #[test]
    fn the_true_offset_lies_in_the_measured_range(
        ahead_ms in -100_000_i64..100_000,
        fraction_ms in 0_i64..1_000,
        there_ms in 0_i64..2_500,
        back_ms in 0_i64..2_500,
    ) {
        let written_ms = DATE_MS + fraction_ms - ahead_ms;
        let skew = ClockSkew::measure(&dated(DATE_TEXT), written_ms - there_ms, written_ms + back_ms).unwrap();
        prop_assert!(ahead_ms.abs_diff(skew.offset_ms) <= skew.uncertainty_ms.unsigned_abs(), "{skew:?}");
        prop_assert_eq!(skew.uncertainty_ms, (999 + there_ms + back_ms + 1) / 2);
        if skew.is_certain() {
            prop_assert!(ahead_ms != 0);
        }
    }
}
