//! Neutral names under which operations and parameters are shown to progenitor.
//!
//! Progenitor makes Rust names of what it reads, by rules of its own, and steps aside from its own local
//! names. It is given names that need neither, and what it writes is renamed afterwards.

use bpx_contract::model::{Location, Operation, Param};

/// The operation at this position of the model.
pub(super) fn operation_id(index: usize) -> String {
    format!("op{index}")
}

/// What progenitor calls that operation's builder.
pub(super) fn builder(index: usize) -> String {
    format!("Op{index}")
}

/// Every parameter with its stand-in. Progenitor sorts by name, so their order is that of the names on the wire.
pub(super) fn params(operation: &Operation) -> Vec<(String, &Param)> {
    let mut params: Vec<_> = operation.params.iter().collect();
    params.sort_by_key(|param| (&param.name, param.location));
    let numbered = params.into_iter().enumerate();
    numbered
        .map(|(index, param)| (format!("p{index:04}"), param))
        .collect()
}

/// The path template over stand-ins.
pub(super) fn path(operation: &Operation) -> String {
    let mut path = operation.path.clone();
    for (stand_in, param) in params(operation) {
        if param.location == Location::Path {
            path = path.replace(&format!("{{{}}}", param.name), &format!("{{{stand_in}}}"));
        }
    }
    path
}
