//! The request of a step, evaluated.

use bpx_arazzo::{Call, CheckedStep, EvaluationError, In, Scope};
use bpx_contract::api::{Body, Operation};
use bpx_dispatch::Arguments;
use bpx_runtime::plain_text;
use serde_json::Value;

/// The request of a step, evaluated.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prepared {
    /// By location and name, as the contract spells it.
    pub(crate) parameters: Vec<(In, String, Value)>,
    pub(crate) body: Option<Value>,
    /// The media type that the document names.
    pub(crate) content_type: Option<String>,
}

impl Prepared {
    /// The request of a step.
    pub(crate) fn of(checked: &CheckedStep, scope: &Scope) -> Result<Self, EvaluationError> {
        let mut prepared = Self::default();
        if let Call::Operation {
            arguments, body, ..
        } = &checked.call
        {
            for argument in arguments {
                if let Some(value) = argument.value.evaluate(scope)? {
                    let parameter = (argument.location, argument.name.clone(), value);
                    prepared.parameters.push(parameter);
                }
            }
            if let Some(body) = body {
                prepared.body = body.evaluate(scope)?;
                let of_header = prepared.header("content-type");
                prepared.content_type = body.content_type.clone().or(of_header);
            }
        }
        Ok(prepared)
    }

    /// The request of a step as far as it is known: without arguments and replacements that cannot be evaluated yet.
    pub(crate) fn known(checked: &CheckedStep, scope: &Scope) -> Self {
        let Call::Operation {
            arguments, body, ..
        } = &checked.call
        else {
            return Self::default();
        };
        let parameters = arguments.iter().filter_map(|argument| {
            let value = argument.value.evaluate(scope).ok()??;
            Some((argument.location, argument.name.clone(), value))
        });
        let body = body.as_ref();
        Self {
            parameters: parameters.collect(),
            body: body.and_then(|body| body.payload.evaluate(scope).ok().flatten()),
            content_type: body.and_then(|body| body.content_type.clone()),
        }
    }

    /// The arguments of a call: one flat object, as dispatch takes it. Dispatch takes no `null`, and its API gives one for
    /// what is absent, so members that are `null` are left out there.
    pub(crate) fn arguments(&self, operation: &Operation) -> Arguments {
        let parameters = self.parameters.iter();
        let mut flat: Arguments = parameters
            .map(|(_, name, value)| (name.clone(), value.clone()))
            .collect();
        match (&operation.body, &self.body) {
            (Body::Array { argument, .. } | Body::Value { argument }, Some(body)) => {
                flat.insert(argument.name.clone(), body.clone());
            }
            (_, Some(Value::Object(members))) => flat.extend(members.clone()),
            (_, Some(other)) => drop(flat.insert("body".to_owned(), other.clone())),
            (_, None) => {}
        }
        match without_nulls(Value::Object(flat)) {
            Value::Object(given) => given,
            _ => Arguments::new(),
        }
    }

    /// What a service gets, as one object.
    pub(crate) fn whole(&self) -> Arguments {
        let parameters = self.parameters.iter();
        let parameters =
            parameters.map(|(at, name, value)| (format!("{} {name}", at.as_str()), value.clone()));
        let body = self.body.iter().map(|it| ("body".to_owned(), it.clone()));
        parameters.chain(body).collect()
    }

    /// Whether a parameter has a value.
    pub(crate) fn gives(&self, location: In, name: &str) -> bool {
        let same = |known: &str| match location {
            In::Header => known.eq_ignore_ascii_case(name),
            _ => known == name,
        };
        let mut parameters = self.parameters.iter();
        parameters.any(|(at, known, value)| *at == location && same(known) && !value.is_null())
    }

    fn header(&self, name: &str) -> Option<String> {
        let mut headers = self.at(In::Header).into_iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }

    pub(crate) fn at(&self, location: In) -> Vec<(String, String)> {
        let at = self.parameters.iter().filter(|(it, ..)| *it == location);
        let texts = at.flat_map(|(_, name, value)| {
            let items = value
                .as_array()
                .map_or(std::slice::from_ref(value), Vec::as_slice);
            items.iter().map(|item| (name.clone(), plain_text(item)))
        });
        texts.collect()
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        Value::Object(members) => {
            let given = members.into_iter().filter(|(_, it)| !it.is_null());
            let given = given.map(|(name, it)| (name, without_nulls(it)));
            Value::Object(given.collect())
        }
        other => other,
    }
}
