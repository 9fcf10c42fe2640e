//! The tools of the capability as MCP describes them.

use std::sync::Arc;

use bpx_capability::Exposed;
use bpx_capability::exposed::Tool;
use rmcp::model::ToolAnnotations;

use super::{portable, schema};
use crate::caller::Scope;

/// Every tool with its description, in the order of the capability file.
#[derive(Debug)]
pub(super) struct Tools {
    tools: Vec<(Arc<Tool>, rmcp::model::Tool)>,
}

impl Tools {
    pub(super) fn new(exposed: &Exposed) -> Self {
        let tools: Vec<_> = exposed.tools().collect();
        let names = portable::names(tools.iter().map(|tool| &tool.name));
        let described = |tool: &Tool| describe(tool, names.get(&tool.name).unwrap_or(&tool.name));
        let tools = tools.into_iter();
        Self {
            tools: tools.map(|it| (Arc::clone(it), described(it))).collect(),
        }
    }

    /// The tools that a caller of this scope may call.
    pub(super) fn described(&self, scope: Scope) -> impl Iterator<Item = &rmcp::model::Tool> {
        let allowed = self.tools.iter();
        let allowed = allowed.filter(move |(tool, _)| scope.allows(&tool.operation));
        allowed.map(|(_, described)| described)
    }

    pub(super) fn find(&self, name: &str) -> Option<&(Arc<Tool>, rmcp::model::Tool)> {
        self.tools
            .iter()
            .find(|(_, described)| described.name == name)
    }

    /// All names, separated by commas.
    pub(super) fn names(&self) -> String {
        let names: Vec<_> = self.tools.iter().map(|(_, it)| &*it.name).collect();
        names.join(", ")
    }
}

fn describe(tool: &Tool, name: &str) -> rmcp::model::Tool {
    let hints = tool.hints;
    let annotations = ToolAnnotations::with_title(&tool.title)
        .read_only(hints.read_only)
        .destructive(hints.destructive)
        .idempotent(hints.idempotent)
        .open_world(hints.open_world);
    let input = Arc::new(schema::input(tool.operation.input_schema()));
    let output = schema::output(tool.operation.output_schema());
    rmcp::model::Tool::new(name.to_owned(), tool.description.clone(), input)
        .with_title(&tool.title)
        .with_raw_output_schema(Arc::new(output.as_object().cloned().unwrap_or_default()))
        .with_annotations(annotations)
}
