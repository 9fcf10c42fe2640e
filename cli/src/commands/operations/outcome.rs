//! `bpx outcome`: how an earlier call ended, by asking.

use bpx_dispatch::Dispatch;
use bpx_workflow::shell_word;
use clap::Args;

use super::report;
use crate::access::{Access, ENVIRONMENT, Patience};
use crate::contract::ContractArgs;
use crate::failure::{Category, Failure};
use crate::interrupt::{self, Progress};
use crate::output;

const EXAMPLES: &str = "\
Examples:
  bpx outcome 01a1f8029235746dacbca12b31d3114b

An interrupted command names its intent, and so does every outcome. What the journal does not know yet, the exchange is
asked for; nothing is sent again. Exchange, key, state folder and journal are those of the call.

Exit codes: those of the call; 2 also if the journal has no such intent.";

/// Find out how an earlier call ended; sends nothing again.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}"))]
pub(crate) struct OutcomeCommand {
    /// The intent, as the call reported it
    intent: String,
    #[command(flatten)]
    contract: ContractArgs,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    patience: Patience,
    /// Print one JSON object with everything that is known
    #[arg(long, help_heading = None)]
    json: bool,
}

impl OutcomeCommand {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let api = self.contract.api()?;
        let settings = self.access.settings(&api, false)?;
        let settings = settings.with_bounds(self.patience.bounds());
        output::log_to_stderr("off");
        let progress = Progress::default();
        let settings = settings.with_checkpoint(progress.clone());
        let asked = async {
            let dispatch = Dispatch::open(settings).await?;
            let settled = dispatch.outcome_of(&self.intent).await?;
            Ok::<_, Failure>((dispatch, settled))
        };
        let ended = interrupt::work(asked, async |asked| {
            let (dispatch, settled) = asked?;
            let settled = settled.ok_or_else(|| self.missing(dispatch.account()))?;
            let flags = self.access.flags_and_journal().into_iter();
            let find_out = line(&self.intent, flags.chain(self.contract.flags()));
            let ended = report::show(&settled, false, Some(find_out), self.json)?;
            // If it cannot be written, the same command gives this outcome once more.
            let _ = dispatch.reported(&self.intent).await;
            dispatch.close().await;
            ended
        })?;
        ended.unwrap_or_else(|| Err(self.interrupted(&progress)))
    }

    fn interrupted(&self, progress: &Progress) -> Failure {
        let interrupted = progress.stop();
        let next = "the same command asks again, and sends nothing";
        if !interrupted.may_have_acted() {
            let intent = output::plain(&self.intent);
            let problem = format!("interrupted: how intent {intent} ended is not found out");
            return Failure::new(Category::Interrupted, problem, next).retryable(true);
        }
        let failure = interrupted.failure(next);
        match self.json {
            true => failure.print_with(&interrupted).unwrap_or_else(|it| it),
            false => failure,
        }
    }

    fn missing(&self, account: &str) -> Failure {
        let intent = output::plain(&self.intent);
        Failure::bad_input(
            format!("the journal of {account} has no intent {intent}"),
            "give the intent as the call reported it, with the call's exchange, key and state folder",
        )
    }
}

/// The command that finds out how the call of an intent ended.
pub(super) fn line(intent: &str, flags: impl Iterator<Item = (&'static str, String)>) -> String {
    let flags: String = flags
        .map(|(flag, value)| format!(" {flag} {}", shell_word(&value)))
        .collect();
    format!("bpx outcome {intent}{flags}")
}
