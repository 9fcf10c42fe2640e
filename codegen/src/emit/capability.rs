//! `capability.rs`: servers with their routes and tools, each over a row of the operation table.

use bpx_capability::{Call, Capability, Joined, Mcp, Rest, Route, Tool};
use bpx_contract::Names;
use bpx_contract::model::{Model, Operation};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::docs::clean_line;
use super::prose::flowed;
use super::skill;

/// A capability, and the operations it calls.
#[derive(Clone, Copy)]
pub(crate) struct Exposed<'a> {
    pub(crate) capability: &'a Capability,
    pub(crate) joined: &'a Joined,
}

impl<'a> Exposed<'a> {
    /// The operation of a call; joining has found every one that is called.
    pub(super) fn operation<'m>(
        self,
        call: &Call,
        model: &'m Model,
    ) -> Option<(&'m str, &'m Operation)> {
        let id = self.joined.operation(call)?;
        let (id, operation) = model.operations.get_key_value(id)?;
        Some((id, operation))
    }

    pub(super) fn routes(self) -> impl Iterator<Item = &'a Route> {
        self.capability
            .rest
            .iter()
            .flat_map(|server| &server.routes)
    }

    pub(super) fn tools(self) -> impl Iterator<Item = &'a Tool> {
        self.capability.mcp.iter().flat_map(|server| &server.tools)
    }
}

pub(super) fn emit(exposed: Exposed<'_>, model: &Model, names: &Names) -> TokenStream {
    let this = Emit {
        exposed,
        model,
        names,
    };
    let capability = exposed.capability;
    let docs = format!(
        " What is exposed of the API: {}.",
        clean_line(&capability.title)
    );
    let (title, description) = (&capability.title, flowed(&capability.description));
    let rest = capability.rest.iter().map(|server| this.rest(server));
    let mcp = capability.mcp.iter().map(|server| this.mcp(server));
    let skill = this.skill();
    let variables = capability.binds.iter().flat_map(|bind| {
        let namespace = &bind.namespace;
        bind.keys.iter().map(
            move |(name, key)| quote!(Variable { namespace: #namespace, name: #name, key: #key }),
        )
    });
    quote! {
        #![doc = #docs]
        #[allow(unused_imports, reason = "which of these a capability needs is its own affair")]
        use bpx_runtime::capability::{
            Hints, McpServer, RestServer, Route, Skill, SkillFile, Tool, Variable,
        };
        #[allow(unused_imports, reason = "a capability may expose nothing")]
        use crate::table;

        /// Its name, for people.
        pub const TITLE: &str = #title;

        /// What it is for.
        pub const DESCRIPTION: &str = #description;

        /// REST servers with their routes.
        pub const REST: &[RestServer] = &[#(#rest),*];

        /// MCP servers with their tools.
        pub const MCP: &[McpServer] = &[#(#mcp),*];

        /// The skill that teaches the use of the tools, with the texts of its files.
        pub const SKILLS: &[Skill] = &[#skill];

        /// Variables, and where their values come from.
        pub const VARIABLES: &[Variable] = &[#(#variables),*];
    }
}

struct Emit<'a> {
    exposed: Exposed<'a>,
    model: &'a Model,
    names: &'a Names,
}

impl Emit<'_> {
    fn rest(&self, server: &Rest) -> TokenStream {
        let (namespace, description) = (&server.namespace, flowed(&server.description));
        let (address, port) = (address(server.address.as_ref()), number(server.port));
        let routes = server.routes.iter().filter_map(|route| self.route(route));
        quote! {
            RestServer {
                namespace: #namespace,
                description: #description,
                address: #address,
                port: #port,
                routes: &[#(#routes),*],
            }
        }
    }

    fn route(&self, route: &Route) -> Option<TokenStream> {
        let (row, _) = self.row(&route.call)?;
        let (name, description) = (&route.name, flowed(&route.description));
        let (method, path) = (route.method.as_str(), path(&route.path));
        Some(quote! {
            Route {
                name: #name,
                description: #description,
                method: #method,
                path: #path,
                operation: &table::#row,
            }
        })
    }

    fn mcp(&self, server: &Mcp) -> TokenStream {
        let (namespace, instructions) = (&server.namespace, flowed(&server.description));
        let address = address(server.address.as_ref());
        let port = match server.port.map(number) {
            Some(port) => quote!(Some(#port)),
            None => quote!(None),
        };
        let tools = server.tools.iter().filter_map(|tool| self.tool(tool));
        quote! {
            McpServer {
                namespace: #namespace,
                instructions: #instructions,
                address: #address,
                port: #port,
                tools: &[#(#tools),*],
            }
        }
    }

    fn tool(&self, tool: &Tool) -> Option<TokenStream> {
        let (row, operation) = self.row(&tool.call)?;
        let (name, description) = (&tool.name, flowed(&tool.description));
        let title = title(tool, operation);
        let [read_only, destructive, idempotent, open_world] = hints(tool, operation);
        Some(quote! {
            Tool {
                name: #name,
                title: #title,
                description: #description,
                hints: Hints {
                    read_only: #read_only,
                    destructive: #destructive,
                    idempotent: #idempotent,
                    open_world: #open_world,
                },
                operation: &table::#row,
            }
        })
    }

    fn skill(&self) -> Option<TokenStream> {
        let name = skill::name(self.exposed)?;
        let description = skill::description(self.exposed);
        let files = skill::paths(self.exposed).into_iter().map(|path| {
            let from_here = format!("../skills/{name}/{path}");
            quote!(SkillFile { path: #path, text: include_str!(#from_here) })
        });
        Some(quote! {
            Skill {
                name: #name,
                description: #description,
                files: &[#(#files),*],
            }
        })
    }

    fn row(&self, call: &Call) -> Option<(Ident, &Operation)> {
        let (id, operation) = self.exposed.operation(call, self.model)?;
        Some((format_ident!("{}", self.names.constant(id)), operation))
    }
}

/// A tool's name for people, or else what the contract says of its operation.
pub(super) fn title(tool: &Tool, operation: &Operation) -> String {
    let title = tool.title.clone().unwrap_or_default();
    if title.is_empty() {
        flowed(&operation.summary)
    } else {
        title
    }
}

/// All four hints: as given, or as the operation is.
pub(super) fn hints(tool: &Tool, operation: &Operation) -> [bool; 4] {
    let safe = operation.method.is_safe();
    let hints = tool.hints;
    [
        hints.read_only.unwrap_or(safe),
        hints.destructive.unwrap_or(!safe),
        hints.idempotent.unwrap_or(safe),
        hints.open_world.unwrap_or(true),
    ]
}

/// A template's parameters in one pair of braces.
pub(super) fn path(path: &str) -> String {
    path.replace("{{", "{").replace("}}", "}")
}

fn address(address: Option<&String>) -> TokenStream {
    match address {
        Some(address) => quote!(Some(#address)),
        None => quote!(None),
    }
}

fn number(port: u16) -> Literal {
    Literal::u16_unsuffixed(port)
}
