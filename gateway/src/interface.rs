//! Outcomes and refusals in the names and parts that callers of a route or a tool know.

use bpx_capability::exposed::Interface;
use bpx_contract::pointer::escape;
use bpx_dispatch::{Arguments, Finding, Outcome, Refused, Settled};
use serde_json::Value;
use serde_json::value::to_raw_value;

use crate::shared::CallError;

/// The operation's arguments, from those of a caller.
///
/// # Errors
/// [`Refused::Invalid`]: one that callers do not give.
pub(crate) fn bound(interface: Interface<'_>, given: Arguments) -> Result<Arguments, CallError> {
    let hidden = given.keys().filter(|name| interface.hides(name));
    let findings = hidden.map(|name| {
        let pointer = format!("/{}", escape(name));
        let names = interface.arguments().into_iter().map(|it| it.name.as_str());
        let fix = format!("use one of: {}", names.collect::<Vec<_>>().join(", "));
        let problem = format!("there is no argument `{name}` here");
        Finding::new("contract.undeclared", pointer, problem, fix)
    });
    let findings: Vec<_> = findings.collect();
    match findings.is_empty() {
        true => Ok(interface.bind(given)),
        false => Err(CallError::Refused(Refused::Invalid {
            operation: interface.operation().id.clone(),
            findings,
        })),
    }
}

/// The outcome with the parts of the response that callers get.
pub(crate) fn shaped(interface: Interface<'_>, mut settled: Settled) -> Settled {
    if let Outcome::Done(done) = &mut settled.outcome
        && interface.shapes_result()
        && let Ok(response) = serde_json::from_str::<Value>(done.body.get())
        && let Some(result) = interface.result(&response)
        && let Ok(body) = to_raw_value(&result)
    {
        done.body = body;
    }
    settled
}

/// The refusal with the names of arguments that callers use.
pub(crate) fn named(interface: Interface<'_>, mut error: CallError) -> CallError {
    let rename = |findings: &mut Vec<Finding>| {
        for finding in findings {
            finding.pointer = interface.pointer(&finding.pointer).into_owned();
        }
    };
    if let CallError::Refused(
        Refused::Invalid { findings, .. } | Refused::Policy { findings, .. },
    ) = &mut error
    {
        rename(findings);
    }
    error
}
