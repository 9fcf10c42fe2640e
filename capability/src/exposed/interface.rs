//! What callers of a route or a tool give and get, where it is not what the operation has.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bpx_contract::api::{Argument, Body, Location, Operation};
use bpx_contract::pointer::escape;
use serde_json::{Map, Value, json};

use crate::Shaped;
use crate::model::{Given, Input, Source};

/// Renamed arguments, constants, and parts of the response.
#[derive(Debug, Default)]
pub struct Bound {
    /// The name here, and the operation's.
    renamed: Vec<(String, String)>,
    fixed: Map<String, Value>,
    arguments: Vec<Argument>,
    input: Value,
    output: Option<(Shaped, Value)>,
}

/// What callers of a route or a tool give and get.
#[derive(Debug, Clone, Copy)]
pub struct Interface<'a> {
    operation: &'a Operation,
    bound: Option<&'a Bound>,
}

impl<'a> Interface<'a> {
    pub(super) fn new(operation: &'a Operation, bound: Option<&'a Bound>) -> Self {
        Self { operation, bound }
    }

    /// What it calls.
    #[must_use]
    pub fn operation(&self) -> &'a Operation {
        self.operation
    }

    /// What callers give, by the names that they use.
    #[must_use]
    pub fn arguments(&self) -> Vec<&'a Argument> {
        match self.bound {
            Some(bound) => bound.arguments.iter().collect(),
            None => self.operation.arguments().collect(),
        }
    }

    /// The argument that is the whole body, where there is one.
    #[must_use]
    pub fn whole_body(&self) -> Option<&'a Argument> {
        let (Body::Array { argument, .. } | Body::Value { argument }) = &self.operation.body else {
            return None;
        };
        let mut arguments = self.arguments().into_iter();
        arguments.find(|it| it.name == argument.name && it.location == Location::Body)
    }

    /// JSON Schema of what callers give.
    #[must_use]
    pub fn input_schema(&self) -> &'a Value {
        match self.bound {
            Some(bound) => &bound.input,
            None => self.operation.input_schema(),
        }
    }

    /// JSON Schema of `{"result": …}` around what callers get.
    #[must_use]
    pub fn output_schema(&self) -> &'a Value {
        match self.bound.and_then(|bound| bound.output.as_ref()) {
            Some((_, schema)) => schema,
            None => self.operation.output_schema(),
        }
    }

    /// The operation's arguments, from those of a caller.
    #[must_use]
    pub fn bind(&self, given: Map<String, Value>) -> Map<String, Value> {
        let Some(bound) = self.bound else {
            return given;
        };
        let named = given.into_iter();
        let named = named.map(|(name, value)| (bound.operation_name(&name), value));
        let mut arguments: Map<_, _> = named.collect();
        let fixed = bound.fixed.iter();
        arguments.extend(fixed.map(|(name, value)| (name.clone(), value.clone())));
        arguments
    }

    /// Whether the operation has an argument of this name that callers do not give.
    #[must_use]
    pub fn hides(&self, name: &str) -> bool {
        let is_own = || self.operation.argument(name).is_some();
        let mut arguments = self.arguments().into_iter();
        self.bound.is_some() && is_own() && !arguments.any(|argument| argument.name == name)
    }

    /// What a caller gets of a response; none where it is the response itself.
    #[must_use]
    pub fn result(&self, response: &Value) -> Option<Value> {
        let (shaped, _) = self.bound?.output.as_ref()?;
        Some(shaped.apply(response))
    }

    /// Whether callers get a part of the response only.
    #[must_use]
    pub fn shapes_result(&self) -> bool {
        self.bound.is_some_and(|bound| bound.output.is_some())
    }

    /// A JSON pointer into the operation's arguments as one into those of a caller.
    #[must_use]
    pub fn pointer<'p>(&self, pointer: &'p str) -> Cow<'p, str> {
        let renamed = self.bound.map(|bound| &bound.renamed);
        for (name, of_operation) in renamed.into_iter().flatten() {
            let whole = format!("/{}", escape(of_operation));
            if let Some(rest) = pointer.strip_prefix(&whole)
                && (rest.is_empty() || rest.starts_with('/'))
            {
                return format!("/{}{rest}", escape(name)).into();
            }
        }
        pointer.into()
    }
}

