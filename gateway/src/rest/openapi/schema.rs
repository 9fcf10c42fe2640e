//! Schemas: those of the operations, with their definitions under `components`, and the gateway's own.

use serde_json::{Map, Value, json};

/// `components/schemas`, and each definition as it was before its references were rewritten.
#[derive(Debug)]
pub(super) struct Components {
    schemas: Map<String, Value>,
    seen: Map<String, Value>,
}

impl Components {
    pub(super) fn new(schemas: Map<String, Value>) -> Self {
        Self {
            schemas,
            seen: Map::new(),
        }
    }

    pub(super) fn into_schemas(self) -> Map<String, Value> {
        self.schemas
    }

    /// Adds the definitions of a schema to the components, and returns the schema with its references rewritten. Equal
    /// definitions become one component; if a different one of the same name exists already, the new one gets the
    /// operation's name as a suffix.
    pub(super) fn take(&mut self, operation: &str, schema: &Value) -> Map<String, Value> {
        let Value::Object(mut schema) = schema.clone() else {
            return Map::new();
        };
        let Some(Value::Object(definitions)) = schema.remove("$defs") else {
            return schema;
        };
        let names: Map<_, _> = definitions
            .iter()
            .map(|(name, definition)| {
                let is_taken = match self.seen.get(name) {
                    Some(seen) => seen != definition,
                    None => self.schemas.contains_key(name),
                };
                let component = match is_taken {
                    true => format!("{name}.{operation}"),
                    false => name.clone(),
                };
                (name.clone(), Value::String(component))
            })
            .collect();
        for (name, mut definition) in definitions {
            let component = named(&names, &name);
            self.seen.insert(component.clone(), definition.clone());
            rewrite(&mut definition, &names);
            self.schemas.insert(component, definition);
        }
        schema.values_mut().for_each(|value| rewrite(value, &names));
        schema
    }
}

fn named(names: &Map<String, Value>, name: &str) -> String {
    let component = names.get(name).and_then(Value::as_str);
    component.unwrap_or(name).to_owned()
}

/// Rewrites references to definitions into references to components.
fn rewrite(value: &mut Value, names: &Map<String, Value>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(text) if key == "$ref" => {
                        if let Some(name) = text.strip_prefix("#/$defs/") {
                            *text = format!("#/components/schemas/{}", named(names, name));
                        }
                    }
                    member => rewrite(member, names),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, names)),
        _ => {}
    }
}

/// The schema of a result without `null`, for a response with a body.
pub(super) fn without_null(mut schema: Value) -> Value {
    if let Some(Value::Array(arms)) = schema.get_mut("anyOf") {
        arms.retain(|arm| arm.get("type").is_none_or(|kind| kind != "null"));
        if let [Value::Object(arm)] = arms.as_slice() {
            return Value::Object(arm.clone());
        }
    }
    if let Some(kind) = schema.get_mut("type") {
        if let Value::Array(kinds) = kind {
            kinds.retain(|kind| kind != "null");
        }
        if let Some([one]) = kind.as_array().map(Vec::as_slice) {
            *kind = one.clone();
        }
    }
    schema
}

