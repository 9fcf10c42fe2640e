//! What the specification says of actions, called workflows and inputs, on a small service of its own.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use bpx_runtime::Options;
use bpx_workflow::{
    Error, EventKind, Library, Outcome, Recorder, Report, Runner, SourceFiles, inputs_from_texts,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Bench, catalog, document, object, parse};

/// Answers with these statuses in turn, then with 200; the method and path of each request are kept.
#[derive(Clone, Default)]
struct Script {
    statuses: Arc<Mutex<Vec<u16>>>,
    seen: Arc<Mutex<Vec<String>>>,
}

async fn answer(
    State(script): State<Script>,
    method: axum::http::Method,
    uri: axum::http::Uri,
) -> impl IntoResponse {
    script.seen.lock().unwrap().push(format!("{method} {uri}"));
    let status = script.statuses.lock().unwrap().pop().unwrap_or(200);
    let mut headers = HeaderMap::new();
    headers.insert(
        "content-type",
        "application/json; charset=utf-8".parse().unwrap(),
    );
    headers.insert("x-mark", "blue".parse().unwrap());
    if status == 429 {
        headers.insert("retry-after", "0".parse().unwrap());
    }
    (
        StatusCode::from_u16(status).unwrap(),
        headers,
        json!({"name": "a", "path": uri.path()}).to_string(),
    )
}

/// The order that the eight conditions are about.
fn order() -> Value {
    json!({"orderType": "Limit", "id": "111", "price": "100", "quantity": "2", "executedQuantity": "0", "status": "New",
        "side": "Bid", "symbol": "SOL_USDC", "timeInForce": "GTC"})
}

pub(crate) struct Service {
    script: Script,
    pub(crate) folder: TempDir,
    base_url: String,
    bench: Bench,
}

impl Service {
    pub(crate) async fn new(statuses: &[u16]) -> Self {
        let script = Script::default();
        *script.statuses.lock().unwrap() = statuses.iter().rev().copied().collect();
        let app = Router::new()
            .route("/a", get(answer).post(answer))
            .route("/b/{id}", get(answer))
            .route("/order", get(async || axum::Json(order())))
            .with_state(script.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let ok = json!({"description": "", "content": {"application/json": {"schema": {"type": "object",
            "required": ["name"], "properties": {"name": {"type": "string"}, "path": {"type": "string"}}}}}});
        let operation = |id: &str| json!({"operationId": id, "responses": {"200": ok, "429": {"description": ""}, "503": {"description": ""}}});
        let mut b = operation("b");
        b["parameters"] = json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                                 {"name": "q", "in": "query", "schema": {"type": "string"}}]);
        let mut reading = operation("order");
        let text = json!({"type": "string"});
        let body = order();
        let names = body
            .as_object()
            .unwrap()
            .keys()
            .map(|name| (name.clone(), text.clone()));
        let mut properties: serde_json::Map<_, _> = names.collect();
        properties.insert("nope".to_owned(), text.clone());
        reading["responses"]["200"]["content"]["application/json"]["schema"] =
            json!({"type": "object", "properties": properties});
        let contract = json!({"openapi": "3.0.3", "info": {"title": "Service", "version": "1"},
            "paths": {"/a": {"get": operation("a"), "post": operation("add")}, "/b/{id}": {"get": b}, "/order": {"get": reading}}});
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("venue.yaml"), contract.to_string()).unwrap();
        Self {
            script,
            folder,
            base_url,
            bench: Bench::new().await,
        }
    }

    fn open(&self, document: &Value) -> Library {
        let path = self.folder.path().join("flow.json");
        std::fs::write(&path, document.to_string()).unwrap();
        Library::open(&path, &SourceFiles::default(), &catalog()).unwrap()
    }

    pub(crate) fn runner(&self) -> Runner {
        let options = Options::default().with_retries_max(0).without_rate_limit();
        self.bench
            .runner()
            .with_service(None, &self.base_url, options)
            .unwrap()
    }

    async fn run(&self, document: &Value, inputs: Value) -> Report {
        let library = self.open(document);
        self.runner()
            .run(&library, "flow", Some("flow"), object(inputs), &())
            .await
            .unwrap()
    }

    fn seen(&self) -> Vec<String> {
        self.script.seen.lock().unwrap().clone()
    }
}

pub(crate) fn step(id: &str, more: Value) -> Value {
    let mut step = json!({"stepId": id, "operationId": "a", "successCriteria": [{"condition": "$statusCode == 200"}]});
    step.as_object_mut().unwrap().extend(object(more));
    step
}

/// A document with these steps, run with these inputs on a service that answers so.
async fn ran(statuses: &[u16], steps: Value) -> (Report, Vec<String>) {
    let service = Service::new(statuses).await;
    let report = service.run(&document(json!({}), steps), json!({})).await;
    (report, service.seen())
}

