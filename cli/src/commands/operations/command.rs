//! From an operation of the contract to a command of the command line.

use std::sync::Arc;

use bpx_contract::api::{Argument, Kind, Operation};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Args, Command};
use heck::{ToKebabCase as _, ToSnakeCase as _};

use crate::access::{Access, ENVIRONMENT, Patience};
use crate::contract::ContractArgs;

const HEADING: &str = "Arguments of the operation";
/// Where the prose of the contract breaks, in columns.
const WIDTH: usize = 96;

const EXIT_CODES: &str = "\
Exit codes:
  0  done; each row of a batch has its own result. With --dry-run: it would be sent
  1  refused or failed here: nothing was sent
  2  wrong usage or bad input: nothing was sent
  3  rejected: not carried out, for certain
  4  accepted: taken by the exchange and not yet executed
  5  unknown: it may have been carried out, so look before calling again";

const WRITES: &str = "\
It changes the account, so it needs --allow-trading, and `trading = true` where there is a policy file. It is sent once.
If the response leaves the outcome open, bpx asks the exchange for it. If the command is interrupted, the same call with
the same --idempotency-key gives the outcome, and sends nothing that was sent before.";

const JSON: &str = "\
Rows go to stdout, everything else to stderr. With --json stdout is one object instead, on a terminal or not: operation,
outcome (done, rejected, accepted, unknown, refused, dry_run), result, and what else is known. With --dry-run it has
request, orders and, if the call would be refused, refusal.";

/// The examples of each operation; a test runs each of them.
const EXAMPLES: [(&str, &[&str]); 8] = [
    (
        "get_order",
        &[
            "--symbol SOL_USDC --order-id 28",
            "--symbol SOL_USDC --client-id 7 --json",
        ],
    ),
    (
        "execute_order",
        &[
            "--symbol SOL_USDC --side Bid --order-type Limit --price 20 --quantity 1.5 --post-only true --allow-trading",
            "--symbol SOL_USDC --side Ask --order-type Market --quantity 0.5 --idempotency-key exit-7 --allow-trading",
        ],
    ),
    (
        "cancel_order",
        &["--symbol SOL_USDC --order-id 28 --allow-trading"],
    ),
    (
        "execute_order_batch",
        &[
            "--orders @orders.json --allow-trading",
            r#"--orders '[{"symbol":"SOL_USDC","side":"Bid","orderType":"Limit","price":"20","quantity":"1"}]' --allow-trading"#,
        ],
    ),
    ("get_open_orders", &["--symbol SOL_USDC", "--json"]),
    (
        "cancel_open_orders",
        &["--symbol SOL_USDC --order-type RestingLimitOrder --allow-trading"],
    ),
    (
        "get_fills",
        &[
            "--symbol SOL_USDC --limit 20",
            "--from 1700000000000 --market-type SPOT --json",
        ],
    ),
    ("get_order_history", &["--sort-direction Desc --limit 20"]),
];

/// The flags of a command that changes the account, beside its arguments.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Exchange and limits")]
pub(super) struct Writing {
    /// Allow this call to change the account
    #[arg(long)]
    pub(super) allow_trading: bool,
    /// Name of this call: calls with the same key are made once, and later ones get its outcome
    #[arg(long, value_name = "KEY")]
    pub(super) idempotency_key: Option<String>,
    #[command(flatten)]
    pub(super) patience: Patience,
}

/// The form of what is printed.
#[derive(Debug, Args)]
#[command(next_help_heading = None)]
pub(super) struct Shown {
    /// Print the request, its signing string and the verdict of the policy; send nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print one JSON object with everything that is known
    #[arg(long)]
    pub(super) json: bool,
}

/// One command for each operation of the embedded contract. The flags of a command are made when it is used.
pub(super) fn all() -> impl Iterator<Item = Command> {
    bpx_venue::api().operations().map(|operation| {
        let command = Command::new(name(operation)).about(operation.summary.clone());
        command.defer(with_flags)
    })
}

/// The operation that a command calls.
pub(super) fn operation_of(command: &str) -> Option<&'static Arc<Operation>> {
    bpx_venue::api().operation(&command.to_snake_case())
}

