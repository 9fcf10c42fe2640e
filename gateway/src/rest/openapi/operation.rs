//! Operation objects: parameters, bodies, responses.

use bpx_capability::exposed::{Interface, Route};
use bpx_contract::api::{Argument, Kind, Location, Operation};
use serde_json::{Map, Value, json};

use super::schema::{Components, without_null};
use super::{GATEWAY, OPERATIONS};
use crate::caller::Scope;
use crate::rest::headers::HEADERS;

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
        "There is no token, or a wrong one; or the exchange refuses the gateway's key.",
    ),
    (
        403,
        "Forbidden",
        "`Host`, `Origin` or the token's scope does not allow it; or policy, switches, or the exchange.",
    ),
    (
        404,
        "NotFound",
        "The exchange has no such thing, or no longer.",
    ),
    (408, "BodyTimeout", "The body took too long."),
    (
        409,
        "Conflict",
        "The call with this idempotency key is in flight, the client order id is in use, or the order was closed before it could be cancelled.",
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
        "The token's rate limit is exceeded, or the exchange's.",
    ),
    (500, "Internal", "The gateway or the exchange failed."),
    (
        502,
        "BadGateway",
        "The call was not carried out, for certain; or a read got no usable response.",
    ),
    (
        503,
        "Unavailable",
        "The gateway or the exchange cannot take the call now.",
    ),
    (
        504,
        "OutcomeUnknown",
        "It is not known whether the call was carried out. Do not send it again under another key.",
    ),
];
/// Statuses of requests that change the account or have a body.
const CHANGES_ONLY: &[u16] = &[408, 409, 413, 415, 422, 504];

/// One route as an operation object.
pub(super) fn item(route: &Route, components: &mut Components) -> Value {
    let operation = &route.operation;
    let interface = route.interface();
    let input = components.take(&operation.id, interface.input_schema());
    let mut item = json!({
        "operationId": operation.id,
        "tags": [OPERATIONS],
        "summary": operation.summary,
        "description": description(route),
        "parameters": parameters_of(interface, &input),
        "responses": responses(interface, components),
        "x-scope": Scope::needed(operation).word(),
    });
    if let Some(schema) = body(interface, &input)
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
    let token = match Scope::needed(&route.operation) {
        Scope::Read => "Needs the read token or the trade token.",
        Scope::Trade => "Needs the trade token.",
    };
    format!(
        "{}\n\n{}\n\n{token}",
        route.description, route.operation.doc
    )
}

fn parameters_of(interface: Interface<'_>, input: &Map<String, Value>) -> Vec<Value> {
    let declared = interface.arguments().into_iter();
    let mut parameters: Vec<_> = declared
        .filter(|argument| argument.location != Location::Body)
        .map(|argument| parameter(argument, property(input, &argument.name)))
        .collect();
    if !interface.operation().effect.only_reads() {
        parameters.push(json!({"$ref": "#/components/parameters/IdempotencyKey"}));
    }
    parameters.push(json!({"$ref": "#/components/parameters/Traceparent"}));
    parameters
}

fn parameter(argument: &Argument, mut schema: Value) -> Value {
    if let Some(members) = schema.as_object_mut() {
        members.remove("description");
    }
    let location = match argument.location {
        Location::Header => "header",
        Location::Path => "path",
        Location::Cookie => "cookie",
        Location::Query | Location::Body => "query",
    };
    let mut parameter = json!({
        "name": argument.name,
        "in": location,
        "required": argument.required,
        "description": argument.doc,
        "schema": schema,
    });
    if matches!(argument.kind, Kind::Many(_))
        && location == "query"
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

/// The schema of the body: the input schema without the parameters.
fn body(interface: Interface<'_>, input: &Map<String, Value>) -> Option<Value> {
    if let Some(argument) = interface.whole_body() {
        return Some(property(input, &argument.name));
    }
    let mut fields = interface.arguments();
    fields.retain(|argument| argument.location == Location::Body);
    if fields.is_empty() {
        return None;
    }
    let properties: Map<_, _> = fields
        .iter()
        .map(|field| (field.name.clone(), property(input, &field.name)))
        .collect();
    let required: Vec<_> = fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.name.as_str())
        .collect();
    let mut schema = input.clone();
    schema.insert("properties".to_owned(), properties.into());
    schema.insert("required".to_owned(), required.into());
    Some(schema.into())
}