#[tokio::test]
async fn a_retry_without_a_limit_is_one_and_then_later_failure_actions_count() {
    let actions = json!({"onFailure": [
        {"name": "again", "type": "retry", "retryAfter": 0},
        {"name": "elsewhere", "type": "goto", "stepId": "last"}]});
    let steps = json!([
        step("first", actions),
        step("never", json!({})),
        step("last", json!({}))
    ]);
    let (report, seen) = ran(&[503, 503], steps).await;
    assert_eq!(report.outcome, Outcome::Done, "{report:?}");
    assert_eq!(seen.len(), 3, "two tries, then the last step");
}

#[tokio::test]
async fn a_step_that_fails_without_an_action_ends_the_workflow() {
    let (report, seen) = ran(
        &[503],
        json!([step("first", json!({})), step("second", json!({}))]),
    )
    .await;
    assert_eq!((report.outcome, seen.len()), (Outcome::Stopped, 1));
    assert!(report.why.contains("`first`"), "{}", report.why);
}

#[tokio::test]
async fn retry_after_overrules_the_document() {
    let again = json!({"onFailure": [{"name": "again", "type": "retry", "retryAfter": 500, "retryLimit": 3}]});
    let (report, seen) = ran(&[429, 429], json!([step("first", again)])).await;
    assert_eq!((report.outcome, seen.len()), (Outcome::Done, 3));
}

#[tokio::test]
async fn a_retry_may_run_a_step_first_and_gets_control_back() {
    let again = json!({"onFailure": [{"name": "again", "type": "retry", "stepId": "second"}]});
    let mut second = step("second", json!({}));
    second["operationId"] = json!("b");
    second["parameters"] = json!([{"name": "id", "in": "path", "value": "x/y"}, {"name": "q", "in": "query", "value": "a b"}]);
    let (report, seen) = ran(&[503], json!([step("first", again), second])).await;
    assert_eq!(report.outcome, Outcome::Done);
    assert_eq!(
        seen,
        [
            "GET /a",
            "GET /b/x%2Fy?q=a+b",
            "GET /a",
            "GET /b/x%2Fy?q=a+b"
        ]
    );
}

#[tokio::test]
async fn success_actions_are_tried_in_order_and_an_end_ends() {
    let actions = json!({"onSuccess": [
        {"name": "no", "type": "end", "criteria": [{"condition": "$statusCode == 201"}]},
        {"name": "skip", "type": "goto", "stepId": "third"}]});
    let end = json!({"onSuccess": [{"name": "enough", "type": "end"}]});
    let steps = json!([
        step("first", actions),
        step("second", json!({})),
        step("third", end),
        step("fourth", json!({}))
    ]);
    let (report, seen) = ran(&[], steps).await;
    assert_eq!((report.outcome, seen.len()), (Outcome::Done, 2));
    assert_eq!(report.why, "step `third`: enough");
}

#[tokio::test]
async fn called_workflows_and_those_depended_on_give_their_outputs() {
    let service = Service::new(&[]).await;
    let outputs =
        json!({"outputs": {"name": "$response.body#/name", "mark": "$response.header.X-Mark"}});
    let callee = |id: &str| {
        json!({"workflowId": id, "inputs": {"type": "object", "properties": {"word": {"type": "string"}, "set": {"type": "integer", "default": 3}}},
        "steps": [step("only", outputs.clone())],
        "outputs": {"name": "$steps.only.outputs.name", "mark": "$steps.only.outputs.mark", "word": "$inputs.word", "set": "$inputs.set"}})
    };
    let mut text = document(
        json!({}),
        json!([
        {"stepId": "call", "workflowId": "callee", "parameters": [{"name": "word", "value": "hello"}],
         "outputs": {"word": "$outputs.word", "mark": "$outputs.mark", "set": "$outputs.set"}}]),
    );
    let flow = &mut text["workflows"][0];
    flow["dependsOn"] = json!(["before"]);
    flow["outputs"] = json!({"word": "$steps.call.outputs.word", "mark": "$steps.call.outputs.mark", "name": "$workflows.before.outputs.name",
        "set": "$steps.call.outputs.set", "before": "$workflows.before.outputs.set"});
    let workflows = text["workflows"].as_array_mut().unwrap();
    workflows.extend([callee("callee"), callee("before")]);
    let report = service.run(&text, json!({})).await;
    assert_eq!(report.outcome, Outcome::Done, "{report:?}");
    assert_eq!(
        Value::from(report.outputs),
        json!({"word": "hello", "mark": "blue", "name": "a", "set": 3, "before": 3})
    );
    assert_eq!(service.seen().len(), 2);
}

