//! Finds the operations of a capability in the OpenAPI documents.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::model::{
    Call, Capability, Consumed, ConsumedOperation, Given, Input, Placement, Scheme, Source,
};
use super::service::Service;
use super::warning::{Rule, Warning};
use bpx_contract::api::{Operation, takes_json};
use bpx_contract::model::{Kind, Model, Shape};
use bpx_contract::pointer::escape;
use bpx_contract::{Api, Diagnostic, Diagnostics, Place, is_signing_header};

/// Which operation of the contract each call means.
#[derive(Debug, Clone, PartialEq)]
pub struct Joined {
    operations: BTreeMap<Call, Arc<Operation>>,
    /// The consumed APIs whose operations are called.
    pub services: Vec<Service>,
    /// Where the capability file says less than the contract, or something else.
    pub warnings: Vec<Warning>,
}

impl Joined {
    /// What is called.
    pub fn operation(&self, call: &Call) -> Option<&Arc<Operation>> {
        self.operations.get(call)
    }
}

/// Joins the operations that routes and tools call with those of the contract, by method and path; their names may
/// differ. Where several documents have the same method and path, the one counts whose server is the API's base URI.
///
/// # Errors
/// A called operation that the contract does not have, or that wants a signature of which nobody knows the instruction;
/// an input that the operation does not have.
pub fn join(capability: &Capability, contract: &Api) -> Result<Joined, Diagnostics> {
    let mut this = Join {
        contract,
        capability,
        joined: Joined {
            operations: BTreeMap::new(),
            services: Vec::new(),
            warnings: Vec::new(),
        },
        faults: Vec::new(),
        missing: BTreeSet::new(),
    };
    let called = this.called();
    for api in &capability.consumes {
        this.consumed_api(api, &called);
    }
    for server in &capability.rest {
        for route in &server.routes {
            this.exposed(&route.call, &route.inputs, &route.given);
        }
    }
    for server in &capability.mcp {
        for tool in &server.tools {
            this.exposed(&tool.call, &tool.inputs, &tool.given);
        }
    }
    this.joined.warnings.sort();
    Diagnostics::or(this.faults, this.joined)
}

struct Join<'a> {
    contract: &'a Api,
    capability: &'a Capability,
    joined: Joined,
    faults: Vec<Diagnostic>,
    /// Calls that have been reported, since several routes and tools may make them.
    missing: BTreeSet<Call>,
}

impl<'a> Join<'a> {
    /// Everything that some route or tool calls.
    fn called(&self) -> BTreeSet<Call> {
        let routes = self
            .capability
            .rest
            .iter()
            .flat_map(|server| &server.routes);
        let tools = self.capability.mcp.iter().flat_map(|server| &server.tools);
        let routes = routes.map(|route| route.call.clone());
        routes.chain(tools.map(|tool| tool.call.clone())).collect()
    }

    fn consumed_api(&mut self, api: &Consumed, called: &BTreeSet<Call>) {
        let mut service = Service {
            namespace: api.namespace.clone(),
            base_uri: api.base_uri.clone(),
            authentication: api.authentication.clone(),
            sent: api.sent.clone(),
            binds: self.capability.binds.clone(),
            operations: Vec::new(),
            is_signed: false,
            place: api.place.clone(),
        };
        for operation in &api.operations {
            let call = Call {
                namespace: api.namespace.clone(),
                operation: operation.name.clone(),
            };
            let Some(found) = self.find(api, operation) else {
                if called.contains(&call) {
                    self.missing(call, api, operation);
                }
                continue;
            };
            service.is_signed |= found.signing.is_some();
            self.consumed(operation, &found);
            let mut others = self.joined.services.iter();
            let found =
                match others.any(|it| it.operations.contains(&found.id) && !it.is_like(&service)) {
                    true => Arc::new(found.renamed(format!("{}.{}", api.namespace, found.id))),
                    false => found,
                };
            if called.contains(&call) && !service.operations.contains(&found.id) {
                service.operations.push(found.id.clone());
            }
            self.joined.operations.insert(call, found);
        }
        self.signature(api, service.is_signed);
        if !service.operations.is_empty() {
            self.joined.services.push(service);
        }
    }

    fn find(&self, api: &Consumed, operation: &ConsumedOperation) -> Option<Arc<Operation>> {
        let paths = paths(api, operation);
        let all = self.contract.operations().filter(|found| {
            found.method == operation.method && paths.contains(&template(&found.path))
        });
        let all: Vec<_> = all.collect();
        let base = api.base_uri.as_written().trim_end_matches('/');
        let is_there = |found: &&&Arc<Operation>| {
            let server = found.server().map(|server| server.trim_end_matches('/'));
            server == Some(base)
        };
        let found = all.iter().find(is_there).or(all.first());
        found.map(|found| Arc::clone(found))
    }

