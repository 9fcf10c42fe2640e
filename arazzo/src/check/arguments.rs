//! Checks parameters against the operation or workflow they go to.

use std::collections::BTreeMap;

use super::callee::{CalledWorkflow, Callee};
use super::plan::{Argument, Call};
use super::spot::{Spot, When};
use super::state::{WorkflowChecker, below};
use super::values::Site;
use super::{Origin, Type};
use crate::near::name_one_of;
use crate::{Action, In, Parameter, Step, WorkflowRef};
use bpx_contract::is_signing_header;
use bpx_contract::model::{ApiKeyIn, Location, Operation, Param, Scheme};

/// Headers that no parameter of OpenAPI declares (3.1.1, Parameter Object).
const UNDECLARED: [&str; 3] = ["Accept", "Authorization", "Content-Type"];

/// What the called side is known by.
pub(super) struct Called<'c> {
    pub(super) source: &'c str,
    pub(super) id: &'c str,
    pub(super) operation: &'c Operation,
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
            if param.location != Location::Part
                && !arguments
                    .iter()
                    .any(|it| is_called(param, &it.name, it.location))
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
            let fix = "add `in`: path, query, header or cookie".to_owned();
            self.step_fault(step, &parameter.place, (problem, fix));
            return None;
        };
        let params = &called.operation.params;
        if location == In::Querystring || self.is_credential(called, name, location) {
            return Some(self.as_given(parameter, location, spot));
        }
        let Some(param) = params.iter().find(|it| is_called(it, name, location)) else {
            let fault = unknown(called, name, location);
            if location == In::Path {
                self.step_fault(step, &parameter.place, fault);
                return None;
            }
            self.step_doubt(step, &parameter.place, fault);
            return Some(self.as_given(parameter, location, spot));
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
            location,
            value: parameter.value.clone(),
        })
    }

    /// Of what no contract declares, the expressions are checked alone.
    fn as_given(&mut self, parameter: &Parameter, location: In, spot: &Spot) -> Argument {
        let place = below(&parameter.place, &["value"]);
        self.value_type(&parameter.value, &place, spot);
        let text = format!("`{}` is sent as it is given", parameter.name);
        self.note(&parameter.place, text);
        Argument {
            name: parameter.name.clone(),
            location,
            value: parameter.value.clone(),
        }
    }

    /// OpenAPI knows these from `security` alone, so that no operation declares them. Signed operations take signatures
    /// alone.
    fn is_credential(&self, called: &Called<'_>, name: &str, location: In) -> bool {
        if called.operation.signing.is_some() {
            return false;
        }
        let model = self.checker.sources.openapi.get(called.source);
        let mut schemes = model.into_iter().flat_map(|it| it.security.values());
        let is_undeclared = UNDECLARED.iter().any(|it| it.eq_ignore_ascii_case(name));
        let of_header = location == In::Header && is_undeclared;
        of_header
            || schemes.any(|scheme| match scheme {
                Scheme::ApiKey {
                    location: at,
                    name: key,
                    ..
                } => match at {
                    ApiKeyIn::Header => location == In::Header && key.eq_ignore_ascii_case(name),
                    ApiKeyIn::Query => location == In::Query && key == name,
                    ApiKeyIn::Cookie => location == In::Cookie && key == name,
                },
                Scheme::Bearer { .. } | Scheme::Basic { .. } => false,
            })
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
        for field in called
            .inputs
            .fields()
            .iter()
            .filter(|it| it.required && it.default.is_none())
        {
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
            let is_lacking = field.required && field.default.is_none() && !given(&field.name);
            is_lacking && same.is_none_or(|it| it.optional() && it.default.is_none())
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
    let at = match location {
        In::Path => Location::Path,
        In::Query => Location::Query,
        In::Header => Location::Header,
        In::Cookie => Location::Cookie,
        In::Querystring => return false,
    };
    param.is(name, at)
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
