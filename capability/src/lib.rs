#![doc = include_str!("../README.md")]

mod consumes;
pub mod exposed;
mod exposes;
mod given;
mod imports;
mod join;
mod keys;
mod model;
mod outputs;
mod reader;
mod resolve;
mod scope;
mod service;
mod shaped;
mod skill;
mod template;
mod units;
mod warning;

use bpx_contract::{Cursor, Diagnostic, Diagnostics, Document};

pub use self::exposed::Exposed;
pub use self::join::{Joined, join};
pub use self::model::{
    Authentication, Bind, Call, Capability, Consumed, ConsumedOperation, Given, Hints, Input, Mcp,
    Placement, Rest, Route, Scheme, Source, Tool, Transport,
};
pub use self::resolve::{Resolver, Secret, Unresolved};
pub use self::service::{Access, Service};
pub use self::shaped::Shaped;
pub use self::template::Template;
pub use self::warning::{Rule, Warning, grouped};

use self::imports::Library;
use self::reader::Reader;

/// A capability file as read.
#[derive(Debug, Clone)]
pub struct Read {
    /// What it says.
    pub capability: Capability,
    /// What its declared version of the format forbids, or what reads otherwise than its author may think, by place.
    pub warnings: Vec<Warning>,
}

impl Read {
    /// The capability, if there was nothing to warn of.
    ///
    /// # Errors
    /// Every warning as a fault.
    pub fn strict(self) -> Result<Capability, Diagnostics> {
        strict(&self.warnings).map(|()| self.capability)
    }
}

/// Takes warnings for faults.
///
/// # Errors
/// Every warning, if there is one.
pub fn strict(warnings: &[Warning]) -> Result<(), Diagnostics> {
    Diagnostics::or(warnings.iter().map(Diagnostic::from).collect(), ())
}

/// Reads a capability file.
///
/// # Errors
/// Everything in it that has no reading, all at once.
pub fn read(document: &Document) -> Result<Read, Diagnostics> {
    let root = Cursor::root(document);
    let library = Library::of(document);
    let mut reader = Reader::new(&root, &library)?;
    let capability = reader.capability(&root);
    reader.finish(capability)
}
