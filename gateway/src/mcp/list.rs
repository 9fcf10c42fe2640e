//! Lists for models: a part at a time, and without the nulls that say nothing.
//!
//! Where the contract's operation has pages, its own `limit` and `offset` go to the exchange. Any other read of a list
//! gets these two arguments here, and the gateway takes the part out of the exchange's list.

use std::collections::BTreeSet;

use bpx_capability::exposed::Interface;
use bpx_contract::api::Operation;
use bpx_dispatch::text::escaped;
use bpx_dispatch::{Finding, Refused, whole};
use rmcp::model::JsonObject;
use serde_json::{Map, Value, json};

use super::portable;
use crate::shared::CallError;

const LIMIT: &str = "limit";
const OFFSET: &str = "offset";

/// The part of a list that a call asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) offset: u64,
    pub(super) limit: Option<u64>,
    /// Whether the gateway takes it out of the whole list; otherwise the exchange gives it.
    pub(super) is_ours: bool,
}

impl Part {
    /// The part that the contract's own arguments ask the exchange for.
    pub(super) fn of_exchange(arguments: &JsonObject) -> Self {
        let number = |name| arguments.get(name).and_then(Value::as_u64);
        Self {
            offset: number(OFFSET).unwrap_or_default(),
            limit: number(LIMIT),
            is_ours: false,
        }
    }

    /// Takes the arguments that a tool adds out of a call's.
    ///
    /// # Errors
    /// [`Refused::Invalid`]: one is not a number of rows.
    pub(super) fn take(shape: &Shape, given: &mut JsonObject) -> Result<Self, Refused> {
        if shape.arguments.is_empty() {
            return Ok(Self::of_exchange(given));
        }
        let mut part = Self {
            is_ours: true,
            ..Self::default()
        };
        let mut findings = Vec::new();
        for (name, schema) in &shape.arguments {
            let Some(value) = given.remove(*name).filter(|value| !value.is_null()) else {
                continue;
            };
            let min = schema.get("minimum").and_then(Value::as_u64);
            let min = min.unwrap_or_default();
            match (number(&value).filter(|rows| *rows >= min), *name) {
                (Some(rows), LIMIT) => part.limit = Some(rows),
                (Some(rows), _) => part.offset = rows,
                (None, _) => findings.push(Finding::new(
                    "contract.type",
                    format!("/{name}"),
                    format!("`{name}` is not a whole number of at least {min}"),
                    "write a number, such as 20, or leave it out",
                )),
            }
        }
        match findings.is_empty() {
            true => Ok(part),
            false => Err(Refused::Invalid {
                operation: shape.operation.clone(),
                findings,
            }),
        }
    }

    /// The part of the whole list, and the length of the whole.
    pub(super) fn cut_out(&self, rows: &mut Vec<Value>) -> u64 {
        let whole = rows.len();
        let clamp = |rows: u64| usize::try_from(rows).unwrap_or(usize::MAX);
        rows.drain(..clamp(self.offset).min(whole));
        rows.truncate(self.limit.map_or(usize::MAX, clamp));
        whole as u64
    }
}

/// A number of rows, also as text or with zeros after its point.
fn number(value: &Value) -> Option<u64> {
    match value.as_str() {
        Some(text) => text.parse().ok(),
        None => u64::try_from(whole(value)?).ok(),
    }
}

/// What a tool does with lists and nulls, as its operation's schemas say. It is made once for each tool.
#[derive(Debug)]
pub(super) struct Shape {
    operation: String,
    /// The arguments that a read of a list has beside the contract's.
    pub(super) arguments: Vec<(&'static str, Value)>,
    /// The members that the schema of the result names anywhere, and those that it requires anywhere.
    named: BTreeSet<String>,
    required: BTreeSet<String>,
    has_maps: bool,
}

impl Shape {
    pub(super) fn of_tool(interface: Interface<'_>) -> Self {
        let names = interface.arguments().into_iter();
        let names: Vec<_> = names.map(|argument| argument.name.as_str()).collect();
        Self::new(interface.operation(), interface.output_schema(), &names)
    }

