//! The exposed side: REST servers with routes, MCP servers with tools.

use std::collections::BTreeSet;

use super::given::Server;
use super::imports::Item;
use super::keys;
use super::model::{Consumed, Mcp, Rest, Route, Tool, Transport};
use super::reader::Reader;
use super::scope::Scope;
use super::warning::Rule;
use bpx_contract::Cursor;

impl<'l> Reader<'l> {
    pub(super) fn exposes<'a>(
        &mut self,
        levels: &[Cursor<'a>],
        consumes: &[Consumed],
    ) -> (Vec<Rest>, Vec<Mcp>)
    where
        'l: 'a,
    {
        let sections = levels
            .iter()
            .flat_map(|level| self.section(level, "exposes"));
        let items: Vec<_> = sections.collect();
        let names = items.iter().map(|item| {
            let own = item.at.str("namespace").map(str::to_owned);
            item.name.clone().or(own).unwrap_or_default()
        });
        let scope = Scope {
            consumes,
            servers: names.collect(),
            functions: self.functions(levels),
        };
        let (mut rest, mut mcp) = (Vec::new(), Vec::new());
        let mut taken = BTreeSet::new();
        for item in items {
            let at = item.at.clone();
            match self.needed(&at, "type", "a server").as_deref() {
                Some("rest") => rest.extend(self.rest(&item, &scope, &mut taken)),
                Some("mcp") => mcp.extend(self.mcp(&item, &scope, &mut taken)),
                Some(other @ ("skill" | "control")) => {
                    let problem = format!("a server of type `{other}`");
                    let reading =
                        "as not there: the skill is generated, and health is always served";
                    self.warn(&at, Rule::Server, problem, reading);
                }
                Some(other) => {
                    let problem = format!("there is no server of type `{other}`");
                    self.fault(&at, problem, "use `rest` or `mcp`");
                }
                None => {}
            }
        }
        (rest, mcp)
    }

    fn rest(
        &mut self,
        item: &Item<'_>,
        scope: &Scope<'_>,
        taken: &mut BTreeSet<String>,
    ) -> Option<Rest> {
        let at = &item.at;
        self.keys(at, &keys::REST);
        self.caller_authentication(at);
        let namespace = self.namespace(item, "a REST server")?;
        self.unique(at, &namespace, "server", taken);
        let mut routes = Vec::new();
        let (mut resources, mut names) = (BTreeSet::new(), BTreeSet::new());
        for (name, resource) in self.named(at, "resources") {
            self.keys(&resource, &keys::RESOURCE);
            if !name.is_empty() {
                self.unique(&resource, &name, "resource", &mut resources);
            }
            if let Some(forward) = resource.get("forward") {
                let fix = "list its operations, each with a `call`";
                self.fault(&forward, "requests are not forwarded unread", fix);
            }
            let path = self.needed(&resource, "path", "a resource");
            for (name, operation) in self.named(&resource, "operations") {
                self.unique(&operation, &name, "operation", &mut names);
                routes.extend(self.route(&operation, name, path.clone(), &namespace, scope));
            }
        }
        self.no_route_twice(at, &routes);
        Some(Rest {
            namespace,
            description: self.text_or_empty(at, "description"),
            address: self.text(at, "address"),
            port: self.port(at)?,
            routes,
        })
    }

    fn no_route_twice(&mut self, at: &Cursor<'_>, routes: &[Route]) {
        let mut taken = BTreeSet::new();
        for route in routes {
            if !taken.insert((route.method, &route.path)) {
                let (method, path) = (route.method.as_str(), &route.path);
                let problem = format!("two operations answer to `{method} {path}`");
                self.fault(at, problem, "give one of the two another path or method");
            }
        }
    }

    fn route(
        &mut self,
        at: &Cursor<'_>,
        name: String,
        path: Option<String>,
        namespace: &str,
        scope: &Scope<'_>,
    ) -> Option<Route> {
        self.keys(at, &keys::ROUTE);
        let inputs = self.inputs(at, &keys::ROUTE_INPUT);
        let unit = self.unit(
            at,
            Server {
                namespace,
                alias: "rest",
            },
            inputs,
            scope,
        )?;
        Some(Route {
            name,
            description: unit.description,
            method: self.method(at)?,
            path: path?,
            inputs: unit.inputs,
            call: unit.call,
            given: unit.given,
            output: unit.output,
            place: at.place(),
        })
    }

    fn mcp(
        &mut self,
        item: &Item<'_>,
        scope: &Scope<'_>,
        taken: &mut BTreeSet<String>,
    ) -> Option<Mcp> {
        let at = &item.at;
        self.keys(at, &keys::MCP);
        self.caller_authentication(at);
        let namespace = self.namespace(item, "an MCP server")?;
        self.unique(at, &namespace, "server", taken);
        for key in ["resources", "prompts"] {
            if let Some(extra) = at.get(key) {
                let problem = format!("`{key}` of an MCP server");
                let reading =
                    "as not there: the server offers the contract's schemas and the skill";
                self.warn(&extra, Rule::Server, problem, reading);
            }
        }
        let transport = match self.text(at, "transport").as_deref() {
            None | Some("http") => Transport::Http,
            Some("stdio") => Transport::Stdio,
            Some(other) => {
                let problem = format!("there is no transport `{other}`");
                self.fault(at, problem, "use `http` or `stdio`");
                return None;
            }
        };
        let mut tools = Vec::new();
        let mut names = BTreeSet::new();
        for (name, tool) in self.named(at, "tools") {
            self.unique(&tool, &name, "tool", &mut names);
            tools.extend(self.tool(&tool, name, &namespace, scope));
        }
        let port = match transport {
            Transport::Http => Some(self.port(at)?),
            Transport::Stdio => None,
        };
        Some(Mcp {
            namespace,
            description: self.text_or_empty(at, "description"),
            transport,
            address: self.text(at, "address"),
            port,
            tools,
        })
    }

    fn tool(
        &mut self,
        at: &Cursor<'_>,
        name: String,
        namespace: &str,
        scope: &Scope<'_>,
    ) -> Option<Tool> {
        self.keys(at, &keys::TOOL);
        let inputs = self.inputs(at, &keys::TOOL_INPUT);
        let title = self.text(at, "label");
        let title = title.or_else(|| self.text(at, "display"));
        let unit = self.unit(
            at,
            Server {
                namespace,
                alias: "tools",
            },
            inputs,
            scope,
        )?;
        if unit.description.is_empty() {
            let fix = "say what it does and when to use it";
            self.fault(at, format!("the tool `{name}` has no description"), fix);
        }
        let hints = self.hints(at, unit.hints, &unit.call, scope);
        Some(Tool {
            name,
            title,
            description: unit.description,
            hints,
            inputs: unit.inputs,
            call: unit.call,
            given: unit.given,
            output: unit.output,
            place: at.place(),
        })
    }

    fn port(&mut self, at: &Cursor<'_>) -> Option<u16> {
        let port = at.get("port").and_then(|port| port.value.as_u64());
        let port = port.and_then(|port| u16::try_from(port).ok());
        let port = port.filter(|port| *port > 0);
        if port.is_none() {
            self.fault(
                at,
                "a server has no port",
                "give it a `port` from 1 to 65535",
            );
        }
        port
    }

    fn caller_authentication(&mut self, at: &Cursor<'_>) {
        if let Some(found) = at.get("authentication") {
            let problem = "callers are to be authenticated in a way of their own";
            let reading = "as not there: callers show one of the gateway's tokens";
            self.warn(&found, Rule::CallerAuthentication, problem, reading);
        }
    }
}
