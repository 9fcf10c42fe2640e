//! The checks that need the exchange: its response, its clock, the journal, calls without an outcome.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bpx_dispatch::{Call, Dispatch, Outcome, Recovered, Rejected, Settings, Unknown, Witness};
use bpx_runtime::signing::WINDOW_MS_DEFAULT;
use bpx_runtime::{ClockSkew, Tap, Tapped};
use bpx_venue::operations::GET_OPEN_ORDERS;
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::Check;
use crate::output;

const EXCHANGE: &str = "exchange";
const CLOCK: &str = "clock";
const JOURNAL: &str = "journal";
const OPEN: &str = "left-open";
/// If finding the outcomes of earlier calls takes longer, that is reported.
const QUIET_MAX: Duration = Duration::from_secs(1);
const NEEDS: &str = "not checked, since key, base URL, policy or state folder is not in order";

/// The checks where no connection can be made.
pub(super) fn not_checked() -> Vec<Check> {
    let not = |name| Check::warn(name, NEEDS, "correct what failed above");
    [EXCHANGE, CLOCK, JOURNAL].map(not).into()
}

pub(super) async fn checks(settings: Settings) -> Vec<Check> {
    let dates = Arc::new(Dates::default());
    let options = bpx_client::options()
        .with_retries_max(0)
        .with_tap(Arc::clone(&dates) as Arc<dyn Tap>);
    let opened = Dispatch::open(settings.with_options(options)).await;
    let dispatch = match opened {
        Ok(dispatch) => dispatch,
        Err(refused) => return vec![Check::refused(JOURNAL, refused)],
    };
    let call = Call::new(&GET_OPEN_ORDERS, Map::new(), "bpx doctor");
    let mut checks = vec![match dispatch.call(call).await {
        Ok(settled) => response(&settled.outcome),
        Err(refused) => Check::refused(EXCHANGE, refused),
    }];
    checks.push(dates.check());
    checks.push(journal(&dispatch).await);
    checks.push(left_open(&recovered(&dispatch).await));
    dispatch.close().await;
    checks
}

async fn recovered(dispatch: &Dispatch) -> Vec<Recovered> {
    let looking = dispatch.recovered();
    tokio::pin!(looking);
    if let Ok(found) = timeout(QUIET_MAX, &mut looking).await {
        return found;
    }
    // The checks do not depend on whether somebody reads this.
    let _ = output::remark("asking for the outcomes of earlier calls, up to 30 s for each …");
    looking.await
}

fn response(outcome: &Outcome) -> Check {
    match outcome {
        Outcome::Done(done) => {
            let orders = serde_json::from_str::<Vec<Value>>(done.body.get());
            let count = orders.map_or(0, |orders| orders.len());
            Check::ok(
                EXCHANGE,
                format!("it accepts the key; open orders: {count}"),
            )
        }
        Outcome::Rejected(rejected) => refusal(rejected),
        Outcome::Unknown(Unknown { why, .. }) => Check::fail(
            EXCHANGE,
            why,
            "check that it runs, and that the base URL is that of an exchange",
        ),
        Outcome::Accepted(_) => Check::fail(
            EXCHANGE,
            "it responds to a read with 202",
            "check the base URL",
        ),
    }
}

fn refusal(rejected: &Rejected) -> Check {
    if rejected.by == Witness::Here {
        return Check::fail(
            EXCHANGE,
            &rejected.message,
            "check the base URL and the network",
        );
    }
    let status = rejected.status.unwrap_or_default();
    let found = format!("it refuses to list the open orders: {}", rejected.summary());
    let advice = match status {
        400 | 401 | 403 => {
            "check that the key belongs to this exchange, and the result of the clock check"
        }
        404 => "check that the base URL is that of an exchange",
        _ => "wait, and ask again",
    };
    Check::fail(EXCHANGE, found, advice)
}

async fn journal(dispatch: &Dispatch) -> Check {
    let status = dispatch.status().await;
    match status.journal_failure {
        None => Check::ok(
            JOURNAL,
            format!("it opens and can be written, as {}", status.account),
        ),
        Some(failure) => Check::fail(
            JOURNAL,
            format!("it cannot be written: {failure}"),
            "check its disk or server; nothing that changes the account is sent before",
        ),
    }
}

/// Earlier calls without an outcome whose process has ended.
fn left_open(recovered: &[Recovered]) -> Check {
    let line = |it: &Recovered| format!("{} {} {}", it.operation, it.intent, it.outcome.kind());
    let open = recovered.iter().filter(|it| !it.outcome.is_final());
    let open: Vec<_> = open.map(line).collect();
    if !open.is_empty() {
        return Check::warn(
            OPEN,
            format!("not resolved: {}", open.join(", ")),
            "look at the open orders and the order history before calling again; each start asks again",
        );
    }
    if recovered.is_empty() {
        return Check::ok(OPEN, "nothing");
    }
    let ended: Vec<_> = recovered.iter().map(line).collect();
    Check::ok(
        OPEN,
        format!("these calls have their outcome now: {}", ended.join(", ")),
    )
}

/// The clock's offset by the `Date` of the first response; none before there is one.
#[derive(Debug, Default)]
struct Dates(Mutex<Option<Result<ClockSkew, &'static str>>>);

impl Tap for Dates {
    fn saw(&self, exchange: Tapped) {
        if exchange.status.is_none() {
            return;
        }
        let received = exchange.started + exchange.elapsed;
        let skew = ClockSkew::measure(
            &exchange.response_headers,
            unix_ms(exchange.started),
            unix_ms(received),
        );
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get_or_insert(skew.map_err(|ignored| ignored.text()));
    }
}

impl Dates {
    fn check(&self) -> Check {
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let skew = match seen {
            Some(Ok(skew)) => skew,
            Some(Err(ignored)) => return unmeasured(ignored),
            None => return unmeasured("there was no answer"),
        };
        clock(skew)
    }
}

fn unmeasured(why: &str) -> Check {
    Check::warn(
        CLOCK,
        format!("not measured: {why}"),
        "make sure that this computer's clock is set by the network",
    )
}

fn clock(skew: ClockSkew) -> Check {
    let ClockSkew {
        offset_ms,
        uncertainty_ms,
    } = skew;
    let found = format!("{offset_ms} ms to the exchange's, give or take {uncertainty_ms} ms");
    let set = "set this computer's clock by the network";
    let least_ms = offset_ms
        .unsigned_abs()
        .saturating_sub(uncertainty_ms.unsigned_abs());
    if least_ms >= WINDOW_MS_DEFAULT {
        let found = format!("{found}: signed requests are refused as expired or early");
        return Check::fail(CLOCK, found, set);
    }
    if skew.is_certain() {
        return Check::warn(CLOCK, found, set);
    }
    Check::ok(CLOCK, found)
}

fn unix_ms(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn a_clock_within_the_measurement_is_fine_and_one_beyond_the_window_is_not() {
        let status = |offset_ms| {
            clock(ClockSkew {
                offset_ms,
                uncertainty_ms: 500,
            })
            .status
        };
        assert_eq!(status(-400), Status::Ok);
        assert_eq!(status(700), Status::Warn);
        assert_eq!(status(5_400), Status::Warn);
        assert_eq!(status(-5_500), Status::Fail);
    }
}
