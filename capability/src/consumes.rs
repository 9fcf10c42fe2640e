//! The consumed side: binds, APIs, their operations and how requests are authenticated.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::Item;
use super::keys;
use super::model::{
    Authentication, Bind, Capability, Consumed, ConsumedOperation, Given, Input, Placement, Scheme,
    Source,
};
use super::reader::Reader;
use super::template::Template;
use super::warning::Rule;
use bpx_contract::Cursor;
use bpx_contract::kind;
use bpx_contract::model::Method;

/// The methods that the format knows; without one it is GET.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

impl<'l> Reader<'l> {
    pub(super) fn capability<'a>(&mut self, root: &Cursor<'a>) -> Capability
    where
        'l: 'a,
    {
        self.keys(root, &keys::ROOT);
        let (title, description) = self.info(root);
        let inner = root.get("capability");
        if let Some(inner) = &inner {
            self.keys(inner, &keys::CAPABILITY);
        } else if root.get("consumes").is_none() {
            let fix = "add `capability`, with what it consumes and exposes";
            self.fault(root, "this file has no `capability`", fix);
        }
        // Both levels may declare binds and APIs.
        let levels: Vec<_> = [Some(root.clone()), inner].into_iter().flatten().collect();
        self.binds(&levels);
        let mut consumes = Vec::new();
        let mut taken = BTreeSet::new();
        for level in &levels {
            for item in self.section(level, "consumes") {
                consumes.extend(self.consumed(&item, &mut taken));
            }
        }
        let (rest, mcp) = self.exposes(&levels, &consumes);
        Capability {
            version: String::new(),
            title,
            description,
            binds: Vec::new(),
            consumes,
            rest,
            mcp,
        }
    }

    fn binds<'a>(&mut self, levels: &[Cursor<'a>])
    where
        'l: 'a,
    {
        let mut taken = BTreeSet::new();
        for level in levels {
            for item in self.section(level, "binds") {
                let namespace = self.namespace(&item, "a bind").unwrap_or_default();
                let at = item.at;
                self.keys(&at, &keys::BIND);
                if !namespace.is_empty() {
                    self.unique(&at, &namespace, "bind", &mut taken);
                }
                if let Some(location) = at.get("location") {
                    let fix = "remove `location`, and set the variables in the environment";
                    self.fault(&location, "variables come from the environment only", fix);
                }
                let bind = Bind {
                    namespace,
                    description: self.text_or_empty(&at, "description"),
                    keys: self.variables(&at),
                    place: at.place(),
                };
                self.binds.push(bind);
            }
        }
    }

    fn variables(&mut self, at: &Cursor<'_>) -> BTreeMap<String, String> {
        let mut variables = BTreeMap::new();
        if at.get("keys").is_none_or(|keys| !keys.value.is_object()) {
            let fix = "map each variable to its name in the environment";
            self.fault(at, "a bind has no object `keys`", fix);
        }
        for (name, key) in at.entries("keys") {
            let scream = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            if !name.chars().all(scream) || !name.starts_with(|c: char| c.is_ascii_uppercase()) {
                let problem = format!("the variable `{name}` is not in SCREAMING_SNAKE_CASE");
                self.warn(&key, Rule::Name, problem, "as it is written");
            }
            match key.value.as_str() {
                Some(key) if !key.is_empty() => {
                    variables.insert(name.to_owned(), key.to_owned());
                }
                _ => {
                    let problem = format!("`{name}` is {}, not a name", kind(key.value));
                    self.fault(&key, problem, "name a variable of the environment");
                }
            }
        }
        variables
    }

    fn consumed(&mut self, item: &Item<'_>, taken: &mut BTreeSet<String>) -> Option<Consumed> {
        let at = &item.at;
        self.keys(at, &keys::CONSUMES);
        let namespace = self.namespace(item, "a consumed API")?;
        self.unique(at, &namespace, "consumed API", taken);
        if let Some(other) = self.text(at, "type").filter(|it| it != "http") {
            let problem = format!("an API of type `{other}` cannot be consumed");
            self.fault(at, problem, "consume an API of type `http`");
        }
        if at.get("baseUri").is_none() {
            self.fault(at, "a consumed API has no `baseUri`", "add it");
        }
        let base_uri = self.template(at, "baseUri")?;
        let mut operations = Vec::new();
        let (mut resources, mut names) = (BTreeSet::new(), BTreeSet::new());
        for (name, resource) in self.named(at, "resources") {
            self.keys(&resource, &keys::CONSUMED_RESOURCE);
            self.unique(&resource, &name, "consumed resource", &mut resources);
            let path = self.needed(&resource, "path", "a consumed resource");
            for (name, operation) in self.named(&resource, "operations") {
                self.unique(&operation, &name, "consumed operation", &mut names);
                operations.extend(self.operation(&operation, name, path.clone()));
            }
        }
        Some(Consumed {
            namespace,
            description: self.text_or_empty(at, "description"),
            base_uri,
            authentication: at
                .get("authentication")
                .and_then(|it| self.authentication(&it)),
            sent: self.sent(at),
            operations,
            place: at.place(),
        })
    }

    /// The inputs of an API itself, which go with every request.
    fn sent(&mut self, at: &Cursor<'_>) -> Vec<(String, Placement, Template)> {
        let mut sent = Vec::new();
        for (name, input) in self.named(at, "inputParameters") {
            self.keys(&input, &keys::CONSUMED_INPUT);
            let placement = match input.str("in") {
                Some("header") => Placement::Header,
                Some("query") => Placement::Query,
                _ => {
                    let problem = format!("the input `{name}` of a whole API goes nowhere");
                    self.fault(&input, problem, "place it `in: header` or `in: query`");
                    continue;
                }
            };
            if input.get("value").is_none() {
                let problem = format!("the input `{name}` of a whole API has no `value`");
                self.fault(
                    &input,
                    problem,
                    "add it, or declare the input at its operations",
                );
                continue;
            }
            let value = self.template(&input, "value");
            sent.extend(value.map(|value| (name, placement, value)));
        }
        sent
    }

    fn operation(
        &mut self,
        at: &Cursor<'_>,
        name: String,
        path: Option<String>,
    ) -> Option<ConsumedOperation> {
        self.keys(at, &keys::CONSUMED_OPERATION);
        if let Some(format) = self.text(at, "outputRawFormat").filter(|it| it != "json") {
            let problem = format!("an answer in `{format}` cannot be read");
            self.fault(at, problem, "use an operation that answers in JSON");
        }
        let mut inputs = Vec::new();
        for input in self.inputs(at, &keys::CONSUMED_INPUT) {
            if input.location.as_deref() == Some("body") {
                let problem = "an input `in: body` is not sent by the format's own engine";
                let place = Cursor {
                    pointer: input.place.pointer.clone().unwrap_or_default(),
                    ..at.clone()
                };
                let reading = "the caller's JSON becomes the request body";
                self.warn(&place, Rule::BodyInput, problem, reading);
            }
            inputs.push(input);
        }
        inputs.extend(self.body(at));
        let fixed = self.fixed(at);
        inputs.retain(|input| !fixed.iter().any(|it| it.name == input.name));
        Some(ConsumedOperation {
            fixed,
            name,
            description: self.text_or_empty(at, "description"),
            method: self.method(at)?,
            path: path?,
            inputs,
            place: at.place(),
        })
    }

    /// The inputs of an operation that have a value of their own.
    fn fixed(&mut self, at: &Cursor<'_>) -> Vec<Given> {
        let mut fixed = Vec::new();
        for (name, input) in self.named(at, "inputParameters") {
            let Some(value) = input.get("value") else {
                continue;
            };
            if value.value.as_str().is_some_and(|text| text.contains("{{")) {
                let problem = format!("the value of the input `{name}` is made of variables");
                let fix =
                    "write it at the API, where it goes with every request, or write a constant";
                self.fault(&value, problem, fix);
                continue;
            }
            fixed.push(Given {
                name,
                source: Source::Constant(value.value.clone()),
                place: value.place(),
            });
        }
        fixed
    }

    /// A body that is one reference passes the caller's JSON on.
    fn body(&mut self, at: &Cursor<'_>) -> Option<Input> {
        let body = at.get("body")?;
        let text = body
            .value
            .as_str()
            .or_else(|| body.value.get("data")?.as_str());
        let name = text
            .and_then(|text| text.trim().strip_prefix("{{")?.strip_suffix("}}"))
            .map(str::trim);
        let Some(name) = name.filter(|name| !name.is_empty() && !name.contains(['{', '.'])) else {
            let fix = "write `body: '{{body}}'`, which passes the caller's JSON on";
            self.fault(&body, "a body made of parts cannot be sent", fix);
            return None;
        };
        Some(Input {
            name: name.to_owned(),
            location: Some("body".to_owned()),
            kind: None,
            required: None,
            description: String::new(),
            place: body.place(),
        })
    }

    pub(super) fn method(&mut self, at: &Cursor<'_>) -> Option<Method> {
        let text = match at.get("method") {
            Some(_) => self.text(at, "method")?,
            None => "GET".to_owned(),
        };
        let known = METHODS.contains(&text.as_str());
        let mut all = Method::ALL.into_iter();
        let method = all.find(|(.., wire)| known && *wire == text);
        if method.is_none() {
            let fix = "use GET, POST, PUT, PATCH or DELETE";
            self.fault(at, format!("`{text}` is no method here"), fix);
        }
        method.map(|(method, ..)| method)
    }

    /// Declared inputs, each name once.
    pub(super) fn inputs(&mut self, at: &Cursor<'_>, known: &keys::Keys) -> Vec<Input> {
        let mut inputs = Vec::new();
        let mut taken = BTreeSet::new();
        for (name, input) in self.named(at, "inputParameters") {
            self.keys(&input, known);
            if name.is_empty() || !taken.insert(name.clone()) {
                let problem = format!("the input `{name}` is declared twice, or has no name");
                self.fault(&input, problem, "give each input a name of its own");
            }
            inputs.push(Input {
                name,
                location: self.text(&input, "in"),
                kind: self.text(&input, "type"),
                required: self.flag(&input, "required"),
                description: self.text_or_empty(&input, "description"),
                place: input.place(),
            });
        }
        inputs
    }

    fn authentication(&mut self, at: &Cursor<'_>) -> Option<Authentication> {
        self.keys(at, &keys::AUTHENTICATION);
        let scheme = self.needed(at, "type", "an authentication")?;
        let (scheme, values): (_, &[&str]) = match scheme.as_str() {
            "apikey" => (self.api_key(at)?, &["value"]),
            "bearer" => (Scheme::Bearer, &["token"]),
            "basic" => (Scheme::Basic, &["username", "password"]),
            other => {
                let problem = format!("requests cannot be authenticated by `{other}`");
                self.fault(at, problem, "use apikey, bearer or basic");
                return None;
            }
        };
        Some(Authentication {
            scheme,
            values: values
                .iter()
                .filter_map(|key| self.template(at, key))
                .collect(),
            place: at.place(),
        })
    }

    fn api_key(&mut self, at: &Cursor<'_>) -> Option<Scheme> {
        let key = self.needed(at, "key", "an API key")?;
        let placement = match self.text(at, "placement").as_deref() {
            None | Some("header") => Placement::Header,
            Some("query") => Placement::Query,
            Some(other) => {
                let problem = format!("an API key cannot be placed in `{other}`");
                self.fault(at, problem, "place it in `header` or `query`");
                return None;
            }
        };
        Some(Scheme::ApiKey { key, placement })
    }
}
