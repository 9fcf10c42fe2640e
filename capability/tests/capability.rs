//! The capability file: ours, the published one, the later style, and what has no reading.

#![cfg(test)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bpx_capability::{self as capability, Read, Rule, Transport, Warning};
use bpx_contract::{Api, Document};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn ours() -> Read {
    let file = root().join("capabilities/order.capability.yaml");
    capability::read(&Document::read(&file).unwrap()).unwrap_or_else(|faults| panic!("{faults}"))
}

fn published() -> Option<Read> {
    let file = root().join("../shared/upstream/order.capability.yaml");
    if !file.is_file() {
        println!("skipped: ../shared/upstream is not there");
        return None;
    }
    let document = Document::read(&file).unwrap();
    Some(capability::read(&document).unwrap_or_else(|faults| panic!("{faults}")))
}

/// Warnings of reading and joining, by rule.
fn counts(read: &Read) -> BTreeMap<&'static str, usize> {
    let openapi = root().join("openapi/backpack-order.openapi.yaml");
    let api = Api::from_document(Document::read(&openapi).unwrap()).unwrap();
    let joined =
        capability::join(&read.capability, &api).unwrap_or_else(|faults| panic!("{faults}"));
    let mut counts = BTreeMap::new();
    for Warning { rule, .. } in read.warnings.iter().chain(&joined.warnings) {
        *counts.entry(rule.id()).or_default() += 1;
    }
    counts
}

#[test]
fn the_published_file_has_exactly_the_known_defects() {
    let Some(published) = published() else { return };
    let expected = [
        // Two inputs with keys of a declaration, one server with a description.
        (Rule::Key, 3),
        // Eight routes and eight tools.
        (Rule::OutputWithoutShape, 16),
        (Rule::Reference, 4),
        (Rule::BodyInput, 2),
        // Every GET and DELETE.
        (Rule::Inputs, 6),
        // The batch takes a list.
        (Rule::InputType, 1),
        // The secret.
        (Rule::UnusedVariable, 1),
        (Rule::Signature, 1),
        // Placing orders, one and several.
        (Rule::Hint, 2),
    ];
    let expected: BTreeMap<_, _> = expected.map(|(rule, count)| (rule.id(), count)).into();
    assert_eq!(counts(&published), expected);
}

#[test]
fn our_file_is_valid_and_warns_of_what_the_format_cannot_say() {
    let expected = [
        (Rule::UnusedVariable, 1),
        (Rule::Signature, 1),
        (Rule::Hint, 2),
    ];
    let expected: BTreeMap<_, _> = expected.map(|(rule, count)| (rule.id(), count)).into();
    assert_eq!(counts(&ours()), expected);
}

#[test]
fn our_file_exposes_what_the_published_one_does() {
    let Some(published) = published() else { return };
    let rows = |read: &Read| {
        let mut rows = Vec::new();
        for bind in &read.capability.binds {
            rows.push(format!("{} {:?}", bind.namespace, bind.keys));
        }
        for api in &read.capability.consumes {
            rows.push(format!("{} {}", api.namespace, api.base_uri.as_written()));
            let authentication = api.authentication.as_ref().unwrap();
            rows.push(format!(
                "{:?} {:?}",
                authentication.scheme, authentication.values
            ));
            for it in &api.operations {
                rows.push(format!("{} {:?} {}", it.name, it.method, it.path));
            }
        }
        for server in &read.capability.rest {
            rows.push(format!(
                "{} {} {:?}",
                server.namespace, server.port, server.address
            ));
            for it in &server.routes {
                rows.push(format!(
                    "{} {:?} {} {:?}",
                    it.name, it.method, it.path, it.call
                ));
            }
        }
        for server in &read.capability.mcp {
            rows.push(format!(
                "{} {:?} {:?}",
                server.namespace, server.port, server.transport
            ));
            for it in &server.tools {
                rows.push(format!("{} {:?} {:?}", it.name, it.hints, it.call));
            }
        }
        rows
    };
    assert_eq!(rows(&ours()), rows(&published));
}

#[test]
fn ports_order_and_hints_are_read() {
    let capability = ours().capability;
    assert_eq!(capability.rest[0].port, 8080);
    let server = &capability.mcp[0];
    assert_eq!(
        (server.port, server.transport),
        (Some(9090), Transport::Http)
    );
    let names: Vec<_> = server.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "backpack-get-order",
            "backpack-execute-order",
            "backpack-cancel-order",
            "backpack-execute-order-batch",
            "backpack-get-open-orders",
            "backpack-cancel-open-orders",
            "backpack-get-fills",
            "backpack-get-order-history"
        ]
    );
    let hints = server.tools[1].hints;
    assert_eq!(hints.read_only, Some(false));
    assert_eq!(hints.open_world, None);
    assert_eq!(server.tools[1].title.as_deref(), Some("Place one order"));
}

