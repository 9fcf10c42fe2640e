//! Schemas made and changed at random: where the comparison says that nothing breaks, a validator finds no value that does.
//!
//! `BPX_SEED=2 BPX_PAIRS=20000 cargo test -p bpx-evolve --test diff oracle` tries others, and more.

use std::collections::BTreeSet;

use bpx_evolve::{Side, Verdict};
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use crate::support::{Dice, compared, contract};

const NAMES: [&str; 3] = ["a", "b", "c"];

/// A schema of random keywords.
fn schema(dice: &mut Dice, depth: usize) -> Value {
    let kinds = if depth == 0 { 6 } else { 12 };
    match dice.below(kinds) {
        0 => json!({"type": "string"}),
        1 => json!({"type": "string", "enum": ["x", "y"]}),
        2 => json!({"type": "integer", "minimum": dice.below(3)}),
        3 => json!({"type": *dice.pick(&["number", "boolean", "string"])}),
        4 => json!({"type": "string", "minLength": dice.below(3), "maxLength": 2 + dice.below(3)}),
        5 => json!({"type": ["string", "null"]}),
        6 => {
            json!({"type": "array", "items": schema(dice, depth - 1), "maxItems": 1 + dice.below(3)})
        }
        7 => json!({"type": "object", "additionalProperties": schema(dice, depth - 1)}),
        8 => {
            json!({*dice.pick(&["oneOf", "anyOf", "allOf"]): [schema(dice, depth - 1), schema(dice, depth - 1)]})
        }
        _ => object(dice, depth),
    }
}

fn object(dice: &mut Dice, depth: usize) -> Value {
    let mut properties = Map::new();
    for name in NAMES {
        if dice.below(3) > 0 {
            properties.insert(name.to_owned(), schema(dice, depth - 1));
        }
    }
    let required: Vec<_> = properties
        .keys()
        .filter(|_| dice.below(2) == 0)
        .cloned()
        .collect();
    let mut object = json!({"type": "object", "properties": properties, "required": required});
    match dice.below(6) {
        0 => object["additionalProperties"] = json!(false),
        1 => object["minProperties"] = json!(1),
        2 => object["properties"]["a"] = json!({"type": "string", "readOnly": true}),
        _ => {}
    }
    object
}

/// The schema with one part changed.
fn changed(dice: &mut Dice, old: &Value, depth: usize) -> Value {
    let mut new = old.clone();
    let members = new.as_object_mut().unwrap();
    let keys: Vec<_> = members.keys().cloned().collect();
    let key = dice.pick(&keys).clone();
    let inner = members.get_mut(&key).unwrap();
    match (&*key, inner, dice.below(5)) {
        (_, _, 0) => return schema(dice, depth),
        ("type", _, 1) => drop(members.insert("nullable".to_owned(), json!(true))),
        ("items" | "additionalProperties", inner, _) if inner.is_object() => {
            *inner = changed(dice, inner, depth.saturating_sub(1))
        }
        ("properties", Value::Object(properties), turn) if !properties.is_empty() => {
            let names: Vec<_> = properties.keys().cloned().collect();
            let name = dice.pick(&names).clone();
            match turn {
                1 => drop(properties.remove(&name)),
                2 => drop(properties.insert("d".to_owned(), json!({"type": "string"}))),
                _ => {
                    let inner = changed(dice, &properties[&name], depth.saturating_sub(1));
                    properties.insert(name, inner);
                }
            }
        }
        ("oneOf" | "anyOf" | "allOf", Value::Array(arms), turn) => match turn {
            1 => drop(arms.pop()),
            2 => arms.push(schema(dice, 0)),
            3 => {
                let list = members.remove(&key).unwrap();
                members.insert((*dice.pick(&["oneOf", "anyOf", "allOf"])).to_owned(), list);
            }
            _ => arms[0] = changed(dice, &arms[0].clone(), depth.saturating_sub(1)),
        },
        ("required", Value::Array(names), turn) => match turn {
            1 | 2 => drop(names.pop()),
            _ if !names.contains(&json!("a")) => names.push(json!("a")),
            _ => {}
        },
        ("enum", Value::Array(values), turn) => match turn {
            1 | 2 => drop(values.pop()),
            _ if !values.contains(&json!("z")) => values.push(json!("z")),
            _ => {}
        },
        ("type", _, _) => {}
        (_, inner @ Value::Number(_), turn) => *inner = json!(turn),
        _ => drop(members.remove(&key)),
    }
    new
}

/// A value that may or may not be valid.
fn value(dice: &mut Dice, names: &[String], depth: usize) -> Value {
    let scalars = [
        json!("x"),
        json!("y"),
        json!("z"),
        json!(""),
        json!("long text"),
        json!(0),
        json!(1),
        json!(5),
        json!(1.5),
        json!(true),
        Value::Null,
    ];
    match dice.below(if depth == 0 { 1 } else { 4 }) {
        0 => dice.pick(&scalars).clone(),
        1 => (0..dice.below(4))
            .map(|_| value(dice, names, depth - 1))
            .collect(),
        _ => {
            let names = names
                .iter()
                .filter(|_| dice.below(2) == 0)
                .cloned()
                .collect::<Vec<_>>();
            let members = names
                .into_iter()
                .map(|name| (name, value(dice, &[], depth - 1)));
            Value::Object(members.collect())
        }
    }
}

