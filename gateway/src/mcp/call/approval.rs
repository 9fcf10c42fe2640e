//! A person's approval outside the client: the call waits until somebody decides about it on the page or in a terminal.

use std::path;
use std::time::{Duration, Instant};

use bpx_dispatch::text::shown;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use tokio::time::sleep;

use super::{Attempt, CallOutcome, Sought, UNAVAILABLE, declined};
use crate::approval::{Asking, Decision, Held, Outlook};
use crate::shared::CallError;

/// How often to look for a decision: it may come from another process.
const LOOK_EVERY: Duration = Duration::from_millis(200);
const PROGRESS_EVERY: Duration = Duration::from_secs(5);

impl Attempt<'_> {
    /// Waits for a person's approval: the idempotency key that goes with it, or what to do instead of the call. `unasked`
    /// says why the client has not asked anybody.
    pub(super) async fn approval(
        &self,
        sought: &Sought<'_>,
        summary: String,
        unasked: &str,
    ) -> Result<Option<String>, Box<CallOutcome>> {
        let asking = self.asking(sought, summary);
        let mut held = match self.settings.shared.approvals.hold(asking) {
            Ok(held) => held,
            Err(error) => {
                let fix = "call again later, one call at a time";
                return Err(refused(UNAVAILABLE, &error.to_string(), fix));
            }
        };
        let key = format!("approved-{}", held.id());
        let waited = self.decided(&mut held, sought).await;
        if let Waited::Decided(decision) = waited {
            let decision = decision.word();
            tracing::info!(id = held.id(), decision, "a person decided about the call");
        }
        match waited {
            Waited::Decided(Decision::Approve) => match held.take() {
                true => Ok(Some(key)),
                false => Err(self.timed_out(unasked)),
            },
            Waited::Decided(Decision::Decline) => {
                held.take();
                Err(Box::new(declined()))
            }
            Waited::Ended(why) => Err(refused(UNAVAILABLE, why, "call again later")),
            Waited::TooLong => {
                held.leave();
                Err(self.timed_out(unasked))
            }
        }
    }

    fn asking(&self, sought: &Sought<'_>, summary: String) -> Asking {
        let settings = &self.settings.settings;
        let dispatch = &self.settings.shared.dispatch;
        let client = self.context.client_info();
        let client = client.map(|it| format!("{} {}", it.name, it.version));
        Asking {
            summary,
            outlook: self.outlook(sought),
            heeds_kill_switch: !dispatch.venue().is_cancellation(&self.tool.operation),
            caller: self.caller.name(),
            client: client.map_or_else(|| "unknown".to_owned(), |it| shown(&it)),
            digest: sought.digest.hex(),
            wait: settings.approval_wait,
            lifetime: settings.confirm_lifetime,
        }
    }

    /// How the call would fare if it were made now.
    fn outlook(&self, sought: &Sought<'_>) -> Outlook {
        let dispatch = &self.settings.shared.dispatch;
        if let Err(error) = self.check(sought) {
            return Outlook {
                policy: format!("{}: it will be refused", why(&error)),
                is_refused: true,
            };
        }
        let policy = match dispatch.policy() {
            Some(_) => {
                "allowed; it is checked once more, with the caps of the day, when the call is made"
            }
            None => "there is none: nothing is capped",
        };
        Outlook {
            policy: policy.to_owned(),
            is_refused: false,
        }
    }

    async fn decided(&self, held: &mut Held, sought: &Sought<'_>) -> Waited {
        let mut progress = self.progress();
        let started = Instant::now();
        loop {
            if let Some(decision) = held.decision() {
                return Waited::Decided(decision);
            }
            if started.elapsed() >= self.settings.settings.approval_wait {
                return Waited::TooLong;
            }
            held.tell(self.outlook(sought));
            if let Some(progress) = &mut progress {
                progress.tell(self, started.elapsed()).await;
            }
            tokio::select! {
                biased;
                () = self.context.ct.cancelled() => return Waited::Ended("the client cancelled the call"),
                () = self.settings.shared.stop.cancelled() => return Waited::Ended("the gateway stops"),
                () = sleep(LOOK_EVERY) => {}
            }
        }
    }

    fn progress(&self) -> Option<Progress> {
        let token = self.context.meta.get_progress_token()?;
        Some(Progress {
            token,
            printed: None,
        })
    }

    fn timed_out(&self, unasked: &str) -> Box<CallOutcome> {
        let settings = &self.settings.settings;
        let (wait, lifetime) = (settings.approval_wait, settings.confirm_lifetime);
        let detail =
            format!("nothing was sent: {unasked}, and no person approved the call within {wait:?}");
        let fix = format!(
            "{}; then make the same call again, within {lifetime:?}: if it has been approved, it is made at once",
            self.how_to_approve("ask the person")
        );
        refused("CONFIRMATION_TIMED_OUT", &detail, &fix)
    }

    fn how_to_approve(&self, whom: &str) -> String {
        let shared = &self.settings.shared;
        let state = path::absolute(&shared.state).unwrap_or_else(|_| shared.state.clone());
        let state = shown(&state.display().to_string()).replace('\'', r"'\''");
        let page = shared.approval_page.as_ref();
        let page = page.map(|page| format!("open {page}, or to "));
        let page = page.unwrap_or_default();
        format!("{whom} to {page}run `bpx approve --state '{state}'`")
    }
}

fn why(error: &CallError) -> String {
    match error {
        CallError::Refused(refused) => refused.problem(),
        error => error.code().to_owned(),
    }
}

/// How the waiting ended.
enum Waited {
    Decided(Decision),
    TooLong,
    /// Nobody waits for the result any more.
    Ended(&'static str),
}

/// The progress that a client which asked for it gets while its call waits.
struct Progress {
    token: ProgressToken,
    printed: Option<Duration>,
}

impl Progress {
    async fn tell(&mut self, attempt: &Attempt<'_>, elapsed: Duration) {
        if self
            .printed
            .is_some_and(|printed| elapsed < printed + PROGRESS_EVERY)
        {
            return;
        }
        self.printed = Some(elapsed);
        let wait = attempt.settings.settings.approval_wait;
        let message = attempt.how_to_approve("waiting for a person");
        let printed =
            ProgressNotificationParam::new(self.token.clone(), elapsed.as_secs_f64().floor())
                .with_total(wait.as_secs_f64())
                .with_message(message);
        // A client that is gone need not be notified.
        let _ = attempt.context.peer.notify_progress(printed).await;
    }
}

fn refused(code: &'static str, detail: &str, fix: &str) -> Box<CallOutcome> {
    Box::new(CallOutcome::refused(code, detail, fix))
}
