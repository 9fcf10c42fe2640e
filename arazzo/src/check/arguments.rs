//! Checks parameters and bodies against the operation or workflow they go to.

use std::collections::BTreeMap;

use super::callee::{CalledWorkflow, Callee};
use super::plan::{Argument, Call};
use super::spot::{Spot, When};
use super::state::{WorkflowChecker, below};
use super::values::Site;
use super::{Origin, Type};
use crate::near::name_one_of;
use crate::payload::pointer;
use crate::scope::index as list_index;
use crate::{Action, Body, In, Parameter, Payload, Step, WorkflowRef};
use bpx_contract::Place;
use bpx_contract::model::{Location, Operation, Param};
use bpx_contract::{is_json, is_signing_header};

/// What the called side is known by.
struct Called<'c> {
    source: &'c str,
    id: &'c str,
    operation: &'c Operation,
}

impl<'c> WorkflowChecker<'c> {
    pub(super) fn call(&mut self, index: usize, step: &'c Step) -> Call {
        let spot = Spot::at(index, When::Request, Vec::new());
        let callee = match self.callees.get(index) {
            Some(Callee::Operation {
                source,
                id,
                operation,
            }) => Ok((source.clone(), id.clone(), *operation)),
            Some(Callee::Workflow(called)) => Err(Some(called.clone())),
            _ => Err(None),
        };
        match callee {
            Ok((source, id, operation)) => {
                let called = Called {
                    source: &source,
                    id: &id,
                    operation,
                };
                self.operation_call(step, &called, &spot)
            }
            Err(Some(called)) => self.workflow_call(step, &called, &spot),
            Err(None) => Call::Workflow {
                workflow: WorkflowRef {
                    source: None,
                    id: String::new(),
                },
                inputs: Vec::new(),
            },
        }
    }

    fn operation_call(&mut self, step: &'c Step, called: &Called<'_>, spot: &Spot) -> Call {
        let (mut arguments, mut set_aside) = (Vec::new(), Vec::new());
        for parameter in &step.parameters {
            let signs = parameter.location == Some(In::Header)
                && called.operation.signing.is_some()
                && is_signing_header(&parameter.name);
            if signs {
                self.value_type(&parameter.value, &below(&parameter.place, &["value"]), spot);
                let text = format!(
                    "`{}` is not used: the signer signs each request",
                    parameter.name
                );
                self.note(&parameter.place, text);
                set_aside.push(parameter.name.clone());
            } else {
                arguments.extend(self.argument(step, parameter, called, spot));
            }
        }
        for param in called.operation.params.iter().filter(|it| it.required) {
            if !arguments
                .iter()
                .any(|it| it.name == param.name && it.location == param.location)
            {
                let problem = format!("`{}` requires the parameter `{}`", called.id, param.name);
                let fix = format!("add it with `in: {}`", param.location.as_str());
                self.step_fault(step, &step.place, (problem, fix));
            }
        }
        self.body(step, called, spot);
        Call::Operation {
            source: called.source.to_owned(),
            operation: called.id.to_owned(),
            arguments,
            body: step.body.clone(),
            set_aside,
        }
    }

    fn argument(
        &mut self,
        step: &Step,
        parameter: &Parameter,
        called: &Called<'_>,
        spot: &Spot,
    ) -> Option<Argument> {
        let name = &parameter.name;
        let Some(location) = parameter.location else {
            let problem =
                format!("the parameter `{name}` of an operation does not say where it travels");
            let fix = "add `in`: path, query or header".to_owned();
            self.step_fault(step, &parameter.place, (problem, fix));
            return None;
        };
        let params = &called.operation.params;
        if is_credential(called, name, location) {
            return Some(self.credential(parameter, spot));
        }
        let Some(param) = params.iter().find(|it| is_called(it, name, location)) else {
            let fault = unknown(called, name, location);
            self.step_fault(step, &parameter.place, fault);
            return None;
        };
        let wanted = Type {
            shape: param.shape.clone(),
            origin: Origin::Source(called.source.to_owned()),
            optional: !param.required,
            doc: String::new(),
        };
        let none = BTreeMap::new();
        let site = Site::new(below(&parameter.place, &["value"]), &none);
        self.value(&parameter.value, &wanted, &site, spot);
        Some(Argument {
            name: param.name.clone(),
            location: param.location,
            value: parameter.value.clone(),
        })
    }

