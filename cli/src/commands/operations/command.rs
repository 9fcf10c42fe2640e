//! From an operation of the contract to a command of the command line.

use std::sync::Arc;

use bpx_contract::api::{Argument, Kind, Operation};
use bpx_dispatch::Venue as _;
use bpx_venue::{Backpack, SHORTHANDS, Shorthand};
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
  5  unknown: it may have been carried out, so look before calling again
  6  not sent: no connection was made, so it is safe to call again
  130  interrupted by Ctrl-C or SIGTERM: it prints what is known, and the command that finds out the rest";

const WRITES: &str = "\
It changes the account, so it needs --allow-trading, and `trading = true` where there is a policy file. It is sent once.
If the response leaves the outcome open, bpx asks the exchange for it. Calls with the same --idempotency-key are one call.
If the command is interrupted, it names its intent, and 'bpx outcome INTENT' finds out how it ended.";

const PLACES: &str = "\
Without a key, an order whose outcome was not reported (interrupted, killed, exit codes 4 and 5) is finished by the same
command: it asks for the outcome, reports it, and places nothing. After that, or with --again, it places another order.";

const JSON: &str = "\
Rows go to stdout, everything else to stderr. With --json stdout is one object instead, on a terminal or not: operation,
outcome (done, rejected, not_sent, accepted, unknown, refused, dry_run), result, and what else is known. With --dry-run it
has request, orders and, if the call would be refused, refusal. A failure adds error, problem, location, fix, retryable and
exit_code, and prints nothing on stderr.";

/// The examples of each command; a test runs each of them.
const EXAMPLES: [(&str, &[&str]); 10] = [
    (
        "buy",
        &[
            "SOL_USDC 1 --price 20 --post-only true --allow-trading",
            "SOL_USDC 0.5 --dry-run",
        ],
    ),
    ("sell", &["SOL_USDC 1.5 --price 900.5 --allow-trading"]),
    (
        "get-order",
        &[
            "--symbol SOL_USDC --order-id 28",
            "--symbol SOL_USDC --client-id 7 --json",
        ],
    ),
    (
        "execute-order",
        &[
            "--symbol SOL_USDC --side Bid --order-type Limit --price 20 --quantity 1.5 --post-only true --allow-trading",
            "--symbol SOL_USDC --side Ask --order-type Market --quantity 0.5 --idempotency-key exit-7 --allow-trading",
        ],
    ),
    (
        "cancel-order",
        &["--symbol SOL_USDC --order-id 28 --allow-trading"],
    ),
    (
        "execute-order-batch",
        &[
            "--orders @orders.json --allow-trading",
            r#"--orders '[{"symbol":"SOL_USDC","side":"Bid","orderType":"Limit","price":"20","quantity":"1"}]' --allow-trading"#,
        ],
    ),
    ("get-open-orders", &["--symbol SOL_USDC", "--json"]),
    (
        "cancel-open-orders",
        &["--symbol SOL_USDC --order-type RestingLimitOrder --allow-trading"],
    ),
    (
        "get-fills",
        &[
            "--symbol SOL_USDC --limit 20",
            "--from 1700000000000 --market-type SPOT --json",
        ],
    ),
    ("get-order-history", &["--sort-direction Desc --limit 20"]),
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

/// The flag of a command that places orders.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Exchange and limits")]
pub(super) struct Repeating {
    /// Place another order, though the outcome of the same command given before was not reported
    #[arg(long, conflicts_with = "idempotency_key")]
    pub(super) again: bool,
}

/// An operation, and the short command for it if that is what was named.
type Named = (&'static Arc<Operation>, Option<&'static Shorthand>);

/// One command for each operation of the embedded contract, and the short ones. The flags of a command are made when it
/// is used.
pub(super) fn all() -> impl Iterator<Item = Command> {
    let operations = bpx_venue::api().operations();
    let operations = operations.map(|it| Command::new(name(it)).about(it.summary.clone()));
    let short = SHORTHANDS.iter();
    let short = short.map(|it| Command::new(it.name).about(it.about));
    operations
        .chain(short)
        .map(|command| command.defer(with_flags))
}

/// What a command calls.
pub(super) fn named(command: &str) -> Option<Named> {
    let shorthand = SHORTHANDS.iter().find(|it| it.name == command);
    let id = shorthand.map_or_else(|| command.to_snake_case(), |it| it.operation.to_owned());
    Some((bpx_venue::api().operation(&id)?, shorthand))
}

/// Whether the operation adds something to the account each time it is called.
pub(super) fn is_placing(operation: &Operation) -> bool {
    !operation.effect.only_reads() && !Backpack.is_cancellation(operation)
}

fn with_flags(command: Command) -> Command {
    let Some((operation, shorthand)) = named(command.get_name()) else {
        return command;
    };
    let about = shorthand.map_or(operation.summary.as_str(), |it| it.about);
    let long_about = format!("{about}\n\n{}", operation.doc);
    let command = command.next_help_heading(HEADING).args(
        operation
            .arguments()
            .filter_map(|it| argument(shorthand, it)),
    );
    let command = match operation.effect.only_reads() {
        true => command,
        false => Writing::augment_args(command),
    };
    let command = match is_placing(operation) {
        true => Repeating::augment_args(command),
        false => command,
    };
    let command = ContractArgs::augment_args(Access::augment_args(command));
    let name = command.get_name().to_owned();
    // After the flags, since each group of flags has a description that would replace this one.
    Shown::augment_args(command)
        .about(about.to_owned())
        .long_about(textwrap::fill(&long_about, WIDTH))
        .after_help(after_help(operation, &name))
}

/// The flag of an argument; or its position in a short command, or nothing where the command implies it.
fn argument(shorthand: Option<&Shorthand>, argument: &Argument) -> Option<Arg> {
    let Some(shorthand) = shorthand else {
        return Some(flag(argument));
    };
    let position = shorthand
        .positional
        .iter()
        .position(|it| *it == argument.name);
    match position {
        _ if shorthand.implies(&argument.name) => None,
        None => Some(flag(argument)),
        Some(position) => Some(
            flag(argument)
                .long(None)
                .index(position + 1)
                .required(true)
                .value_name(flag_name(&argument.name).to_uppercase()),
        ),
    }
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

fn after_help(operation: &Operation, name: &str) -> String {
    let own = EXAMPLES.iter().find(|(command, _)| *command == name);
    let lines = own.into_iter().flat_map(|(_, lines)| *lines);
    let examples: String = lines.map(|line| format!("  bpx {name} {line}\n")).collect();
    let writes = !operation.effect.only_reads();
    let about = [
        (writes, WRITES),
        (is_placing(operation), PLACES),
        (true, JSON),
    ];
    let about = about
        .into_iter()
        .filter_map(|(holds, text)| holds.then_some(text));
    let about = about.collect::<Vec<_>>().join("\n\n");
    format!("Examples:\n{examples}\n{about}\n\n{ENVIRONMENT}\n\n{EXIT_CODES}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_command_by_which_it_is_found_again_and_an_example() {
        for operation in bpx_venue::api().operations() {
            let (found, shorthand) = named(&name(operation)).unwrap();
            assert_eq!((found, shorthand.is_some()), (operation, false));
        }
        for command in all() {
            let name = command.get_name();
            assert!(EXAMPLES.iter().any(|(it, _)| *it == name), "{name}");
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
