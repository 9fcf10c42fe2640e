//! From the flags of a command to the arguments of a call.

use std::fs;
use std::io;

use bpx_contract::api::{Argument, Kind, Operation};
use clap::ArgMatches;
use serde_json::{Map, Number, Value};

use super::command::flag_name;
use crate::failure::Failure;

/// Standard input, as a value.
const STDIN: &str = "-";

/// The arguments that were given. Whether they fit the contract is checked later.
pub(super) fn read(
    operation: &Operation,
    matches: &ArgMatches,
    is_stdin_taken: bool,
) -> Result<Map<String, Value>, Failure> {
    let mut arguments = Map::new();
    for argument in operation.arguments() {
        // A shorthand has no flag for what it stands for.
        let given = matches.try_get_many::<String>(&argument.name);
        let Some(mut given) = given.ok().flatten() else {
            continue;
        };
        let value = match &argument.kind {
            Kind::Many(kind) if **kind != Kind::Json => {
                given.map(|text| scalar(kind, text)).collect()
            }
            Kind::Many(_) | Kind::Json => document(argument, given, is_stdin_taken)?,
            kind => given
                .next_back()
                .map(|text| scalar(kind, text))
                .unwrap_or_default(),
        };
        arguments.insert(argument.name.clone(), value);
    }
    Ok(arguments)
}

/// What is not a number or boolean stays text, so that validation can name it.
fn scalar(kind: &Kind, text: &str) -> Value {
    let as_text = || Value::from(text);
    match kind {
        Kind::Boolean => text.parse().map_or_else(|_| as_text(), Value::Bool),
        Kind::Integer { .. } => {
            let number = serde_json::from_str::<Number>(text);
            number.map_or_else(|_| as_text(), Value::Number)
        }
        _ => as_text(),
    }
}

fn document<'a>(
    argument: &Argument,
    mut given: impl Iterator<Item = &'a String>,
    is_stdin_taken: bool,
) -> Result<Value, Failure> {
    let given = given.next().map(String::as_str).unwrap_or_default();
    let flag = flag_name(&argument.name);
    let unreadable = |file: &str, error: io::Error| {
        Failure::bad_input(
            format!("--{flag}: {file} cannot be read ({error})"),
            "give JSON, @ and a file in UTF-8, or - for standard input",
        )
    };
    let text = match given.strip_prefix('@') {
        Some(file) => fs::read_to_string(file).map_err(|error| unreadable(file, error))?,
        None if given == STDIN && is_stdin_taken => {
            return Err(Failure::bad_input(
                format!("standard input cannot be both --{flag} and the API secret"),
                "give one of them by a file",
            ));
        }
        None if given == STDIN => {
            io::read_to_string(io::stdin()).map_err(|error| unreadable("standard input", error))?
        }
        None => given.to_owned(),
    };
    serde_json::from_str(&text).map_err(|error| {
        Failure::bad_input(
            format!("--{flag} is not JSON ({error})"),
            "correct it there, or give a file with @ in front of its name",
        )
    })
}
