//! `skills/NAME/`: the capability as an Agent Skill, from the rows that the servers have.
//!
//! `SKILL.md` is what a model reads when it takes up the skill; the arguments of every tool stand in a reference, which
//! it reads when it needs them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bpx_capability::{Mcp, Tool};
use bpx_contract::model::{Kind, Model, Operation, Shape, StringFormat};
use heck::ToKebabCase as _;

use super::arguments::{Argument, Arguments, Body};
use super::capability::{Exposed, hints, path, title};
use super::docs::{code, one_line};
use super::prose::flowed;
use crate::format::Header;

/// The longest name and description that the specification allows.
const NAME_LENGTH_MAX: usize = 64;
const DESCRIPTION_LENGTH_MAX: usize = 1024;
const SKILL: &str = "SKILL.md";
const TOOLS: &str = "references/tools.md";
const ROUTES: &str = "references/rest.md";

/// The files of the skill, by path inside the crate. A capability without tools gives none.
pub(super) fn files(
    exposed: Exposed<'_>,
    model: &Model,
    header: &Header,
) -> BTreeMap<String, String> {
    let Some(name) = name(exposed) else {
        return BTreeMap::new();
    };
    let skill = Skill { exposed, model };
    let front = format!(
        "---\nname: {name}\ndescription: {}\n---\n\n",
        serde_json::Value::from(description(exposed))
    );
    let mut files = BTreeMap::new();
    let mut file = |path: &str, text: String| files.insert(format!("skills/{name}/{path}"), text);
    file(SKILL, front + &header.markdown(&skill.body()));
    file(TOOLS, header.markdown(&skill.tools()));
    if exposed.routes().next().is_some() {
        file(ROUTES, header.markdown(&skill.routes()));
    }
    files
}

/// The skill's files by their paths inside its folder, `SKILL.md` first.
pub(super) fn paths(exposed: Exposed<'_>) -> Vec<&'static str> {
    let routes = exposed.routes().next().map(|_| ROUTES);
    [SKILL, TOOLS].into_iter().chain(routes).collect()
}

/// The capability's name as the specification wants it; none where there is no skill.
pub(super) fn name(exposed: Exposed<'_>) -> Option<String> {
    exposed.tools().next()?;
    let title = &exposed.capability.title;
    let ascii: String = title
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    let name: String = ascii
        .to_kebab_case()
        .chars()
        .take(NAME_LENGTH_MAX)
        .collect();
    let name = name.trim_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}

/// The capability's description as one line without angle brackets, which some readers refuse.
pub(super) fn description(exposed: Exposed<'_>) -> String {
    let text = one_line(&exposed.capability.description).replace(['<', '>'], "");
    text.chars().take(DESCRIPTION_LENGTH_MAX).collect()
}

struct Skill<'a> {
    exposed: Exposed<'a>,
    model: &'a Model,
}

