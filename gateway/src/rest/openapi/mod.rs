//! `/openapi.json`: what this port serves, as OpenAPI 3.1, from the rows of the capability and of the table.

mod operation;
mod schema;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bpx_client::capability::{DESCRIPTION, REST, TITLE};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::problem::PROBLEMS;
use schema::Components;

pub(super) fn router() -> Router {
    let text = Bytes::from(document().to_string());
    let handler = move || {
        let text = text.clone();
        async move { ([(CONTENT_TYPE, "application/json")], text) }
    };
    Router::new().route("/openapi.json", get(handler))
}

/// The document.
pub(super) fn document() -> Value {
    let mut components = Components::new(schema::own());
    let mut paths = Map::new();
    for route in REST.iter().flat_map(|server| server.routes) {
        let item = operation::item(route, &mut components);
        add(&mut paths, route.path, &route.method.to_lowercase(), item);
    }
    for (path, item) in operation::watching() {
        add(&mut paths, path, "get", item);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!("{DESCRIPTION}\n\n{NOTES}"),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
            "contact": {"name": "Whoever runs this gateway"},
        },
        "servers": [{"url": "/", "description": "This gateway."}],
        "security": [{"token": []}],
        "tags": [
            {"name": "Order", "description": "Operations of the exchange, for the one account of this gateway."},
            {"name": "Gateway", "description": "The gateway itself: whether it lives, can work, and what it has counted."},
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {
                "type": "http",
                "scheme": "bearer",
                "description": "The content of `read.token` or, for what changes the account, of `trade.token`, from the gateway's state folder.",
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
most once, and is written down before it is sent; with the header `Idempotency-Key`, the same call again gets the same \
outcome. What is refused or fails comes as `application/problem+json`, where `code` is the exchange's own if the \
exchange refused.";

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
        let document = document();
        let routes = REST.iter().flat_map(|server| server.routes);
        for route in routes.clone() {
            let item = &document["paths"][route.path][route.method.to_lowercase()];
            assert_eq!(item["operationId"], route.operation.id);
        }
        let paths = document["paths"].as_object().unwrap().values();
        let orders = paths
            .flat_map(|path| path.as_object().unwrap().values())
            .filter(|item| item["tags"][0] == "Order");
        assert_eq!(orders.count(), routes.count());
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
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
