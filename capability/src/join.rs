//! Finds the operations of a capability in the OpenAPI document.

use std::collections::BTreeMap;

use super::model::{Call, Capability, Consumed, ConsumedOperation, Input, Placement, Scheme};
use super::warning::{Rule, Warning};
use bpx_contract::model::{Kind, Model, Operation, Shape};
use bpx_contract::{Diagnostic, Diagnostics, Place};

/// Which operation of the contract each call means.
#[derive(Debug, Clone, PartialEq)]
pub struct Joined {
    operations: BTreeMap<Call, String>,
    /// Where the capability file says less than the contract, or something else.
    pub warnings: Vec<Warning>,
}

impl Joined {
    /// The `operationId` of what is called.
    pub fn operation(&self, call: &Call) -> Option<&str> {
        self.operations.get(call).map(String::as_str)
    }
}

/// Joins the operations that routes and tools call with those of the contract, by method and path; their names may
/// differ.
///
/// # Errors
/// A called operation that the contract does not have, or a declared input that the operation does not have.
pub fn join(capability: &Capability, model: &Model) -> Result<Joined, Diagnostics> {
    let mut this = Join {
        model,
        joined: Joined {
            operations: BTreeMap::new(),
            warnings: Vec::new(),
        },
        faults: Vec::new(),
    };
    for api in &capability.consumes {
        let mut signed = false;
        for operation in &api.operations {
            let call = Call {
                namespace: api.namespace.clone(),
                operation: operation.name.clone(),
            };
            if let Some((id, found)) = this.find(api, operation) {
                signed |= found.signing.is_some();
                this.consumed(operation, found);
                this.joined.operations.insert(call, id.to_owned());
            }
        }
        this.signature(api, signed);
    }
    for server in &capability.rest {
        for route in &server.routes {
            this.exposed(capability, &route.call, &route.inputs, &route.place);
        }
    }
    for server in &capability.mcp {
        for tool in &server.tools {
            this.exposed(capability, &tool.call, &tool.inputs, &tool.place);
        }
    }
    this.joined.warnings.sort();
    Diagnostics::or(this.faults, this.joined)
}

struct Join<'a> {
    model: &'a Model,
    joined: Joined,
    faults: Vec<Diagnostic>,
}

impl<'a> Join<'a> {
    fn find(
        &self,
        api: &Consumed,
        operation: &ConsumedOperation,
    ) -> Option<(&'a str, &'a Operation)> {
        let own = template(&operation.path);
        let based = format!("{}{own}", base_path(api.base_uri.as_written()));
        let mut all = self.model.operations.iter();
        let (id, found) = all.find(|(_, found)| {
            let path = template(&found.path);
            found.method == operation.method && (path == own || path == based)
        })?;
        Some((id, found))
    }

    /// What a consumed operation declares, against what the contract has.
    fn consumed(&mut self, operation: &ConsumedOperation, found: &Operation) {
        let takes = !found.params.is_empty() || found.body.is_some();
        if operation.inputs.is_empty() && takes {
            self.warn(
                &operation.place,
                Rule::Inputs,
                format!("`{}` declares none of its inputs", operation.name),
                "parameters and body are those of the contract",
            );
        }
        for input in &operation.inputs {
            self.input(input, found, &operation.name);
        }
    }

    fn exposed(&mut self, capability: &Capability, call: &Call, inputs: &[Input], at: &Place) {
        let id = self.joined.operation(call).map(str::to_owned);
        let Some(found) = id.and_then(|id| self.model.operations.get(&id)) else {
            let target = capability
                .consumes
                .iter()
                .filter(|api| api.namespace == call.namespace)
                .flat_map(|api| &api.operations)
                .find(|operation| operation.name == call.operation);
            let shown = target.map_or_else(
                || call.operation.clone(),
                |target| format!("{} {}", target.method.as_str(), target.path),
            );
            self.faults.push(Diagnostic::new(
                at.clone(),
                format!(
                    "this calls `{}.{}`, but the OpenAPI document has no `{shown}`",
                    call.namespace, call.operation
                ),
                "correct method and path of the consumed operation, or take this out",
            ));
            return;
        };
        for input in inputs {
            self.input(input, found, &call.operation);
        }
    }

