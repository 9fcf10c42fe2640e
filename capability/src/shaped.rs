//! Exposed outputs: which parts of a response a caller gets, and under which names.

use serde_json::{Map, Value, json};
use serde_json_path::JsonPath;

/// An output: a part of a response, with what it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Shaped {
    pub(super) kind: String,
    /// Where it is in what contains it; none for all of that.
    pub(super) path: Option<JsonPath>,
    pub(super) doc: String,
    pub(super) parts: Parts,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Parts {
    /// As it comes.
    Whole,
    Members(Vec<(String, Shaped)>),
    Items(Box<Shaped>),
    /// Whatever comes, this.
    Constant(Value),
}

impl Shaped {
    /// What a caller gets of a response.
    #[must_use]
    pub fn apply(&self, response: &Value) -> Value {
        let found = match &self.path {
            None => response.clone(),
            Some(path) => select(path, response),
        };
        match &self.parts {
            Parts::Constant(value) => value.clone(),
            Parts::Members(members) => {
                let made = members.iter();
                let made = made.map(|(name, member)| (name.clone(), member.apply(&found)));
                Value::Object(made.collect())
            }
            Parts::Items(item) => match found {
                Value::Array(rows) => rows.iter().map(|row| item.apply(row)).collect(),
                _ => Value::Null,
            },
            Parts::Whole if self.kind == "string" && (found.is_number() || found.is_boolean()) => {
                found.to_string().into()
            }
            Parts::Whole => found,
        }
    }

    /// JSON Schema of it. What is missing in a response is null.
    #[must_use]
    pub fn schema(&self) -> Value {
        let mut schema = match &self.parts {
            Parts::Members(members) => {
                let members = members.iter();
                let members = members.map(|(name, member)| (name.clone(), member.schema()));
                json!({"type": "object", "properties": members.collect::<Map<_, _>>()})
            }
            Parts::Items(item) => json!({"type": ["array", "null"], "items": item.schema()}),
            Parts::Constant(_) => json!({}),
            // A number that came as text stays the text, digit for digit.
            Parts::Whole if self.kind == "string" => json!({"type": ["string", "null"]}),
            Parts::Whole => json!({}),
        };
        if let (false, Some(members)) = (self.doc.is_empty(), schema.as_object_mut()) {
            members.insert("description".to_owned(), self.doc.clone().into());
        }
        schema
    }
}

/// One value; several as a list; null for none.
fn select(path: &JsonPath, value: &Value) -> Value {
    let found = path.query(value).all();
    match found.as_slice() {
        [] => Value::Null,
        [one] => (*one).clone(),
        several => several.iter().map(|it| (*it).clone()).collect(),
    }
}