    /// OpenAPI knows this header from `security` alone, so that no document declares it.
    fn credential(&mut self, parameter: &Parameter, spot: &Spot) -> Argument {
        let place = below(&parameter.place, &["value"]);
        self.value_type(&parameter.value, &place, spot);
        let text = format!("`{}` is sent as it is given", parameter.name);
        self.note(&parameter.place, text);
        Argument {
            name: parameter.name.clone(),
            location: Location::Header,
            value: parameter.value.clone(),
        }
    }

    fn body(&mut self, step: &Step, called: &Called<'_>, spot: &Spot) {
        let place = below(&step.place, &["requestBody"]);
        let (body, wanted) = match (&step.body, &called.operation.body) {
            (Some(body), Some(wanted)) => (body, wanted),
            (Some(_), None) => {
                let problem = format!("`{}` takes no body", called.id);
                return self.step_fault(step, &place, (problem, "remove `requestBody`".to_owned()));
            }
            (None, Some(_)) => {
                let problem = format!("`{}` requires a body", called.id);
                return self.step_fault(
                    step,
                    &step.place,
                    (problem, "add `requestBody`".to_owned()),
                );
            }
            (None, None) => return,
        };
        if let Some(given) = body.content_type.as_deref().filter(|it| !is_json(it)) {
            let problem = format!("`{}` takes JSON, not `{given}`", called.id);
            let fix = "write `application/json`, or leave `contentType` out".to_owned();
            return self.step_fault(step, &below(&place, &["contentType"]), (problem, fix));
        }
        let wanted = Type {
            shape: wanted.shape.clone(),
            origin: Origin::Source(called.source.to_owned()),
            optional: false,
            doc: String::new(),
        };
        self.body_value(body, &wanted, &place, spot);
    }

    /// Replacements that lead into the payload are checked in their place there, others by their target alone.
    fn body_value(&mut self, body: &Body, wanted: &Type, place: &Place, spot: &Spot) {
        let mut payload = body.payload.clone();
        let mut replaced = BTreeMap::new();
        for (index, replacement) in body.replacements.iter().enumerate() {
            let at = below(place, &["replacements", &index.to_string()]);
            if put(&mut payload, &replacement.target, &replacement.value) {
                replaced.insert(pointer(&replacement.target), at);
                continue;
            }
            let tokens = replacement.target.iter().map(String::as_str);
            match self.tables.walk(wanted.clone(), tokens, None) {
                Ok(found) => {
                    let none = BTreeMap::new();
                    self.value(
                        &replacement.value,
                        &found.ty.or_absent(true),
                        &Site::new(at, &none),
                        spot,
                    );
                }
                Err(missing) => {
                    let problem = format!("{} has no field `{}`", missing.schema, missing.token);
                    let known = missing.known.iter().map(String::as_str);
                    self.spot_fault(spot, &at, (problem, name_one_of(&missing.token, known)));
                }
            }
        }
        let site = Site::new(below(place, &["payload"]), &replaced);
        self.value(&payload, wanted, &site, spot);
    }

    fn workflow_call(&mut self, step: &Step, called: &CalledWorkflow<'_>, spot: &Spot) -> Call {
        let mut inputs = Vec::new();
        for parameter in &step.parameters {
            if parameter.location.is_some() {
                let problem = format!("the parameter `{}` goes to a workflow", parameter.name);
                self.step_fault(step, &parameter.place, (problem, "remove `in`".to_owned()));
            }
            self.input_value(parameter, called, spot);
            inputs.push((parameter.name.clone(), parameter.value.clone()));
        }
        for field in called.inputs.fields().iter().filter(|it| it.required) {
            if !inputs.iter().any(|(name, _)| *name == field.name) {
                let problem = format!(
                    "workflow `{}` requires the input `{}`",
                    called.reference.id, field.name
                );
                self.step_fault(
                    step,
                    &step.place,
                    (problem, "add it to `parameters`".to_owned()),
                );
            }
        }
        Call::Workflow {
            workflow: called.reference.clone(),
            inputs,
        }
    }

