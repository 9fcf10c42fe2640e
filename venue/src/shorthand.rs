//! Short commands for the usual orders: an operation with some of its arguments by position, and some implied.

use bpx_dispatch::Arguments;

/// A short command for an operation.
#[derive(Debug)]
#[non_exhaustive]
pub struct Shorthand {
    /// The command.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// The id of the operation that it calls.
    pub operation: &'static str,
    /// The arguments that are given by position, in this order.
    pub positional: &'static [&'static str],
    /// The arguments that it stands for, with their values.
    implied: &'static [(&'static str, &'static str)],
    /// The argument whose value depends on whether another one is given: its name, the other one, both values.
    chosen: (&'static str, &'static str, [&'static str; 2]),
}

const BY_PRICE: (&str, &str, [&str; 2]) = ("orderType", "price", ["Limit", "Market"]);

/// Every short command.
pub const SHORTHANDS: [Shorthand; 2] = [
    Shorthand {
        name: "buy",
        about: "Buy: a limit order with --price, a market order without",
        operation: "execute_order",
        positional: &["symbol", "quantity"],
        implied: &[("side", "Bid")],
        chosen: BY_PRICE,
    },
    Shorthand {
        name: "sell",
        about: "Sell: a limit order with --price, a market order without",
        operation: "execute_order",
        positional: &["symbol", "quantity"],
        implied: &[("side", "Ask")],
        chosen: BY_PRICE,
    },
];

impl Shorthand {
    /// Whether the command itself says what the argument is.
    #[must_use]
    pub fn implies(&self, argument: &str) -> bool {
        argument == self.chosen.0 || self.implied.iter().any(|(name, _)| *name == argument)
    }

    /// Adds what the command stands for.
    pub fn complete(&self, arguments: &mut Arguments) {
        let (name, other, [with, without]) = self.chosen;
        let value = if arguments.contains_key(other) {
            with
        } else {
            without
        };
        let implied = self.implied.iter().copied().chain([(name, value)]);
        arguments.extend(implied.map(|(name, value)| (name.to_owned(), value.into())));
    }
}
