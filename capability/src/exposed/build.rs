//! Joins a capability with the API whose operations it calls.

use std::sync::Arc;

use bpx_contract::api::Operation;
use bpx_contract::prose::flowed;
use bpx_contract::{Api, Diagnostics};

use super::{Bound, Exposed, Hints, McpServer, RestServer, Route, Tool};
use crate::{Capability, Joined, Read, Shaped, join, model, skill};

impl Exposed {
    /// Joins a capability with the API whose operations it calls.
    ///
    /// # Errors
    /// A called operation that the API does not have, or a declared input that the operation does not have.
    pub fn of(read: &Read, api: &Api) -> Result<Self, Diagnostics> {
        let capability = &read.capability;
        let joined = join(capability, api)?;
        let this = Joining {
            capability,
            joined: &joined,
        };
        let mut exposed = Self {
            title: capability.title.clone(),
            description: flowed(&capability.description),
            rest: capability.rest.iter().map(|it| this.rest(it)).collect(),
            mcp: capability.mcp.iter().map(|it| this.mcp(it)).collect(),
            services: joined.services.clone(),
            skill: None,
            warnings: [&read.warnings[..], &joined.warnings].concat(),
        };
        exposed.skill = skill::of(&exposed);
        Ok(exposed)
    }
}

/// A capability whose calls have all been found in the API.
struct Joining<'a> {
    capability: &'a Capability,
    joined: &'a Joined,
}

impl Joining<'_> {
    fn operation(&self, call: &model::Call) -> Option<Arc<Operation>> {
        self.joined.operation(call).cloned()
    }

    fn bound(
        &self,
        operation: &Operation,
        call: &model::Call,
        (given, inputs): (&[model::Given], &[model::Input]),
        output: Option<&Shaped>,
        path: &str,
    ) -> Option<Bound> {
        let apis = self.capability.consumes.iter();
        let apis = apis.filter(|api| api.namespace == call.namespace);
        let mut operations = apis.flat_map(|api| &api.operations);
        let consumed = operations.find(|it| it.name == call.operation);
        let fixed = consumed.map_or(&[][..], |it| &it.fixed);
        let given = [fixed, given].concat();
        Bound::of(operation, (&given, inputs), output, path)
    }

    fn rest(&self, server: &model::Rest) -> RestServer {
        RestServer {
            namespace: server.namespace.clone(),
            description: flowed(&server.description),
            address: server.address.clone(),
            port: server.port,
            routes: server
                .routes
                .iter()
                .filter_map(|it| self.route(it))
                .collect(),
        }
    }

    fn route(&self, route: &model::Route) -> Option<Arc<Route>> {
        let operation = self.operation(&route.call)?;
        let path = route.path.replace("{{", "{").replace("}}", "}");
        let given = (&route.given[..], &route.inputs[..]);
        let output = route.output.as_ref();
        Some(Arc::new(Route {
            name: route.name.clone(),
            description: flowed(&route.description),
            method: route.method.as_str(),
            bound: self.bound(&operation, &route.call, given, output, &path),
            path,
            operation,
        }))
    }

    fn mcp(&self, server: &model::Mcp) -> McpServer {
        McpServer {
            namespace: server.namespace.clone(),
            instructions: flowed(&server.description),
            address: server.address.clone(),
            port: server.port,
            tools: server.tools.iter().filter_map(|it| self.tool(it)).collect(),
        }
    }

    fn tool(&self, tool: &model::Tool) -> Option<Arc<Tool>> {
        let operation = self.operation(&tool.call)?;
        let title = tool.title.clone().unwrap_or_default();
        let given = (&tool.given[..], &tool.inputs[..]);
        Some(Arc::new(Tool {
            name: tool.name.clone(),
            title: match title.is_empty() {
                true => operation.summary.clone(),
                false => title,
            },
            description: flowed(&tool.description),
            hints: hints(tool, &operation),
            bound: self.bound(&operation, &tool.call, given, tool.output.as_ref(), ""),
            operation,
        }))
    }
}

/// The hints of the capability file; where one is missing, it follows from the operation's effect.
fn hints(tool: &model::Tool, operation: &Operation) -> Hints {
    let reads = operation.effect.only_reads();
    let given = tool.hints;
    Hints {
        read_only: given.read_only.unwrap_or(reads),
        destructive: given.destructive.unwrap_or(!reads),
        idempotent: given.idempotent.unwrap_or(reads),
        open_world: given.open_world.unwrap_or(true),
    }
}
