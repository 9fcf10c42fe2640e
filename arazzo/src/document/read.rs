//! Root, workflows and steps.

use std::collections::BTreeSet;
use std::time::Duration;

use bpx_contract::pointer::unescape;
use serde_json::Value;

use super::parts::Merged;
use super::reader::{Reader, extensions};
use super::{
    Description, SourceDescription, SourceKind, Step, Target, Workflow, WorkflowRef, structure,
};
use crate::expression::Rules;
use crate::near::name_one_of;
use crate::{Expression, Piece, Root, Template, Version};
use bpx_contract::Cursor;
use bpx_contract::{Diagnostics, Document};

/// So many workflows a document, and steps a workflow, may have: far more than anybody writes.
pub(crate) const WORKFLOWS_MAX: usize = 500;
pub(crate) const STEPS_MAX: usize = 1000;

/// Reads a document.
///
/// # Errors
/// Everything that is wrong with its form; once that is right, everything that is wrong with its texts.
pub(crate) fn read(document: &Document) -> Result<Description, Diagnostics> {
    let root = Cursor::root(document);
    let version = version(&root)?;
    Diagnostics::or(structure::check(&root, version), ())?;
    let mut reader = Reader {
        root: root.clone(),
        rules: Rules::of(version),
        faults: Vec::new(),
        warnings: Vec::new(),
        notes: Vec::new(),
    };
    reader.self_uri(&root);
    reader.foreign(&root, "the document");
    let info = root.get("info").unwrap_or_else(|| root.clone());
    let doc = [info.text("description"), info.text("summary")];
    let description = Description {
        version,
        self_uri: root.str("$self").map(str::to_owned),
        title: info.text("title"),
        doc: doc
            .into_iter()
            .find(|it| !it.is_empty())
            .unwrap_or_default(),
        sources: reader.sources(&root),
        workflows: reader.workflows(&root),
        extensions: extensions(&root),
        warnings: std::mem::take(&mut reader.warnings),
        notes: std::mem::take(&mut reader.notes),
    };
    Diagnostics::or(reader.faults, description)
}

fn version(root: &Cursor<'_>) -> Result<Version, Diagnostics> {
    let text = root.str("arazzo").unwrap_or_default();
    let of = |minor: &str| {
        text.strip_prefix(minor)
            .is_some_and(|patch| !patch.is_empty() && patch.bytes().all(|it| it.is_ascii_digit()))
    };
    if of("1.0.") {
        return Ok(Version::V1_0);
    }
    if of("1.1.") {
        return Ok(Version::V1_1);
    }
    let problem = if text.is_empty() {
        "this is not an Arazzo document: its `arazzo` field states no version".to_owned()
    } else {
        format!("Arazzo {text} is not supported")
    };
    let at = root.get("arazzo").unwrap_or_else(|| root.clone());
    Err(Diagnostics(vec![
        at.fault(problem, "write `arazzo: 1.0.1`, or `1.1.0`"),
    ]))
}

impl<'a> Reader<'a> {
    /// The identity of a document is that of the whole document (1.1.0, `$self`).
    fn self_uri(&mut self, root: &Cursor<'_>) {
        if let Some(at) = root.get("$self")
            && at.value.as_str().is_some_and(|it| it.contains('#'))
        {
            let fix = "remove `#` and what follows it";
            self.fault(&at, "`$self` has a fragment", fix);
        }
    }

    /// An id that expressions can name, and that stands only once.
    fn id(&mut self, at: &Cursor<'_>, key: &str, taken: &mut BTreeSet<String>) -> String {
        let Some(at) = at.get(key) else {
            return String::new();
        };
        let id = at.value.as_str().unwrap_or_default().to_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if id.is_empty() || !id.chars().all(plain) {
            let fix = "use ASCII letters, digits, `_` and `-`";
            self.fault(&at, format!("no expression can name the {key} `{id}`"), fix);
        } else if !taken.insert(id.clone()) {
            self.fault(
                &at,
                format!("the {key} `{id}` is used twice"),
                "rename one of the two",
            );
        }
        id
    }

    fn sources(&mut self, root: &Cursor<'a>) -> Vec<SourceDescription> {
        let mut taken = BTreeSet::new();
        let items = root.items("sourceDescriptions");
        items
            .iter()
            .map(|at| SourceDescription {
                name: self.id(at, "name", &mut taken),
                url: at.text("url"),
                kind: self.source_kind(at),
                extensions: extensions(at),
                place: at.place(),
            })
            .collect()
    }

    fn source_kind(&mut self, at: &Cursor<'_>) -> SourceKind {
        self.foreign(at, "a source");
        let Some(kind) = at.get("type") else {
            return SourceKind::OpenApi;
        };
        match kind.value.as_str().unwrap_or_default() {
            "openapi" => SourceKind::OpenApi,
            "arazzo" => SourceKind::Arazzo,
            "asyncapi" => {
                let fix = "remove the source, and the steps that use it";
                self.fault(&kind, "AsyncAPI sources of 1.1.0 are not run", fix);
                SourceKind::OpenApi
            }
            other => {
                let fix = name_one_of(other, ["openapi", "arazzo"]);
                self.fault(&kind, format!("there is no source type `{other}`"), fix);
                SourceKind::OpenApi
            }
        }
    }

    fn workflows(&mut self, root: &Cursor<'a>) -> Vec<Workflow> {
        let mut taken = BTreeSet::new();
        let items = root.items("workflows");
        if items.len() > WORKFLOWS_MAX {
            let problem = format!("the document has more than {WORKFLOWS_MAX} workflows");
            self.fault(root, problem, "divide it into several documents");
            return Vec::new();
        }
        items
            .iter()
            .map(|at| self.workflow(at, &mut taken))
            .collect()
    }

