//! Swagger 2.0 in the words of OpenAPI 3.0: every part has a counterpart there, in another place.
//!
//! Source: Swagger 2.0 specification; OpenAPI 3.0.3, "Parameter Object", "Request Body Object", "Media Type Object".

mod parts;

use serde_json::{Map, Value, json};

use self::parts::{
    body_of, parameter_of, parameter_or_ref, response, schema, schema_of, security_scheme,
};

type Object = Map<String, Value>;

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";
/// A document of Swagger 2.0 as OpenAPI 3.0.3; any other is left as it is.
pub(super) fn as_openapi(document: &mut Value) {
    let is_swagger = document
        .get("swagger")
        .is_some_and(|version| match version {
            Value::String(text) => text.starts_with("2."),
            version => version.as_f64() == Some(2.0),
        });
    let is_both = document.get("openapi").is_some();
    if let (true, false, Value::Object(root)) = (is_swagger, is_both, &*document) {
        let mut converted = Swagger { root }.converted();
        refer(&mut converted, &bodies(root));
        *document = converted;
    }
}

struct Swagger<'a> {
    root: &'a Object,
}

/// What an operation takes and gives where it does not say so itself.
struct Media {
    consumes: Vec<String>,
    produces: Vec<String>,
}

impl Swagger<'_> {
    fn converted(&self) -> Value {
        let media = self.media(self.root);
        let mut root = Object::new();
        root.insert("openapi".to_owned(), "3.0.3".into());
        for (key, value) in self.root {
            let is_kept = ["info", "tags", "externalDocs", "security"].contains(&key.as_str());
            if is_kept || key.starts_with("x-") {
                root.insert(key.clone(), value.clone());
            }
        }
        root.insert("servers".to_owned(), self.servers(self.root).into());
        let paths = entries(self.root, "paths").map(|(path, item)| {
            let converted = item.as_object().map(|item| self.path_item(item));
            (path.clone(), converted.unwrap_or_else(|| item.clone()))
        });
        root.insert("paths".to_owned(), Value::Object(paths.collect()));
        root.insert("components".to_owned(), self.components(&media));
        Value::Object(root)
    }

    fn media(&self, from: &Object) -> Media {
        let list = |key: &str| {
            let own = from.get(key).or_else(|| self.root.get(key));
            let list = own.and_then(Value::as_array).into_iter().flatten();
            let list = list.filter_map(Value::as_str).map(str::to_owned);
            list.collect::<Vec<_>>()
        };
        Media {
            consumes: list("consumes"),
            produces: list("produces"),
        }
    }

    /// One URL for each scheme. `schemes` may be an operation's own.
    fn servers(&self, from: &Object) -> Vec<Value> {
        let text = |key| self.root.get(key).and_then(Value::as_str).unwrap_or("");
        let (host, base) = (text("host"), text("basePath").trim_end_matches('/'));
        if host.is_empty() {
            return vec![json!({"url": if base.is_empty() { "/" } else { base }})];
        }
        let schemes = from.get("schemes").and_then(Value::as_array);
        let schemes = schemes.into_iter().flatten().filter_map(Value::as_str);
        let mut schemes: Vec<_> = schemes.collect();
        if schemes.is_empty() {
            schemes.push("https");
        }
        let url = |scheme| json!({"url": format!("{scheme}://{host}{base}")});
        schemes.into_iter().map(url).collect()
    }

    fn components(&self, media: &Media) -> Value {
        let mut parameters = Object::new();
        let mut request_bodies = Object::new();
        for (name, parameter) in entries(self.root, "parameters") {
            match parameter.as_object() {
                Some(body) if is_in(parameter, "body") => {
                    request_bodies.insert(name.clone(), body_of(body, media));
                }
                Some(_) if is_in(parameter, "formData") => {}
                Some(plain) => {
                    parameters.insert(name.clone(), parameter_of(plain));
                }
                None => {}
            }
        }
        let responses = entries(self.root, "responses");
        let responses = responses.map(|(name, it)| (name.clone(), response(it, media)));
        let responses: Object = responses.collect();
        let schemes = entries(self.root, "securityDefinitions");
        let schemes = schemes.map(|(name, it)| (name.clone(), security_scheme(it)));
        let schemes: Object = schemes.collect();
        let schemas = entries(self.root, "definitions");
        let schemas: Object = schemas
            .map(|(name, it)| (name.clone(), schema(it)))
            .collect();
        json!({
            "schemas": schemas,
            "parameters": parameters,
            "requestBodies": request_bodies,
            "responses": responses,
            "securitySchemes": schemes,
        })
    }

    fn path_item(&self, item: &Object) -> Value {
        let shared = list(item, "parameters");
        let mut out = Object::new();
        for (key, value) in item {
            match (key.as_str(), value.as_object()) {
                ("parameters", _) => {}
                (method, Some(operation)) if METHODS.contains(&method) => {
                    out.insert(key.clone(), self.operation(operation, &shared));
                }
                _ => {
                    out.insert(key.clone(), value.clone());
                }
            }
        }
        let plain = shared.iter().filter(|it| !self.is_of_body(it));
        let plain: Vec<_> = plain.map(|it| parameter_or_ref(it)).collect();
        if !plain.is_empty() {
            out.insert("parameters".to_owned(), plain.into());
        }
        Value::Object(out)
    }

    fn operation(&self, operation: &Object, shared: &[&Value]) -> Value {
        let media = self.media(operation);
        let own = list(operation, "parameters");
        let mut out = operation.clone();
        for moved in ["parameters", "consumes", "produces", "schemes"] {
            out.remove(moved);
        }
        if operation.contains_key("schemes") {
            out.insert("servers".to_owned(), self.servers(operation).into());
        }
        let plain = own.iter().filter(|it| !self.is_of_body(it));
        let plain: Vec<_> = plain.map(|it| parameter_or_ref(it)).collect();
        if !plain.is_empty() {
            out.insert("parameters".to_owned(), plain.into());
        }
        let of_body: Vec<_> = own.iter().chain(shared).copied().collect();
        if let Some(body) = self.request_body(&of_body, &media) {
            out.insert("requestBody".to_owned(), body);
        }
        let responses = entries(operation, "responses");
        let responses = responses.map(|(status, it)| match status.starts_with("x-") {
            true => (status.clone(), it.clone()),
            false => (status.clone(), response(it, &media)),
        });
        out.insert("responses".to_owned(), Value::Object(responses.collect()));
        Value::Object(out)
    }

    fn is_of_body(&self, parameter: &Value) -> bool {
        let parameter = self.followed(parameter);
        is_in(parameter, "body") || is_in(parameter, "formData")
    }

    fn followed<'v>(&'v self, parameter: &'v Value) -> &'v Value {
        let name = parameter.get("$ref").and_then(Value::as_str);
        let name = name.and_then(|it| it.strip_prefix("#/parameters/"));
        let parameters = self.root.get("parameters");
        let found = name.and_then(|name| parameters?.get(name));
        found.unwrap_or(parameter)
    }

    /// An operation's own parameters come first, and override those of its path.
    fn request_body(&self, parameters: &[&Value], media: &Media) -> Option<Value> {
        if let Some(body) = parameters
            .iter()
            .find(|it| is_in(self.followed(it), "body"))
        {
            if body.get("$ref").is_some() {
                return Some((*body).clone());
            }
            return body.as_object().map(|body| body_of(body, media));
        }
        let fields = parameters.iter().map(|it| self.followed(it));
        let fields: Vec<_> = fields.filter(|it| is_in(it, "formData")).collect();
        let mut properties = Object::new();
        let mut required = Vec::new();
        for field in fields.iter().filter_map(|it| it.as_object()) {
            let name = field.get("name").and_then(Value::as_str).unwrap_or("");
            if properties.contains_key(name) {
                continue;
            }
            properties.insert(name.to_owned(), schema_of(field));
            if is_true(field, "required") {
                required.push(name.to_owned());
            }
        }
        let is_form = |it: &&String| [FORM, MULTIPART].contains(&it.as_str());
        let has_file = fields
            .iter()
            .any(|it| it.get("type") == Some(&"file".into()));
        let fallback = if has_file { MULTIPART } else { FORM }.to_owned();
        let media_type = media.consumes.iter().find(is_form).unwrap_or(&fallback);
        let is_required = !required.is_empty();
        let mut form = json!({"type": "object", "properties": properties});
        if let (true, Some(form)) = (is_required, form.as_object_mut()) {
            form.insert("required".to_owned(), required.into());
        }
        let content = json!({media_type: {"schema": form}});
        let body = json!({"required": is_required, "content": content});
        (!fields.is_empty()).then_some(body)
    }
}

