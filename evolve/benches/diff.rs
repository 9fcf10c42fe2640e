//! `cargo xtask bench diff`: how long two documents take to be read and compared.
//!
//! The documents are made here: operations that send and receive types which refer to each other in rows of eight. A third
//! of the types gain a property, a tenth have other limits.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::time::{Duration, Instant};

use bpx_contract::{Diagnostics, Document};
use bpx_evolve::{Diff, diff, openapi_api};
use serde_json::{Map, Value, json};

/// The size in words, operations, properties of each type, runs, and the longest time that is fine.
const SIZES: [(&str, usize, usize, usize, Duration); 2] = [
    ("0.4 MB, 81 operations", 81, 24, 5, Duration::from_secs(1)),
    ("10 MB, 750 operations", 750, 62, 1, Duration::from_secs(15)),
];

fn main() -> Result<(), Diagnostics> {
    println!("documents                bytes     changes   best s    at most s");
    for (words, operations, properties, runs, limit) in SIZES {
        let texts = [0, 1].map(|edition| document(operations, properties, edition).to_string());
        let mut best = Duration::MAX;
        let mut changes = 0;
        for _ in 0..runs {
            let start = Instant::now();
            changes = compared(&texts)?.changes.len();
            best = best.min(start.elapsed());
        }
        let bytes = texts.iter().map(String::len).max().unwrap_or_default();
        let (seconds, limit) = (best.as_secs_f64(), limit.as_secs());
        println!("{words:<24} {bytes:<9} {changes:<9} {seconds:<9.2} {limit}");
    }
    Ok(())
}

fn compared([old, new]: &[String; 2]) -> Result<Diff, Diagnostics> {
    let read = |file, text: &str| openapi_api(Document::parse(file, text.as_bytes())?);
    diff(&read("old.json", old)?, &read("new.json", new)?, None)
}

fn document(operations: usize, properties: usize, edition: usize) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for number in 0..operations {
        // Types refer to each other in rows of eight, the last to itself.
        let next = if number % 8 == 7 {
            number
        } else {
            (number + 1) % operations
        };
        schemas.insert(
            format!("Type{number}"),
            object(number, next, properties, edition),
        );
        paths.insert(
            format!("/path{number}/{{id}}"),
            json!({"post": operation(number, edition)}),
        );
    }
    json!({"openapi": "3.0.3", "info": {"title": "Large", "version": "1"}, "paths": paths, "components": {"schemas": schemas}})
}

fn operation(number: usize, edition: usize) -> Value {
    let reference = json!({"$ref": format!("#/components/schemas/Type{number}")});
    let body = |schema: Value| json!({"description": "A body.", "content": {"application/json": {"schema": schema}}});
    json!({
        "operationId": format!("operation{number}"),
        "parameters": [
            {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
            {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100 - edition}}],
        "requestBody": body(reference.clone()),
        "responses": {"200": body(json!({"type": "array", "items": reference}))}})
}

fn object(number: usize, next: usize, properties: usize, edition: usize) -> Value {
    let says = "What it holds, in words that say as much about it as those of documents do.";
    let property = |index: usize| match index % 4 {
        0 => {
            json!({"type": "string", "maxLength": 10 + if number.is_multiple_of(10) { edition } else { 0 }, "description": says})
        }
        1 => json!({"type": "integer", "format": "int64", "description": says}),
        2 => {
            json!({"type": "array", "items": {"$ref": format!("#/components/schemas/Type{next}")}, "description": says})
        }
        _ => {
            json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "number"}}, "description": says})
        }
    };
    let named = (0..properties).map(|index| (format!("field{index}"), property(index)));
    let mut named: Map<_, _> = named.collect();
    if edition == 1 && number.is_multiple_of(3) {
        named.insert("added".to_owned(), json!({"type": "string"}));
    }
    json!({"type": "object", "required": ["field0"], "properties": named})
}
