//! The tools of the capability as MCP describes them.

use std::sync::Arc;

use bpx_capability::Exposed;
use bpx_capability::exposed::Tool;
use rmcp::model::ToolAnnotations;
use serde_json::Value;

use super::list::Shape;
use super::{portable, schema};
use crate::caller::Scope;

/// Every tool, in the order of the capability file.
#[derive(Debug)]
pub(super) struct Tools {
    tools: Vec<Entry>,
}

/// A tool, as MCP describes it, and what it does with lists.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) tool: Arc<Tool>,
    pub(super) described: rmcp::model::Tool,
    pub(super) shape: Shape,
}

impl Tools {
    pub(super) fn new(exposed: &Exposed) -> Self {
        let tools: Vec<_> = exposed.tools().collect();
        let names = portable::names(tools.iter().map(|tool| &tool.name));
        let entry = |tool: &Arc<Tool>| {
            let shape = Shape::of_tool(tool.interface());
            let name = names.get(&tool.name).unwrap_or(&tool.name);
            Entry {
                described: describe(tool, name, &shape),
                tool: Arc::clone(tool),
                shape,
            }
        };
        Self {
            tools: tools.into_iter().map(entry).collect(),
        }
    }

    /// The tools that a caller of this scope may call.
    pub(super) fn described(&self, scope: Scope) -> impl Iterator<Item = &rmcp::model::Tool> {
        let allowed = self.tools.iter();
        let allowed = allowed.filter(move |it| scope.allows(&it.tool.operation));
        allowed.map(|it| &it.described)
    }

    pub(super) fn find(&self, name: &str) -> Option<&Entry> {
        self.tools.iter().find(|it| it.described.name == name)
    }

    /// All names, separated by commas.
    pub(super) fn names(&self) -> String {
        let names: Vec<_> = self.tools.iter().map(|it| &*it.described.name).collect();
        names.join(", ")
    }
}

fn describe(tool: &Tool, name: &str, shape: &Shape) -> rmcp::model::Tool {
    let hints = tool.hints;
    let annotations = ToolAnnotations::with_title(&tool.title)
        .read_only(hints.read_only)
        .destructive(hints.destructive)
        .idempotent(hints.idempotent)
        .open_world(hints.open_world);
    let mut input = schema::input(tool.interface().input_schema());
    if let Some(Value::Object(properties)) = input.get_mut("properties") {
        let added = shape.arguments.iter().cloned();
        properties.extend(added.map(|(name, schema)| (name.to_owned(), schema)));
    }
    let input = Arc::new(input);
    let output = schema::output(tool.interface().output_schema());
    rmcp::model::Tool::new(name.to_owned(), tool.description.clone(), input)
        .with_title(&tool.title)
        .with_raw_output_schema(Arc::new(output.as_object().cloned().unwrap_or_default()))
        .with_annotations(annotations)
}
