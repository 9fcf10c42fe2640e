//! A person's consent to a call that needs it from whichever caller: it waits until somebody approves it.

use std::time::{Duration, Instant};

use bpx_dispatch::{Call, canonical};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::time::sleep;

use crate::approval::{Asking, Decision, Held, Outlook};
use crate::caller::Caller;
use crate::problem::{self, Problem};
use crate::shared::Shared;
use crate::{failure, summary};

/// How often to look for a decision: it may come from another process.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Waits for a person's consent where the venue demands it. The call is then made under an idempotency key of its own.
///
/// # Errors
/// The call would be refused, is declined, or nobody approved it in time.
pub(super) async fn sought(
    shared: &Shared,
    caller: Caller,
    title: &str,
    call: &mut Call,
) -> Result<(), Problem> {
    let dispatch = &shared.dispatch;
    if !dispatch.venue().needs_consent(&call.operation) {
        return Ok(());
    }
    let check = shared.check(caller, call);
    check.map_err(|error| failure::not_made(&error))?;
    let held = shared.approvals.hold(asking(shared, caller, title, call));
    let mut held = held.map_err(|error| {
        Problem::new(problem::APPROVAL, error.to_string())
            .fix("call again later, one call at a time")
            .with("outcome", "refused")
    })?;
    let key = format!("approved-{}", held.id());
    let Some(decision) = decided(shared, &mut held).await else {
        held.leave();
        return Err(waiting(shared));
    };
    let is_first = held.take();
    match decision {
        Decision::Approve if is_first => {
            call.idempotency_key.get_or_insert(key);
            Ok(())
        }
        Decision::Approve => Err(waiting(shared)),
        Decision::Decline => {
            let problem = Problem::new(problem::DECLINED, "the person did not agree to this call");
            let fix = "do not call again unless the person wants it";
            Err(problem.fix(fix).with("outcome", "refused"))
        }
    }
}

fn asking(shared: &Shared, caller: Caller, title: &str, call: &Call) -> Asking {
    let (operation, arguments) = (&call.operation, &call.arguments);
    let account = shared.dispatch.account();
    let arguments = canonical(operation, arguments);
    let key = &call.idempotency_key;
    let digest = json!([account, caller.name(), operation.id, arguments, key]);
    Asking {
        summary: summary::of(shared, title, operation, &call.arguments),
        outlook: Outlook {
            policy: "allowed; it is checked once more when the call is made".to_owned(),
            is_refused: false,
        },
        heeds_kill_switch: true,
        caller: caller.name(),
        client: "a caller of the REST port".to_owned(),
        digest: hex::encode(Sha256::digest(digest.to_string())),
        wait: shared.approval.wait,
        lifetime: shared.approval.lifetime,
    }
}

async fn decided(shared: &Shared, held: &mut Held) -> Option<Decision> {
    let started = Instant::now();
    loop {
        let decision = held.decision();
        if decision.is_some() || started.elapsed() >= shared.approval.wait {
            return decision;
        }
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => return None,
            () = sleep(LOOK_EVERY) => {}
        }
    }
}

fn waiting(shared: &Shared) -> Problem {
    let page = shared.approval_page.as_deref().unwrap_or("/approve");
    let fix = format!(
        "ask the person to open {page} or to run `bpx approve`; then make the same call again, within {:?}",
        shared.approval.lifetime
    );
    Problem::new(
        problem::APPROVAL,
        "nothing was sent: no person has approved the call yet",
    )
    .fix(fix)
    .with("outcome", "refused")
}
