//! A dry run: the requests of a workflow with their signing strings, and nothing sent.

use bpx_arazzo::{Call, CheckedStep, Scope};
use bpx_runtime::reqwest::Request;
use bpx_runtime::signing::SigningString;
use bpx_contract::api::Operation;
use bpx_runtime::{Connection, Options, Signer};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::engine::prepare;
use crate::inputs::ready;
use crate::route::{Route, Services};
use crate::send::{Prepared, built};
use crate::{Error, Library};

/// A request as it would be made. What an earlier answer decides stands as `<step.output>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Rehearsed {
    /// The step.
    pub step: String,
    /// The operation, or the workflow that is called.
    pub call: String,
    /// The method; empty for a workflow.
    pub method: String,
    /// The path with its query.
    pub target: String,
    /// The body.
    pub body: Option<String>,
    /// What would be signed, with the time of now; none for an unsigned request.
    pub signing_string: Option<String>,
    /// Why it cannot be shown whole.
    pub remark: Option<String>,
}

/// Shows every step of a workflow in the document's order. The signing string of a request holds its time, so that of the
/// real one differs.
///
/// # Errors
/// [`Error`]: workflow, inputs or base URL are wrong.
pub fn dry_run(
    library: &Library,
    workflow: Option<&str>,
    inputs: Map<String, Value>,
    base_url: &str,
    signer: &Signer,
) -> Result<(Vec<Rehearsed>, Vec<String>), Error> {
    let workflow = library.workflow(workflow)?;
    let ready = ready(workflow, inputs)?;
    let mut scope = Scope {
        inputs: ready.values,
        ..Scope::default()
    };
    for (name, value) in &mut scope.inputs {
        if workflow.is_secret(name) {
            *value = "[redacted]".into();
        }
    }
    for checked in &workflow.steps {
        let id = &checked.step.id;
        let unknown = |name: &str| Value::from(format!("<{id}.{name}>"));
        let outputs = checked
            .outputs
            .iter()
            .map(|it| (it.name.clone(), unknown(&it.name)));
        scope.steps.insert(id.clone(), outputs.collect());
    }
    let connection = Connection::public(base_url, Options::default())?;
    let steps = workflow.steps.iter();
    let shown = steps.map(|checked| rehearsed(library, checked, &scope, &connection, signer));
    Ok((shown.collect(), ready.notes))
}

fn rehearsed(
    library: &Library,
    checked: &CheckedStep,
    scope: &Scope,
    connection: &Connection,
    signer: &Signer,
) -> Rehearsed {
    let empty = Rehearsed {
        step: checked.step.id.clone(),
        call: String::new(),
        method: String::new(),
        target: String::new(),
        body: None,
        signing_string: None,
        remark: None,
    };
    let (source, operation) = match &checked.call {
        Call::Workflow { workflow, .. } => {
            return Rehearsed {
                call: workflow.id.clone(),
                ..empty
            };
        }
        Call::Operation {
            source, operation, ..
        } => (source, operation),
    };
    let services = Services::default();
    let row = match services.route(library, &checked.step.id, source, operation) {
        Ok(Route::Dispatch(row)) => row,
        _ => {
            return Rehearsed {
                call: operation.clone(),
                remark: Some("goes to another service".to_owned()),
                ..empty
            };
        }
    };
    let (prepared, remark) = known(checked, scope);
    let empty = Rehearsed {
        call: operation.clone(),
        method: row.method.to_owned(),
        remark,
        ..empty
    };
    match built(connection, row.method, row.path, &prepared) {
        Ok(request) => Rehearsed {
            signing_string: signing_string(row, &request, signer),
            ..shown(request, empty)
        },
        Err(problem) => Rehearsed {
            remark: Some(problem),
            ..empty
        },
    }
}

/// The request as far as it is known; a change that needs a later answer is left out, and said.
fn known(checked: &CheckedStep, scope: &Scope) -> (Prepared, Option<String>) {
    match prepare(checked, scope) {
        Ok(prepared) => (prepared, None),
        Err(_) => {
            let body = match &checked.call {
                Call::Operation {
                    body: Some(body), ..
                } => body.payload.evaluate(scope).ok().flatten(),
                _ => None,
            };
            (
                Prepared {
                    arguments: Vec::new(),
                    body,
                },
                Some("before its replacements, which need an answer".to_owned()),
            )
        }
    }
}

fn shown(request: Request, empty: Rehearsed) -> Rehearsed {
    let url = request.url();
    let query = url.query().map(|it| format!("?{it}")).unwrap_or_default();
    let body = request.body().and_then(|it| it.as_bytes());
    Rehearsed {
        target: format!("{}{query}", url.path()),
        body: body.map(|it| String::from_utf8_lossy(it).into_owned()),
        ..empty
    }
}

fn signing_string(row: &Operation, request: &Request, signer: &Signer) -> Option<String> {
    let body = request.body().and_then(|it| it.as_bytes());
    let query = request.url().query();
    let (now, window) = (signer.clock_ms(), signer.window_ms());
    let string = SigningString::new(row.signed?, query, body, now, window);
    Some(string.ok()?.as_str().to_owned())
}
