//! Operations: parameters, bodies, answers.

use bpx_runtime::capability::Route;
use bpx_contract::api::{Argument, Body, Kind, Location, Operation};
use serde_json::{Map, Value, json};

use super::schema::{Components, without_null};
use crate::caller::Scope;

/// The statuses of the gateway's own refusals, and the component that describes each.
const OWN: &[(u16, &str, &str)] = &[
    (
        400,
        "BadRequest",
        "The request cannot be read, its arguments do not fit, or the exchange refused it.",
    ),
    (
        401,
        "Unauthorized",
        "There is no token, or a wrong one; or the exchange does not take the gateway's key.",
    ),
    (
        403,
        "Forbidden",
        "`Host`, `Origin` or the token's scope does not allow it; or policy, switches, or the exchange.",
    ),
    (404, "NotFound", "The exchange has no such order open."),
    (408, "BodyTimeout", "The body took too long."),
    (
        409,
        "Conflict",
        "The idempotency key's call is under way, the `clientId` is in use, or the order was closed before it could be cancelled.",
    ),
    (413, "BodyTooLarge", "The body is too large."),
    (415, "ContentType", "The body is not `application/json`."),
    (
        422,
        "KeyReused",
        "The idempotency key belongs to another call.",
    ),
    (
        429,
        "TooManyRequests",
        "The token is used too often, or the exchange's pace is exceeded.",
    ),
    (500, "Internal", "The gateway or the exchange failed."),
    (
        502,
        "BadGateway",
        "The call was not carried out, for certain; or a read got no usable answer.",
    ),
    (
        503,
        "Unavailable",
        "The gateway cannot take the call now, or the exchange does not.",
    ),
    (
        504,
        "OutcomeUnknown",
        "It is not known whether the call was carried out. Do not send it again under another key.",
    ),
];
/// Only requests that change the account, or carry a body, end so.
const CHANGES_ONLY: &[u16] = &[408, 409, 413, 415, 422, 504];

/// One route as an operation object.
pub(super) fn item(route: &Route, components: &mut Components) -> Value {
    let operation = route.operation;
    let input = components.take(operation.id, operation.input_schema);
    let mut item = json!({
        "operationId": operation.id,
        "tags": ["Order"],
        "summary": operation.summary,
        "description": description(route),
        "parameters": parameters_of(operation, &input),
        "responses": responses(operation, components),
        "x-scope": Scope::needed(operation).word(),
    });
    if let Some(schema) = body(operation, &input)
        && let Some(members) = item.as_object_mut()
    {
        let content = json!({"application/json": {"schema": schema}});
        members.insert(
            "requestBody".to_owned(),
            json!({"required": true, "content": content}),
        );
    }
    item
}

fn description(route: &Route) -> String {
    let token = match Scope::needed(route.operation) {
        Scope::Read => "Needs the read token or the trade token.",
        Scope::Trade => "Needs the trade token.",
    };
    format!(
        "{}\n\n{}\n\n{token}",
        route.description, route.operation.doc
    )
}

fn parameters_of(operation: &Operation, input: &Map<String, Value>) -> Vec<Value> {
    let rows = operation.params.iter();
    let mut parameters: Vec<_> = rows
        .map(|row| parameter(row, property(input, row.name)))
        .collect();
    if !operation.effect.only_reads() {
        parameters.push(json!({"$ref": "#/components/parameters/IdempotencyKey"}));
    }
    parameters.push(json!({"$ref": "#/components/parameters/Traceparent"}));
    parameters
}

fn parameter(row: &Argument, mut schema: Value) -> Value {
    if let Some(members) = schema.as_object_mut() {
        members.remove("description");
    }
    let place = match row.location {
        Location::Header => "header",
        Location::Path => "path",
        Location::Query | Location::Body => "query",
    };
    let mut parameter = json!({
        "name": row.name,
        "in": place,
        "required": row.required,
        "description": row.doc,
        "schema": schema,
    });
    if matches!(row.kind, Kind::Many(_))
        && place == "query"
        && let Some(members) = parameter.as_object_mut()
    {
        members.insert("style".to_owned(), "form".into());
        members.insert("explode".to_owned(), true.into());
    }
    parameter
}

fn property(input: &Map<String, Value>, name: &str) -> Value {
    let properties = input.get("properties");
    let found = properties.and_then(|properties| properties.get(name));
    found.cloned().unwrap_or_else(|| json!({}))
}

/// The body's schema: what the input schema says, without what travels elsewhere.
fn body(operation: &Operation, input: &Map<String, Value>) -> Option<Value> {
    let fields = match operation.body {
        Body::None => return None,
        Body::Array { argument, .. } | Body::Value { argument } => {
            return Some(property(input, argument.name));
        }
        Body::Object { fields, .. } => fields,
    };
    let properties: Map<_, _> = fields
        .iter()
        .map(|field| (field.name.to_owned(), property(input, field.name)))
        .collect();
    let required: Vec<_> = fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.name)
        .collect();
    let mut schema = input.clone();
    schema.insert("properties".to_owned(), properties.into());
    schema.insert("required".to_owned(), required.into());
    Some(schema.into())
}