fn entries<'a>(object: &'a Object, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    object
        .get(key)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

fn list<'a>(object: &'a Object, key: &str) -> Vec<&'a Value> {
    let list = object.get(key).and_then(Value::as_array);
    list.into_iter().flatten().collect()
}

fn is_in(parameter: &Value, place: &str) -> bool {
    parameter.get("in").and_then(Value::as_str) == Some(place)
}

fn is_true(object: &Object, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool) == Some(true)
}

/// Names of shared parameters that are bodies, which OpenAPI keeps apart.
fn bodies(root: &Object) -> Vec<String> {
    let parameters = entries(root, "parameters");
    let bodies = parameters.filter(|(_, it)| is_in(it, "body"));
    bodies.map(|(name, _)| name.clone()).collect()
}

/// References follow what they refer to.
fn refer(value: &mut Value, bodies: &[String]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|it| refer(it, bodies)),
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(target) if key == "$ref" => {
                        if let Some(moved) = moved(target, bodies) {
                            *target = moved;
                        }
                    }
                    value => refer(value, bodies),
                }
            }
        }
        _ => {}
    }
}

fn moved(target: &str, bodies: &[String]) -> Option<String> {
    let (folder, rest) = target.strip_prefix("#/")?.split_once('/')?;
    let to = match folder {
        "definitions" => "schemas",
        "responses" => "responses",
        "parameters" if bodies.iter().any(|it| it == rest) => "requestBodies",
        "parameters" => "parameters",
        _ => return None,
    };
    Some(format!("#/components/{to}/{rest}"))
}
