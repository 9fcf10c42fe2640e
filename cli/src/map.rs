//! What `bpx` alone prints: the commands by task.

use anstyle::Style;

use crate::failure::Failure;
use crate::output;

/// A task, and the commands for it with what they do.
type Task = (&'static str, &'static [(&'static str, &'static str)]);

const TASKS: [Task; 6] = [
    (
        "Try it without an account",
        &[
            (
                "bpx sandbox --env exchange.env",
                "run a local exchange; then: . ./exchange.env",
            ),
            ("bpx doctor", "check key, clock, exchange, policy and state"),
        ],
    ),
    (
        "Trade",
        &[
            (
                "bpx buy SOL_USDC 1 --price 149 --dry-run",
                "look at an order; --allow-trading places it",
            ),
            (
                "bpx get-open-orders",
                "each operation of the API is a command",
            ),
            (
                "bpx watch orders",
                "order updates, fills or a book as they change",
            ),
            ("bpx outcome ID", "find out how an interrupted order ended"),
            ("bpx kill", "stop all trading, until bpx revive"),
        ],
    ),
    (
        "Serve programs and models",
        &[
            ("bpx serve", "REST on 8080, MCP on 9090"),
            ("bpx mcp", "MCP on standard input and output"),
            ("bpx approve", "decide about calls that wait for a person"),
        ],
    ),
    (
        "Run workflows",
        &[
            (
                "bpx workflow check FILE",
                "check an Arazzo document against its contracts",
            ),
            ("bpx workflow run FILE", "run it; resume continues it"),
        ],
    ),
    (
        "Check contracts and recordings",
        &[
            ("bpx check FILE", "recorded traffic against the contract"),
            ("bpx diff OLD NEW", "what a new document means for callers"),
        ],
    ),
    (
        "Understand signatures",
        &[
            (
                "bpx sign GET /api/v1/orders",
                "each part of the signed text",
            ),
            ("bpx keygen", "make a key pair"),
        ],
    ),
];

/// Prints the map.
pub(crate) fn print() -> Result<(), Failure> {
    let bold = Style::new().bold();
    let mut text = String::from("bpx: orders on Backpack Exchange, within limits\n");
    for (task, commands) in TASKS {
        text += &format!("\n{bold}{task}{bold:#}\n");
        for (command, does) in commands {
            text += &format!("  {command:<42}{does}\n");
        }
    }
    text += "\nbpx --help lists every command, bpx COMMAND --help ends with examples.\n";
    Ok(output::text(&text)?)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::TASKS;
    use crate::Cli;

    #[test]
    fn every_command_of_the_map_is_valid_and_every_line_fits_a_terminal() {
        for (command, does) in TASKS.iter().flat_map(|(_, commands)| *commands) {
            let parsed = Cli::try_parse_from(command.split(' '));
            assert!(parsed.is_ok(), "{command}: {:?}", parsed.err());
            assert!(command.len() < 42 && does.len() <= 48, "{command}");
        }
    }
}
