//! Where requests go, and how often a workflow runs.

use bpx_runtime::Options;
use bpx_workflow::{Library, Outcome, STEP_RUNS_MAX, Services, Target, dry_run, inputs_from_texts};
use serde_json::{Map, Value, json};

use super::{World, contract, flow, parameter, x};
use crate::support::{catalog, object};

#[tokio::test]
async fn a_workflow_that_has_been_completed_is_not_run_again_for_those_that_depend_on_it() {
    let world = World::new(contract("post", json!({})), Vec::new()).await;
    let workflow = |id: &str, needs: Value| json!({"workflowId": id, "dependsOn": needs, "steps": x(json!({}))});
    let mut document = flow(json!([]));
    document["workflows"] = json!([
        workflow("end", json!(["left", "right"])),
        workflow("left", json!(["base"])),
        workflow("right", json!(["base"])),
        workflow("base", json!([]))
    ]);
    // Nobody depends on `end`, so it needs no name.
    let report = world.run(&document, json!({})).await;
    assert_eq!(
        (report.outcome, report.workflow.as_str()),
        (Outcome::Done, "end")
    );
    assert_eq!(world.lines().len(), 4);
}

#[tokio::test]
async fn a_post_without_a_response_is_not_sent_again() {
    let world = World::new(contract("post", json!({})), Vec::new()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (taken, mut count) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        // Each connection is closed without a word once the request has come.
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let read = tokio::io::AsyncReadExt::read(&mut stream, &mut request).await;
            taken.send(read.unwrap()).unwrap();
        }
    });
    let again = json!({"onFailure": [{"name": "again", "type": "retry", "retryLimit": 3}]});
    let services = Services::default().with_service(Some("api"), &url, Options::default());
    let runner = world.runner(services.unwrap());
    let library = world.open(&flow(x(again)));
    let run = runner.run(&library, "f", None, Map::new(), &());
    let report = run.await.unwrap();
    assert_eq!(report.outcome, Outcome::Unknown, "{report:?}");
    assert!(report.why.contains("not sent again"), "{}", report.why);
    assert!(count.recv().await.is_some() && count.try_recv().is_err());
}

#[tokio::test]
async fn names_of_sources_are_local_to_their_document() {
    let (first, second) = (
        World::new(contract("get", json!({})), Vec::new()).await,
        World::new(json!({}), Vec::new()).await,
    );
    let mut other = contract("get", json!({"description": "another"}));
    other["servers"] = json!([{"url": second.url}]);
    first.write("other.json", &other);
    let mut inner = flow(x(json!({})));
    inner["sourceDescriptions"] = json!([{"name": "api", "url": "./other.json"}]);
    first.write("inner.json", &inner);
    let mut outer = flow(
        json!([{"stepId": "a", "operationId": "$sourceDescriptions.api.x"}, {"stepId": "b", "workflowId": "$sourceDescriptions.inner.w"}]),
    );
    outer["sourceDescriptions"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "inner", "url": "./inner.json", "type": "arazzo"}));
    let report = first.run(&outer, json!({})).await;
    assert_eq!(report.outcome, Outcome::Done, "{report:?}");
    assert_eq!(
        (first.lines().len(), second.lines().len()),
        (1, 1),
        "each its own server"
    );
    let both = first
        .services()
        .with_service(Some("inner.api"), &first.url, Options::default());
    let library = first.open(&outer);
    first
        .runner(both.unwrap())
        .run(&library, "f", None, Map::new(), &())
        .await
        .unwrap();
    assert_eq!(
        (first.lines().len(), second.lines().len()),
        (3, 1),
        "a flag names the inner one"
    );
    first.write("other.json", &contract("get", json!({})));
    let report = first.run(&outer, json!({})).await;
    assert_eq!(
        (report.outcome, first.lines().len()),
        (Outcome::Done, 5),
        "the same document is one service"
    );
}

#[tokio::test]
async fn a_signed_operation_never_goes_to_the_server_of_its_document() {
    let world = World::new(json!({}), Vec::new()).await;
    let api = bpx_venue::api();
    world.write("api.json", &api.document().value);
    let mut document = flow(json!([{"stepId": "s", "operationId": "get_open_orders"}]));
    document["arazzo"] = json!("1.0.1");
    let library = world.open(&document);
    assert!(Services::default().leave_any_to(api, &library));
    let refused = world
        .runner(Services::default())
        .run(&library, "f", None, Map::new(), &())
        .await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("no base URL is known"), "{refused}");
}