    #[cfg(test)]
    pub(super) fn of(operation: &Operation) -> Self {
        let names = operation.arguments();
        let names: Vec<_> = names.map(|argument| argument.name.as_str()).collect();
        Self::new(operation, operation.output_schema(), &names)
    }

    fn new(operation: &Operation, output: &Value, names: &[&str]) -> Self {
        let mut shape = Self {
            operation: operation.id.clone(),
            arguments: arguments(operation, output, names),
            named: BTreeSet::new(),
            required: BTreeSet::new(),
            has_maps: false,
        };
        shape.read(output);
        shape
    }

    fn read(&mut self, schema: &Value) {
        match schema {
            Value::Object(members) => self.members(members),
            Value::Array(items) => items.iter().for_each(|it| self.read(it)),
            _ => {}
        }
    }

    fn members(&mut self, members: &Map<String, Value>) {
        let properties = members.get("properties").and_then(Value::as_object);
        let names = properties.into_iter().flat_map(Map::keys);
        self.named.extend(names.cloned());
        let required = members.get("required").and_then(Value::as_array);
        let required = required.into_iter().flatten().filter_map(Value::as_str);
        self.required.extend(required.map(str::to_owned));
        let further = members.get("additionalProperties");
        self.has_maps |= further.is_some_and(Value::is_object);
        members.values().for_each(|it| self.read(it));
    }

    /// Leaves out members that are null and that the schema does not require. In a map, a name says something by itself.
    pub(super) fn leave_out_nulls(&self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.retain(|name, value| !value.is_null() || self.keeps(name));
                members.values_mut().for_each(|it| self.leave_out_nulls(it));
            }
            Value::Array(items) => items.iter_mut().for_each(|it| self.leave_out_nulls(it)),
            _ => {}
        }
    }

    fn keeps(&self, name: &str) -> bool {
        self.required.contains(name) || (self.has_maps && !self.named.contains(name))
    }

    /// The same refusal, with the tool's own arguments among those that a finding lists.
    pub(super) fn naming_arguments(&self, mut error: CallError) -> CallError {
        if let CallError::Refused(Refused::Invalid { findings, .. }) = &mut error {
            let undeclared = findings.iter_mut();
            let undeclared =
                undeclared.filter(|it| it.rule == "contract.undeclared" && it.suggestion.is_none());
            for finding in undeclared {
                for (name, _) in &self.arguments {
                    finding.fix.push_str(", ");
                    finding.fix.push_str(name);
                }
            }
        }
        error
    }
}

fn arguments(operation: &Operation, output: &Value, names: &[&str]) -> Vec<(&'static str, Value)> {
    let result = output.pointer("/properties/result");
    let is_list = result.is_some_and(|result| portable::has_type(result, "array"));
    if !is_list || operation.paged || !operation.effect.only_reads() {
        return Vec::new();
    }
    let limit = json!({
        "type": "integer", "minimum": 1,
        "description": "Most rows to return; without it, as many as fit.",
    });
    let offset = json!({
        "type": "integer", "minimum": 0,
        "description": "How many rows to skip: `nextOffset` of the result before. Rows move up when one ends in between.",
    });
    let mut arguments = vec![(LIMIT, limit), (OFFSET, offset)];
    arguments.retain(|(name, _)| !names.contains(name));
    arguments
}

/// Leaves as many whole rows as fit into so many bytes, and says how many are left out.
pub(super) fn fit(rows: &mut Vec<Value>, bytes_max: usize) -> usize {
    let mut left = bytes_max;
    let fitting = rows.iter().take_while(|row| {
        let bytes = escaped(&row.to_string()).len() + 1;
        let fits = bytes < left;
        left = left.saturating_sub(bytes);
        fits
    });
    let fitting = fitting.count();
    let left_out = rows.len() - fitting;
    rows.truncate(fitting);
    left_out
}

