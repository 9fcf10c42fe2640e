//! What expressions see of requests and responses.

use bpx_workflow::{EventKind, Outcome, Recorder, Report};
use serde_json::{Map, Value, json};

use super::{World, contract, flow, parameter, x};

/// The report of one step that gets this response, and the world.
async fn answered(
    reply: (u16, &'static [(&'static str, &'static str)], String),
    step: Value,
) -> (Report, World) {
    let (status, headers, text) = reply;
    let world = World::new(
        contract("get", json!({})),
        vec![("/x", status, headers, text)],
    )
    .await;
    let mut document = flow(x(step));
    let outputs = document["workflows"][0]["steps"][0]["outputs"].clone();
    let names = outputs.as_object().into_iter().flat_map(|it| it.keys());
    let all: Map<_, _> = names
        .map(|it| (it.clone(), format!("$steps.s.outputs.{it}").into()))
        .collect();
    document["workflows"][0]["outputs"] = all.into();
    let report = world.run(&document, json!({"a": "1"})).await;
    (report, world)
}

fn expecting(status: u16, outputs: Value) -> Value {
    json!({"successCriteria": [{"condition": format!("$statusCode == {status}")}], "outputs": outputs})
}

#[tokio::test]
async fn a_read_is_sent_as_often_as_the_document_says_and_the_report_says_why_it_failed() {
    let busy = || (503, &[][..], json!({"message": "busy"}).to_string());
    let (report, world) = answered(busy(), expecting(200, json!({}))).await;
    assert_eq!((report.outcome, world.lines().len()), (Outcome::Stopped, 1));
    assert_eq!(
        report.why,
        "step `s` failed: status 503, `$statusCode == 200` does not hold (busy)"
    );
    assert!(!report.next.contains("--allow-trading"), "{}", report.next);
    let mut twice = expecting(200, json!({}));
    twice["onFailure"] = json!([{"name": "again", "type": "retry", "retryLimit": 2}]);
    let (_, world) = answered(busy(), twice).await;
    assert_eq!(world.lines().len(), 3);
}

#[tokio::test]
async fn every_response_is_seen_whole_with_its_headers() {
    let long = "x".repeat(5_000);
    let text = &[("content-type", "text/plain")][..];
    let cookie = &[
        ("set-cookie", "session=s3ss10n; Path=/"),
        ("location", "http://127.0.0.1:9/cb"),
    ][..];
    let table = [
        (
            (404, text, long.clone()),
            expecting(404, json!({"out": "$response.body"})),
            json!(long),
        ),
        (
            (200, text, "7".to_owned()),
            expecting(200, json!({"out": "$response.body"})),
            json!("7"),
        ),
        (
            (200, text, r#"{"a": 7}"#.to_owned()),
            expecting(200, json!({"out": "$response.body#/a"})),
            json!(7),
        ),
        (
            (302, cookie, String::new()),
            expecting(302, json!({"out": "$response.header.Location"})),
            json!("http://127.0.0.1:9/cb"),
        ),
        (
            (200, cookie, "{}".to_owned()),
            expecting(200, json!({"out": "$response.header.set-Cookie"})),
            json!("session=s3ss10n; Path=/"),
        ),
        (
            (200, &[][..], r#"[{"n": "a"}, {"n": "b"}]"#.to_owned()),
            expecting(
                200,
                json!({"out": {"context": "$response.body", "selector": "$[*].n", "type": "jsonpath"}}),
            ),
            json!(["a", "b"]),
        ),
        (
            (200, &[][..], r#"[{"n": "a"}]"#.to_owned()),
            expecting(
                200,
                json!({"out": {"context": "$response.body", "selector": "$[0].n", "type": "jsonpath"}}),
            ),
            json!("a"),
        ),
        (
            (200, &[][..], r#"{"n": {"m/o": 1}}"#.to_owned()),
            expecting(
                200,
                json!({"out": {"context": "$response.body", "selector": "/n/m~1o", "type": {"type": "jsonpointer", "version": "rfc6901"}}}),
            ),
            json!(1),
        ),
    ];
    for (reply, step, wanted) in table {
        let (report, world) = answered(reply, step.clone()).await;
        assert_eq!(report.outcome, Outcome::Done, "{step}: {report:?}");
        assert_eq!(
            (&report.outputs["out"], world.lines().len()),
            (&wanted, 1),
            "{step}"
        );
    }
}

#[tokio::test]
async fn cookies_of_responses_reach_neither_record_nor_events() {
    let cookie = &[("set-cookie", "session=s3ss10n")][..];
    let world = World::new(
        contract("get", json!({})),
        vec![("/x", 200, cookie, "{}".to_owned())],
    )
    .await;
    let recorder = Recorder::default();
    let library = world.open(&flow(x(json!({}))));
    let run = world
        .runner(world.services())
        .run(&library, "f", None, Map::new(), &recorder)
        .await
        .unwrap();
    let record = world
        .folder
        .path()
        .join(format!("state/workflows/{}.ndjson", run.run));
    let shown = format!(
        "{:?}{}",
        recorder.events(),
        std::fs::read_to_string(record).unwrap()
    );
    assert!(
        recorder
            .events()
            .iter()
            .any(|it| matches!(it.kind, EventKind::Interaction(_)))
    );
    assert!(!shown.contains("s3ss10n"), "{shown}");
}

#[tokio::test]
async fn expressions_see_the_request_as_it_was_sent() {
    let steps = json!({
        "parameters": [parameter("X-Id", "header", json!("i {$inputs.a}")), parameter("q", "query", json!("z"))],
        "outputs": {"header": "$request.header.x-id", "query": "$request.query.q", "url": "$url", "method": "$method"}});
    let (report, world) = answered((200, &[], "{}".to_owned()), steps).await;
    let wanted = json!({"header": "i 1", "query": "z", "url": format!("{}/x?q=z", world.url), "method": "GET"});
    assert_eq!(Value::from(report.outputs), wanted);
}