#[tokio::test]
async fn a_dry_run_shows_method_url_headers_and_body_of_every_service() {
    let secured = json!({"security": [{"token": []}], "requestBody": {"content": {"application/json": {"schema": {}}}}});
    let world = World::new(contract("post", secured), Vec::new()).await;
    let mut document = flow(
        json!([{"stepId": "call", "workflowId": "inner", "parameters": [{"name": "a", "value": "$inputs.a"}]}]),
    );
    let step = x(
        json!({"parameters": [parameter("q", "query", json!("$inputs.a"))], "requestBody": {"payload": {"a": "$inputs.a"}}}),
    );
    let inner = json!({"workflowId": "inner", "steps": step, "inputs": {"type": "object", "properties": {"a": {"type": "string"}}}});
    document["workflows"].as_array_mut().unwrap().push(inner);
    let services = world.services().with_credential("token", "secret-1");
    let target = Target {
        api: bpx_venue::api(),
        venue: &bpx_dispatch::AnyVenue,
        remote: None,
        services: &services,
    };
    let (planned, _) = dry_run(
        &world.open(&document),
        None,
        object(json!({"a": "1"})),
        &target,
    )
    .unwrap();
    let shown = planned[1].service.as_ref().unwrap();
    assert_eq!(
        (planned[0].call.as_str(), planned[1].step.as_str()),
        ("inner", "call/s")
    );
    assert_eq!(
        (shown.method.as_str(), shown.url.as_str()),
        ("POST", format!("{}/x?q=1", world.url).as_str())
    );
    assert_eq!(shown.body.as_deref(), Some(r#"{"a":"1"}"#));
    let headers: Vec<_> = shown
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    assert!(
        headers.contains(&"authorization: Bearer [redacted]".to_owned()),
        "{headers:?}"
    );
    assert!(world.lines().is_empty());
}

#[tokio::test]
async fn the_most_steps_of_a_run_are_the_callers() {
    let world = World::new(contract("get", json!({})), Vec::new()).await;
    let library = world.open(&flow(x(
        json!({"onSuccess": [{"name": "more", "type": "goto", "stepId": "s"}]}),
    )));
    let warned = library
        .warnings()
        .any(|it| it.problem.contains("nothing but a failure ends the loop"));
    let runner = world.runner(world.services()).with_step_runs_max(5);
    let report = runner
        .run(&library, "f", None, Map::new(), &())
        .await
        .unwrap();
    assert!(warned && report.why.contains("5 steps"), "{}", report.why);
    assert_eq!((world.lines().len(), STEP_RUNS_MAX), (5, 2_000));
}

#[test]
fn lists_and_objects_are_read_from_texts_as_json() {
    let table = [
        (
            json!({"type": "object", "properties": {"n": {"type": "integer"}}}),
            r#"{"n": 1}"#,
            json!({"n": 1}),
        ),
        (
            json!({"type": "array", "items": {"type": "string"}}),
            r#"["a"]"#,
            json!(["a"]),
        ),
        (json!({"type": ["string", "null"]}), "plain", json!("plain")),
        (
            json!({"type": "string", "enum": ["a", "b"]}),
            "a",
            json!("a"),
        ),
        (
            json!({"type": "string"}),
            r#"{"n": 1}"#,
            json!(r#"{"n": 1}"#),
        ),
        (json!({}), "7", json!("7")),
        (json!({}), r#"{"n": 1}"#, json!({"n": 1})),
        (json!({"type": "number"}), "7.5", json!(7.5)),
    ];
    for (schema, text, wanted) in table {
        let document = json!({"arazzo": "1.0.1", "info": {"title": "t", "version": "1"},
            "sourceDescriptions": [{"name": "venue", "url": "x"}],
            "workflows": [{"workflowId": "w", "inputs": {"type": "object", "properties": {"it": schema}},
                "steps": [{"stepId": "s", "operationId": "get_open_orders"}]}]});
        let library =
            Library::parse("flow.json", document.to_string().as_bytes(), &catalog()).unwrap();
        let read = inputs_from_texts(library.workflow(None).unwrap(), [("it", text)]);
        assert_eq!(read.unwrap()["it"], wanted, "{schema}");
    }
}
