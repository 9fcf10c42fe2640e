//! Faults as text: in the header, in JSON, on the page.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::errors::SandboxError;
use crate::fault::codes;
use crate::fault::kind::Fault;
use crate::fault::stream::{DELAY, StreamFault};

/// Longer waits are a mistake in a unit.
const WAIT_MS_MAX: u64 = 600_000;
/// A year; further off, the clock would leave the calendar.
const SKEW_MS_MAX: u64 = 366 * 24 * 3_600_000;

const NO_MILLISECONDS: &str = "the milliseconds are missing or unreadable";

const SPELLINGS: &str = "use one of settle:MS, history-lag:MS, clock-skew:MS, delay-before:MS, delay-after:MS, \
    drop-before, drop-after, 429, 429:SECONDS, maintenance, 503-before, 503-after, error:CODE[:STATUS], \
    error-after:CODE[:STATUS], html, truncated, cut-json, unknown-enum, unknown-field, hang-up, \
    stream-drop, stream-cut, stream-delay:MS, stream-twice, stream-swap, stream-skip, stream-unknown-event, \
    stream-unknown-state";

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settle { delay_ms } => write!(f, "settle:{delay_ms}"),
            Self::HistoryLag { lag_ms } => write!(f, "history-lag:{lag_ms}"),
            Self::ClockSkew { skew_ms } => write!(f, "clock-skew:{skew_ms}"),
            Self::DelayBefore { delay_ms } => write!(f, "delay-before:{delay_ms}"),
            Self::DelayAfter { delay_ms } => write!(f, "delay-after:{delay_ms}"),
            Self::DropBefore => f.write_str("drop-before"),
            Self::DropAfter => f.write_str("drop-after"),
            Self::TooManyRequests {
                retry_after_s: None,
            } => f.write_str("429"),
            Self::TooManyRequests {
                retry_after_s: Some(seconds),
            } => write!(f, "429:{seconds}"),
            Self::Maintenance => f.write_str("maintenance"),
            Self::Unavailable { acted } => write!(f, "503-{}", when(*acted)),
            Self::Error {
                code,
                status,
                acted: false,
            } => write!(f, "error:{code}:{status}"),
            Self::Error { code, status, .. } => write!(f, "error-after:{code}:{status}"),
            Self::Html => f.write_str("html"),
            Self::Truncated => f.write_str("truncated"),
            Self::CutJson => f.write_str("cut-json"),
            Self::UnknownEnum => f.write_str("unknown-enum"),
            Self::UnknownField => f.write_str("unknown-field"),
            Self::HangUp => f.write_str("hang-up"),
            Self::Stream(fault) => fault.fmt(f),
        }
    }
}

fn when(acted: bool) -> &'static str {
    if acted { "after" } else { "before" }
}

impl FromStr for Fault {
    type Err = SandboxError;

    fn from_str(text: &str) -> Result<Self, SandboxError> {
        read(text).map_err(|mistake| SandboxError::Fault {
            fault: text.to_owned(),
            problem: mistake.problem.to_owned(),
            fix: mistake.fix,
        })
    }
}

/// What is wrong with a text, and what to write instead.
struct Mistake {
    problem: &'static str,
    fix: String,
}

impl Mistake {
    fn new(problem: &'static str, fix: impl Into<String>) -> Self {
        let fix = fix.into();
        Self { problem, fix }
    }
}

fn read(text: &str) -> Result<Fault, Mistake> {
    let (name, argument) = match text.split_once(':') {
        Some((name, argument)) => (name, Some(argument)),
        None => (text, None),
    };
    let wait = || wait_ms(argument);
    let unknown = || Mistake::new("there is no such fault", SPELLINGS);
    Ok(match (name, argument) {
        ("settle", _) => Fault::Settle { delay_ms: wait()? },
        ("history-lag", _) => Fault::HistoryLag { lag_ms: wait()? },
        ("clock-skew", _) => Fault::ClockSkew {
            skew_ms: skew_ms(argument)?,
        },
        ("delay-before", _) => Fault::DelayBefore { delay_ms: wait()? },
        ("delay-after", _) => Fault::DelayAfter { delay_ms: wait()? },
        ("drop-before", None) => Fault::DropBefore,
        ("drop-after", None) => Fault::DropAfter,
        ("429", _) => Fault::TooManyRequests {
            retry_after_s: argument.map(seconds).transpose()?,
        },
        ("maintenance", None) => Fault::Maintenance,
        ("503-before", None) => Fault::Unavailable { acted: false },
        ("503-after", None) => Fault::Unavailable { acted: true },
        ("error", Some(coded)) => error(coded, false)?,
        ("error-after", Some(coded)) => error(coded, true)?,
        ("html", None) => Fault::Html,
        ("truncated", None) => Fault::Truncated,
        ("cut-json", None) => Fault::CutJson,
        ("unknown-enum", None) => Fault::UnknownEnum,
        ("unknown-field", None) => Fault::UnknownField,
        ("hang-up", None) => Fault::HangUp,
        (DELAY, _) => Fault::Stream(StreamFault::Delay { delay_ms: wait()? }),
        (name, None) => StreamFault::named(name)
            .map(Fault::Stream)
            .ok_or_else(unknown)?,
        _ => return Err(unknown()),
    })
}

