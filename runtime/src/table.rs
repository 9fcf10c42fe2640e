//! The rows of the generated operation table: what a contract says of an operation, as data.
//!
//! Arguments of a call are one flat JSON object keyed by wire name: query, header and path parameters and the fields
//! of the body together. [`Operation::input_schema`] says the same as [`Operation::arguments`], for readers of JSON
//! Schema.

use crate::SignedOperation;

/// How a decimal argument is written, as a regular expression.
pub const DECIMAL_PATTERN: &str = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$";

/// How long a decimal argument may be: so many characters always fit the 96 bits of a [`Decimal`](crate::Decimal).
pub const DECIMAL_LENGTH_MAX: usize = 28;

/// One operation of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Its name in the contract (`operationId`).
    pub id: &'static str,
    /// HTTP method, in upper case.
    pub method: &'static str,
    /// Path template below the base path.
    pub path: &'static str,
    /// One line about it; may be empty.
    pub summary: &'static str,
    /// What else the contract says about it.
    pub doc: &'static str,
    /// Query, header and path parameters in the document's order, without those of the signature.
    pub params: &'static [Argument],
    /// The request body, which is JSON.
    pub body: Body,
    /// The statuses of success. Empty where the contract names none by number: any of 200 to 299.
    pub success: &'static [u16],
    /// A 202 without a body is documented beside one with a body: accepted, not yet executed.
    pub accepted: bool,
    /// The answer is a page: it comes with the four page headers.
    pub paged: bool,
    /// Another status without a body is documented beside one with a body: there is nothing.
    pub absent: bool,
    /// The statuses of failure that come with a documented body; those given by number only.
    pub errors: &'static [u16],
    /// Whether the operation changes anything, by its method.
    pub effect: Effect,
    /// What its signature is made with; none for a public operation.
    pub signed: Option<&'static SignedOperation>,
    /// JSON Schema 2020-12 of the arguments, self-contained. Nothing undeclared is valid, nor is an enum value that
    /// the contract does not list.
    pub input_schema: &'static str,
    /// JSON Schema 2020-12 of `{"result": …}` around a success, self-contained. It is as open as readers have to be:
    /// members and enum values that the contract does not list are valid, and so is `null` for what may be absent.
    /// Where [`Operation::accepted`] or [`Operation::absent`], the result itself may be `null`.
    pub output_schema: &'static str,
}

impl Operation {
    /// Every argument: the parameters, then the body's fields, or the one argument that is the body.
    pub fn arguments(&self) -> impl Iterator<Item = &'static Argument> {
        let body = match self.body {
            Body::None => &[],
            Body::Object { fields, .. } => fields,
            Body::Array { argument, .. } | Body::Value { argument } => {
                std::slice::from_ref(argument)
            }
        };
        self.params.iter().chain(body)
    }
}

/// A request body, and how arguments become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// There is none.
    None,
    /// An object: each field is an argument by itself.
    Object {
        /// Its fields, sorted by name.
        fields: &'static [Argument],
        /// Its type in `types`.
        type_name: &'static str,
    },
    /// A list of objects, which is one argument.
    Array {
        /// The list.
        argument: &'static Argument,
        /// The fields of each object, sorted by name.
        fields: &'static [Argument],
        /// The type of each object in `types`.
        type_name: &'static str,
    },
    /// Anything else, which is one argument.
    Value {
        /// The whole body.
        argument: &'static Argument,
    },
}

/// One argument of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// Its name on the wire.
    pub name: &'static str,
    /// Where it travels.
    pub location: Location,
    /// Whether a call needs it. One that is not needed is left out; `null` is no value.
    pub required: bool,
    /// What it holds.
    pub kind: Kind,
    /// Further limits: keywords of JSON Schema, each with its value as JSON text.
    pub constraints: &'static [(&'static str, &'static str)],
    /// What the contract says about it; may be empty.
    pub doc: &'static str,
}

impl Argument {
    /// An argument that a call needs.
    pub const fn required(
        name: &'static str,
        location: Location,
        kind: Kind,
        doc: &'static str,
    ) -> Self {
        Self {
            required: true,
            ..Self::optional(name, location, kind, doc)
        }
    }

    /// An argument that a call can do without.
    pub const fn optional(
        name: &'static str,
        location: Location,
        kind: Kind,
        doc: &'static str,
    ) -> Self {
        Self {
            name,
            location,
            required: false,
            kind,
            constraints: &[],
            doc,
        }
    }

    /// The same argument within limits.
    #[must_use]
    pub const fn limited(self, constraints: &'static [(&'static str, &'static str)]) -> Self {
        Self {
            constraints,
            ..self
        }
    }
}

/// Where an argument travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Location {
    Query,
    Header,
    Path,
    Body,
}

/// What an argument holds, as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// A decimal as a string, within [`DECIMAL_PATTERN`] and [`DECIMAL_LENGTH_MAX`].
    Decimal,
    /// A whole number within bounds; none on a side means unbounded.
    Integer {
        /// The least.
        min: Option<i128>,
        /// The greatest.
        max: Option<i128>,
    },
    /// `true` or `false`.
    Boolean,
    /// One string out of a list.
    Enum {
        /// The list.
        values: &'static [&'static str],
        /// Whether the contract promises that no further value will come. None is accepted from callers either way.
        closed: bool,
    },
    /// A list.
    Many(&'static Kind),
    /// What only [`Operation::input_schema`] describes.
    Json,
}

/// What an operation does to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing (GET, HEAD, OPTIONS: RFC 9110, 9.2.1).
    Reads,
    /// Something, perhaps; it must not be sent twice.
    Changes,
}

impl Effect {
    /// Whether the operation only reads.
    #[must_use]
    pub fn only_reads(self) -> bool {
        self == Self::Reads
    }
}