impl Bound {
    /// None where callers give and get what the operation has.
    pub(super) fn of(
        operation: &Operation,
        (given, inputs): (&[Given], &[Input]),
        output: Option<&Shaped>,
        path: &str,
    ) -> Option<Self> {
        let mut this = Self::default();
        for it in given {
            match &it.source {
                Source::Constant(value) => {
                    this.fixed.insert(it.name.clone(), value.clone());
                }
                Source::Argument(name) if *name != it.name => {
                    this.renamed.push((name.clone(), it.name.clone()));
                }
                Source::Argument(_) | Source::Body => {}
            }
        }
        let arguments = operation.arguments();
        let open = arguments.filter(|it| !this.fixed.contains_key(&it.name));
        this.arguments = open.map(|it| this.exposed(it, inputs, path)).collect();
        let is_moved = this.arguments.iter().any(|argument| {
            let own = operation.argument(&argument.name);
            own.is_some_and(|own| own.location != argument.location)
        });
        if this.fixed.is_empty() && this.renamed.is_empty() && !is_moved && output.is_none() {
            return None;
        }
        this.input = this.input_schema(operation, inputs);
        this.output = output.map(|shaped| (shaped.clone(), around(&shaped.schema())));
        Some(this)
    }

    /// An argument of the operation as callers give it.
    fn exposed(&self, argument: &Argument, inputs: &[Input], path: &str) -> Argument {
        let name = self.name(&argument.name);
        let input = inputs.iter().find(|input| input.name == name);
        let declared = input.and_then(|input| location(input.location.as_deref()?));
        let in_path = path.contains(&format!("{{{name}}}"));
        let mut exposed = argument.clone();
        exposed.required |= input.and_then(|input| input.required) == Some(true);
        if let Some(doc) = input.map(|input| &input.description)
            && !doc.is_empty()
        {
            exposed.doc.clone_from(doc);
        }
        exposed.location = match in_path {
            true => Location::Path,
            false => declared.unwrap_or(argument.location),
        };
        exposed.name = name;
        exposed
    }

    /// The operation's name of an argument.
    fn operation_name(&self, name: &str) -> String {
        let mut renamed = self.renamed.iter();
        let found = renamed.find(|(own, _)| own == name);
        found
            .map_or(name, |(_, of_operation)| of_operation)
            .to_owned()
    }

    /// The name here of an argument of the operation.
    fn name(&self, of_operation: &str) -> String {
        let mut renamed = self.renamed.iter();
        let found = renamed.find(|(_, known)| known == of_operation);
        found.map_or(of_operation, |(name, _)| name).to_owned()
    }

    fn input_schema(&self, operation: &Operation, inputs: &[Input]) -> Value {
        let mut schema = operation.input_schema().clone();
        let described: BTreeMap<_, _> = inputs
            .iter()
            .filter(|input| !input.description.is_empty())
            .map(|input| (input.name.as_str(), &input.description))
            .collect();
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        if let Some(properties) = properties {
            let open = properties
                .iter()
                .filter(|(name, _)| !self.fixed.contains_key(*name));
            *properties = open
                .map(|(name, property)| {
                    let (name, mut property) = (self.name(name), property.clone());
                    if let (Some(doc), Some(members)) =
                        (described.get(name.as_str()), property.as_object_mut())
                    {
                        members.insert("description".to_owned(), (*doc).clone().into());
                    }
                    (name, property)
                })
                .collect();
        }
        let required = self.arguments.iter().filter(|argument| argument.required);
        let required: Vec<_> = required.map(|argument| argument.name.clone()).collect();
        if let Some(members) = schema.as_object_mut() {
            members.remove("required");
            if !required.is_empty() {
                members.insert("required".to_owned(), required.into());
            }
        }
        schema
    }
}

fn around(result: &Value) -> Value {
    json!({"type": "object", "properties": {"result": result}, "required": ["result"]})
}

fn location(text: &str) -> Option<Location> {
    Some(match text {
        "query" => Location::Query,
        "header" => Location::Header,
        "path" => Location::Path,
        "cookie" => Location::Cookie,
        "body" => Location::Body,
        _ => return None,
    })
}
