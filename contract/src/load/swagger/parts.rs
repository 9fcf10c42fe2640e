//! Parameters, bodies, responses, schemas and security schemes, each on its own.

use serde_json::{Value, json};

use super::{Media, Object, entries, is_true};

const JSON: &str = "application/json";
/// What a parameter or header says about its value beside the schema.
const NOT_OF_SCHEMA: [&str; 6] = [
    "name",
    "in",
    "description",
    "required",
    "collectionFormat",
    "allowEmptyValue",
];

pub(super) fn parameter_or_ref(parameter: &Value) -> Value {
    match parameter.as_object() {
        Some(object) if !object.contains_key("$ref") => parameter_of(object),
        _ => parameter.clone(),
    }
}

pub(super) fn parameter_of(parameter: &Object) -> Value {
    let is_kept = |key: &str| NOT_OF_SCHEMA.contains(&key) || key.starts_with("x-");
    let kept = parameter.iter().filter(|(key, _)| is_kept(key));
    let mut out: Object = kept.map(|(key, it)| (key.clone(), it.clone())).collect();
    out.remove("collectionFormat");
    let is_list = parameter.get("type") == Some(&"array".into());
    let is_query = parameter.get("in") == Some(&"query".into());
    let format = parameter.get("collectionFormat").and_then(Value::as_str);
    let (style, explode) = match format.unwrap_or("csv") {
        "multi" => (None, true),
        "ssv" => (Some("spaceDelimited"), false),
        "pipes" => (Some("pipeDelimited"), false),
        _ => (None, false),
    };
    if is_list && is_query {
        out.insert("explode".to_owned(), explode.into());
        if let Some(style) = style {
            out.insert("style".to_owned(), style.into());
        }
    }
    let mut schema = schema_of(parameter);
    // Tabs have no style: the value stays one text.
    if let (true, Some("tsv")) = (is_list, format) {
        schema = json!({"type": "string"});
    }
    out.insert("schema".to_owned(), schema);
    Value::Object(out)
}

/// The schema that a parameter or header of Swagger is itself.
pub(super) fn schema_of(parameter: &Object) -> Value {
    let is_other = |key: &str| NOT_OF_SCHEMA.contains(&key);
    let own = parameter.iter().filter(|(key, _)| !is_other(key));
    let own: Object = own.map(|(key, it)| (key.clone(), it.clone())).collect();
    schema(&Value::Object(own))
}

pub(super) fn body_of(body: &Object, media: &Media) -> Value {
    let schema = body.get("schema").map(schema).unwrap_or_default();
    let mut out = json!({
        "required": is_true(body, "required"),
        "content": content(&media.consumes, &schema),
    });
    if let (Some(text), Some(out)) = (body.get("description"), out.as_object_mut()) {
        out.insert("description".to_owned(), text.clone());
    }
    out
}

/// The same schema under each media type.
fn content(media_types: &[String], schema: &Value) -> Value {
    let json = [JSON.to_owned()];
    let media_types = if media_types.is_empty() {
        &json
    } else {
        media_types
    };
    let content = media_types
        .iter()
        .map(|it| (it.clone(), json!({"schema": schema})));
    Value::Object(content.collect())
}

pub(super) fn response(response: &Value, media: &Media) -> Value {
    let Some(members) = response.as_object().filter(|it| !it.contains_key("$ref")) else {
        return response.clone();
    };
    let mut out = members.clone();
    out.remove("examples");
    if let Some(body) = out.remove("schema") {
        out.insert(
            "content".to_owned(),
            content(&media.produces, &schema(&body)),
        );
    }
    let headers = entries(members, "headers").map(|(name, header)| {
        let header = header.as_object().cloned().unwrap_or_default();
        let description = header.get("description").cloned();
        let mut out = json!({"schema": schema_of(&header)});
        if let (Some(text), Some(out)) = (description, out.as_object_mut()) {
            out.insert("description".to_owned(), text);
        }
        (name.clone(), out)
    });
    let headers: Object = headers.collect();
    if !headers.is_empty() {
        out.insert("headers".to_owned(), Value::Object(headers));
    }
    Value::Object(out)
}

/// Schemas differ in the words for files, nulls and discriminators.
pub(super) fn schema(schema: &Value) -> Value {
    match schema {
        Value::Array(items) => items.iter().map(self::schema).collect(),
        Value::Object(members) => Value::Object(schema_members(members)),
        other => other.clone(),
    }
}

fn schema_members(members: &Object) -> Object {
    let mut out = Object::new();
    for (key, value) in members {
        let (key, value) = match (key.as_str(), value) {
            ("enum" | "default" | "example" | "required", value) => (key.as_str(), value.clone()),
            ("discriminator", Value::String(name)) => (key.as_str(), json!({"propertyName": name})),
            ("x-nullable", value) => ("nullable", value.clone()),
            ("type", Value::String(kind)) if kind == "file" => {
                out.insert("format".to_owned(), "binary".into());
                ("type", "string".into())
            }
            ("properties", Value::Object(named)) => {
                let named = named.iter().map(|(name, it)| (name.clone(), schema(it)));
                ("properties", Value::Object(named.collect()))
            }
            (key, value) => (key, schema(value)),
        };
        out.insert(key.to_owned(), value);
    }
    out
}

pub(super) fn security_scheme(scheme: &Value) -> Value {
    let mut out = scheme.as_object().cloned().unwrap_or_default();
    match scheme.get("type").and_then(Value::as_str) {
        Some("basic") => {
            out.insert("type".to_owned(), "http".into());
            out.insert("scheme".to_owned(), "basic".into());
        }
        Some("oauth2") => {
            let flow = match out.remove("flow").as_ref().and_then(Value::as_str) {
                Some("application") => "clientCredentials",
                Some("accessCode") => "authorizationCode",
                Some("password") => "password",
                _ => "implicit",
            };
            let mut urls = Object::new();
            for key in ["authorizationUrl", "tokenUrl"] {
                urls.extend(out.remove(key).map(|url| (key.to_owned(), url)));
            }
            let scopes = out.remove("scopes").unwrap_or_else(|| json!({}));
            urls.insert("scopes".to_owned(), scopes);
            out.insert("flows".to_owned(), json!({flow: urls}));
        }
        _ => {}
    }
    Value::Object(out)
}
