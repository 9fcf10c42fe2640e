//! The operations of the contract, one command each: their arguments are flags, their calls go through dispatch.

mod arguments;
mod command;
mod dry_run;
mod refusal;
mod report;
mod rows;

use std::sync::Arc;

use bpx_contract::Api;
use bpx_contract::api::Operation;
use bpx_dispatch::{Call, Dispatch, Refused, Settings, Settled, validate};
use clap::error::ErrorKind;
use clap::{ArgMatches, Command, FromArgMatches, Subcommand};
use tokio::runtime::Runtime;

use self::command::{Shown, Writing, operation_of};
use self::dry_run::DryRun;
use crate::access::Access;
use crate::contract::{ContractArgs, venue};
use crate::failure::Failure;
use crate::output;

/// The caller that the journal records for calls of these commands.
const CALLER: &str = "bpx";

/// One operation as it was typed.
#[derive(Debug)]
pub(crate) struct OperationCommand {
    operation: Arc<Operation>,
    matches: ArgMatches,
    access: Access,
    contract: ContractArgs,
    writing: Writing,
    shown: Shown,
}

impl OperationCommand {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Shown { json, dry_run } = self.shown;
        let ended = match dry_run {
            true => self.dry_run().map(|it| it.show(json)),
            false => self.settle().map(|settled| report::show(&settled, json)),
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

    fn settle(&self) -> Result<Settled, Unsettled> {
        let api = self.contract.api()?;
        let call = self.call(&api)?;
        let settings = self.access.settings(&api, self.writing.allow_trading)?;
        let settings = settings.with_bounds(self.writing.patience.bounds());
        output::log_to_stderr("off");
        let runtime = Runtime::new().map_err(Failure::from)?;
        Ok(runtime.block_on(made(settings, call))?)
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
        let arguments = arguments::read(&self.operation, &self.matches)?;
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
        call.idempotency_key
            .clone_from(&self.writing.idempotency_key);
        Ok(call)
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
        operation_of(name).is_some()
    }
}

impl FromArgMatches for OperationCommand {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let typed = matches.subcommand();
        let found = typed.and_then(|(name, matches)| Some((operation_of(name)?, matches)));
        let Some((operation, matches)) = found else {
            return Err(clap::Error::new(ErrorKind::InvalidSubcommand));
        };
        let writing = match operation.effect.only_reads() {
            true => Writing::default(),
            false => Writing::from_arg_matches(matches)?,
        };
        Ok(Self {
            operation: Arc::clone(operation),
            matches: matches.clone(),
            access: Access::from_arg_matches(matches)?,
            contract: ContractArgs::from_arg_matches(matches)?,
            writing,
            shown: Shown::from_arg_matches(matches)?,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