fn with_flags(command: Command) -> Command {
    let Some(operation) = operation_of(command.get_name()) else {
        return command;
    };
    let about = format!("{}\n\n{}", operation.summary, operation.doc);
    let command = command
        .next_help_heading(HEADING)
        .args(operation.arguments().map(flag));
    let command = match operation.effect.only_reads() {
        true => command,
        false => Writing::augment_args(command),
    };
    let command = ContractArgs::augment_args(Access::augment_args(command));
    // After the flags, since each group of flags has a description that would replace this one.
    Shown::augment_args(command)
        .about(operation.summary.clone())
        .long_about(textwrap::fill(&about, WIDTH))
        .after_help(after_help(operation))
}

fn name(operation: &Operation) -> String {
    operation.id.to_kebab_case()
}

/// The flag of an argument, without its dashes.
pub(super) fn flag_name(argument: &str) -> String {
    argument.to_kebab_case()
}

fn flag(argument: &Argument) -> Arg {
    let (kind, action) = match &argument.kind {
        Kind::Many(kind) if **kind != Kind::Json => (kind.as_ref(), ArgAction::Append),
        kind => (kind, ArgAction::Set),
    };
    let flag = Arg::new(argument.name.clone())
        .long(flag_name(&argument.name))
        .required(argument.required)
        .action(action)
        .allow_negative_numbers(true)
        .value_name(placeholder(kind))
        .help(first_sentence(&argument.doc).to_owned())
        .long_help(long_help(argument));
    match kind {
        Kind::Enum { values, .. } => flag.value_parser(PossibleValuesParser::new(values.clone())),
        Kind::Boolean => flag.value_parser(PossibleValuesParser::new(["true", "false"])),
        _ => flag,
    }
}

fn placeholder(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text => "TEXT",
        Kind::Decimal => "DECIMAL",
        Kind::Integer { .. } => "NUMBER",
        Kind::Boolean => "BOOLEAN",
        Kind::Enum { .. } => "WORD",
        Kind::Many(_) | Kind::Json => "JSON|@FILE|-",
    }
}

fn first_sentence(doc: &str) -> &str {
    let (first, _) = doc.split_once(". ").unwrap_or((doc, ""));
    first.trim_end_matches('.')
}

fn long_help(argument: &Argument) -> String {
    let how = match &argument.kind {
        Kind::Many(kind) if **kind != Kind::Json => " Repeat the flag for several values.",
        Kind::Many(_) | Kind::Json => {
            " JSON, or @FILE to read it from a file, or - for standard input."
        }
        _ => "",
    };
    textwrap::fill(&format!("{}{how}", argument.doc), WIDTH)
}

fn after_help(operation: &Operation) -> String {
    let own = EXAMPLES.iter().find(|(id, _)| *id == operation.id);
    let lines = own.into_iter().flat_map(|(_, lines)| *lines);
    let examples: String = lines
        .map(|line| format!("  bpx {} {line}\n", name(operation)))
        .collect();
    let about = match operation.effect.only_reads() {
        true => JSON.to_owned(),
        false => format!("{WRITES}\n\n{JSON}"),
    };
    format!("Examples:\n{examples}\n{about}\n\n{ENVIRONMENT}\n\n{EXIT_CODES}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_command_by_which_it_is_found_again_and_an_example() {
        for operation in bpx_venue::api().operations() {
            assert_eq!(operation_of(&name(operation)), Some(operation));
            assert!(
                EXAMPLES.iter().any(|(id, _)| *id == operation.id),
                "{}",
                operation.id
            );
        }
    }

    #[test]
    fn flags_are_wire_names_in_kebab_case() {
        for (argument, flag) in [
            ("orderId", "order-id"),
            ("X-BROKER-ID", "x-broker-id"),
            ("stopLossTriggerBy", "stop-loss-trigger-by"),
            ("to", "to"),
        ] {
            assert_eq!(flag_name(argument), flag);
        }
    }

    #[test]
    fn no_two_flags_of_a_command_are_the_same() {
        for command in all() {
            command.debug_assert();
        }
    }
}
