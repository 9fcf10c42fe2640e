//! The operations of the contract, one command each: flags from the operation table, calls through dispatch.

mod arguments;
mod command;
mod refusal;
mod report;
mod rows;

use bpx_venue::operations::find;
use bpx_dispatch::{Call, Dispatch, Refused, Settings, Settled, validate};
use bpx_contract::api::Operation;
use clap::error::ErrorKind;
use clap::{ArgMatches, Command, FromArgMatches, Subcommand};
use tokio::runtime::Runtime;

use self::command::{Shown, Writing, id_of};
use crate::access::Access;
use crate::failure::Failure;
use crate::output;

/// By whom the journal says a call was made.
const CALLER: &str = "bpx";

/// One operation as it was typed.
#[derive(Debug)]
pub(crate) struct OperationCommand {
    operation: &Arc<Operation>,
    matches: ArgMatches,
    access: Access,
    writing: Writing,
    shown: Shown,
}

impl OperationCommand {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let settled = self.settle();
        match settled {
            Ok(settled) => report::show(&settled, self.shown.json),
            Err(Unsettled::Refused(refused)) => refusal::show(
                self.operation,
                &refused,
                self.writing.allow_trading,
                self.shown.json,
            ),
            Err(Unsettled::Failure(failure)) => Err(failure),
        }
    }

    fn settle(&self) -> Result<Settled, Unsettled> {
        let operation = self.operation;
        let arguments = arguments::read(operation, &self.matches)?;
        // Before a key is looked for: what was typed wrong comes first.
        let findings = validate(operation, &arguments);
        if !findings.is_empty() {
            return Err(Refused::Invalid {
                operation: operation.id,
                findings,
            }
            .into());
        }
        let settings = self.access.settings(self.writing.allow_trading)?;
        let settings = settings.with_bounds(self.writing.patience.bounds());
        let mut call = Call::new(operation, arguments, CALLER);
        call.idempotency_key
            .clone_from(&self.writing.idempotency_key);
        output::log_to_stderr("off");
        let runtime = Runtime::new().map_err(Failure::from)?;
        Ok(runtime.block_on(made(settings, call))?)
    }
}

async fn made(settings: Settings, call: Call) -> Result<Settled, Refused> {
    let dispatch = Dispatch::open(settings).await?;
    let settled = dispatch.call(call).await;
    dispatch.close().await;
    settled
}

/// Why there is no outcome.
enum Unsettled {
    /// Dispatch did not make the call.
    Refused(Refused),
    /// It did not come to that.
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
        find(&id_of(name)).is_some()
    }
}

impl FromArgMatches for OperationCommand {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let typed = matches.subcommand();
        let found = typed.and_then(|(name, matches)| Some((find(&id_of(name))?, matches)));
        let Some((operation, matches)) = found else {
            return Err(clap::Error::new(ErrorKind::InvalidSubcommand));
        };
        let writing = match operation.effect.only_reads() {
            true => Writing::default(),
            false => Writing::from_arg_matches(matches)?,
        };
        Ok(Self {
            operation,
            matches: matches.clone(),
            access: Access::from_arg_matches(matches)?,
            writing,
            shown: Shown::from_arg_matches(matches)?,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
