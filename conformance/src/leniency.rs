//! What a document declares of values that it does not document.

use bpx_contract::oracle::takes_undeclared_null;
use serde_json::Value;

/// Extension at the root of a document: `error` makes a property that nothing documents a fault.
const UNDOCUMENTED_PROPERTY: &str = "x-undocumented-property";

/// What a document declares of values that it does not document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leniency {
    /// An undeclared `null` in a property that is not required is taken as absence.
    pub(crate) takes_null: bool,
    /// A property that nothing documents is a fault.
    pub(crate) is_strict: bool,
}

impl Leniency {
    /// As the document declares it at its root.
    pub(crate) fn of(document: &Value) -> Self {
        let property = document.get(UNDOCUMENTED_PROPERTY).and_then(Value::as_str);
        Self {
            takes_null: takes_undeclared_null(document),
            is_strict: property == Some("error"),
        }
    }
}