    fn workflow(&mut self, at: &Cursor<'a>, taken: &mut BTreeSet<String>) -> Workflow {
        let merged = self.merged(at);
        self.foreign(at, "a workflow");
        let items = at.items("steps");
        let mut ids = BTreeSet::new();
        let steps = if items.len() > STEPS_MAX {
            let problem = format!("the workflow has more than {STEPS_MAX} steps");
            self.fault(at, problem, "divide it into several workflows");
            Vec::new()
        } else {
            let read = items.iter().map(|it| self.step(it, &merged, &mut ids));
            read.collect()
        };
        Workflow {
            id: self.id(at, "workflowId", taken),
            summary: at.text("summary"),
            doc: at.text("description"),
            inputs: at.value.get("inputs").cloned(),
            depends_on: self.depends_on(at),
            steps,
            outputs: self.outputs(at),
            extensions: extensions(at),
            place: at.place(),
        }
    }

    fn depends_on(&mut self, at: &Cursor<'_>) -> Vec<WorkflowRef> {
        let items = at.items("dependsOn");
        items
            .iter()
            .filter_map(|it| self.workflow_ref(it))
            .collect()
    }

    /// A workflow's id, bare or with its source.
    pub(super) fn workflow_ref(&mut self, at: &Cursor<'_>) -> Option<WorkflowRef> {
        let (source, id) = self.qualified(at)?;
        Some(WorkflowRef { source, id })
    }

    fn qualified(&mut self, at: &Cursor<'_>) -> Option<(Option<String>, String)> {
        let text = at.value.as_str()?;
        if !text.starts_with('$') {
            return Some((None, text.to_owned()));
        }
        match Expression::parse(text, self.rules) {
            Ok(expression) => match expression.root() {
                Root::Source { name, field } => Some((Some(name.clone()), field.clone())),
                _ => {
                    let fix = "write `$sourceDescriptions.NAME.ID`";
                    self.fault(at, format!("`{text}` names nothing in a source"), fix);
                    None
                }
            },
            Err(error) => {
                self.expression_fault(at, "", error);
                None
            }
        }
    }

    fn step(&mut self, at: &Cursor<'a>, merged: &Merged, ids: &mut BTreeSet<String>) -> Step {
        let id = self.id(at, "stepId", ids);
        self.foreign(at, "a step");
        let target = self.target(at).unwrap_or_else(|| Target::Operation {
            source: None,
            id: String::new(),
        });
        let to_workflow = matches!(target, Target::Workflow(_));
        let own = self.parameters(at, "parameters");
        let texts = |key| {
            let items = at.items(key);
            items
                .iter()
                .filter_map(|it| it.value.as_str().map(str::to_owned))
                .collect()
        };
        Step {
            id,
            doc: at.text("description"),
            parameters: merged.parameters(own, to_workflow),
            body: self.body(at, to_workflow),
            target,
            success_criteria: self.criteria(at, "successCriteria"),
            on_success: merged.on_success(self.actions(at, "onSuccess", false)),
            on_failure: merged.on_failure(self.actions(at, "onFailure", true)),
            outputs: self.outputs(at),
            depends_on: texts("dependsOn"),
            timeout: at
                .value
                .get("timeout")
                .and_then(Value::as_u64)
                .map(Duration::from_millis),
            extensions: extensions(at),
            place: at.place(),
        }
    }

    fn target(&mut self, at: &Cursor<'_>) -> Option<Target> {
        let keys = ["operationId", "operationPath", "workflowId"];
        let mut present = keys.into_iter().filter_map(|key| Some((key, at.get(key)?)));
        let (Some((key, target)), None) = (present.next(), present.next()) else {
            if let (Some(at), None) = (at.get("x-operation"), present.next()) {
                let problem =
                    "`x-operation` names a request that no document describes, which is not sent";
                let fix = "describe it in an OpenAPI document, and name it with `operationId`";
                self.fault(&at, problem, fix);
                return None;
            }
            let problem =
                "a step calls exactly one of `operationId`, `operationPath` and `workflowId`";
            self.fault(at, problem, "remove all but one");
            return None;
        };
        match key {
            "operationId" => {
                let (source, id) = self.qualified(&target)?;
                Some(Target::Operation { source, id })
            }
            "operationPath" => self.operation_path(&target),
            _ => self.workflow_ref(&target).map(Target::Workflow),
        }
    }

    fn operation_path(&mut self, at: &Cursor<'_>) -> Option<Target> {
        let text = at.value.as_str()?;
        let found = path_parts(text, self.rules);
        if let Some(Target::Path { method: None, .. }) = &found {
            self.note(
                at,
                "this path names no method, so it means the only operation there",
            );
        }
        if found.is_none() {
            let problem = format!("`{text}` is not an operation path");
            let fix = "write `{$sourceDescriptions.NAME.url}#/paths/~1PATH/METHOD`";
            self.fault(at, problem, fix);
        }
        found
    }
}

fn path_parts(text: &str, rules: Rules) -> Option<Target> {
    let template = Template::parse(text, rules).ok()?;
    let [Piece::Expression(source), Piece::Text(pointer)] = template.pieces() else {
        return None;
    };
    let Root::Source { name, field } = source.root() else {
        return None;
    };
    let rest = pointer.strip_prefix("#/paths/")?;
    let (path, method) = match rest.split_once('/') {
        Some((path, method)) => (path, Some(method.to_owned())),
        None => (rest, None),
    };
    (field == "url").then(|| Target::Path {
        source: name.clone(),
        path: unescape(path).into_owned(),
        method,
    })
}