    fn input(&mut self, input: &Input, operation: &Operation, name: &str) {
        let shape = if input.is_body() {
            operation.body.as_ref().map(|body| &body.shape)
        } else {
            self.argument(&input.name, operation)
        };
        let Some(shape) = shape else {
            let problem = format!("`{name}` has no input `{}` in the contract", input.name);
            let fix = "correct the name, or remove the input";
            self.faults
                .push(Diagnostic::new(input.place.clone(), problem, fix));
            return;
        };
        let (declared, is) = (input.kind.as_deref(), json_type(shape, self.model));
        if let (Some(declared), Some(is)) = (declared, is)
            && declared != is
            && !(declared == "number" && is == "integer")
        {
            let problem = format!(
                "the input `{}` is declared as {declared}, but it is {is}",
                input.name
            );
            self.warn(
                &input.place,
                Rule::InputType,
                problem,
                "the contract's type counts",
            );
        }
    }

    /// A parameter, or a field of the body.
    fn argument(&self, name: &str, operation: &'a Operation) -> Option<&'a Shape> {
        let mut params = operation.params.iter();
        if let Some(param) = params.find(|param| param.name == name) {
            return Some(&param.shape);
        }
        let body = operation.body.as_ref()?;
        let Shape::Named(object) = &body.shape else {
            return None;
        };
        match &self.model.types.get(object)?.kind {
            Kind::Object(fields) => fields
                .iter()
                .find(|field| field.name == name)
                .map(|field| &field.shape),
            _ => None,
        }
    }

    fn signature(&mut self, api: &Consumed, signed: bool) {
        let Some(authentication) = api.authentication.as_ref().filter(|_| signed) else {
            return;
        };
        let in_header = matches!(&authentication.scheme, Scheme::ApiKey { placement, .. } if *placement == Placement::Header);
        let reading = if in_header {
            "the key is the public half of the pair that signs each request"
        } else {
            "as not there: requests are signed"
        };
        let problem = "the API wants a signature, of which this is a part at most";
        self.warn(
            &authentication.place,
            Rule::Signature,
            problem.to_owned(),
            reading,
        );
    }

    fn warn(&mut self, place: &Place, rule: Rule, problem: String, reading: &str) {
        self.joined.warnings.push(Warning {
            place: place.clone(),
            rule,
            problem,
            reading: reading.to_owned(),
        });
    }
}

/// A path in which each parameter looks alike: `{id}` here is `{{id}}` there.
fn template(path: &str) -> String {
    let segments = path.trim_end_matches('/').split('/');
    let alike = segments.map(|segment| if segment.contains('{') { "{}" } else { segment });
    alike.collect::<Vec<_>>().join("/")
}

/// The path of a base URI, without its last slash.
fn base_path(uri: &str) -> &str {
    let after = uri.split_once("://").map_or(uri, |(_, after)| after);
    let path = after.find('/').and_then(|slash| after.get(slash..));
    path.unwrap_or_default().trim_end_matches('/')
}

fn json_type(shape: &Shape, model: &Model) -> Option<&'static str> {
    Some(match shape {
        Shape::Boolean => "boolean",
        Shape::Integer(_) => "integer",
        Shape::Number => "number",
        Shape::String(_) => "string",
        Shape::Array(_) | Shape::Tuple(_) => "array",
        Shape::Map(_) => "object",
        Shape::Named(name) => match model.types.get(name)?.kind {
            Kind::Enum(_) => "string",
            Kind::IntegerEnum(_) => "integer",
            _ => "object",
        },
        Shape::Nullable(shape) => return json_type(shape, model),
        Shape::Any => return None,
    })
}
