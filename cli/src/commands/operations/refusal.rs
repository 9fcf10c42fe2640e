//! Why dispatch did not make a call, in the words of the command line.

use bpx_dispatch::{Finding, Refused};
use bpx_contract::api::Operation;
use serde::Serialize;

use super::command::flag_name;
use super::report::{BAD_INPUT, FAILED, UNKNOWN};
use crate::failure::{Failure, fix, problem};
use crate::output::{self, plain};

#[derive(Serialize)]
struct Refusal<'a> {
    operation: &'static str,
    outcome: &'static str,
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    findings: &'a [Finding],
}

/// Says why, and what to do; the exit code says whether anything may have been sent.
pub(super) fn show(
    operation: &Operation,
    refused: &Refused,
    allow_trading: bool,
    json: bool,
) -> Result<(), Failure> {
    if json {
        output::json(&Refusal {
            operation: operation.id,
            outcome: "refused",
            code: refused.code(),
            message: refused.to_string(),
            findings: refused.findings(),
        })?;
    }
    let id = operation.id;
    match refused {
        Refused::Invalid { findings, .. } => {
            list(&format!("the arguments do not fit {id}"), findings)?;
            Err(Failure::Said(BAD_INPUT))
        }
        Refused::Policy { findings, .. } => {
            list(&format!("the policy does not allow this {id}"), findings)?;
            Err(Failure::Said(FAILED))
        }
        _ => Err(failure(id, refused, allow_trading)),
    }
}

/// Every finding, with its fix.
fn list(what: &str, findings: &[Finding]) -> Result<(), Failure> {
    let mut lines = problem(&format!("{what}, nothing was sent"));
    for finding in findings {
        let place = place(&finding.pointer);
        let advice = fix(&format!("{} [{}]", plain(&finding.fix), finding.rule));
        lines += &format!("\n  {place}{}\n  {advice}", plain(&finding.problem));
    }
    Ok(output::remark(&lines)?)
}

/// The flag, and the place in its value.
fn place(pointer: &str) -> String {
    let mut segments = pointer.split('/').skip(1);
    let Some(argument) = segments.next() else {
        return String::new();
    };
    let rest: String = segments.map(|segment| format!("/{segment}")).collect();
    let gap = if rest.is_empty() { "" } else { " " };
    format!("--{}{gap}{}: ", flag_name(argument), plain(&rest))
}

fn failure(id: &str, refused: &Refused, allow_trading: bool) -> Failure {
    match refused {
        Refused::TradingDisabled { .. } if !allow_trading => Failure::Failed(format!(
            "{id} changes the account, and trading is off, nothing was sent; give --allow-trading"
        )),
        Refused::Killed { reason } => Failure::Failed(format!(
            "the kill switch is on ({}), nothing was sent; turn it off with 'bpx revive'; reads and cancellations go through",
            plain(reason)
        )),
        // The earlier call may have been sent, and this one cannot say how it ended.
        Refused::InFlight { .. } | Refused::Lost => Failure::Ended(UNKNOWN, refused.to_string()),
        Refused::Connect(_) | Refused::BadKey { .. } => Failure::BadInput(refused.to_string()),
        _ => Failure::Failed(refused.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_flag_and_where_in_its_value() {
        assert_eq!(place("/orderId"), "--order-id: ");
        assert_eq!(place("/orders/0/price"), "--orders /0/price: ");
        assert_eq!(place(""), "");
    }
}
