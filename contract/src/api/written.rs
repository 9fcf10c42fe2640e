//! The document's own schemas, applied to arguments as they are written.

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::arguments::{Argument, Body, Location};
use crate::oracle::{self, Schemas, Side};
use crate::{Cursor, Document, is_json};

/// A value that breaks a schema of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// JSON pointer to the value.
    pub pointer: String,
    /// The keyword that it breaks.
    pub keyword: String,
    /// What is wrong with it, without the value itself.
    pub problem: String,
}

/// The validator of an operation's arguments, or why there is none.
#[derive(Debug)]
pub(super) struct Written(Result<Validator, String>);

impl Written {
    /// `pointer` leads to the operation in the document.
    pub(super) fn new(
        document: &Document,
        pointer: Option<&str>,
        params: &[Argument],
        body: &Body,
    ) -> Self {
        let at = pointer.and_then(|pointer| Cursor::at(document, pointer));
        let schema = at.map_or_else(|| json!({}), |at| arguments_schema(&at, params, body));
        Self(Schemas::new(document, Side::Any).compiled(&schema))
    }

    pub(super) fn judge(&self, arguments: &Value) -> Vec<Broken> {
        let validator = match &self.0 {
            Ok(validator) if validator.is_valid(arguments) => return Vec::new(),
            Ok(validator) => validator,
            Err(reason) => {
                return vec![Broken {
                    pointer: String::new(),
                    keyword: "schema".to_owned(),
                    problem: format!("the document's schema cannot be applied: {reason}"),
                }];
            }
        };
        let errors = validator.iter_errors(arguments);
        let errors = errors.map(|error| Broken {
            pointer: error.instance_path().to_string(),
            keyword: error.kind().keyword().to_owned(),
            problem: error.masked().to_string(),
        });
        errors.collect()
    }
}

/// A schema with one property for each argument, each a reference into the document.
fn arguments_schema(at: &Cursor<'_>, params: &[Argument], body: &Body) -> Value {
    let mut properties = Map::new();
    let mut parts = Vec::new();
    for (name, schema) in parameters(at, params) {
        properties.insert(name, reference(&schema));
    }
    let body_schema = body_schema(at).map(|schema| reference(&schema));
    match (body, body_schema) {
        (Body::Object { .. }, Some(schema)) => parts.push(schema),
        (Body::Array { argument, .. } | Body::Value { argument }, Some(schema)) => {
            properties.insert(argument.name.clone(), schema);
        }
        _ => {}
    }
    let mut schema = json!({"type": "object", "properties": properties});
    if let (Some(members), false) = (schema.as_object_mut(), parts.is_empty()) {
        members.insert("allOf".to_owned(), parts.into());
    }
    schema
}

fn reference(schema: &Cursor<'_>) -> Value {
    oracle::reference(&schema.pointer)
}

/// The parameters of the operation and of its path, with their schemas.
fn parameters<'a>(at: &Cursor<'a>, params: &[Argument]) -> Vec<(String, Cursor<'a>)> {
    let path = at.pointer.rsplit_once('/').map_or("", |(path, _)| path);
    let of_path = Cursor::at(at.document, path).map(|path| path.items("parameters"));
    let all = of_path.into_iter().flatten().chain(at.items("parameters"));
    let declared = all.filter_map(|parameter| {
        let parameter = parameter.follow().ok()?;
        let (name, location) = (parameter.str("name")?, parameter.str("in")?);
        params
            .iter()
            .filter(|known| known.name == name && spelled(known.location) == location)
            .find_map(|_| Some((name.to_owned(), parameter.get("schema")?)))
    });
    declared.collect()
}

fn spelled(location: Location) -> &'static str {
    match location {
        Location::Query => "query",
        Location::Header => "header",
        Location::Cookie => "cookie",
        Location::Path => "path",
        Location::Body => "body",
    }
}

/// The schema of the JSON body.
fn body_schema<'a>(at: &Cursor<'a>) -> Option<Cursor<'a>> {
    let body = at.get("requestBody")?.follow().ok()?;
    let media = body.entries("content").into_iter();
    media
        .filter(|(name, _)| is_json(name))
        .find_map(|(_, media)| media.get("schema"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Api;

    /// Every keyword of the document counts, wherever it stands, and whatever the names around it hold.
    #[test]
    fn arguments_are_judged_by_the_schemas_as_they_are_written() {
        let document = json!({
            "openapi": "3.0.3", "info": {"title": "t", "version": "1"},
            "paths": {"/a/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "minLength": 2}}],
                "post": {
                    "operationId": "op",
                    "parameters": [{"name": "n", "in": "query", "schema": {"type": "integer", "multipleOf": 5}}],
                    "requestBody": {"content": {"application/json; charset=utf-8": {"schema": {"$ref": "#/components/schemas/B"}}}},
                    "responses": {"200": {"description": ""}},
                },
            }},
            "components": {"schemas": {
                "B": {"type": "object", "maxProperties": 3, "properties": {
                    "code": {"type": "string", "pattern": "^[A-Z]+$"},
                    "rest": {"type": "object", "properties": {"deep": {"$ref": "#/components/schemas/Deep"}}},
                }},
                "Deep": {"type": "array", "uniqueItems": true, "items": {"type": "integer"}},
            }},
        });
        let document = Document::parse("t.json", document.to_string().as_bytes()).unwrap();
        let api = Api::from_document(document).unwrap();
        let operation = api.operation("op").unwrap();
        let broken = |value: Value| -> Vec<_> {
            let broken = operation.judge(&value).into_iter();
            broken.map(|it| (it.pointer, it.keyword)).collect()
        };
        let fine = json!({"id": "ab", "n": 10, "code": "X"});
        assert_eq!(broken(fine), []);
        for (value, pointer, keyword) in [
            (json!({"id": "a"}), "/id", "minLength"),
            (json!({"id": "ab", "n": 7}), "/n", "multipleOf"),
            (json!({"id": "ab", "code": "x"}), "/code", "pattern"),
            (
                json!({"id": "ab", "rest": {"deep": [1, 1]}}),
                "/rest/deep",
                "uniqueItems",
            ),
        ] {
            assert_eq!(broken(value), [(pointer.to_owned(), keyword.to_owned())]);
        }
    }
}
