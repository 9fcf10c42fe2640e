//! The capability file: what of an API becomes a REST route, what an MCP tool, and under which name.
//!
//! [`read`] takes a Naftiko file of 1.0.0-alpha2 (`naftiko:`, lists) as well as the later key style (`ikanos:`,
//! `display`, maps keyed by name, `flows`) into one model, [`Capability`]; [`join`] finds each operation it calls in
//! the OpenAPI documents, by method and path. What a route or a tool takes and gives back comes from those; the file can
//! rename an argument, give it a constant, and choose parts of the response. Parts of other files are imported.
//!
//! What the declared version of the format forbids is no fault: it is accepted with a [`Warning`] that names the place,
//! the rule, and how it is read. [`strict`] turns warnings into faults. Faults are what has no reading: a call of
//! something that is not there, a name that is taken, a variable that no bind declares, a construct that would have to
//! be run (`steps`).
//!
//! Secrets stay apart: `{{namespace.VARIABLE}}` is a [`Template`], which only this reader makes, and which a
//! [`Resolver`] fills from its lookup alone. It takes no arguments of a call, and what it has filled in is never read
//! again.
//!
//! ```
//! use bpx_capability::{self as capability, Rule};
//! use bpx_contract::{Api, Document};
//!
//! let openapi = Document::parse("market.yaml", br#"
//! openapi: 3.0.3
//! info: {title: Market, version: '1'}
//! paths:
//!   /depth: {get: {operationId: getDepth, responses: {'200': {description: The book.}}}}
//! "#)?;
//! let file = Document::parse("market.capability.yaml", br#"
//! naftiko: 1.0.0-alpha2
//! info: {label: Market, description: The book of one market.}
//! binds: [{namespace: env, keys: {MARKET_KEY: MARKET_KEY}}]
//! capability:
//!   consumes:
//!   - type: http
//!     namespace: market
//!     baseUri: https://api.example.com
//!     resources: [{name: depth, path: /depth, operations: [{name: get-depth, method: GET}]}]
//!     authentication: {type: apikey, key: X-Key, value: '{{env.MARKET_KEY}}'}
//!   exposes:
//!   - type: mcp
//!     namespace: market-mcp
//!     port: 9090
//!     transport: http
//!     tools:
//!     - name: depth
//!       description: Read the book.
//!       call: market.get-depth
//!       outputParameters: [{type: object, mapping: $.}]
//! "#)?;
//! let read = capability::read(&file)?;
//! let joined = capability::join(&read.capability, &Api::from_document(openapi)?)?;
//! let server = read.capability.mcp.first().ok_or("no server")?;
//! let tool = server.tools.first().ok_or("no tool")?;
//! assert_eq!(joined.operation(&tool.call).map(|it| it.id.as_str()), Some("getDepth"));
//! // The format wants `properties` here; read is what was meant.
//! let rules: Vec<_> = read.warnings.iter().map(|warning| warning.rule).collect();
//! assert_eq!(rules, [Rule::OutputWithoutShape]);
//!
//! let key = read.capability.consumes.first().and_then(|api| api.authentication.as_ref());
//! let value = key.and_then(|key| key.values.first()).ok_or("no key")?;
//! let resolver = capability::Resolver::new(&read.capability.binds, |name| (name == "MARKET_KEY").then(|| "k".to_owned()));
//! assert_eq!(resolver.fill(value)?.expose(), "k");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
