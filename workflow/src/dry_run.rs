//! A dry run: the requests of a workflow exactly as they would be sent, and nothing sent.

use bpx_arazzo::{Call, CheckedStep, CheckedWorkflow, Payload, Scope};
use bpx_contract::Api;
use bpx_dispatch::{Preview, Problem, Remote, Venue};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::inputs::ready;
use crate::prepared::Prepared;
use crate::route::{Route, To};
use crate::service::{self, ServiceRequest};
use crate::services::{Resolved, Services};
use crate::{Error, Library};

/// What a dry run would call.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The API, as dispatch would have it.
    pub api: &'a Api,
    /// What is known of the venue.
    pub venue: &'a dyn Venue,
    /// Where calls of that API would go; none where nothing goes there.
    pub remote: Option<&'a Remote>,
    /// The services beside it.
    pub services: &'a Services,
}

/// A request as it would be sent. A value that an earlier response decides stands as `<step.output>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlannedRequest {
    /// The step, behind those that call its workflow (`outer/inner`).
    pub step: String,
    /// The operation, or the workflow that is called.
    pub call: String,
    /// The request to the exchange; none for a workflow, and for one that cannot be shown. Its signing string holds the time of now, so
    /// that of the real request differs.
    #[serde(flatten)]
    pub request: Option<Preview>,
    /// The request to a service.
    #[serde(flatten)]
    pub service: Option<ServiceRequest>,
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
    let mut services = target
        .services
        .of(target.remote.map(|_| target.api), library)?;
    services.credentials = services.credentials.masked();
    let ready = ready(workflow, inputs, target.venue)?;
    let mut plan = Plan {
        target,
        services: &services,
        planned: Vec::new(),
    };
    plan.workflow(library, workflow, ready.values, "");
    Ok((plan.planned, ready.notes))
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

/// The requests so far.
struct Plan<'p> {
    target: &'p Target<'p>,
    services: &'p Resolved,
    planned: Vec<PlannedRequest>,
}

impl Plan<'_> {
    fn workflow(
        &mut self,
        library: &Library,
        workflow: &CheckedWorkflow,
        inputs: Map<String, Value>,
        prefix: &str,
    ) {
        let scope = scope(workflow, inputs);
        for checked in &workflow.steps {
            let step = format!("{prefix}{}", checked.step.id);
            match &checked.call {
                Call::Operation {
                    source, operation, ..
                } => self.operation(library, (source, operation), checked, (step, &scope)),
                Call::Workflow {
                    workflow: reference,
                    inputs,
                } => {
                    self.planned.push(PlannedRequest {
                        step: step.clone(),
                        call: reference.id.clone(),
                        request: None,
                        service: None,
                        remark: None,
                    });
                    if let Some((library, callee)) = library.find(reference) {
                        let given = given(callee, inputs, &scope);
                        self.workflow(library, callee, given, &format!("{step}/"));
                    }
                }
            }
        }
    }

    fn operation(
        &mut self,
        library: &Library,
        (source, operation): (&str, &str),
        checked: &CheckedStep,
        (step, scope): (String, &Scope),
    ) {
        let api = self.target.remote.map(|_| self.target.api);
        let mut planned = PlannedRequest {
            step,
            call: operation.to_owned(),
            request: None,
            service: None,
            remark: None,
        };
        let names = (checked.step.id.as_str(), source, operation);
        match self.services.route(api, library, names) {
            Ok(route) => self.preview(checked, scope, &route, &mut planned),
            Err(error) => planned.remark = Some(error.to_string()),
        }
        self.planned.push(planned);
    }

    fn preview(
        &self,
        checked: &CheckedStep,
        scope: &Scope,
        route: &Route<'_>,
        planned: &mut PlannedRequest,
    ) {
        let prepared = Prepared::of(checked, scope).unwrap_or_else(|_| {
            planned.remark = Some("without what needs a response first".to_owned());
            Prepared::known(checked, scope)
        });
        match (&route.to, self.target.remote) {
            (To::Exchange(operation), Some(remote)) => {
                match remote.preview(operation, &prepared.arguments(operation)) {
                    Ok(preview) => planned.request = Some(preview),
                    Err(problem) => planned.remark = Some(problem.to_string()),
                }
            }
            (To::Service(connection), _) => {
                let credentials = &self.services.credentials;
                match service::build(route, connection, &prepared, credentials) {
                    Ok(built) => {
                        planned.service = Some(ServiceRequest::of(&built.request));
                        planned.remark = planned.remark.take().or(built.note);
                    }
                    Err(Problem { problem, fix }) => {
                        planned.remark = Some(format!("{problem}; {fix}"));
                    }
                }
            }
            (To::Exchange(_), None) => {}
        }
    }
}

/// The inputs of a called workflow: what is given, then inputs of the same name.
fn given(
    callee: &CheckedWorkflow,
    given: &[(String, Payload)],
    scope: &Scope,
) -> Map<String, Value> {
    let fields = callee.inputs.fields().iter();
    let same = fields.filter_map(|it| Some((it.name.clone(), scope.inputs.get(&it.name)?.clone())));
    let own = given
        .iter()
        .filter_map(|(name, it)| Some((name.clone(), it.evaluate(scope).ok()??)));
    same.chain(own).collect()
}
