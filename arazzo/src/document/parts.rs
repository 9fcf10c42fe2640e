//! Parameters, bodies, criteria and outputs, and what a workflow hands down to its steps.

use std::collections::BTreeSet;

use serde_json::Value;

use super::reader::Reader;
use super::structure::refers;
use super::{Action, In, Parameter, form_text, json_text};
use crate::near::name_one_of;
use crate::payload::is_expression;
use crate::{
    Body, Condition, Difference, Expression, ExpressionError, Payload, Replacement, Root, Version,
};
use bpx_contract::{Cursor, Place, is_json};

/// Our extension of a replacement: the value less this decimal.
const MINUS: &str = "x-bpx-minus";

/// What a workflow hands down to its steps.
pub(super) struct Merged {
    parameters: Vec<Parameter>,
    success: Vec<Action>,
    failure: Vec<Action>,
}

impl Merged {
    pub(super) fn parameters(&self, own: Vec<Parameter>, to_workflow: bool) -> Vec<Parameter> {
        let mut all = own;
        for parameter in &self.parameters {
            let same =
                |it: &Parameter| it.name == parameter.name && it.location == parameter.location;
            if parameter.location.is_none() == to_workflow && !all.iter().any(same) {
                all.push(parameter.clone());
            }
        }
        all
    }

    pub(super) fn on_success(&self, own: Vec<Action>) -> Vec<Action> {
        merge(own, &self.success)
    }

    pub(super) fn on_failure(&self, own: Vec<Action>) -> Vec<Action> {
        merge(own, &self.failure)
    }
}

/// The step's actions first; one of the same name overrides.
fn merge(own: Vec<Action>, inherited: &[Action]) -> Vec<Action> {
    let names: BTreeSet<_> = own.iter().map(|action| action.name.clone()).collect();
    let rest = inherited.iter().filter(|it| !names.contains(&it.name));
    own.into_iter().chain(rest.cloned()).collect()
}

impl<'a> Reader<'a> {
    pub(super) fn merged(&mut self, at: &Cursor<'a>) -> Merged {
        Merged {
            parameters: self.parameters(at, "parameters"),
            success: self.actions(at, "successActions", false),
            failure: self.actions(at, "failureActions", true),
        }
    }

    pub(super) fn expression_fault(
        &mut self,
        at: &Cursor<'_>,
        below: &str,
        error: ExpressionError,
    ) {
        let place = Place::at(&at.document.file, format!("{}{below}", at.pointer));
        let problem = format!("{} (at character {})", error.problem, error.at + 1);
        self.faults
            .push(bpx_contract::Diagnostic::new(place, problem, error.fix));
    }