/// The schemas of the gateway's own responses.
pub(super) fn own() -> Map<String, Value> {
    let schemas = [
        ("Accepted", accepted()),
        ("Finding", finding()),
        ("Note", note()),
        ("Problem", problem()),
    ];
    schemas
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

fn text(words: &str) -> Value {
    json!({"type": "string", "description": words})
}

fn finding() -> Value {
    json!({
        "type": "object",
        "required": ["rule", "pointer", "problem", "fix"],
        "description": "One thing that is wrong with a call.",
        "properties": {
            "rule": text("The rule's id."),
            "pointer": text("JSON pointer to the argument, in the object of all arguments; empty for the whole call."),
            "problem": text("What is wrong."),
            "fix": text("What to do about it, with the name or value that was likely intended."),
            "suggestion": text("The name or value that was likely intended, by itself; absent if none is similar."),
        },
    })
}

fn note() -> Value {
    json!({
        "type": "object",
        "required": ["rule", "pointer", "text"],
        "description": "A remark on a call that was made.",
        "properties": {
            "rule": text("The rule it is about."),
            "pointer": text("JSON pointer to the argument it is about; empty for the whole call."),
            "text": text("The remark."),
        },
    })
}

fn accepted() -> Value {
    let mut properties = identity();
    properties.insert("outcome".to_owned(), json!({"const": "accepted"}));
    properties.insert("detail".to_owned(), text("The last known state."));
    properties.insert("next".to_owned(), text("What to do."));
    json!({
        "type": "object",
        "required": ["outcome", "detail", "next"],
        "description": "The exchange accepted the call and had not executed it when the time for looking was over.",
        "properties": properties,
    })
}

fn problem() -> Value {
    let mut properties = identity();
    let own = json!({
        "type": text("The kind of problem; see `x-problems`."),
        "title": text("The kind, in words."),
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": text("What is wrong here."),
        "fix": text("What to do about it."),
        "code": text("The exchange's error code if the exchange refused, else the gateway's."),
        "message": text("The exchange's message, if the exchange refused."),
        "outcome": {
            "enum": ["refused", "not_sent", "rejected", "unknown"],
            "description": "`refused`: nothing was sent. `not_sent`: no connection was made, or the request could not leave; nothing was sent. `rejected`: not carried out, for certain. `unknown`: possibly carried out; do not send it again under another key.",
        },
        "next": text("What to do about an unknown outcome."),
        "retryAfter": text("How long the exchange asks to wait, in seconds or until a date, as in its `Retry-After`."),
        "findings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
        "order": {"description": "The order as it stands, where a cancellation came too late."},
    });
    properties.extend(own.as_object().cloned().unwrap_or_default());
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail", "code", "fix"],
        "description": "Problem details, RFC 9457.",
        "properties": properties,
    })
}

/// Members that identify a call.
fn identity() -> Map<String, Value> {
    let client_ids = json!({
        "type": "array",
        "items": {"type": "integer", "minimum": 0, "maximum": u32::MAX},
        "description": "The client order id of each order of the call, given or chosen.",
    });
    let notes = json!({
        "type": "array",
        "items": {"$ref": "#/components/schemas/Note"},
        "description": "Checks that lacked their data, and other remarks.",
    });
    let members = [
        ("intent", text("The call's id in the journal.")),
        ("clientIds", client_ids),
        ("notes", notes),
    ];
    members
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_definitions_become_one_and_unequal_ones_two() {
        let mut components = Components::new(Map::new());
        let schema = |kind: &str| {
            json!({
                "type": "object",
                "properties": {"x": {"$ref": "#/$defs/T"}},
                "$defs": {"T": {"type": kind}},
            })
        };
        let (a, b) = (schema("string"), schema("integer"));
        assert_eq!(
            components.take("one", &a)["properties"]["x"]["$ref"],
            "#/components/schemas/T"
        );
        assert_eq!(
            components.take("two", &a)["properties"]["x"]["$ref"],
            "#/components/schemas/T"
        );
        assert_eq!(
            components.take("three", &b)["properties"]["x"]["$ref"],
            "#/components/schemas/T.three"
        );
        let schemas = components.into_schemas();
        assert_eq!(schemas["T"]["type"], "string");
        assert_eq!(schemas["T.three"]["type"], "integer");
    }

    #[test]
    fn a_result_with_a_body_is_not_null() {
        let list = json!({"type": ["array", "null"], "items": {}});
        assert_eq!(without_null(list)["type"], "array");
        let one = json!({"anyOf": [{"$ref": "#/x"}, {"type": "null"}], "description": "y"});
        assert_eq!(without_null(one), json!({"$ref": "#/x"}));
    }
}