impl Skill<'_> {
    fn body(&self) -> String {
        let capability = self.exposed.capability;
        let mut text = format!(
            "# {}\n\n{}\n",
            one_line(&capability.title),
            flowed(&capability.description)
        );
        text.push_str("\n## Before the first call\n\n");
        for server in &capability.mcp {
            let _ = writeln!(text, "- {}", reached(server));
        }
        if self.exposed.routes().next().is_some() {
            let ports = capability.rest.iter().map(|server| server.port.to_string());
            let ports = ports.collect::<Vec<_>>().join(", ");
            let _ = writeln!(
                text,
                "- Without an MCP client, the same operations are REST routes on port {ports}: see [{ROUTES}]({ROUTES})."
            );
        }
        text.push_str(
            "- If no server answers, say so and stop. Never send such requests to the exchange yourself.\n",
        );
        text.push_str("\n## How to work\n");
        for server in &capability.mcp {
            let _ = write!(text, "\n{}\n", flowed(&server.description));
        }
        text.push_str("\n## Tools\n\n| tool | does | needs | effect |\n|---|---|---|---|\n");
        for tool in self.exposed.tools() {
            if let Some((_, operation)) = self.exposed.operation(&tool.call, self.model) {
                text.push_str(&self.row(tool, operation));
            }
        }
        let _ = write!(
            text,
            "\nWhat else each takes, what comes back and what can go wrong stands in [{TOOLS}]({TOOLS}). Read a tool's \
             part there before you call it for the first time.\n"
        );
        text
    }

    fn row(&self, tool: &Tool, operation: &Operation) -> String {
        let arguments = Arguments::of(operation, self.model);
        let needed = arguments.all().filter(|argument| argument.required);
        let needed: Vec<_> = needed.map(|argument| code(argument.name)).collect();
        let needed = if needed.is_empty() {
            "nothing".to_owned()
        } else {
            needed.join(", ")
        };
        let [_, _, idempotent, _] = hints(tool, operation);
        let effect = match (operation.method.is_safe(), idempotent) {
            (true, _) => "reads",
            (false, true) => "changes; twice does no harm",
            (false, false) => "changes; never twice",
        };
        let does = cell(&title(tool, operation));
        format!("| {} | {does} | {needed} | {effect} |\n", code(&tool.name))
    }

    fn tools(&self) -> String {
        let mut text = "# Tools\n\nArguments are one flat object. Those without a mark are optional: leave them out rather \
             than give `null`. Results are `{\"result\": …}`.\n"
            .to_owned();
        for tool in self.exposed.tools() {
            if let Some((_, operation)) = self.exposed.operation(&tool.call, self.model) {
                let _ = write!(
                    text,
                    "\n## {}\n\n{}\n",
                    code(&tool.name),
                    flowed(&tool.description)
                );
                self.arguments(&mut text, operation);
                self.answers(&mut text, operation);
            }
        }
        text
    }

    fn arguments(&self, text: &mut String, operation: &Operation) {
        let arguments = Arguments::of(operation, self.model);
        text.push_str("\n| argument | holds | meaning |\n|---|---|---|\n");
        for argument in arguments.all() {
            text.push_str(&self.argument(argument));
        }
        match &arguments.body {
            Body::Object(object) if !object.doc.is_empty() => {
                let _ = write!(text, "\n{}\n", flowed(object.doc));
            }
            Body::Array(argument, object) => {
                let name = code(argument.name);
                let same = self.same(object.name, operation);
                let _ = write!(text, "\nEach of {name} is an object");
                if let Some(tool) = same {
                    let _ = writeln!(text, " with the arguments of {}.", code(tool));
                } else {
                    text.push_str(":\n\n| member | holds | meaning |\n|---|---|---|\n");
                    for field in &object.fields {
                        text.push_str(&self.argument(field));
                    }
                }
            }
            _ => {}
        }
    }

    /// Another tool whose arguments are the fields of the same object.
    fn same(&self, object: &str, this: &Operation) -> Option<&str> {
        self.exposed.tools().find_map(|tool| {
            let (_, other) = self.exposed.operation(&tool.call, self.model)?;
            let named = match Arguments::of(other, self.model).body {
                Body::Object(found) => found.name == object,
                _ => false,
            };
            (named && other.place != this.place).then_some(tool.name.as_str())
        })
    }

    fn argument(&self, argument: &Argument<'_>) -> String {
        let mark = if argument.required { " (needed)" } else { "" };
        let doc = cell(&argument.doc);
        let holds = self.holds(argument.shape, argument.bounds);
        format!("| {}{mark} | {holds} | {doc} |\n", code(argument.name))
    }

    /// What an argument holds, for somebody who writes JSON.
    fn holds(&self, shape: &Shape, bounds: Option<(i128, i128)>) -> String {
        match shape {
            Shape::Boolean => "`true` or `false`".to_owned(),
            Shape::Integer(format) => {
                let (min, max) = bounds.unwrap_or_else(|| format.bounds());
                match (min, max) {
                    (0, ..) if max >= i64::MAX.into() => "whole number from 0".to_owned(),
                    _ if max >= i64::MAX.into() => "whole number".to_owned(),
                    _ => format!("whole number from {min} to {max}"),
                }
            }
            Shape::Number => "number".to_owned(),
            Shape::String(StringFormat::Decimal) => "decimal in a string".to_owned(),
            Shape::String(_) => "text".to_owned(),
            Shape::Array(item) => format!("list of: {}", self.holds(item, None)),
            Shape::Named(name) => match self.model.types.get(name).map(|def| &def.kind) {
                Some(Kind::Enum(listed)) => {
                    let values: Vec<_> = listed.values.iter().map(|value| code(value)).collect();
                    values.join(", ").replace('|', "\\|")
                }
                _ => "object".to_owned(),
            },
            Shape::Map(_) => "object".to_owned(),
            Shape::Any => "any JSON".to_owned(),
        }
    }

    fn answers(&self, text: &mut String, operation: &Operation) {
        text.push_str("\n| status | meaning |\n|---|---|\n");
        for (status, doc) in &operation.success.statuses {
            let _ = writeln!(text, "| {status} | {} |", cell(doc));
        }
        for failure in &operation.errors {
            let _ = writeln!(text, "| {} | {} |", failure.status, cell(&failure.doc));
        }
    }

    fn routes(&self) -> String {
        let mut text = "# REST routes\n\nParameters go into the query or the headers, everything else is the JSON body. \
             Arguments and answers are those of the tool beside it.\n"
            .to_owned();
        for server in &self.exposed.capability.rest {
            let _ = write!(
                text,
                "\n## Port {}\n\n| route | tool | does |\n|---|---|---|\n",
                server.port
            );
            for route in &server.routes {
                let request = code(&format!("{} {}", route.method.as_str(), path(&route.path)));
                let mut tools = self.exposed.tools();
                let tool = tools.find(|tool| tool.call == route.call);
                let tool = tool.map(|tool| code(&tool.name)).unwrap_or_default();
                let _ = writeln!(
                    text,
                    "| {request} | {tool} | {} |",
                    cell(&route.description)
                );
            }
        }
        text
    }
}

fn reached(server: &Mcp) -> String {
    let name = code(&server.namespace);
    match server.port {
        Some(port) => {
            format!(
                "The tools are those of the MCP server {name}, by default on port {port} of this computer."
            )
        }
        None => {
            format!("The tools are those of the MCP server {name}, over standard input and output.")
        }
    }
}

/// A text inside a table.
fn cell(text: &str) -> String {
    one_line(&flowed(text)).replace('|', "\\|")
}
