//! Inputs of a workflow: read from texts, completed, validated.

use bpx_arazzo::{CheckedWorkflow, Payload, Root};
use bpx_contract::model::{Kind, Shape};
use bpx_dispatch::{Problem, Venue};
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use crate::Error;
use crate::error::InputFault;

/// Inputs that a run can work with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ready {
    pub(crate) values: Map<String, Value>,
    pub(crate) notes: Vec<String>,
}

/// Reads inputs written as texts: a text stays one where the schema says so, anything else is JSON.
///
/// # Errors
/// [`Error::Inputs`]: a name that the workflow does not know, or a value that is not JSON.
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
        let read: Result<Value, _> = serde_json::from_str(text);
        match (form(workflow, &field.shape), read) {
            (Form::Text, _) => drop(values.insert(name.to_owned(), text.into())),
            (Form::Either, Ok(value)) if value.is_object() || value.is_array() => {
                drop(values.insert(name.to_owned(), value));
            }
            (Form::Either, _) => drop(values.insert(name.to_owned(), text.into())),
            (Form::Json, Ok(value)) => drop(values.insert(name.to_owned(), value)),
            (Form::Json, Err(_)) => {
                faults.push(InputFault::new(
                    pointer(name),
                    format!("`{name}` is not JSON"),
                    "write a number, true, false, a list or an object",
                ));
            }
        }
    }
    settled(workflow, faults, values)
}

/// How an input is written as a text.
enum Form {
    /// As it is.
    Text,
    /// As JSON.
    Json,
    /// A list or an object as JSON, anything else as it is.
    Either,
}

fn form(workflow: &CheckedWorkflow, shape: &Shape) -> Form {
    match shape {
        Shape::String(_) => Form::Text,
        Shape::Nullable(inner) => form(workflow, inner),
        Shape::Any => Form::Either,
        Shape::Named(name) => match workflow.inputs.types.get(name).map(|it| &it.kind) {
            Some(Kind::Object(_) | Kind::IntegerEnum(_)) => Form::Json,
            Some(Kind::Union(_)) | None => Form::Either,
            Some(Kind::Enum(_)) => Form::Text,
        },
        _ => Form::Json,
    }
}

fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn unknown(workflow: &CheckedWorkflow, name: &str) -> InputFault {
    let known = workflow.inputs.fields().iter();
    let known: Vec<_> = known.map(|it| it.name.as_str()).collect();
    InputFault::new(
        pointer(name),
        format!("there is no input `{name}`"),
        format!("use one of {}", known.join(", ")),
    )
}

fn settled<T>(workflow: &CheckedWorkflow, faults: Vec<InputFault>, value: T) -> Result<T, Error> {
    if faults.is_empty() {
        return Ok(value);
    }
    Err(Error::Inputs {
        workflow: workflow.id.clone(),
        faults,
    })
}

/// Removes what the signer replaces, fills in defaults, chooses a client id, and validates the rest.
pub(crate) fn ready(
    workflow: &CheckedWorkflow,
    mut values: Map<String, Value>,
    venue: &dyn Venue,
) -> Result<Ready, Error> {
    let mut faults = signature_faults(workflow, &values, venue);
    let mut notes = Vec::new();
    for name in &workflow.idle_inputs {
        if values.shift_remove(name).is_some() {
            notes.push(format!(
                "input `{name}` is not used: each request is signed by itself"
            ));
        }
    }
    with_defaults(workflow, &mut values);
    if let Some(name) = venue.client_id_argument() {
        notes.extend(choose_client_id(workflow, &mut values, name));
    }
    let known = workflow.inputs.fields();
    let undeclared = values
        .keys()
        .filter(|name| !known.iter().any(|it| it.name == **name));
    faults.extend(undeclared.map(|name| unknown(workflow, name)));
    faults.extend(invalid(workflow, &values));
    settled(workflow, faults, Ready { values, notes })
}

/// Everything in the inputs that breaks their schema.
pub(crate) fn invalid(workflow: &CheckedWorkflow, values: &Map<String, Value>) -> Vec<InputFault> {
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
        Err(error) => {
            let problem = format!("their schema cannot be applied: {error}");
            return vec![InputFault::new(
                "",
                problem,
                "correct `inputs` in the document",
            )];
        }
    };
    let instance = Value::Object(values.clone());
    let (mut missing, mut faults) = (Vec::new(), Vec::new());
    for error in validator.iter_errors(&instance) {
        let pointer = error.instance_path().as_str();
        match error.kind() {
            ValidationErrorKind::Required { property } if pointer.is_empty() => {
                missing.push(format!("`{}`", property.as_str().unwrap_or_default()));
            }
            // A masked message: an input may be a secret.
            _ => faults.push(InputFault::new(
                pointer,
                error.masked().to_string(),
                "see the schema of the inputs",
            )),
        }
    }
    if !missing.is_empty() {
        let problem = format!("missing: {}", missing.join(", "));
        faults.insert(
            0,
            InputFault::new("", problem, "give each a value: --input NAME=VALUE"),
        );
    }
    faults
}

/// Gives the inputs that are missing the default of their schema.
pub(crate) fn with_defaults(workflow: &CheckedWorkflow, values: &mut Map<String, Value>) {
    for field in workflow.inputs.fields() {
        if let Some(default) = &field.default {
            let entry = values.entry(field.name.clone());
            entry.or_insert_with(|| default.clone());
        }
    }
}

/// Chooses a client id before anything is sent, so that what the workflow creates can be found again by it.
fn choose_client_id(
    workflow: &CheckedWorkflow,
    values: &mut Map<String, Value>,
    name: &str,
) -> Option<String> {
    let mut fields = workflow.inputs.fields().iter();
    let field = fields.find(|it| it.name == name)?;
    let is_free = field.optional() && matches!(field.shape, Shape::Integer(_));
    if !is_free || values.contains_key(name) {
        return None;
    }
    let number = getrandom::u32().ok()?.max(1);
    values.insert(name.to_owned(), number.into());
    Some(format!("{name} {number} was chosen"))
}

/// Values for parameters of the signature are not used, and still must be ones that the exchange takes.
fn signature_faults(
    workflow: &CheckedWorkflow,
    values: &Map<String, Value>,
    venue: &dyn Venue,
) -> Vec<InputFault> {
    let parameters = workflow.steps.iter().flat_map(|it| &it.step.parameters);
    let faults = parameters.filter_map(|parameter| {
        let name = input_of(&parameter.value).filter(|it| workflow.idle_inputs.contains(it))?;
        let checked = venue.check_signature_parameter(&parameter.name, values.get(&name)?);
        let Problem { problem, fix } = checked.err()?;
        Some(InputFault::new(pointer(&name), problem, fix))
    });
    let mut faults: Vec<_> = faults.collect();
    faults.dedup();
    faults
}

/// The input that a value is.
fn input_of(value: &Payload) -> Option<String> {
    let Payload::Expression(expression) = value else {
        return None;
    };
    match expression.root() {
        Root::Inputs(reference) => Some(reference.name.clone()),
        _ => None,
    }
}
