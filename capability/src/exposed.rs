//! What a capability exposes of an API: servers with their routes and tools, each over one operation, and the skill.

mod build;
mod interface;

use std::sync::Arc;

use bpx_contract::api::Operation;

use super::{Service, Warning};

pub use self::interface::{Bound, Interface};

/// What a capability exposes of an API.
#[derive(Debug, Clone)]
pub struct Exposed {
    /// Its name, for people.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// REST servers with their routes.
    pub rest: Vec<RestServer>,
    /// MCP servers with their tools.
    pub mcp: Vec<McpServer>,
    /// The consumed APIs behind them.
    pub services: Vec<Service>,
    /// The skill that teaches the use of the tools; none without tools.
    pub skill: Option<Skill>,
    /// What the declared version of the format forbids, and where the file says less than the API's document.
    pub warnings: Vec<Warning>,
}

/// A REST server.
#[derive(Debug, Clone)]
pub struct RestServer {
    /// Its name.
    pub namespace: String,
    /// What it is for; may be empty.
    pub description: String,
    /// The address to listen on; none means this computer only.
    pub address: Option<String>,
    /// The port to listen on, unless the operator gives another.
    pub port: u16,
    /// Its routes, in the order of the capability file.
    pub routes: Vec<Arc<Route>>,
}

/// One route of a REST server.
#[derive(Debug)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// What it does; may be empty.
    pub description: String,
    /// HTTP method, in upper case.
    pub method: &'static str,
    /// Path template, with parameters in one pair of braces.
    pub path: String,
    /// What it calls.
    pub operation: Arc<Operation>,
    /// What callers give and get, where it is not what the operation has.
    pub bound: Option<Bound>,
}

impl Route {
    /// What callers give and get.
    #[must_use]
    pub fn interface(&self) -> Interface<'_> {
        Interface::new(&self.operation, self.bound.as_ref())
    }
}

/// An MCP server.
#[derive(Debug, Clone)]
pub struct McpServer {
    /// Its name.
    pub namespace: String,
    /// The instructions that every client gets at the start; may be empty.
    pub instructions: String,
    /// The address to listen on; none means this computer only.
    pub address: Option<String>,
    /// The port to listen on, unless the operator gives another; none means standard input and output.
    pub port: Option<u16>,
    /// Its tools, in the order of the capability file.
    pub tools: Vec<Arc<Tool>>,
}

/// One tool of an MCP server.
#[derive(Debug)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// What it does and when to use it, for a model.
    pub description: String,
    /// What it may do, for a client.
    pub hints: Hints,
    /// What it calls.
    pub operation: Arc<Operation>,
    /// What callers give and get, where it is not what the operation has.
    pub bound: Option<Bound>,
}

impl Tool {
    /// What callers give and get.
    #[must_use]
    pub fn interface(&self) -> Interface<'_> {
        Interface::new(&self.operation, self.bound.as_ref())
    }
}

/// What a tool may do, for a client to advise its user by. What must not happen is prevented elsewhere, by
/// [`Operation::effect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hints {
    /// It changes nothing.
    pub read_only: bool,
    /// What it changes may be lost.
    pub destructive: bool,
    /// Calling it again with the same arguments changes nothing more.
    pub idempotent: bool,
    /// It reaches beyond this computer.
    pub open_world: bool,
}

/// The capability as an Agent Skill: a folder of texts that teach a model its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skill {
    /// Its name, which is its folder's.
    pub name: String,
    /// What it is for and when to use it, as its front matter says.
    pub description: String,
    /// Its files; the first is `SKILL.md`.
    pub files: Vec<SkillFile>,
}

/// One file of a skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkillFile {
    /// Its path inside the skill's folder.
    pub path: &'static str,
    /// Its front matter, with the lines that begin and end it; empty where it has none.
    pub front: String,
    /// Its text after the front matter, in Markdown.
    pub body: String,
}

impl SkillFile {
    /// The whole file.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", self.front, self.body)
    }
}

impl Exposed {
    /// Every route of every REST server.
    pub fn routes(&self) -> impl Iterator<Item = &Arc<Route>> {
        self.rest.iter().flat_map(|server| &server.routes)
    }

    /// Every operation that a route or a tool calls; some more than once.
    pub fn operations(&self) -> impl Iterator<Item = &Arc<Operation>> {
        let routes = self.routes().map(|route| &route.operation);
        routes.chain(self.tools().map(|tool| &tool.operation))
    }

    /// Adds the routes and tools of another capability. Title, description and skill stay.
    pub fn extend(&mut self, more: Self) {
        self.rest.extend(more.rest);
        self.mcp.extend(more.mcp);
        self.services.extend(more.services);
    }

    /// Every tool of every MCP server.
    pub fn tools(&self) -> impl Iterator<Item = &Arc<Tool>> {
        self.mcp.iter().flat_map(|server| &server.tools)
    }
}
