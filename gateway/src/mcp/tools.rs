//! The tools: rows of the capability, as MCP describes them.

use std::sync::Arc;

use bpx_client::capability::MCP;
use bpx_runtime::capability::Tool;
use rmcp::model::{JsonObject, ToolAnnotations};

/// Every tool with its description, in the order of the capability file.
#[derive(Debug)]
pub(super) struct Tools {
    rows: Vec<(&'static Tool, rmcp::model::Tool)>,
}

impl Tools {
    pub(super) fn new() -> Self {
        let tools = MCP.iter().flat_map(|server| server.tools);
        Self {
            rows: tools.map(|tool| (tool, describe(tool))).collect(),
        }
    }

    pub(super) fn described(&self) -> impl Iterator<Item = &rmcp::model::Tool> {
        self.rows.iter().map(|(_, described)| described)
    }

    pub(super) fn find(&self, name: &str) -> Option<&(&'static Tool, rmcp::model::Tool)> {
        self.rows.iter().find(|(tool, _)| tool.name == name)
    }

    /// All names, for who does not know them.
    pub(super) fn names(&self) -> String {
        let names: Vec<_> = self.rows.iter().map(|(tool, _)| tool.name).collect();
        names.join(", ")
    }
}

fn describe(tool: &'static Tool) -> rmcp::model::Tool {
    let hints = tool.hints;
    let annotations = ToolAnnotations::with_title(tool.title)
        .read_only(hints.read_only)
        .destructive(hints.destructive)
        .idempotent(hints.idempotent)
        .open_world(hints.open_world);
    let input = schema(tool.operation.input_schema);
    rmcp::model::Tool::new(tool.name, tool.description, input)
        .with_title(tool.title)
        .with_raw_output_schema(schema(tool.operation.output_schema))
        .with_annotations(annotations)
}

/// The generator writes nothing but objects; `tests/mcp` compares each with its row.
pub(super) fn schema(text: &str) -> Arc<JsonObject> {
    Arc::new(serde_json::from_str(text).unwrap_or_default())
}
