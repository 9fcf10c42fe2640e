//! `/openapi.json`: this port as an OpenAPI 3.1 document, made from the capability and the API.

mod operation;
mod schema;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bpx_capability::Exposed;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::problem::PROBLEMS;
use schema::Components;

pub(super) const PATH: &str = "/openapi.json";

pub(super) fn router(exposed: &Exposed) -> Router {
    let text = Bytes::from(document(exposed).to_string());
    let handler = move || {
        let text = text.clone();
        async move { ([(CONTENT_TYPE, "application/json")], text) }
    };
    Router::new().route(PATH, get(handler))
}

fn document(exposed: &Exposed) -> Value {
    let mut components = Components::new(schema::own());
    let mut paths = Map::new();
    for route in exposed.routes() {
        let item = operation::item(route, &mut components);
        add(&mut paths, &route.path, &route.method.to_lowercase(), item);
    }
    for (path, item) in operation::monitoring() {
        add(&mut paths, path, "get", item);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": exposed.title,
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!("{}\n\n{NOTES}", exposed.description),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
            "contact": {"name": "The operator of this gateway"},
        },
        "servers": [{"url": "/", "description": "This gateway."}],
        "security": [{"token": []}],
        "tags": [
            {"name": OPERATIONS, "description": "Operations of the exchange, for the one account of this gateway."},
            {"name": GATEWAY, "description": "The gateway itself: health, readiness and metrics."},
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {
                "type": "http",
                "scheme": "bearer",
                "description": "The content of `read.token` or, to change the account, of `trade.token`, in the gateway's state folder.",
            }},
            "parameters": operation::parameters(),
            "headers": operation::headers(),
            "responses": operation::problems(),
            "schemas": components.into_schemas(),
        },
        "x-problems": PROBLEMS,
    })
}

const NOTES: &str = "Prices and amounts are decimals written as JSON strings. A call that changes the account is made at \
most once, and is recorded before it is sent; with the header `Idempotency-Key`, a repeated call gets the outcome of the \
first. Refusals and failures are `application/problem+json`, where `code` is the exchange's own if the exchange refused.";

/// The tags.
const OPERATIONS: &str = "Operations";
const GATEWAY: &str = "Gateway";

fn add(paths: &mut Map<String, Value>, path: &str, method: &str, item: Value) {
    let entry = paths.entry(path).or_insert_with(|| json!({}));
    if let Some(methods) = entry.as_object_mut() {
        methods.insert(method.to_owned(), item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_capability_is_in_the_document_and_no_other_operation() {
        let document = document(bpx_venue::exposed());
        let routes: Vec<_> = bpx_venue::exposed().routes().collect();
        assert!(!routes.is_empty());
        for route in &routes {
            let item = &document["paths"][&route.path][route.method.to_lowercase()];
            assert_eq!(item["operationId"], route.operation.id);
        }
        let paths = document["paths"].as_object().unwrap().values();
        let operations = paths
            .flat_map(|path| path.as_object().unwrap().values())
            .filter(|item| item["tags"][0] == OPERATIONS);
        assert_eq!(operations.count(), routes.len());
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document(bpx_venue::exposed());
        let text = document.to_string();
        let references = text.split("\"$ref\":\"#").skip(1);
        let mut count = 0;
        for reference in references {
            let pointer = reference.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
            count += 1;
        }
        assert!(count > 50);
        assert!(!text.contains("$defs"));
    }
}
