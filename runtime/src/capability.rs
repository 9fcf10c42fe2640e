//! What a capability exposes, as generated rows: REST routes and MCP tools, each over one operation of the table, and
//! the skill that teaches their use.

use crate::table::{Effect, Operation};

/// A REST server of the capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestServer {
    /// Its name.
    pub namespace: &'static str,
    /// What it is for; may be empty.
    pub description: &'static str,
    /// The address to listen on; none means this computer only.
    pub address: Option<&'static str>,
    /// The port to listen on, unless somebody says otherwise.
    pub port: u16,
    /// Its routes, in the order of the capability file.
    pub routes: &'static [Route],
}

/// One route of a REST server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// Its name.
    pub name: &'static str,
    /// What it does; may be empty.
    pub description: &'static str,
    /// HTTP method, in upper case.
    pub method: &'static str,
    /// Path template.
    pub path: &'static str,
    /// What it calls.
    pub operation: &'static Operation,
}

/// An MCP server of the capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct McpServer {
    /// Its name.
    pub namespace: &'static str,
    /// What it tells every client at the start; may be empty.
    pub instructions: &'static str,
    /// The address to listen on; none means this computer only.
    pub address: Option<&'static str>,
    /// The port to listen on, unless somebody says otherwise; none means standard input and output.
    pub port: Option<u16>,
    /// Its tools, in the order of the capability file.
    pub tools: &'static [Tool],
}

/// One tool of an MCP server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it does and when to use it, for a model.
    pub description: &'static str,
    /// What it may do, for a client.
    pub hints: Hints,
    /// What it calls.
    pub operation: &'static Operation,
}

/// What a tool may do, for a client to advise its user by. What must not happen is prevented elsewhere, by
/// [`Operation::effect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hints {
    /// It changes nothing.
    pub read_only: bool,
    /// What it changes may be lost.
    pub destructive: bool,
    /// Once more with the same arguments changes nothing more.
    pub idempotent: bool,
    /// It reaches beyond this computer.
    pub open_world: bool,
}

impl Hints {
    /// Whether a hint makes the tool look more harmless than its operation is.
    #[must_use]
    pub fn belittle(self, effect: Effect) -> bool {
        !effect.only_reads() && (self.read_only || !self.destructive)
    }
}

/// The capability as an Agent Skill: a folder of texts that teach a model its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skill {
    /// Its name, which is its folder's.
    pub name: &'static str,
    /// What it is for and when to use it, as its front matter says.
    pub description: &'static str,
    /// Its files; the first is `SKILL.md`.
    pub files: &'static [SkillFile],
}

/// One file of a skill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkillFile {
    /// Its path inside the skill's folder.
    pub path: &'static str,
    /// What it says, in Markdown.
    pub text: &'static str,
}

/// A variable of the capability, and where its value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// The namespace that binds it.
    pub namespace: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its name in the environment.
    pub key: &'static str,
}