#[test]
fn strict_reading_refuses_what_would_be_a_warning() {
    let faults = ours().strict().unwrap_err();
    assert_eq!(faults.0.len(), 3);
    let text = faults.to_string();
    assert!(text.contains("[hint]\n   at: ") && text.contains("\n  fix: say `readOnly: false`"));
}

#[test]
fn a_warning_names_place_rule_and_reading() {
    let warnings = ours().warnings;
    let hint = warnings.iter().find(|it| it.rule == Rule::Hint).unwrap();
    let text = hint.to_string();
    assert!(text.starts_with("warning: `destructive: false`"), "{text}");
    assert!(text.contains("order.capability.yaml#/capability/exposes/1/tools/1/hints"));
    assert!(text.contains("\n   as: as it is written"), "{text}");
}

/// The later key style, as YAML.
const LATER: &str = "
ikanos: 1.0.0-beta5
info: {display: Market, description: A market., version: '2'}
binds: [{namespace: env, keys: {KEY: MARKET_KEY}}]
capability:
  aggregates:
  - display: Book
    namespace: book
    flows:
      read: {description: Reads the book., call: market.get-depth, semantics: {safe: true, idempotent: true}}
  consumes:
  - type: http
    namespace: market
    baseUri: https://api.example.com/v1
    authentication: {type: bearer, token: '{{KEY}}'}
    resources:
      depth:
        path: /depth/{{id}}
        operations:
          get-depth: {method: GET, inputParameters: {id: {in: path}}}
  exposes:
  - type: rest
    namespace: market-rest
    port: 80
    resources: {depth: {path: '/depth/{{id}}', operations: {read: {method: GET, ref: book.read}}}}
  - type: mcp
    namespace: market-mcp
    transport: stdio
    tools: {read-book: {ref: book.read}}
";

#[test]
fn the_later_style_gives_the_same_model_as_yaml_and_as_json() {
    let yaml = Document::parse("later.yaml", LATER.as_bytes()).unwrap();
    let json = Document::parse("later.json", yaml.value.to_string().as_bytes()).unwrap();
    for document in [yaml, json] {
        let read = capability::read(&document).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(read.warnings, []);
        let capability = read.capability;
        assert_eq!(
            (capability.title.as_str(), capability.version.as_str()),
            ("Market", "1.0.0-beta5")
        );
        let tool = &capability.mcp[0].tools[0];
        assert_eq!(
            (tool.name.as_str(), tool.description.as_str()),
            ("read-book", "Reads the book.")
        );
        assert_eq!(
            (tool.hints.read_only, tool.hints.destructive),
            (Some(true), Some(false))
        );
        assert_eq!(tool.call, capability.rest[0].routes[0].call);
        assert_eq!(capability.mcp[0].transport, Transport::Stdio);
    }
}

#[test]
fn lists_in_the_later_style_and_maps_in_the_earlier_one_are_read_with_a_warning() {
    let mixed = LATER
        .replace("ikanos: 1.0.0-beta5", "naftiko: 1.0.0-alpha2")
        .replace("display", "label")
        .replace(", version: '2'", "")
        .replace("flows", "functions");
    let read = capability::read(&Document::parse("mixed.yaml", mixed.as_bytes()).unwrap()).unwrap();
    assert!(
        read.warnings
            .iter()
            .all(|warning| warning.rule == Rule::Style)
    );
    assert_eq!(read.warnings.len(), 7);
    assert_eq!(read.capability.mcp[0].tools[0].name, "read-book");
}

#[test]
fn an_unknown_version_is_read_with_a_warning() {
    let text = LATER.replace("1.0.0-beta5", "7");
    let read = capability::read(&Document::parse("later.yaml", text.as_bytes()).unwrap()).unwrap();
    assert_eq!(read.warnings.len(), 1);
    assert_eq!(read.warnings[0].rule, Rule::Version);
}

#[test]
fn operations_are_joined_by_method_and_path_below_the_base() {
    let openapi = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {'/v1/depth/{symbol}': {get: {operationId: getDepth, \
        parameters: [{name: id, in: query, schema: {type: string}}, {name: symbol, in: path, required: true, schema: {type: string}}], \
        responses: {'200': {description: ok}}}}}";
    let api = Api::from_document(Document::parse("api.yaml", openapi.as_bytes()).unwrap()).unwrap();
    let read = capability::read(&Document::parse("later.yaml", LATER.as_bytes()).unwrap()).unwrap();
    let joined = capability::join(&read.capability, &api).unwrap();
    let call = &read.capability.mcp[0].tools[0].call;
    assert_eq!(joined.operation(call).unwrap().id, "getDepth");
    let other = LATER.replace("/depth/{{id}}", "/book");
    let read = capability::read(&Document::parse("later.yaml", other.as_bytes()).unwrap()).unwrap();
    let faults = capability::join(&read.capability, &api).unwrap_err();
    // One cause, though a route and a tool call it.
    assert_eq!(faults.0.len(), 1, "{faults}");
    assert!(
        faults
            .to_string()
            .contains("the OpenAPI document has no `GET /book`"),
        "{faults}"
    );
}