fn document(schema: &Value) -> Value {
    let body = json!({"required": true, "description": "", "content": {"application/json": {"schema": schema}}});
    json!({"openapi": "3.0.3", "info": {"title": "Random", "version": "1"}, "paths": {"/": {"post": {
        "operationId": "op", "requestBody": body, "responses": {"200": body}}}}})
}

/// The schema for one direction: without the properties that are not sent; senders send what it names, readers ignore what
/// it does not name.
fn directed(schema: &Value, side: Side, is_sender: bool) -> Value {
    let mut schema = schema.clone();
    direct(&mut schema, side, is_sender, true);
    schema
}

fn direct(schema: &mut Value, side: Side, is_sender: bool, is_alone: bool) {
    let Value::Object(members) = schema else {
        return;
    };
    nullable(members);
    if side == Side::Request {
        without_read_only(members);
    }
    let is_closed = members.get("additionalProperties") == Some(&json!(false));
    match (is_sender, is_alone) {
        (true, true) if members.get("properties").is_some_and(|it| it != &json!({})) => {
            members
                .entry("additionalProperties")
                .or_insert(json!(false));
        }
        (false, true) if side == Side::Response && is_closed => {
            members.remove("additionalProperties");
        }
        _ => {}
    }
    for (key, inside) in members {
        match (&**key, inside) {
            ("properties", Value::Object(properties)) => {
                properties
                    .values_mut()
                    .for_each(|it| direct(it, side, is_sender, true));
            }
            ("oneOf", Value::Array(arms)) => arms
                .iter_mut()
                .for_each(|it| direct(it, side, is_sender, is_sender)),
            ("allOf", Value::Array(parts)) => parts
                .iter_mut()
                .for_each(|it| direct(it, side, is_sender, !is_sender && is_alone)),
            ("anyOf", Value::Array(arms)) => arms
                .iter_mut()
                .for_each(|it| direct(it, side, is_sender, false)),
            ("items" | "additionalProperties", inside) => direct(inside, side, is_sender, true),
            _ => {}
        }
    }
}

fn nullable(members: &mut Map<String, Value>) {
    if members.get("nullable") != Some(&json!(true)) {
        return;
    }
    if let Some(Value::String(kind)) = members.get("type") {
        let kinds = json!([kind, "null"]);
        members.insert("type".to_owned(), kinds);
    }
    if let Some(Value::Array(values)) = members.get_mut("enum") {
        values.push(Value::Null);
    }
}

fn without_read_only(members: &mut Map<String, Value>) {
    let Some(Value::Object(properties)) = members.get_mut("properties") else {
        return;
    };
    let mut unsent = BTreeSet::new();
    properties.retain(|name, it| {
        let is_sent = it["readOnly"] != true;
        if !is_sent {
            unsent.insert(name.clone());
        }
        is_sent
    });
    if let Some(Value::Array(required)) = members.get_mut("required") {
        required.retain(|it| !unsent.contains(it.as_str().unwrap()));
    }
}

fn validator(schema: &Value) -> Validator {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .build(schema)
        .unwrap()
}

fn names(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Array(items) => items.iter().for_each(|it| names(it, found)),
        Value::Object(members) => {
            let own = members.get("properties").and_then(Value::as_object);
            found.extend(own.into_iter().flatten().map(|(name, _)| name.clone()));
            members.values().for_each(|it| names(it, found));
        }
        _ => {}
    }
}

#[test]
fn what_is_safe_breaks_no_value_that_a_validator_finds() {
    let count = std::env::var("BPX_PAIRS").map_or(1000, |count| count.parse().unwrap());
    let (mut dice, mut safe, mut wrong) = (
        Dice(std::env::var("BPX_SEED").map_or(0x5EED, |it| it.parse().unwrap())),
        0,
        Vec::new(),
    );
    for _ in 0..count {
        let old = schema(&mut dice, 2);
        let new = changed(&mut dice, &old, 2);
        let found = compared(
            &contract("old.json", &document(&old)),
            &contract("new.json", &document(&new)),
        );
        for side in [Side::Request, Side::Response] {
            let mut changes = found
                .changes
                .iter()
                .filter(|it| it.side == side || it.side == Side::Operation);
            if !changes.all(|it| it.verdict == Verdict::Safe) {
                continue;
            }
            safe += 1;
            let is_sent = side == Side::Request;
            let (before, after) = (
                directed(&old, side, is_sent),
                directed(&new, side, !is_sent),
            );
            let (sender, receiver) = if is_sent {
                (before, after)
            } else {
                (after, before)
            };
            let (sent, taken) = (validator(&sender), validator(&receiver));
            // What is named in one alternative only may still meet two.
            let whole = validator(&directed(if is_sent { &old } else { &new }, side, false));
            let mut named = BTreeSet::new();
            names(&sender, &mut named);
            let named: Vec<_> = named.into_iter().collect();
            let broken = (0..300)
                .map(|_| value(&mut dice, &named, 2))
                .find(|it| sent.is_valid(it) && whole.is_valid(it) && !taken.is_valid(it));
            wrong.extend(broken.map(|it| format!("{side:?}: {it}\n  {old}\n  {new}")));
        }
    }
    assert!(safe > count / 3, "{safe} of {count}");
    assert!(
        wrong.is_empty(),
        "{} of {safe}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