    fn input_value(&mut self, parameter: &Parameter, called: &CalledWorkflow<'_>, spot: &Spot) {
        let id = &called.reference.id;
        let Some(wanted) = called.input(&parameter.name) else {
            let known = called.inputs.fields().iter().map(|it| it.name.as_str());
            let problem = format!("workflow `{id}` has no input `{}`", parameter.name);
            let fix = name_one_of(&parameter.name, known);
            return self.spot_fault(spot, &parameter.place, (problem, fix));
        };
        let none = BTreeMap::new();
        let site = Site::new(below(&parameter.place, &["value"]), &none);
        self.value(&parameter.value, &wanted, &site, spot);
    }

    /// A workflow that an action leads to takes the action's parameters, and inputs of the same name.
    pub(super) fn handed_over(
        &mut self,
        action: &Action,
        called: &CalledWorkflow<'_>,
        step: &Step,
        spot: &Spot,
    ) {
        for parameter in &action.parameters {
            self.input_value(parameter, called, spot);
        }
        let given = |name: &str| action.parameters.iter().any(|it| it.name == name);
        if let Some(fault) = self.by_name(called, given) {
            self.step_fault(step, &action.place, fault);
        }
    }

    /// Whether inputs of the same name are there for a workflow that no step calls with parameters.
    pub(super) fn by_name(
        &self,
        called: &CalledWorkflow<'_>,
        given: impl Fn(&str) -> bool,
    ) -> Option<super::callee::Fault> {
        let own = self.tables.inputs.get(&self.workflow.id)?.fields();
        let lacking = called.inputs.fields().iter().find(|field| {
            let same = own.iter().find(|it| it.name == field.name);
            field.required && !given(&field.name) && same.is_none_or(|it| it.optional())
        })?;
        let problem = format!(
            "workflow `{}` requires the input `{}`, and takes inputs of the same name from `{}`, which does not require it",
            called.reference.id, lacking.name, self.workflow.id
        );
        Some((
            problem,
            format!(
                "require `{}` in `{}` as well",
                lacking.name, self.workflow.id
            ),
        ))
    }
}

fn is_called(param: &Param, name: &str, location: In) -> bool {
    match (param.location, location) {
        (Location::Header, In::Header) => param.name.eq_ignore_ascii_case(name),
        (Location::Query, In::Query) | (Location::Path, In::Path) => param.name == name,
        _ => false,
    }
}

/// The exchange's own operations take signatures alone.
fn is_credential(called: &Called<'_>, name: &str, location: In) -> bool {
    location == In::Header
        && name.eq_ignore_ascii_case("Authorization")
        && called.operation.signing.is_none()
}

fn unknown(called: &Called<'_>, name: &str, location: In) -> super::callee::Fault {
    let params = &called.operation.params;
    let problem = format!(
        "`{}` has no {} parameter `{name}`",
        called.id,
        location.as_str()
    );
    if let Some(other) = params.iter().find(|it| it.name == name) {
        return (problem, format!("write `in: {}`", other.location.as_str()));
    }
    let here = params
        .iter()
        .filter(|it| it.location.as_str() == location.as_str());
    let known: Vec<_> = here.map(|it| it.name.as_str()).collect();
    (problem, name_one_of(name, known))
}

/// Puts a value into a payload; says whether its place is there.
fn put(payload: &mut Payload, target: &[String], value: &Payload) -> bool {
    let Some((first, rest)) = target.split_first() else {
        *payload = value.clone();
        return true;
    };
    match payload {
        Payload::Object(members) => match members.iter_mut().find(|(key, _)| key == first) {
            Some((_, member)) => put(member, rest, value),
            None if rest.is_empty() => {
                members.push((first.clone(), value.clone()));
                true
            }
            None => false,
        },
        Payload::List(items) => {
            let item = list_index(first).and_then(|index| items.get_mut(index));
            item.is_some_and(|item| put(item, rest, value))
        }
        _ => false,
    }
}
