//! The tools of the capability as MCP describes them.

use std::sync::Arc;

use bpx_capability::Exposed;
use bpx_capability::exposed::Tool;
use rmcp::model::{JsonObject, ToolAnnotations};
use serde_json::Value;

use super::portable;
use crate::caller::Scope;

/// Every tool with its description, in the order of the capability file.
#[derive(Debug)]
pub(super) struct Tools {
    tools: Vec<(Arc<Tool>, rmcp::model::Tool)>,
}

impl Tools {
    pub(super) fn new(exposed: &Exposed) -> Self {
        let tools = exposed.tools();
        Self {
            tools: tools.map(|it| (Arc::clone(it), describe(it))).collect(),
        }
    }

    /// The tools that a caller of this scope may call.
    pub(super) fn described(&self, scope: Scope) -> impl Iterator<Item = &rmcp::model::Tool> {
        let allowed = self.tools.iter();
        let allowed = allowed.filter(move |(tool, _)| scope.allows(&tool.operation));
        allowed.map(|(_, described)| described)
    }

    pub(super) fn find(&self, name: &str) -> Option<&(Arc<Tool>, rmcp::model::Tool)> {
        self.tools.iter().find(|(tool, _)| tool.name == name)
    }

    /// All names, separated by commas.
    pub(super) fn names(&self) -> String {
        let names: Vec<_> = self.tools.iter().map(|(it, _)| it.name.as_str()).collect();
        names.join(", ")
    }
}

fn describe(tool: &Tool) -> rmcp::model::Tool {
    let hints = tool.hints;
    let annotations = ToolAnnotations::with_title(&tool.title)
        .read_only(hints.read_only)
        .destructive(hints.destructive)
        .idempotent(hints.idempotent)
        .open_world(hints.open_world);
    let input = object(tool.operation.input_schema());
    rmcp::model::Tool::new(tool.name.clone(), tool.description.clone(), input)
        .with_title(&tool.title)
        .with_raw_output_schema(object(tool.operation.output_schema()))
        .with_annotations(annotations)
}

fn object(schema: &Value) -> Arc<JsonObject> {
    let schema = portable::schema(schema);
    Arc::new(schema.as_object().cloned().unwrap_or_default())
}
