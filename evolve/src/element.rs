//! The named parts of a contract that a change can be about.

use bpx_contract::model::Location;

/// A part of a contract, by the names that both documents use.
///
/// Reports show [`Change::subject`](crate::Change::subject); an element says the same to a program that wants to act
/// on the change, such as [`import`](fn@crate::import::import).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Element {
    /// An operation: its existence, id, method, path, signing and page headers.
    Operation(String),
    /// A parameter of an operation.
    Parameter {
        /// The operation's id.
        operation: String,
        /// The parameter's name.
        name: String,
        /// Where the parameter is sent.
        location: Location,
    },
    /// The request body of an operation.
    RequestBody(String),
    /// One status of an operation.
    Response {
        /// The operation's id.
        operation: String,
        /// The status as the document spells it.
        status: String,
    },
    /// The body that all successes of an operation share.
    SuccessBody(String),
    /// The body that all failures of an operation share.
    ErrorBody(String),
    /// A type: its existence, its kind, the values of an enum, the variants of a union.
    Type(String),
    /// A property of an object type.
    Field {
        /// The type.
        ty: String,
        /// The property.
        name: String,
    },
}