#[cfg(test)]
mod tests {
    use bpx_venue::operations::{CANCEL_OPEN_ORDERS, GET_FILLS, GET_OPEN_ORDERS, GET_ORDER};

    use super::*;

    fn object(value: Value) -> JsonObject {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_read_of_a_list_without_pages_gets_them() {
        let added = |operation| {
            let added = Shape::of(operation).arguments.into_iter();
            added.map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(added(&GET_OPEN_ORDERS), [LIMIT, OFFSET]);
        for operation in [&GET_FILLS, &GET_ORDER, &CANCEL_OPEN_ORDERS] {
            assert!(added(operation).is_empty(), "{}", operation.id);
        }
    }

    #[test]
    fn a_part_is_taken_out_of_the_arguments_and_of_the_list() {
        let mut given = object(json!({"symbol": "SOL_USDC", "limit": 2.0, "offset": "3"}));
        let part = Part::take(&Shape::of(&GET_OPEN_ORDERS), &mut given).unwrap();
        assert_eq!(given, object(json!({"symbol": "SOL_USDC"})));
        let mut rows: Vec<Value> = (0..6).map(Value::from).collect();
        assert_eq!(part.cut_out(&mut rows), 6);
        assert_eq!(rows, [3, 4]);
        let beyond = object(json!({"limit": u64::MAX, "offset": u64::MAX}));
        let part = Part::take(&Shape::of(&GET_OPEN_ORDERS), &mut beyond.clone()).unwrap();
        assert_eq!((part.cut_out(&mut rows), rows.len()), (2, 0));
    }

    #[test]
    fn what_is_no_number_of_rows_is_refused() {
        for given in [
            json!({"limit": 0}),
            json!({"limit": -1}),
            json!({"offset": 1.5}),
            json!({"offset": true}),
            json!({"offset": "all"}),
            json!({"limit": [1]}),
        ] {
            let refused = Part::take(&Shape::of(&GET_OPEN_ORDERS), &mut object(given.clone()));
            let refused = refused.unwrap_err();
            let pointer = format!("/{}", given.as_object().unwrap().keys().next().unwrap());
            assert_eq!(refused.findings()[0].pointer, pointer);
        }
        let absent = Part::take(
            &Shape::of(&GET_OPEN_ORDERS),
            &mut object(json!({"limit": null})),
        );
        assert_eq!(absent.unwrap().limit, None);
    }

    #[test]
    fn a_null_is_left_out_where_it_may_be() {
        let schema = json!({
            "properties": {"result": {"items": {"$ref": "#/$defs/Row"}}},
            "$defs": {"Row": {"required": ["a"], "properties": {"a": {}, "b": {}, "c": {"properties": {"d": {}}}}}},
        });
        let given = json!([{"a": null, "b": null, "c": {"d": null, "x": null}, "x": null}, null]);
        let left = |schema: &Value| {
            let mut shape = Shape::of(&GET_ORDER);
            (shape.named, shape.required) = (BTreeSet::new(), BTreeSet::new());
            shape.has_maps = false;
            shape.read(schema);
            let mut value = given.clone();
            shape.leave_out_nulls(&mut value);
            value
        };
        assert_eq!(left(&schema), json!([{"a": null, "c": {}}, null]));
        let map = json!({ "additionalProperties": schema });
        let kept = json!([{"a": null, "c": {"x": null}, "x": null}, null]);
        assert_eq!(left(&map), kept);
    }

    #[test]
    fn a_long_list_is_cut_after_a_whole_row() {
        let rows: Vec<Value> = (1..4).map(|n| json!({"a": n})).collect();
        let fitting = |bytes_max| {
            let mut rows = rows.clone();
            let left_out = fit(&mut rows, bytes_max);
            (rows.len(), left_out)
        };
        assert_eq!(fitting(100), (3, 0));
        assert_eq!(fitting(20), (2, 1));
        assert_eq!(fitting(3), (0, 3));
    }
}