    /// What a reusable object refers to.
    pub(super) fn component(&mut self, at: &Cursor<'a>, wanted: &str) -> Option<Cursor<'a>> {
        let reference = at.get("reference")?;
        let text = reference.value.as_str()?;
        let parsed = Expression::parse(text, self.rules);
        let Ok(Root::Component { kind, name }) = parsed.as_ref().map(Expression::root) else {
            let fix = format!("write `$components.{wanted}.NAME`");
            self.fault(&reference, format!("`{text}` names no component"), fix);
            return None;
        };
        if kind != wanted {
            let fix = format!("write `$components.{wanted}.NAME`");
            self.fault(
                &reference,
                format!("`{text}` is not of the kind `{wanted}`"),
                fix,
            );
            return None;
        }
        let known = self.root.get("components").and_then(|it| it.get(kind));
        let found = known.as_ref().and_then(|it| it.get(name));
        if found.is_none() {
            let names = known.iter().flat_map(Cursor::members).map(|(name, _)| name);
            let fix = name_one_of(name, names.collect::<Vec<_>>());
            self.fault(&reference, format!("there is no component `{text}`"), fix);
        }
        found
    }

    pub(super) fn parameters(&mut self, at: &Cursor<'a>, key: &str) -> Vec<Parameter> {
        let mut taken = BTreeSet::new();
        let mut read = Vec::new();
        for at in at.items(key) {
            let Some(parameter) = self.parameter(&at) else {
                continue;
            };
            if taken.insert((parameter.name.clone(), parameter.location)) {
                read.push(parameter);
            } else {
                let problem = format!("the parameter `{}` is used twice", parameter.name);
                self.fault(&at, problem, "keep one of the two");
            }
        }
        read
    }

    fn parameter(&mut self, at: &Cursor<'a>) -> Option<Parameter> {
        let (definition, value) = if refers(at) {
            let definition = self.component(at, "parameters")?;
            let value = at.get("value").or_else(|| definition.get("value"));
            (definition, value)
        } else {
            (at.clone(), at.get("value"))
        };
        let location = match definition.get("in") {
            Some(location) => Some(self.location(&location)?),
            None => None,
        };
        Some(Parameter {
            name: definition.text("name"),
            location,
            value: self.payload(&value?),
            place: at.place(),
        })
    }

    fn location(&mut self, at: &Cursor<'_>) -> Option<In> {
        let text = at.value.as_str().unwrap_or_default();
        let found = In::ALL.into_iter().find(|(_, name)| *name == text);
        let is_old = self.rules.version == Version::V1_0;
        let is_new = |it: In| it == In::Querystring && is_old;
        match found {
            Some((location, _)) if is_new(location) => {
                let fix = "write `arazzo: 1.1.0`, or give each query parameter by itself";
                self.fault(at, format!("`in: {text}` came with 1.1.0"), fix);
                None
            }
            Some((location, _)) => Some(location),
            None => {
                let known = In::ALL.into_iter().filter(|(it, _)| !is_new(*it));
                let fix = name_one_of(text, known.map(|(_, name)| name));
                self.fault(at, format!("a parameter cannot travel in `{text}`"), fix);
                None
            }
        }
    }

    /// A value with the expressions in it.
    pub(super) fn payload(&mut self, at: &Cursor<'_>) -> Payload {
        self.payload_of(at, at.value)
    }

    fn payload_of(&mut self, at: &Cursor<'_>, value: &Value) -> Payload {
        let mut errors = Vec::new();
        let payload = Payload::read(value, self.rules, &mut errors);
        for (below, error) in errors {
            self.expression_fault(at, &below, error);
        }
        payload.each_expression(&mut |expression| {
            if expression.is_dotted() {
                let text = format!("`{expression}` is read as a JSON Pointer; write it with `#/…`");
                self.note(at, text);
            }
        });
        payload
    }

    pub(super) fn outputs(&mut self, at: &Cursor<'_>) -> Vec<(String, Payload)> {
        let named = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        let mut outputs = Vec::new();
        for (name, at) in at.entries("outputs") {
            if name.is_empty() || !name.chars().all(named) {
                let fix = "use ASCII letters, digits, `.`, `-` and `_`";
                self.fault(
                    &at,
                    format!("no expression can name the output `{name}`"),
                    fix,
                );
            }
            let faults = self.faults.len();
            let payload = self.payload(&at);
            if matches!(payload, Payload::Literal(_)) && self.faults.len() == faults {
                let fix = "write an expression, such as `$response.body#/id`";
                self.fault(
                    &at,
                    format!("the output `{name}` is not an expression"),
                    fix,
                );
            }
            outputs.push((name.to_owned(), payload));
        }
        outputs
    }

    pub(super) fn body(&mut self, at: &Cursor<'a>, to_workflow: bool) -> Option<Body> {
        let at = at.get("requestBody")?;
        if to_workflow {
            let fix = "give the workflow's inputs as parameters";
            self.fault(&at, "a step that calls a workflow sends no body", fix);
            return None;
        }
        let Some(payload) = at.get("payload") else {
            self.fault(&at, "the request body has no payload", "add `payload`");
            return None;
        };
        let items = at.items("replacements");
        let content_type = at.str("contentType").map(str::to_owned);
        let payload = self.body_payload(&payload, content_type.as_deref());
        let is_text = matches!(
            payload,
            Payload::Text(_) | Payload::Literal(Value::String(_))
        );
        if let (true, Some(first)) = (is_text, items.first()) {
            let problem = "the payload is text, and a JSON Pointer names no part of one";
            let fix = "write the payload as an object, or the values into the text as `{$...}`";
            self.fault(first, problem, fix);
        }
        Some(Body {
            payload,
            content_type,
            replacements: items.iter().filter_map(|it| self.replacement(it)).collect(),
        })
    }

    /// A payload in text form is the JSON it describes, unless it is to be sent as something else.
    fn body_payload(&mut self, at: &Cursor<'_>, media: Option<&str>) -> Payload {
        let text = at.value.as_str().filter(|it| !is_expression(it));
        if let (Some(text), Some(media)) = (text, media)
            && let Some(form) = form_text::parse(text, media)
        {
            return self.payload_of(at, &form);
        }
        let Some(text) = text.filter(|_| media.is_none_or(is_json)) else {
            return self.payload(at);
        };
        match json_text::parse(text) {
            Ok(value) => self.payload_of(at, &value),
            Err(error) if media.is_some() => {
                let problem = format!("the payload is text, and not JSON: {error}");
                let fix = "write the payload as an object, or its media type as `contentType`";
                self.fault(at, problem, fix);
                Payload::Literal(Value::Null)
            }
            // The contract decides.
            Err(_) => self.payload(at),
        }
    }

    fn replacement(&mut self, at: &Cursor<'_>) -> Option<Replacement> {
        let selector = at.value.get("targetSelectorType");
        let selector = selector.and_then(|it| it.get("type").or(Some(it))?.as_str());
        let target = at.get("target")?;
        let text = target.value.as_str().unwrap_or_default();
        if selector.is_some_and(|it| it != "jsonpointer") || text.starts_with("//") {
            let fix = "name the target with a JSON Pointer; these contracts take JSON bodies only";
            self.fault(
                &target,
                "only JSON Pointers are replaced, not XPath or JSONPath",
                fix,
            );
            return None;
        }
        let whole = Expression::parse(&format!("$response.body#{text}"), self.rules);
        let tokens = match whole {
            Ok(expression) => match expression.root() {
                Root::Response(crate::Part::Body(tokens)) => tokens.clone(),
                _ => Vec::new(),
            },
            Err(error) => {
                let problem = format!("`{text}` is not a JSON Pointer: {}", error.problem);
                self.fault(
                    &target,
                    problem,
                    "write the way to the member, such as `/order/price`",
                );
                return None;
            }
        };
        let value = self.payload(&at.get("value")?);
        let value = match at.get(MINUS) {
            Some(minus) => self.difference(&minus, value),
            None => value,
        };
        Some(Replacement {
            target: tokens,
            value,
        })
    }

    /// `x-bpx-minus`: what is taken from a value, and when.
    fn difference(&mut self, at: &Cursor<'_>, whole: Payload) -> Payload {
        let Some(taken) = at.get("value") else {
            let fix = "write `value`, and `when` if it is not always taken";
            self.fault(at, format!("`{MINUS}` does not say what is taken"), fix);
            return whole;
        };
        for (key, child) in at.members() {
            if !["value", "when"].contains(&key) {
                let fix = name_one_of(key, ["value", "when"]);
                self.fault(&child, format!("`{MINUS}` has no member `{key}`"), fix);
            }
        }
        let when = at.get("when").map(|it| {
            (
                Condition::parse(it.value.as_str().unwrap_or_default(), self.rules),
                it,
            )
        });
        let when = match when {
            Some((Err(error), at)) => {
                self.expression_fault(&at, "", error);
                None
            }
            Some((Ok(condition), _)) => Some(condition),
            None => None,
        };
        let taken = self.payload(&taken);
        Payload::Difference(Box::new(Difference { whole, taken, when }))
    }
}
