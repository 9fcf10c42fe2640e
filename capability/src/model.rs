//! What a capability file says, in whichever style it was written.

use std::collections::BTreeMap;

use super::shaped::Shaped;
use super::template::Template;
use bpx_contract::Place;
use bpx_contract::model::Method;
use serde_json::Value;

/// A capability: APIs that are consumed, and servers that expose their operations.
#[derive(Debug, Clone, PartialEq)]
pub struct Capability {
    /// Version of the format it declares.
    pub version: String,
    /// Its name, for people (`label` or `display`).
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Where variables come from.
    pub binds: Vec<Bind>,
    /// The APIs behind it.
    pub consumes: Vec<Consumed>,
    /// REST servers.
    pub rest: Vec<Rest>,
    /// MCP servers.
    pub mcp: Vec<Mcp>,
}

/// Variables from the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// The first word of a reference: `{{namespace.VARIABLE}}`.
    pub namespace: String,
    /// What it is for.
    pub description: String,
    /// Variable in templates, and its name in the environment.
    pub keys: BTreeMap<String, String>,
    /// Where it is declared.
    pub place: Place,
}

/// A consumed HTTP API.
#[derive(Debug, Clone, PartialEq)]
pub struct Consumed {
    /// The first word of a call.
    pub namespace: String,
    /// What it is.
    pub description: String,
    /// Base of every path.
    pub base_uri: Template,
    /// How requests are authenticated.
    pub authentication: Option<Authentication>,
    /// What goes into the header or query of every request: name, place and value.
    pub sent: Vec<(String, Placement, Template)>,
    /// Its operations.
    pub operations: Vec<ConsumedOperation>,
    /// Where it is declared.
    pub place: Place,
}

/// One operation of a consumed API.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsumedOperation {
    /// The second word of a call.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Method of the request.
    pub method: Method,
    /// Path below the base.
    pub path: String,
    /// The inputs it declares, the body among them.
    pub inputs: Vec<Input>,
    /// The inputs that have a value of their own.
    pub fixed: Vec<Given>,
    /// Where it is declared.
    pub place: Place,
}

/// What is given to one input of a called operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The input.
    pub name: String,
    /// What it gets.
    pub source: Source,
    /// Where that is said.
    pub place: Place,
}

/// Where the value of an input comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// The caller's argument of this name.
    Argument(String),
    /// The caller's body.
    Body,
    /// The file.
    Constant(Value),
}

/// A declared input of an operation, a route or a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// Where it travels (`in`), if that is said.
    pub location: Option<String>,
    /// Its JSON type, if that is said.
    pub kind: Option<String>,
    /// Whether a call needs it, if that is said.
    pub required: Option<bool>,
    /// What it holds; may be empty.
    pub description: String,
    /// Where it is declared.
    pub place: Place,
}

impl Input {
    /// Whether this is the request body.
    pub fn is_body(&self) -> bool {
        match &self.location {
            Some(location) => location == "body",
            None => self.name == "body",
        }
    }
}

/// How requests to an API are authenticated.
#[derive(Debug, Clone, PartialEq)]
pub struct Authentication {
    /// In which way.
    pub scheme: Scheme,
    /// With what: the key, the token, or user and password.
    pub values: Vec<Template>,
    /// Where it is declared.
    pub place: Place,
}

/// A way of authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scheme {
    /// A named key.
    ApiKey {
        /// Its name.
        key: String,
        /// Where it travels.
        placement: Placement,
    },
    /// User and password.
    Basic,
    /// A token.
    Bearer,
}

/// Where an API key travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Placement {
    Header,
    Query,
}

/// `namespace.operation` of a consumed API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The consumed API.
    pub namespace: String,
    /// Its operation.
    pub operation: String,
}

/// A REST server.
#[derive(Debug, Clone, PartialEq)]
pub struct Rest {
    /// Its name.
    pub namespace: String,
    /// What it is for.
    pub description: String,
    /// The address to listen on; none means this computer only.
    pub address: Option<String>,
    /// The port to listen on.
    pub port: u16,
    /// Its routes, in the order of the file.
    pub routes: Vec<Route>,
}

/// One route of a REST server.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Method of the request.
    pub method: Method,
    /// Path of the request.
    pub path: String,
    /// The inputs it declares; what it takes is the contract's affair.
    pub inputs: Vec<Input>,
    /// What it calls.
    pub call: Call,
    /// What it gives to the operation, beside what callers give by the operation's own names.
    pub given: Vec<Given>,
    /// The part of a response that callers get; `None` for all of it.
    pub output: Option<Shaped>,
    /// Where it is declared.
    pub place: Place,
}

/// An MCP server.
#[derive(Debug, Clone, PartialEq)]
pub struct Mcp {
    /// Its name.
    pub namespace: String,
    /// The instructions it gives to clients.
    pub description: String,
    /// How it is reached.
    pub transport: Transport,
    /// The address to listen on; none means this computer only.
    pub address: Option<String>,
    /// The port to listen on; none over standard input and output.
    pub port: Option<u16>,
    /// Its tools, in the order of the file.
    pub tools: Vec<Tool>,
}

/// How an MCP server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Streamable HTTP.
    Http,
    /// Standard input and output.
    Stdio,
}

/// One tool of an MCP server.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub title: Option<String>,
    /// What it does and when to use it, for a model.
    pub description: String,
    /// What it may do, for a client.
    pub hints: Hints,
    /// The inputs it declares; what it takes is the contract's affair.
    pub inputs: Vec<Input>,
    /// What it calls.
    pub call: Call,
    /// What it gives to the operation, beside what callers give by the operation's own names.
    pub given: Vec<Given>,
    /// The part of a response that callers get; `None` for all of it.
    pub output: Option<Shaped>,
    /// Where it is declared.
    pub place: Place,
}

/// What a tool may do. What is not said stays unsaid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints {
    /// It changes nothing.
    pub read_only: Option<bool>,
    /// What it changes may be lost.
    pub destructive: Option<bool>,
    /// Once more with the same arguments changes nothing more.
    pub idempotent: Option<bool>,
    /// It reaches beyond this computer.
    pub open_world: Option<bool>,
}
