//! The operations of the contract, one command each: their arguments are flags, their calls go through dispatch.

mod arguments;
mod command;
mod dry_run;
pub(crate) mod outcome;
mod refusal;
mod report;
mod rows;

use std::sync::Arc;

use bpx_contract::Api;
use bpx_contract::api::Operation;
use bpx_dispatch::{Call, Dispatch, Refused, Settings, Settled, validate};
use bpx_venue::Shorthand;
use clap::error::ErrorKind;
use clap::{ArgMatches, Command, FromArgMatches, Subcommand};
use tokio::runtime::Runtime;

use self::command::{Repeating, Shown, Writing, is_placing, named};
use self::dry_run::DryRun;
use crate::access::Access;
use crate::contract::{ContractArgs, venue};
use crate::failure::Failure;
use crate::interrupt::{self, Progress};
use crate::output;

/// The caller that the journal records for calls of these commands.
const CALLER: &str = "bpx";

/// One operation as it was typed.
#[derive(Debug)]
pub(crate) struct OperationCommand {
    operation: Arc<Operation>,
    shorthand: Option<&'static Shorthand>,
    matches: ArgMatches,
    access: Access,
    contract: ContractArgs,
    writing: Writing,
    repeating: Repeating,
    shown: Shown,
}

impl OperationCommand {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Shown { json, dry_run } = self.shown;
        let ended = match dry_run {
            true => self.dry_run().map(|it| it.show(json)),
            false => self.settle(),
        };
        match ended {
            Ok(shown) => shown,
            Err(Unsettled::Failure(failure)) => Err(failure),
            Err(Unsettled::Refused(refused)) => {
                let allow_trading = self.writing.allow_trading;
                refusal::show(&self.operation.id, &refused, allow_trading, json)
            }
        }
    }

    /// Makes the call and prints its outcome.
    fn settle(&self) -> Result<Result<(), Failure>, Unsettled> {
        let api = self.contract.api()?;
        let call = self.call(&api)?;
        let settings = self.access.settings(&api, self.writing.allow_trading)?;
        let settings = settings.with_bounds(self.writing.patience.bounds());
        output::log_to_stderr("off");
        let progress = Progress::default();
        let made = made(settings.with_checkpoint(progress.clone()), call);
        let ended = interrupt::work(made, async |made| -> Result<_, Unsettled> {
            let (dispatch, settled) = made?;
            let shown = match settled {
                Ok(settled) => Ok(self.reported(&dispatch, &settled).await),
                Err(refused) => Err(refused.into()),
            };
            dispatch.close().await;
            shown
        })?;
        ended.unwrap_or_else(|| Ok(Err(self.interrupted(&progress))))
    }

    /// Prints the outcome. Once it is printed, the same command is another call.
    async fn reported(&self, dispatch: &Dispatch, settled: &Settled) -> Result<(), Failure> {
        let is_earlier = settled.replayed && self.writing.idempotency_key.is_none();
        let find_out = settled.intent.as_deref().map(|it| self.find_out(it));
        let ended = report::show(settled, is_earlier, find_out, self.shown.json)?;
        if let Some(intent) = &settled.intent {
            // If it cannot be written, the same command gives this outcome once more.
            let _ = dispatch.reported(intent).await;
        }
        ended
    }

    /// The command that finds out how a call of this one ended.
    fn find_out(&self, intent: &str) -> String {
        let flags = self.access.flags_and_journal().into_iter();
        outcome::line(intent, flags.chain(self.contract.flags()))
    }

    fn interrupted(&self, progress: &Progress) -> Failure {
        let interrupted = progress.stop();
        let intent = interrupted.intent.as_deref().unwrap_or_default();
        let next = self.find_out(intent);
        let again = match is_placing(&self.operation) || self.writing.idempotency_key.is_some() {
            true if self.repeating.again => {
                "the command without --again does too, and sends nothing a second time"
            }
            true => "the same command does too, and sends nothing a second time",
            false => "to cancel again does no harm",
        };
        let failure = interrupted.failure(&format!("`{next}` finds out how it ended; {again}"));
        match self.shown.json {
            true => failure.print_with(&interrupted).unwrap_or_else(|it| it),
            false => failure,
        }
    }

    fn dry_run(&self) -> Result<DryRun, Unsettled> {
        let api = self.contract.api()?;
        let call = self.call(&api)?;
        let runtime = Runtime::new().map_err(Failure::from)?;
        let dry_run = DryRun::of(&self.access, &api, call, self.writing.allow_trading);
        runtime.block_on(dry_run)
    }

    /// The call, validated before a key is looked for: mistakes in what was typed are reported first.
    fn call(&self, api: &Api) -> Result<Call, Unsettled> {
        let id = &self.operation.id;
        let operation = api.operation(id).ok_or_else(|| {
            Failure::bad_input(
                format!("{} has no operation `{id}`", api.document().file),
                "name a document that has it (--openapi)",
            )
        })?;
        let is_stdin_taken = self.access.key.is_stdin();
        let mut arguments = arguments::read(&self.operation, &self.matches, is_stdin_taken)?;
        if let Some(shorthand) = self.shorthand {
            shorthand.complete(&mut arguments);
        }
        let findings = validate(venue(api), operation, &arguments);
        if !findings.is_empty() {
            let operation = id.clone();
            return Err(Refused::Invalid {
                operation,
                findings,
            }
            .into());
        }
        let mut call = Call::new(operation, arguments, CALLER);
        call.until_reported = is_placing(&self.operation);
        call.anew = self.repeating.again;
        call.idempotency_key
            .clone_from(&self.writing.idempotency_key);
        Ok(call)
    }
}

async fn made(
    settings: Settings,
    call: Call,
) -> Result<(Dispatch, Result<Settled, Refused>), Refused> {
    let dispatch = Dispatch::open(settings).await?;
    let settled = dispatch.call(call).await;
    Ok((dispatch, settled))
}

/// Why there is no outcome.
enum Unsettled {
    /// Dispatch refused the call.
    Refused(Refused),
    /// The command failed before that.
    Failure(Failure),
}

impl From<Refused> for Unsettled {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Failure> for Unsettled {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Subcommand for OperationCommand {
    fn augment_subcommands(command: Command) -> Command {
        command.subcommands(command::all())
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        named(name).is_some()
    }
}

impl FromArgMatches for OperationCommand {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let typed = matches.subcommand();
        let found = typed.and_then(|(name, matches)| Some((named(name)?, matches)));
        let Some(((operation, shorthand), matches)) = found else {
            return Err(clap::Error::new(ErrorKind::InvalidSubcommand));
        };
        let writing = match operation.effect.only_reads() {
            true => Writing::default(),
            false => Writing::from_arg_matches(matches)?,
        };
        let repeating = match is_placing(operation) {
            true => Repeating::from_arg_matches(matches)?,
            false => Repeating::default(),
        };
        Ok(Self {
            operation: Arc::clone(operation),
            shorthand,
            matches: matches.clone(),
            access: Access::from_arg_matches(matches)?,
            contract: ContractArgs::from_arg_matches(matches)?,
            writing,
            repeating,
            shown: Shown::from_arg_matches(matches)?,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
