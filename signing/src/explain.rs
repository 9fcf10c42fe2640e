//! Each part of a signing string, the rule that made it, and where other clients differ.

use std::fmt;

/// One part of a signing string, for people who compare two of them.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// The part as it stands in the signing string, without the `&`; for a field that is left out, its name.
    pub text: String,
    /// The rule that made it.
    pub rule: Rule,
}

/// Why a part is in the signing string, and in this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// The operation's instruction, first.
    Instruction,
    /// The instruction of one order of a batch.
    BatchInstruction,
    /// A pair of the query.
    QueryPair,
    /// A pair of the query whose key stands there more than once.
    RepeatedQueryPair,
    /// A body field that holds text.
    TextField,
    /// A body field that holds a number.
    NumberField,
    /// A body field that holds `true` or `false`.
    BooleanField,
    /// A body field that holds `null`.
    NullField,
    /// The time of signing.
    Timestamp,
    /// How long the signature is valid.
    Window,
}

impl Rule {
    /// Whether the part stands in the signing string; only a null field does not.
    #[must_use]
    pub fn is_signed(self) -> bool {
        self != Self::NullField
    }

    /// The rule in one sentence.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Instruction => {
                "names what is permitted; stands first, also when there are no parameters"
            }
            Self::BatchInstruction => "repeated before the fields of each order, in array order",
            Self::QueryPair => "query pair, decoded, sorted bytewise by key",
            Self::RepeatedQueryPair => {
                "repeated query key: each pair is signed, values in the order of the URL"
            }
            Self::TextField => {
                "body text, unescaped, otherwise exactly as sent; sorted bytewise by key"
            }
            Self::NumberField => "body number, digits exactly as sent; sorted bytewise by key",
            Self::BooleanField => {
                "body boolean in lower case, false as well as true; sorted bytewise by key"
            }
            Self::NullField => "null means absent: not in the string",
            Self::Timestamp => "Unix milliseconds, the same text as in X-TIMESTAMP",
            Self::Window => "milliseconds, the same text as in X-WINDOW; stands last",
        }
    }
}

impl Part {
    pub(crate) fn new(text: String, rule: Rule) -> Self {
        Self { text, rule }
    }

    /// Where clients in the field make another part of the same parameter; empty where all agree.
    #[must_use]
    pub fn notes(&self) -> Vec<&'static str> {
        let value = self.text.split_once('=').map_or("", |(_, value)| value);
        let is_parameter = !matches!(
            self.rule,
            Rule::Instruction
                | Rule::BatchInstruction
                | Rule::NullField
                | Rule::Timestamp
                | Rule::Window
        );
        let of_rule = match self.rule {
            Rule::RepeatedQueryPair => Some(
                "the official Rust client signs only the last value, ccxt an encoded list; unproven at the venue, a single value is safe",
            ),
            Rule::NullField => {
                Some("the official Rust client signs null, ccxt and solomeowl's SDK sign None")
            }
            Rule::Window => Some("by default the Go client uses 60000, backbot 10000 or 30000"),
            _ => None,
        };
        let of_text = is_parameter
            .then(|| self.notes_on_text(value))
            .into_iter()
            .flatten();
        of_rule.into_iter().chain(of_text).collect()
    }

    fn notes_on_text(&self, value: &str) -> Vec<&'static str> {
        let key_starts = |start: &&str| self.text.starts_with(*start);
        let is_ordered_by_hand = ["autoBorrow", "autoLend", "slippageTolerance"]
            .iter()
            .any(key_starts);
        let cases = [
            (
                value == "0" || value == "false",
                "bpx-py drops zero and false",
            ),
            (value.contains('%'), "ccxt signs the percent-encoded form"),
            (
                value.contains(['"', '\\']),
                "the official Rust client trims outer quotes and doubles backslashes",
            ),
            (
                value.contains("True") || value.contains("False"),
                "hummingbot turns True and False into lower case anywhere in the string",
            ),
            (
                is_ordered_by_hand,
                "the Go client orders this field by hand, not bytewise",
            ),
        ];
        cases
            .into_iter()
            .filter_map(|(applies, note)| applies.then_some(note))
            .collect()
    }
}

/// Shows the rule and a length: the text holds order data.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("rule", &self.rule)
            .field("text_bytes", &self.text.len())
            .finish()
    }
}