#[tokio::test]
async fn a_post_that_a_service_answered_is_sent_again_where_the_document_says_so() {
    // The document has seen the status and asks for another try; its author knows the service.
    let again = json!({"operationId": "add", "onFailure": [{"name": "again", "type": "retry", "retryLimit": 3}]});
    let (report, seen) = ran(&[503, 503], json!([step("first", again)])).await;
    assert_eq!(
        (report.outcome, seen.len()),
        (Outcome::Done, 3),
        "{report:?}"
    );
}

#[tokio::test]
async fn a_loop_is_bounded_and_the_bound_is_named() {
    // Dispatch refuses each of these by itself, so the loop costs no request.
    let looping = json!({"operationId": "get_order_history", "parameters": [
        {"name": "limit", "in": "query", "value": "$inputs.limit"}],
        "onFailure": [{"name": "round", "type": "goto", "stepId": "first"}]});
    let library = parse(&document(
        json!({"limit": {"type": "integer"}}),
        json!([step("first", looping)]),
    ));
    let report = Bench::new()
        .await
        .run(&library, json!({"limit": 5_000}))
        .await;
    assert_eq!(report.outcome, Outcome::Stopped);
    assert!(
        report.why.contains("2000 steps") && report.why.contains("--max-steps"),
        "{}",
        report.why
    );
}

#[tokio::test]
async fn an_operation_that_has_nowhere_to_go_is_refused_before_anything_is_sent() {
    let service = Service::new(&[]).await;
    let library = service.open(&document(json!({}), json!([step("first", json!({}))])));
    let refused = service
        .bench
        .runner()
        .run(&library, "x", None, object(json!({})), &())
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::NoRoute { .. }), "{refused}");
    assert!(service.seen().is_empty());
}

#[tokio::test]
async fn inputs_are_completed_and_held_against_their_schema_before_anything_is_sent() {
    let service = Service::new(&[]).await;
    let mut text = document(
        json!({"size": {"type": "integer", "maximum": 5, "default": 2}, "name": {"type": "string"}}),
        json!([step("first", json!({}))]),
    );
    text["workflows"][0]["inputs"]["required"] = json!(["name"]);
    text["workflows"][0]["outputs"] = json!({"size": "$inputs.size"});
    let library = service.open(&text);
    let workflow = library.workflow(None).unwrap();
    let wrong = [
        (vec![], "missing: `name`; give each a value"),
        (vec![("name", "x"), ("size", "6")], "`/size`: "),
        (vec![("name", "x"), ("size", "big")], "`size` is not JSON"),
        (vec![("nom", "x")], "there is no input `nom`"),
    ];
    for (texts, says) in wrong {
        let refused = match inputs_from_texts(workflow, texts.clone()) {
            Ok(values) => service
                .runner()
                .run(&library, "x", None, values, &())
                .await
                .unwrap_err(),
            Err(refused) => refused,
        };
        assert!(
            matches!(refused, Error::Inputs { .. }) && refused.to_string().contains(says),
            "{texts:?}: {refused}"
        );
    }
    assert!(service.seen().is_empty());
    let report = service.run(&text, json!({"name": "x"})).await;
    assert_eq!(report.outputs["size"], 2);
}

#[tokio::test]
async fn a_secret_input_reaches_neither_the_record_nor_an_event() {
    let service = Service::new(&[]).await;
    let mut first = step("first", json!({"operationId": "b"}));
    first["parameters"] = json!([{"name": "id", "in": "path", "value": "1"}, {"name": "q", "in": "query", "value": "$inputs.password"}]);
    let mut second = first.clone();
    second["stepId"] = json!("second");
    second["parameters"][1]["value"] = json!("$inputs.cred.pin");
    let pin = json!({"type": "string", "format": "password"});
    let cred = json!({"type": "object", "properties": {"user": {"type": "string"}, "pin": pin}});
    let text = document(
        json!({"password": {"type": "string"}, "cred": cred}),
        json!([first, second]),
    );
    let recorder = Recorder::default();
    let library = service.open(&text);
    let inputs =
        object(json!({"password": "hunter2hunter2", "cred": {"user": "me", "pin": "hunter2-pin"}}));
    let report = service
        .runner()
        .run(&library, "x", None, inputs, &recorder)
        .await
        .unwrap();
    assert_eq!(report.outcome, Outcome::Done);
    let seen = ["GET /b/1?q=hunter2hunter2", "GET /b/1?q=hunter2-pin"];
    assert_eq!(service.seen(), seen);
    assert!(
        recorder
            .events()
            .iter()
            .any(|it| matches!(it.kind, EventKind::Interaction(_)))
    );
    let record = service
        .bench
        .state
        .path()
        .join(format!("workflows/{}.ndjson", report.run));
    let message = format!(
        "{:?}{report:?}{}",
        recorder.events(),
        std::fs::read_to_string(record).unwrap()
    );
    assert!(!message.contains("hunter2"), "{message}");
}
