//! A refusal by dispatch, in the terms of the command line.

use bpx_dispatch::{Finding, Refused};
use serde::Serialize;

use super::command::flag_name;
use crate::failure::{Failure, Fault, of_refused};
use crate::output::plain;

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

/// Reports a refusal.
pub(super) fn show(
    operation: &str,
    refused: &Refused,
    allow_trading: bool,
    json: bool,
) -> Result<(), Failure> {
    let failure = failure(operation, refused, allow_trading);
    if !json {
        return Err(failure);
    }
    let report = Report {
        operation,
        outcome: "refused",
        refusal: Refusal::of(refused),
    };
    Err(failure.print_with(&report)?)
}

/// The refusal as the failure of a command, each finding with its flag.
pub(super) fn failure(operation: &str, refused: &Refused, allow_trading: bool) -> Failure {
    let (problem, fix) = (plain(&refused.problem()), refused.fix());
    let category = of_refused(refused);
    match refused {
        Refused::Invalid { findings, .. } | Refused::Policy { findings, .. } => {
            let faults = findings.iter().map(fault).collect();
            Failure::with_faults(category, faults).headed(problem)
        }
        Refused::TradingDisabled { .. } if !allow_trading => Failure::new(
            category,
            format!("{operation} changes the account, and trading is off, nothing was sent"),
            "give --allow-trading",
        ),
        Refused::Killed { .. } => Failure::new(
            category,
            problem,
            "turn it off with 'bpx revive'; reads and cancellations go through",
        ),
        _ => Failure::new(category, problem, fix),
    }
}

fn fault(finding: &Finding) -> Fault {
    Fault {
        problem: plain(&finding.problem),
        location: location(&finding.pointer),
        fix: format!("{} [{}]", plain(&finding.fix), finding.rule),
    }
}

/// The flag of an argument, and the location in its value.
fn location(pointer: &str) -> Option<String> {
    let mut segments = pointer.split('/').skip(1);
    let argument = segments.next()?;
    let rest: String = segments.map(|segment| format!("/{segment}")).collect();
    let gap = if rest.is_empty() { "" } else { " " };
    Some(format!("--{}{gap}{}", flag_name(argument), plain(&rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_the_flag_and_where_in_its_value() {
        let location = |pointer| location(pointer).unwrap_or_default();
        assert_eq!(location("/orderId"), "--order-id");
        assert_eq!(location("/orders/0/price"), "--orders /0/price");
        assert_eq!(location(""), "");
    }
}
