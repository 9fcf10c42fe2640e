//! A dry run: the requests of a workflow exactly as they would be sent, and nothing sent.

use bpx_arazzo::{Call, CheckedStep, CheckedWorkflow, Scope};
use bpx_contract::Api;
use bpx_dispatch::{Preview, Remote, Venue};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::inputs::ready;
use crate::route::{Route, Services};
use crate::send::Prepared;
use crate::{Error, Library};

/// What a dry run would call.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The API, as dispatch would have it.
    pub api: &'a Api,
    /// What is known of the venue.
    pub venue: &'a dyn Venue,
    /// Where calls would go.
    pub remote: &'a Remote,
}

/// A request as it would be sent. A value that an earlier response decides stands as `<step.output>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlannedRequest {
    /// The step.
    pub step: String,
    /// The operation, or the workflow that is called.
    pub call: String,
    /// The request; none for a workflow, and for one that cannot be shown. Its signing string holds the time of now, so
    /// that of the real request differs.
    #[serde(flatten)]
    pub request: Option<Preview>,
    /// Why it cannot be shown, or not whole.
    pub remark: Option<String>,
}

/// Shows every step of a workflow in the document's order, with notes on the inputs.
///
/// # Errors
/// [`Error`]: the workflow is missing, or inputs are wrong.
pub fn dry_run(
    library: &Library,
    workflow: Option<&str>,
    inputs: Map<String, Value>,
    target: &Target<'_>,
) -> Result<(Vec<PlannedRequest>, Vec<String>), Error> {
    let workflow = library.workflow(workflow)?;
    let ready = ready(workflow, inputs, target.venue)?;
    let scope = scope(workflow, ready.values);
    let steps = workflow.steps.iter();
    let planned = steps.map(|checked| planned(library, checked, &scope, target));
    Ok((planned.collect(), ready.notes))
}

/// What the steps see: inputs without secrets, and the name of each output in place of its value.
fn scope(workflow: &CheckedWorkflow, mut inputs: Map<String, Value>) -> Scope {
    for (name, value) in &mut inputs {
        if workflow.is_secret(name) {
            *value = "[redacted]".into();
        }
    }
    let mut scope = Scope {
        inputs,
        ..Scope::default()
    };
    for checked in &workflow.steps {
        let id = &checked.step.id;
        let outputs = checked.outputs.iter().map(|output| {
            let name = &output.name;
            (name.clone(), Value::from(format!("<{id}.{name}>")))
        });
        scope.steps.insert(id.clone(), outputs.collect());
    }
    scope
}

fn planned(
    library: &Library,
    checked: &CheckedStep,
    scope: &Scope,
    target: &Target<'_>,
) -> PlannedRequest {
    let step = checked.step.id.clone();
    let (source, operation) = match &checked.call {
        Call::Workflow { workflow, .. } => {
            return PlannedRequest {
                step,
                call: workflow.id.clone(),
                request: None,
                remark: None,
            };
        }
        Call::Operation {
            source, operation, ..
        } => (source, operation),
    };
    let services = Services::default();
    let (request, remark) = match services.route(target.api, library, (&step, source, operation)) {
        Ok(route) => preview(checked, scope, &route, target.remote),
        Err(_) => (None, Some("goes to another service".to_owned())),
    };
    PlannedRequest {
        step,
        call: operation.clone(),
        request,
        remark,
    }
}

fn preview(
    checked: &CheckedStep,
    scope: &Scope,
    route: &Route<'_>,
    remote: &Remote,
) -> (Option<Preview>, Option<String>) {
    let (prepared, remark) = match Prepared::of(checked, scope) {
        Ok(prepared) => (prepared, None),
        Err(_) => {
            let remark = "without what needs a response first".to_owned();
            (Prepared::known(checked, scope), Some(remark))
        }
    };
    match remote.preview(route.operation, &prepared.arguments(route)) {
        Ok(preview) => (Some(preview), remark),
        Err(problem) => (None, Some(problem.to_string())),
    }
}