fn wait_ms(argument: Option<&str>) -> Result<u64, Mistake> {
    let ms = argument.and_then(|text| text.parse().ok());
    ms.filter(|ms| *ms <= WAIT_MS_MAX).ok_or_else(|| {
        let fix = format!("write a number up to {WAIT_MS_MAX} after a colon");
        Mistake::new(NO_MILLISECONDS, fix)
    })
}

fn skew_ms(argument: Option<&str>) -> Result<i64, Mistake> {
    let ms = argument.and_then(|text| text.parse().ok());
    ms.filter(|ms| is_skew(*ms)).ok_or_else(|| {
        let fix = format!("write a number between -{SKEW_MS_MAX} and {SKEW_MS_MAX} after a colon");
        Mistake::new(NO_MILLISECONDS, fix)
    })
}

/// Whether the clock can be that far off.
pub(crate) fn is_skew(ms: i64) -> bool {
    ms.unsigned_abs() <= SKEW_MS_MAX
}

fn seconds(text: &str) -> Result<u64, Mistake> {
    let fix = "write whole seconds after the colon";
    text.parse()
        .map_err(|_| Mistake::new("the seconds are unreadable", fix))
}

fn error(coded: &str, acted: bool) -> Result<Fault, Mistake> {
    let (code, asked) = match coded.split_once(':') {
        Some((code, status)) => (code, Some(status)),
        None => (coded, None),
    };
    let usual = codes::status(code).ok_or_else(|| {
        let fix = "write one of its codes in capitals, for example TIMEOUT";
        Mistake::new("the venue has no such code", fix)
    })?;
    let status = asked.map_or(Some(usual), |text| text.parse().ok());
    let status = status
        .filter(|status| (400..600).contains(status))
        .ok_or_else(|| {
            let fix = "write a number between 400 and 599";
            Mistake::new("the status is not an error status", fix)
        })?;
    let code = code.to_owned();
    Ok(Fault::Error {
        code,
        status,
        acted,
    })
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_reads_and_writes_itself() {
        for text in [
            "settle:50",
            "history-lag:0",
            "clock-skew:-3600000",
            "delay-before:1",
            "delay-after:600000",
            "drop-before",
            "drop-after",
            "429",
            "429:3",
            "maintenance",
            "503-before",
            "503-after",
            "error:TIMEOUT:504",
            "error-after:SERVER_ERROR:500",
            "html",
            "truncated",
            "cut-json",
            "unknown-enum",
            "unknown-field",
            "hang-up",
            "stream-drop",
            "stream-cut",
            "stream-delay:5",
            "stream-twice",
            "stream-swap",
            "stream-skip",
            "stream-unknown-event",
            "stream-unknown-state",
        ] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_code_brings_its_usual_status() {
        let fault: Fault = "error:MAINTENANCE".parse().unwrap();
        assert_eq!(fault.to_string(), "error:MAINTENANCE:503");
    }

    #[test]
    fn every_other_text_is_refused_with_a_fix() {
        for text in [
            "",
            "drop",
            "drop-after:1",
            "settle",
            "settle:-1",
            "settle:600001",
            "clock-skew:",
            "clock-skew:99999999999999",
            "429:soon",
            "error",
            "error:NOPE",
            "error:TIMEOUT:200",
            "error:TIMEOUT:",
            "Html",
            "stream-",
            "stream-skip:1",
            "stream-delay",
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains("; "), "{text}: {error}");
        }
    }
}
