//! A refusal by dispatch, in the terms of the command line.

use bpx_dispatch::{Finding, Refused};
use serde::Serialize;

use super::command::flag_name;
use super::report::UNKNOWN;
use crate::failure::{BAD_INPUT, FAILED, Failure, fix, problem};
use crate::output::{self, plain};

#[derive(Serialize)]
struct Report<'a> {
    operation: &'a str,
    outcome: &'static str,
    #[serde(flatten)]
    refusal: Refusal<'a>,
}

/// A refusal as JSON.
#[derive(Serialize)]
pub(super) struct Refusal<'a> {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    findings: &'a [Finding],
}

impl<'a> Refusal<'a> {
    pub(super) fn of(refused: &'a Refused) -> Self {
        Self {
            code: refused.code(),
            message: refused.to_string(),
            findings: refused.findings(),
        }
    }
}

/// Reports a refusal; the exit code says whether anything may have been sent.
pub(super) fn show(
    operation: &str,
    refused: &Refused,
    allow_trading: bool,
    json: bool,
) -> Result<(), Failure> {
    if json {
        output::json(&Report {
            operation,
            outcome: "refused",
            refusal: Refusal::of(refused),
        })?;
    }
    Err(failure(operation, refused, allow_trading)?)
}

/// The refusal as the failure of a command. Findings are printed here, each with its flag.
pub(super) fn failure(
    operation: &str,
    refused: &Refused,
    allow_trading: bool,
) -> Result<Failure, Failure> {
    let (problem, fix) = (plain(&refused.problem()), refused.fix());
    Ok(match refused {
        Refused::Invalid { findings, .. } => {
            list(&problem, findings)?;
            Failure::reported(BAD_INPUT)
        }
        Refused::Policy { findings, .. } => {
            list(&problem, findings)?;
            Failure::reported(FAILED)
        }
        Refused::TradingDisabled { .. } if !allow_trading => Failure::failed(
            format!("{operation} changes the account, and trading is off, nothing was sent"),
            "give --allow-trading",
        ),
        Refused::Killed { .. } => Failure::failed(
            problem,
            "turn it off with 'bpx revive'; reads and cancellations go through",
        ),
        // The earlier call may have been sent, and its outcome is not known here.
        Refused::InFlight { .. } | Refused::Lost => Failure::new(UNKNOWN, problem, fix),
        Refused::Connect(_) | Refused::BadKey { .. } => Failure::bad_input(problem, fix),
        _ => Failure::failed(problem, fix),
    })
}

/// Every finding, with its fix.
fn list(what: &str, findings: &[Finding]) -> Result<(), Failure> {
    let mut lines = problem(what);
    for finding in findings {
        let place = location(&finding.pointer);
        let advice = fix(&format!("{} [{}]", plain(&finding.fix), finding.rule));
        lines += &format!("\n  {place}{}\n  {advice}", plain(&finding.problem));
    }
    Ok(output::remark(&lines)?)
}

/// The flag of an argument, and the location in its value.
fn location(pointer: &str) -> String {
    let mut segments = pointer.split('/').skip(1);
    let Some(argument) = segments.next() else {
        return String::new();
    };
    let rest: String = segments.map(|segment| format!("/{segment}")).collect();
    let gap = if rest.is_empty() { "" } else { " " };
    format!("--{}{gap}{}: ", flag_name(argument), plain(&rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_the_flag_and_where_in_its_value() {
        assert_eq!(location("/orderId"), "--order-id: ");
        assert_eq!(location("/orders/0/price"), "--orders /0/price: ");
        assert_eq!(location(""), "");
    }
}