    /// Reports a called operation that is not there, with the reason where the documents have one.
    fn missing(&mut self, call: Call, api: &Consumed, operation: &ConsumedOperation) {
        let paths = paths(api, operation);
        let (method, path) = (operation.method, &operation.path);
        let models = self.contract.models();
        let reason = models.clone().find_map(|model| {
            let mut described = model.operations.values();
            let is_it = described.any(|it| {
                it.method == method && paths.contains(&template(&it.path)) && !takes_json(it)
            });
            is_it.then(|| "its body is not JSON".to_owned())
        });
        let reason = reason.or_else(|| {
            let mut losses = models.flat_map(|model| &model.losses);
            losses.find_map(|loss| {
                let pointer = loss.diagnostic.place.pointer.as_deref()?;
                let rest = pointer.strip_prefix("/paths/")?;
                let (at, rest) = rest.split_once('/')?;
                let is_it = paths
                    .iter()
                    .any(|path| escape(path) == template_of_escaped(at))
                    && rest.split('/').next() == Some(method.key());
                is_it.then(|| loss.diagnostic.problem.clone())
            })
        });
        let shown = format!("{} {path}", method.as_str());
        let (problem, fix) = match reason {
            Some(reason) => (
                format!("`{shown}` of the OpenAPI document cannot be called: {reason}"),
                "correct the document, or with an overlay (--overlay), or take the operation out",
            ),
            None => (
                format!(
                    "`{}.{}` is called by {}, but the OpenAPI document has no `{shown}`",
                    call.namespace,
                    call.operation,
                    self.callers(&call)
                ),
                "correct method and path of the consumed operation, or name the document that has it, \
                 or remove it with what calls it",
            ),
        };
        self.faults
            .push(Diagnostic::new(operation.place.clone(), problem, fix));
        self.missing.insert(call);
    }

    /// The routes and tools that make a call, for a sentence.
    fn callers(&self, call: &Call) -> String {
        let routes = self.capability.rest.iter().flat_map(|it| &it.routes);
        let tools = self.capability.mcp.iter().flat_map(|it| &it.tools);
        let routes = routes.filter(|it| it.call == *call);
        let routes = routes.map(|it| format!("the route `{} {}`", it.method.as_str(), it.path));
        let tools = tools.filter(|it| it.call == *call);
        let tools = tools.map(|it| format!("the tool `{}`", it.name));
        routes.chain(tools).collect::<Vec<_>>().join(", ")
    }

    /// What a consumed operation declares, against what the contract has.
    fn consumed(&mut self, operation: &ConsumedOperation, found: &Operation) {
        let headers = found.params.iter();
        let headers = headers.filter(|param| is_signing_header(&param.name));
        if found.signing.is_none() && headers.count() > 1 {
            self.faults.push(Diagnostic::new(
                operation.place.clone(),
                format!("`{}` wants a signature, and nothing names its instruction", found.id),
                "add `x-instruction` to the operation of the OpenAPI document, or with an overlay (--overlay)",
            ));
        }
        let takes = found.arguments().next().is_some();
        if operation.inputs.is_empty() && operation.fixed.is_empty() && takes {
            self.warn(
                &operation.place,
                Rule::Inputs,
                format!("`{}` declares none of its inputs", operation.name),
                "parameters and body are those of the contract",
            );
        }
        for input in &operation.inputs {
            self.input(&input.name, input, found, &operation.name);
        }
        for fixed in &operation.fixed {
            self.target(fixed, found, &operation.name);
        }
    }

    fn exposed(&mut self, call: &Call, inputs: &[Input], given: &[Given]) {
        if self.missing.contains(call) {
            return;
        }
        let Some(found) = self.joined.operations.get(call).cloned() else {
            return;
        };
        for it in given {
            self.target(it, &found, &call.operation);
        }
        for input in inputs {
            let renamed = given
                .iter()
                .find(|it| matches!(&it.source, Source::Argument(name) if *name == input.name));
            let name = renamed.map_or(&input.name, |it| &it.name);
            self.input(name, input, &found, &call.operation);
        }
    }

    /// What is given has to be an argument of the operation.
    fn target(&mut self, given: &Given, found: &Operation, name: &str) {
        let is_there = match given.source {
            Source::Body => !matches!(found.body, bpx_contract::api::Body::None),
            _ => found.argument(&given.name).is_some(),
        };
        if !is_there {
            self.no_input(&given.name, name, &given.place);
        }
    }

    fn no_input(&mut self, input: &str, name: &str, at: &Place) {
        let problem = format!("`{name}` has no input `{input}` in the contract");
        let fix = "correct the name, or remove the input";
        let fault = Diagnostic::new(at.clone(), problem, fix);
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// A declared input, by the operation's name for it.
    fn input(&mut self, called: &str, input: &Input, operation: &Operation, name: &str) {
        let Some(described) = operation.described() else {
            return;
        };
        let shape = if input.is_body() && operation.argument(called).is_none() {
            described.body.as_ref().map(|body| &body.shape)
        } else {
            operation.argument(called).map(|argument| &argument.shape)
        };
        let Some(shape) = shape else {
            self.no_input(&input.name, name, &input.place);
            return;
        };
        let is = json_type(shape, operation.model());
        if let (Some(declared), Some(is)) = (input.kind.as_deref(), is)
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

/// The paths that a consumed operation may have in a document: with the path of the base URI, or without.
fn paths(api: &Consumed, operation: &ConsumedOperation) -> [String; 2] {
    let own = template(&operation.path);
    let based = format!("{}{own}", base_path(api.base_uri.as_written()));
    [own, based]
}

/// A path in which each parameter looks alike: `{id}` here is `{{id}}` there.
fn template(path: &str) -> String {
    let segments = path.trim_end_matches('/').split('/');
    let alike = segments.map(|segment| if segment.contains('{') { "{}" } else { segment });
    alike.collect::<Vec<_>>().join("/")
}

/// The same of a path that is one step of a JSON pointer.
fn template_of_escaped(path: &str) -> String {
    let segments = path.split("~1");
    let alike = segments.map(|segment| if segment.contains('{') { "{}" } else { segment });
    alike.collect::<Vec<_>>().join("~1")
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
