//! Commands of the program `bpx`, as reports and errors name them.

/// The command that goes on with a run.
pub(crate) fn resume_command(run: &str, trades: bool) -> String {
    format!("bpx workflow resume {run}{}", allowing(trades))
}

/// The flag of a run that sends something to the exchange.
pub(crate) fn allowing(trades: bool) -> &'static str {
    if trades { " --allow-trading" } else { "" }
}
