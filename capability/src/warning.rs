//! What is read although the declared version of the format forbids it, and what reads otherwise than it looks.

use std::fmt;

use bpx_contract::{Diagnostic, Place};

/// A part of a capability file that deserves a second look, and how it is read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// Where it is.
    pub place: Place,
    /// What it goes against.
    pub rule: Rule,
    /// What is there, in one sentence.
    pub problem: String,
    /// How it is read.
    pub reading: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "warning: {} [{}]\n   at: {}\n   as: {}",
            self.problem,
            self.rule.id(),
            self.place,
            self.reading
        )
    }
}

impl From<&Warning> for Diagnostic {
    fn from(warning: &Warning) -> Self {
        let problem = format!("{} [{}]", warning.problem, warning.rule.id());
        Self::new(warning.place.clone(), problem, warning.rule.fix())
    }
}

/// The warnings, one for each cause: the first, and how often it occurs.
#[must_use]
pub fn grouped(warnings: &[Warning]) -> Vec<(&Warning, usize)> {
    let mut groups: Vec<(&Warning, usize)> = Vec::new();
    for warning in warnings {
        let alike = |(first, _): &&mut (&Warning, usize)| {
            (first.rule, &first.reading) == (warning.rule, &warning.reading)
        };
        match groups.iter_mut().find(alike) {
            Some((_, count)) => *count += 1,
            None => groups.push((warning, 1)),
        }
    }
    groups
}

/// The rules behind warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The format's version is one this reader was not written for.
    Version,
    /// The declared version has no such key here, or has it under another name.
    Key,
    /// The declared version wants a list, or a map keyed by name.
    Style,
    /// A name has characters that the format forbids.
    Name,
    /// An exposed output is an object without `properties`, or a list without `items`.
    OutputWithoutShape,
    /// `with` refers to something that the format does not know.
    Reference,
    /// An input `in: body` sends no body in the format's own engine.
    BodyInput,
    /// An operation declares none of its inputs.
    Inputs,
    /// An input is declared with another type than the contract gives it.
    InputType,
    /// A bound variable is used nowhere.
    UnusedVariable,
    /// A key stands where the API wants a signature.
    Signature,
    /// A hint makes a tool look more harmless than it is.
    Hint,
    /// Callers are to be authenticated in a way that is not ours.
    CallerAuthentication,
    /// A server that is not made from the capability file.
    Server,
}

/// Each rule with its identifier, and what to change so that it holds.
const RULES: [(Rule, &str, &str); 14] = [
    (Rule::Version, "version", "declare `naftiko: 1.0.0-alpha2`"),
    (
        Rule::Key,
        "key",
        "remove the key, or write it as the declared version does",
    ),
    (
        Rule::Style,
        "style",
        "write lists in 1.0.0-alpha2, and maps keyed by name later",
    ),
    (
        Rule::Name,
        "name",
        "use letters, digits and hyphens, and SCREAMING_SNAKE_CASE for variables",
    ),
    (
        Rule::OutputWithoutShape,
        "output-without-shape",
        "remove the output parameters: the contract describes the answer",
    ),
    (
        Rule::Reference,
        "reference",
        "declare the input, and refer to it as `<namespace of the server>.<input>`",
    ),
    (
        Rule::BodyInput,
        "body-input",
        "write `body: '{{body}}'` at the operation instead",
    ),
    (Rule::Inputs, "inputs", "declare the operation's inputs"),
    (
        Rule::InputType,
        "input-type",
        "declare the type that the contract has",
    ),
    (
        Rule::UnusedVariable,
        "unused-variable",
        "remove the variable, or use it",
    ),
    (
        Rule::Signature,
        "signature",
        "nothing to change: the format has no word for a signature",
    ),
    (
        Rule::Hint,
        "hint",
        "say `readOnly: false` and `destructive: true`",
    ),
    (
        Rule::CallerAuthentication,
        "caller-authentication",
        "remove it: callers show one of the gateway's tokens",
    ),
    (Rule::Server, "server", "remove it"),
];

impl Rule {
    /// Its stable identifier.
    pub fn id(self) -> &'static str {
        self.row().0
    }

    /// What to change so that it holds.
    pub fn fix(self) -> &'static str {
        self.row().1
    }

    fn row(self) -> (&'static str, &'static str) {
        let mut rows = RULES.iter();
        rows.find(|(rule, ..)| *rule == self)
            .map_or(("", ""), |(_, id, fix)| (id, fix))
    }
}
