//! The capability as an Agent Skill, from its servers.
//!
//! `SKILL.md` is what a model reads when it takes up the skill; the arguments of every tool stand in a reference, which
//! it reads when it needs them.

use std::fmt::Write as _;

use bpx_contract::api::{Argument, Body, Kind, Operation};
use bpx_contract::model::Shape;
use bpx_contract::prose::{code, flowed, one_line};
use heck::ToKebabCase as _;

use super::exposed::{Exposed, McpServer, Skill, SkillFile, Tool};

/// The longest name and description that the specification allows.
const NAME_LENGTH_MAX: usize = 64;
const DESCRIPTION_LENGTH_MAX: usize = 1024;
const SKILL: &str = "SKILL.md";
const TOOLS: &str = "references/tools.md";
const ROUTES: &str = "references/rest.md";

/// The skill; none without tools, or where the capability's title gives no name.
pub(super) fn of(exposed: &Exposed) -> Option<Skill> {
    exposed.tools().next()?;
    let name = name(&exposed.title)?;
    let description = description(&exposed.description);
    let front = format!(
        "---\nname: {name}\ndescription: {}\n---\n\n",
        serde_json::Value::from(description.as_str())
    );
    let texts = Texts { exposed };
    let file = |path, front, body| SkillFile { path, front, body };
    let mut files = vec![
        file(SKILL, front, texts.body()),
        file(TOOLS, String::new(), texts.tools()),
    ];
    if exposed.routes().next().is_some() {
        files.push(file(ROUTES, String::new(), texts.routes()));
    }
    Some(Skill {
        name,
        description,
        files,
    })
}

/// The capability's name as the specification wants it.
fn name(title: &str) -> Option<String> {
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

/// One line without angle brackets, which some readers refuse.
fn description(text: &str) -> String {
    let text = one_line(text).replace(['<', '>'], "");
    text.chars().take(DESCRIPTION_LENGTH_MAX).collect()
}

struct Texts<'a> {
    exposed: &'a Exposed,
}

impl Texts<'_> {
    fn body(&self) -> String {
        let capability = self.exposed;
        let mut text = format!(
            "# {}\n\n{}\n",
            one_line(&capability.title),
            capability.description
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
            let _ = write!(text, "\n{}\n", server.instructions);
        }
        text.push_str("\n## Tools\n\n| tool | does | needs | effect |\n|---|---|---|---|\n");
        for tool in self.exposed.tools() {
            text.push_str(&row(tool));
        }
        let _ = write!(
            text,
            "\nWhat else each takes, what comes back and what can go wrong stands in [{TOOLS}]({TOOLS}). Read a tool's \
             part there before you call it for the first time.\n"
        );
        text
    }

    fn tools(&self) -> String {
        let mut text = "# Tools\n\nArguments are one flat object. Those without a mark are optional: leave them out rather \
             than give `null`. Results are `{\"result\": …}`.\n"
            .to_owned();
        for tool in self.exposed.tools() {
            let _ = write!(text, "\n## {}\n\n{}\n", code(&tool.name), tool.description);
            self.arguments(&mut text, tool);
            responses(&mut text, &tool.operation);
        }
        text
    }

    fn arguments(&self, text: &mut String, tool: &Tool) {
        let operation = &tool.operation;
        text.push_str("\n| argument | holds | meaning |\n|---|---|---|\n");
        for argument in tool.interface().arguments() {
            text.push_str(&described(argument));
        }
        match &operation.body {
            Body::Object { doc, .. } if !doc.is_empty() => {
                let _ = write!(text, "\n{doc}\n");
            }
            Body::Array {
                argument,
                fields,
                component,
                ..
            } => {
                let _ = write!(text, "\nEach of {} is an object", code(&argument.name));
                if let Some(tool) = self.same(component, operation) {
                    let _ = writeln!(text, " with the arguments of {}.", code(tool));
                } else {
                    text.push_str(":\n\n| member | holds | meaning |\n|---|---|---|\n");
                    for field in fields {
                        text.push_str(&described(field));
                    }
                }
            }
            _ => {}
        }
    }

    /// Another tool whose arguments are the fields of the same object.
    fn same(&self, object: &str, this: &Operation) -> Option<&str> {
        let mut tools = self.exposed.tools();
        let same = tools.find(|tool| match &tool.operation.body {
            Body::Object { component, .. } => component == object && tool.operation.id != this.id,
            _ => false,
        });
        same.map(|tool| tool.name.as_str())
    }

    fn routes(&self) -> String {
        let mut text = "# REST routes\n\nParameters go into the query or the headers, everything else is the JSON body. \
             Arguments and answers are those of the tool beside it.\n"
            .to_owned();
        for server in &self.exposed.rest {
            let _ = write!(
                text,
                "\n## Port {}\n\n| route | tool | does |\n|---|---|---|\n",
                server.port
            );
            for route in &server.routes {
                let request = code(&format!("{} {}", route.method, route.path));
                let mut tools = self.exposed.tools();
                let tool = tools.find(|tool| tool.operation.id == route.operation.id);
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

fn row(tool: &Tool) -> String {
    let operation = &tool.operation;
    let arguments = tool.interface().arguments().into_iter();
    let needed = arguments.filter(|argument| argument.required);
    let needed: Vec<_> = needed.map(|argument| code(&argument.name)).collect();
    let needed = match needed.is_empty() {
        true => "nothing".to_owned(),
        false => needed.join(", "),
    };
    let effect = match (operation.effect.only_reads(), tool.hints.idempotent) {
        (true, _) => "reads",
        (false, true) => "changes; twice does no harm",
        (false, false) => "changes; never twice",
    };
    let does = cell(&tool.title);
    format!("| {} | {does} | {needed} | {effect} |\n", code(&tool.name))
}

fn described(argument: &Argument) -> String {
    let mark = if argument.required { " (needed)" } else { "" };
    let doc = cell(&argument.doc);
    let holds = holds(&argument.kind, &argument.shape);
    format!("| {}{mark} | {holds} | {doc} |\n", code(&argument.name))
}

/// What an argument holds, for somebody who writes JSON.
fn holds(kind: &Kind, shape: &Shape) -> String {
    match (kind, shape) {
        (Kind::Boolean, _) => "`true` or `false`".to_owned(),
        (Kind::Integer { min, max }, _) => match (*min, *max) {
            (0, max) if max >= i64::MAX.into() => "whole number from 0".to_owned(),
            (_, max) if max >= i64::MAX.into() => "whole number".to_owned(),
            (min, max) => format!("whole number from {min} to {max}"),
        },
        (Kind::Decimal, _) => "decimal in a string".to_owned(),
        (Kind::Text, _) | (Kind::Json, Shape::String(_)) => "text".to_owned(),
        (Kind::Many(item), Shape::Array(of)) => format!("list of: {}", holds(item, of)),
        (Kind::Enum { values, .. }, _) => {
            let values: Vec<_> = values.iter().map(|value| code(value)).collect();
            values.join(", ").replace('|', "\\|")
        }
        (_, Shape::Number) => "number".to_owned(),
        (_, Shape::Any) => "any JSON".to_owned(),
        _ => "object".to_owned(),
    }
}

fn responses(text: &mut String, operation: &Operation) {
    text.push_str("\n| status | meaning |\n|---|---|\n");
    let Some(described) = operation.described() else {
        return;
    };
    for (status, doc) in &described.success.statuses {
        let _ = writeln!(text, "| {status} | {} |", cell(doc));
    }
    for failure in &described.errors {
        let _ = writeln!(text, "| {} | {} |", failure.status, cell(&failure.doc));
    }
}

fn reached(server: &McpServer) -> String {
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