fn responses(interface: Interface<'_>, components: &mut Components) -> Map<String, Value> {
    let operation = interface.operation();
    let output = components.take(&operation.id, interface.output_schema());
    let result = without_null(property(&output, "result"));
    let mut responses: Map<_, _> = operation
        .success
        .iter()
        .map(|status| (status.to_string(), success(operation, *status, &result)))
        .collect();
    if responses.is_empty() {
        responses.insert("2XX".to_owned(), success(operation, 200, &result));
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

fn success(operation: &Operation, status: u16, result: &Value) -> Value {
    let headers = headers_of(operation);
    let json = |schema: Value| json!({"application/json": {"schema": schema}});
    match status {
        202 => json!({
            "description": "The exchange accepted the call and has not executed it yet. Look for the outcome before anything else.",
            "headers": headers,
            "content": json(json!({"$ref": "#/components/schemas/Accepted"})),
        }),
        204 => json!({"description": "Success, without a body.", "headers": headers}),
        _ => json!({
            "description": "The exchange's response, unchanged.",
            "headers": headers,
            "content": json(result.clone()),
        }),
    }
}

fn headers_of(operation: &Operation) -> Map<String, Value> {
    let headers = HEADERS.iter();
    headers
        .filter(|header| header.belongs_to(operation))
        .map(|header| {
            let reference = format!("#/components/headers/{}", header.name);
            (header.name.to_owned(), json!({"$ref": reference}))
        })
        .collect()
}

pub(super) fn headers() -> Map<String, Value> {
    let headers = HEADERS.iter();
    headers
        .map(|header| {
            let described = json!({"description": header.doc, "schema": {"type": header.kind}});
            (header.name.to_owned(), described)
        })
        .collect()
}

pub(super) fn parameters() -> Value {
    json!({
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Calls with the same key are made once; later ones get the outcome of the first.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        },
        "Traceparent": {
            "name": "traceparent",
            "in": "header",
            "description": "W3C Trace Context; the gateway's spans continue this trace.",
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

/// The routes that monitor the gateway itself.
pub(super) fn monitoring() -> [(&'static str, Value); 4] {
    let state = json!({"application/json": {"schema": {"type": "object"}}});
    let text = json!({"application/openmetrics-text": {"schema": {"type": "string"}}});
    let health = monitor(
        "healthz",
        "Whether the gateway is running",
        "Always 200 while it is; checks nothing.",
        &state,
    );
    let mut ready = monitor(
        "readyz",
        "Whether the gateway can work",
        "Whether the journal can be written and the exchange responds, in fixed words, at most 5 s old. The kill switch and trading are reported and do not make it unready: reads still work.",
        &state,
    );
    let unready = json!({"description": "Not ready.", "content": state});
    set(&mut ready, "/responses/503", unready);
    let mut metrics = monitor(
        "metrics",
        "Counters and histograms",
        "Calls by operation, protocol and outcome, how long they took, problems, requests in flight, the journal's time. Needs a token, because it shows how much is traded.",
        &text,
    );
    let unauthorized = json!({"$ref": "#/components/responses/Unauthorized"});
    set(&mut metrics, "/security", json!([{"token": []}]));
    set(&mut metrics, "/responses/401", unauthorized.clone());
    let stream = json!({"text/event-stream": {"schema": {"type": "string"}}});
    let mut events = monitor(
        "events",
        "What happens to the account",
        "Server-sent events, where the gateway was started with them: `order` as the exchange's stream tells it, with `recovered` where it was read afterwards, and `gap` where something may be missing. Each has a number as its id; with `Last-Event-ID` or `after` they go on behind it.",
        &stream,
    );
    set(&mut events, "/security", json!([{"token": []}]));
    set(&mut events, "/responses/401", unauthorized);
    set(
        &mut events,
        "/parameters",
        json!([{"name": "after", "in": "query", "description": "The number of the last event that was seen.", "schema": {"type": "integer", "minimum": 0}}]),
    );
    [
        ("/healthz", health),
        ("/readyz", ready),
        ("/metrics", metrics),
        ("/events", events),
    ]
}

fn monitor(id: &str, summary: &str, description: &str, content: &Value) -> Value {
    json!({
        "operationId": id,
        "tags": [GATEWAY],
        "summary": summary,
        "description": description,
        "security": [],
        "responses": {
            "200": {"description": "Success.", "content": content},
            "403": {"$ref": "#/components/responses/Forbidden"},
            "429": {"$ref": "#/components/responses/TooManyRequests"},
            "503": {"$ref": "#/components/responses/Unavailable"},
        },
    })
}

/// Sets a member of the object at a JSON pointer.
fn set(value: &mut Value, pointer: &str, member: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    if let Some(Value::Object(members)) = value.pointer_mut(parent) {
        members.insert(name.to_owned(), member);
    }
}