fn responses(operation: &Operation, components: &mut Components) -> Map<String, Value> {
    let output = components.take(operation.id, operation.output_schema);
    let result = without_null(property(&output, "result"));
    let mut responses = Map::new();
    for status in operation.success {
        let response = match status {
            202 => json!({
                "description": "Taken by the exchange, and not executed yet. Look for the outcome before anything else.",
                "headers": headers_of(operation),
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Accepted"}}},
            }),
            _ => json!({
                "description": "The exchange's answer, as it came.",
                "headers": headers_of(operation),
                "content": {"application/json": {"schema": result}},
            }),
        };
        responses.insert(status.to_string(), response);
    }
    let is_read = operation.effect.only_reads();
    for (status, name, _) in OWN {
        let is_possible = match status {
            404 => operation.errors.contains(status),
            _ => !(is_read && CHANGES_ONLY.contains(status)),
        };
        if is_possible {
            let reference = format!("#/components/responses/{name}");
            responses.insert(status.to_string(), json!({"$ref": reference}));
        }
    }
    responses.insert(
        "default".to_owned(),
        json!({"$ref": "#/components/responses/Other"}),
    );
    responses
}

/// A header, what it says, and the schema of its value.
const HEADERS: &[(&str, &str, &str)] = &[
    (
        "X-Outcome",
        "How the call ended: `done`, `rejected`, `accepted` or `unknown`.",
        "string",
    ),
    (
        "X-Intent",
        "The call's number in the journal; reads have none.",
        "string",
    ),
    (
        "X-Client-Id",
        "The `clientId` of each order of the call, given or chosen, with commas between them.",
        "string",
    ),
    (
        "X-Source",
        "Where the result was read, if not in the answer to the call: `open orders` or `order history`.",
        "string",
    ),
    (
        "X-Note",
        "A check that lacked its data, or what else there is to know; once for each note.",
        "string",
    ),
    (
        "Idempotency-Replayed",
        "`true` where this is the recorded outcome of an earlier call.",
        "string",
    ),
    ("X-Page-Count", "How many pages there are.", "integer"),
    ("X-Current-Page", "Which page this is, from 1.", "integer"),
    ("X-Page-Size", "How many rows a page holds.", "integer"),
    ("X-Total", "How many rows there are in all.", "integer"),
];

fn headers_of(operation: &Operation) -> Map<String, Value> {
    let names = HEADERS.iter().map(|(name, ..)| *name);
    let is_page =
        |name: &str| ["X-Page-Count", "X-Current-Page", "X-Page-Size", "X-Total"].contains(&name);
    names
        .filter(|name| match operation.effect.only_reads() {
            true => *name == "X-Outcome" || (operation.paged && is_page(name)),
            false => !is_page(name),
        })
        .map(|name| {
            let reference = format!("#/components/headers/{name}");
            (name.to_owned(), json!({"$ref": reference}))
        })
        .collect()
}

pub(super) fn headers() -> Map<String, Value> {
    let rows = HEADERS.iter();
    rows.map(|(name, words, kind)| {
        let header = json!({"description": words, "schema": {"type": kind}});
        ((*name).to_owned(), header)
    })
    .collect()
}

pub(super) fn parameters() -> Value {
    json!({
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "The same call again with the same key is made once, and gets the outcome of the first time.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        },
        "Traceparent": {
            "name": "traceparent",
            "in": "header",
            "description": "W3C Trace Context; the gateway's spans go on in this trace.",
            "schema": {"type": "string"},
        },
    })
}

pub(super) fn problems() -> Map<String, Value> {
    let problem = |words: &str| {
        let schema = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
        json!({"description": words, "content": {"application/problem+json": schema}})
    };
    let own = OWN
        .iter()
        .map(|(_, name, words)| ((*name).to_owned(), problem(words)));
    let other = problem("Any other refusal, with the exchange's own status.");
    own.chain([("Other".to_owned(), other)]).collect()
}

/// The routes that watch the gateway, and not the account.
pub(super) fn watching() -> [(&'static str, Value); 3] {
    let state = json!({"application/json": {"schema": {"type": "object"}}});
    let route = |id: &str, summary: &str, words: &str, content: &Value| {
        json!({
            "operationId": id,
            "tags": ["Gateway"],
            "summary": summary,
            "description": words,
            "security": [],
            "responses": {
                "200": {"description": "Yes.", "content": content},
                "403": {"$ref": "#/components/responses/Forbidden"},
                "429": {"$ref": "#/components/responses/TooManyRequests"},
                "503": {"$ref": "#/components/responses/Unavailable"},
            },
        })
    };
    let text = json!({"application/openmetrics-text": {"schema": {"type": "string"}}});
    let mut ready = route(
        "readyz",
        "Whether the gateway can work",
        "Whether the journal can be written and the exchange answers. It says so in fixed words, at most 5 s old. Kill switch and trading are told, and do not make it unready: reads go through.",
        &state,
    );
    let mut metrics = route(
        "metrics",
        "What was counted",
        "Calls by operation, face and outcome, how long they took, problems, requests under way, the journal's time. Needs a token, since it tells how much is traded.",
        &text,
    );
    set(
        &mut ready,
        "/responses/503",
        json!({"description": "No.", "content": state.clone()}),
    );
    set(&mut metrics, "/security", json!([{"token": []}]));
    set(
        &mut metrics,
        "/responses/401",
        json!({"$ref": "#/components/responses/Unauthorized"}),
    );
    let lives = route(
        "healthz",
        "Whether the gateway lives",
        "Says yes and looks at nothing.",
        &state,
    );
    [
        ("/healthz", lives),
        ("/readyz", ready),
        ("/metrics", metrics),
    ]
}

/// Sets a member of an object inside `value`, there or not.
fn set(value: &mut Value, pointer: &str, member: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    if let Some(Value::Object(members)) = value.pointer_mut(parent) {
        members.insert(name.to_owned(), member);
    }
}
