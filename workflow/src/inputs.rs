//! Inputs of a workflow: read from texts, completed, validated, and the secret ones known.

use bpx_arazzo::{CheckedWorkflow, Payload, Root};
use bpx_contract::model::Shape;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use crate::Error;

/// The greatest window the exchange takes.
const WINDOW_MS_MAX: u64 = 60_000;
const WINDOW_HEADER: &str = "X-WINDOW";
/// The number by which an order is found again.
pub(crate) const CLIENT_ID: &str = "clientId";

/// Inputs that a run can work with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ready {
    pub(crate) values: Map<String, Value>,
    pub(crate) notes: Vec<String>,
}

/// Reads inputs written as texts: a text stays one where the schema says so, anything else is JSON.
///
/// # Errors
/// [`Error::Inputs`]: a name that the workflow does not know, or a value that is no JSON.
pub fn from_texts<'a>(
    workflow: &CheckedWorkflow,
    texts: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Map<String, Value>, Error> {
    let mut values = Map::new();
    let mut faults = Vec::new();
    for (name, text) in texts {
        let Some(field) = workflow.inputs.fields().iter().find(|it| it.name == name) else {
            faults.push(unknown(workflow, name));
            continue;
        };
        let is_text = matches!(field.shape, Shape::String(_) | Shape::Named(_) | Shape::Any);
        let read = serde_json::from_str(text);
        match (is_text, read) {
            (false, Ok(value)) => drop(values.insert(name.to_owned(), value)),
            (true, _) => drop(values.insert(name.to_owned(), text.into())),
            (false, Err(_)) => {
                faults.push(format!(
                    "`{name}` is no JSON; write a number, true, false, a list or an object"
                ));
            }
        }
    }
    settled(workflow, faults, values)
}

fn unknown(workflow: &CheckedWorkflow, name: &str) -> String {
    let known: Vec<_> = workflow
        .inputs
        .fields()
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    format!("there is no input `{name}`; there are {}", known.join(", "))
}

fn settled<T>(workflow: &CheckedWorkflow, faults: Vec<String>, value: T) -> Result<T, Error> {
    if faults.is_empty() {
        return Ok(value);
    }
    Err(Error::Inputs {
        workflow: workflow.id.clone(),
        faults,
    })
}

/// Sets aside what the signer replaces, fills in defaults, chooses a `clientId`, and validates the rest.
pub(crate) fn ready(
    workflow: &CheckedWorkflow,
    mut values: Map<String, Value>,
) -> Result<Ready, Error> {
    let mut faults = window_faults(workflow, &values);
    let mut notes = Vec::new();
    for name in &workflow.idle_inputs {
        if values.shift_remove(name).is_some() {
            notes.push(format!(
                "input `{name}` is set aside: each request is signed by itself"
            ));
        }
    }
    for (name, default) in defaults(workflow) {
        values
            .entry(name.clone())
            .or_insert_with(|| default.clone());
    }
    choose_client_id(workflow, &mut values, &mut notes);
    let known = workflow.inputs.fields();
    let strangers = values
        .keys()
        .filter(|name| !known.iter().any(|it| it.name == **name));
    faults.extend(strangers.map(|name| unknown(workflow, name)));
    faults.extend(invalid(workflow, &values));
    settled(workflow, faults, Ready { values, notes })
}

/// Inputs of a workflow that another one calls: nobody is left to complete them.
pub(crate) fn invalid(workflow: &CheckedWorkflow, values: &Map<String, Value>) -> Vec<String> {
    let mut schema = workflow.inputs.schema.clone();
    if schema.is_null() {
        return Vec::new();
    }
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        let idle = |it: &Value| workflow.idle_inputs.iter().any(|name| it == name.as_str());
        required.retain(|it| !idle(it));
    }
    let options = jsonschema::options().should_validate_formats(true);
    let validator = match options.build(&schema) {
        Ok(validator) => validator,
        Err(error) => return vec![format!("their schema is none ({error}); correct `inputs`")],
    };
    let instance = Value::Object(values.clone());
    let (mut missing, mut faults) = (Vec::new(), Vec::new());
    for error in validator.iter_errors(&instance) {
        let place = error.instance_path().as_str();
        match error.kind() {
            ValidationErrorKind::Required { property } if place.is_empty() => {
                missing.push(format!("`{}`", property.as_str().unwrap_or_default()));
            }
            // A masked message: an input may be a secret.
            _ => faults.push(format!(
                "`{place}`: {}; see the schema of the inputs",
                error.masked()
            )),
        }
    }
    if !missing.is_empty() {
        faults.insert(0, format!("missing: {}; give them", missing.join(", ")));
    }
    faults
}

fn defaults(workflow: &CheckedWorkflow) -> impl Iterator<Item = (&String, &Value)> {
    let properties = workflow
        .inputs
        .schema
        .get("properties")
        .and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .filter_map(|(name, property)| Some((name, property.get("default")?)))
}

/// Chosen before anything is sent, so that whatever happens the order can be found again by it.
fn choose_client_id(
    workflow: &CheckedWorkflow,
    values: &mut Map<String, Value>,
    notes: &mut Vec<String>,
) {
    let field = workflow
        .inputs
        .fields()
        .iter()
        .find(|it| it.name == CLIENT_ID);
    let is_open = field.is_some_and(|it| it.optional() && matches!(it.shape, Shape::Integer(_)));
    if !is_open || values.contains_key(CLIENT_ID) {
        return;
    }
    if let Ok(number) = getrandom::u32() {
        let number = number.max(1);
        values.insert(CLIENT_ID.to_owned(), number.into());
        notes.push(format!(
            "clientId {number} was chosen for the order that is placed"
        ));
    }
}

/// The window is set aside like the signature, and still must be one that the exchange takes.
fn window_faults(workflow: &CheckedWorkflow, values: &Map<String, Value>) -> Vec<String> {
    let parameters = workflow.steps.iter().flat_map(|it| &it.step.parameters);
    let windows = parameters.filter(|it| it.name.eq_ignore_ascii_case(WINDOW_HEADER));
    let names = windows.filter_map(|it| match &it.value {
        Payload::Expression(expression) => match expression.root() {
            Root::Inputs(reference) => Some(reference.name.as_str()),
            _ => None,
        },
        _ => None,
    });
    let mut faults: Vec<_> = names
        .filter(|name| {
            let window = values.get(*name);
            window.is_some_and(|it| it.as_u64().is_none_or(|ms| ms > WINDOW_MS_MAX))
        })
        .map(|name| format!("`{name}` is no window of the exchange; give 1 to {WINDOW_MS_MAX} ms, or leave it out"))
        .collect();
    faults.dedup();
    faults
}
