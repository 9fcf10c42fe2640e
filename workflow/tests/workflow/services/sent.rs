//! What a service is sent, as tables of steps.

use bpx_workflow::{Outcome, Recorder};
use serde_json::{Map, json};

use super::{World, body, contract, flow, parameter, x};

#[tokio::test]
async fn a_body_is_written_in_the_media_type_of_the_document_or_the_contract() {
    let form = "application/x-www-form-urlencoded";
    let any = json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {"type": "string"}}}});
    let text = json!({"type": "string"});
    let payload = json!({"a": "$inputs.a", "b": "$inputs.list"});
    let table = [
        (
            body(form, any.clone()),
            json!({"payload": payload}),
            form,
            "a=1+%26&b=p&b=q",
        ),
        (
            body(form, any.clone()),
            json!({"contentType": form, "payload": "a=b&c={$inputs.a}"}),
            form,
            "a=b&c=1+%26",
        ),
        (
            body(form, any.clone()),
            json!({"contentType": form, "payload": "a=b%20c&c={$inputs.list}"}),
            form,
            "a=b%20c&c=[\"p\",\"q\"]",
        ),
        (
            body("text/plain", text.clone()),
            json!({"payload": "so {$inputs.a}"}),
            "text/plain",
            "so 1 &",
        ),
        (
            body("application/xml", text),
            json!({"contentType": "application/xml", "payload": "<a>{$inputs.a}</a>"}),
            "application/xml",
            "<a>1 &</a>",
        ),
        (
            body("application/merge-patch+json", any.clone()),
            json!({"payload": payload}),
            "application/merge-patch+json",
            r#"{"a":"1 &","b":["p","q"]}"#,
        ),
        (
            body("application/json", any),
            json!({"payload": "{\"a\": \"{$inputs.a}\", \"b\": {$inputs.list}}"}),
            "application/json",
            r#"{"a":"1 &","b":["p","q"]}"#,
        ),
        (
            json!({}),
            json!({"payload": payload}),
            "application/json",
            r#"{"a":"1 &","b":["p","q"]}"#,
        ),
    ];
    for (described, given, media, sent) in table {
        let world = World::new(contract("post", described), Vec::new()).await;
        let report = world
            .run(
                &flow(x(json!({"requestBody": given}))),
                json!({"a": "1 &", "list": ["p", "q"]}),
            )
            .await;
        assert_eq!(report.outcome, Outcome::Done, "{report:?}");
        let seen = world.last();
        assert_eq!(
            (seen.header("content-type"), seen.body.as_str()),
            (Some(media), sent)
        );
    }
}

#[tokio::test]
async fn a_multipart_body_has_a_part_for_each_member_and_files_have_names() {
    let schema = json!({"type": "object", "properties": {"title": {"type": "string"}, "file": {"type": "string", "format": "binary"}}});
    let world = World::new(
        contract("post", body("multipart/form-data", schema)),
        Vec::new(),
    )
    .await;
    let given = json!({"contentType": "multipart/form-data", "payload": {"title": "$inputs.a", "file": "content"}});
    let report = world
        .run(&flow(x(json!({"requestBody": given}))), json!({"a": "one"}))
        .await;
    assert_eq!(report.outcome, Outcome::Done, "{report:?}");
    let seen = world.last();
    let media = seen.header("content-type").unwrap();
    assert!(
        media.starts_with("multipart/form-data; boundary="),
        "{media}"
    );
    assert!(
        seen.body.contains("name=\"title\"\r\n\r\none\r\n"),
        "{}",
        seen.body
    );
    assert!(
        seen.body.contains("name=\"file\"; filename=\"file\""),
        "{}",
        seen.body
    );
}

#[tokio::test]
async fn parameters_travel_where_the_document_says_whether_the_contract_declares_them_or_not() {
    let declared = json!([{"name": "id", "in": "query", "schema": {"type": "string"}}, {"name": "id", "in": "cookie", "schema": {"type": "string"}}]);
    let world = World::new(contract("get", json!({"parameters": declared})), Vec::new()).await;
    let steps = x(json!({"parameters": [
        parameter("id", "query", json!("$inputs.a")), parameter("id", "cookie", json!("c")),
        parameter("X-Request-Id", "header", json!("r")), parameter("all", "querystring", json!({"p": "1 2", "q": 3}))]}));
    let report = world.run(&flow(steps), json!({"a": "7"})).await;
    assert_eq!(report.outcome, Outcome::Done, "{report:?}");
    let seen = world.last();
    assert_eq!(seen.line, "GET /x?id=7&p=1+2&q=3");
    assert_eq!(
        (seen.header("cookie"), seen.header("x-request-id")),
        (Some("id=c"), Some("r"))
    );
}

#[tokio::test]
async fn what_is_required_and_finds_nothing_is_not_sent_and_the_report_says_what_it_is() {
    let id = json!([{"name": "id", "in": "query", "required": true, "schema": {"type": "string"}}]);
    let json_body = body("application/json", json!({"type": "object"}));
    let table = [
        (
            contract("get", json!({"parameters": id})),
            json!({"parameters": [parameter("id", "query", json!("$inputs.a"))]}),
            "the query parameter `id`",
        ),
        (
            contract("post", json_body),
            json!({"requestBody": {"payload": "$inputs.a"}}),
            "a body",
        ),
    ];
    for (described, step, what) in table {
        let world = World::new(described, Vec::new()).await;
        let mut document = flow(x(step));
        document["workflows"][0]["inputs"]["properties"]["a"] = json!({});
        let report = world.run(&document, json!({})).await;
        assert_eq!(report.outcome, Outcome::Stopped);
        assert!(report.why.contains(what), "{}", report.why);
        assert!(world.lines().is_empty());
    }
}

#[tokio::test]
async fn an_empty_path_value_is_not_sent() {
    let mut described = contract(
        "get",
        json!({"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}]}),
    );
    let operation = described["paths"]["/x"].take();
    described["paths"] = json!({"/x/{id}": operation});
    for (inputs, word) in [(json!({"a": ""}), "no value"), (json!({"a": ".."}), "`..`")] {
        let world = World::new(described.clone(), Vec::new()).await;
        let report = world
            .run(
                &flow(x(
                    json!({"parameters": [parameter("id", "path", json!("$inputs.a"))]}),
                )),
                inputs,
            )
            .await;
        assert_eq!((report.outcome, world.lines().len()), (Outcome::Stopped, 0));
        assert!(report.why.contains(word), "{}", report.why);
    }
}

#[tokio::test]
async fn credentials_go_where_their_scheme_says_and_nowhere_else() {
    let table = [
        ("token", "secret-1", "authorization", "Bearer secret-1"),
        (
            "pair",
            "me:secret-1",
            "authorization",
            "Basic bWU6c2VjcmV0LTE=",
        ),
        ("key", "secret-1", "x-key", "secret-1"),
        ("api.key", "secret-1", "x-key", "secret-1"),
        ("crumb", "secret-1", "cookie", "crumb=secret-1"),
        ("word", "secret-1", "", "/x?word=secret-1"),
    ];
    for (name, value, header, sent) in table {
        let scheme = name.rsplit('.').next().unwrap();
        let world = World::new(
            contract("get", json!({"security": [{scheme: []}]})),
            Vec::new(),
        )
        .await;
        let library = world.open(&flow(x(json!({}))));
        let recorder = Recorder::default();
        let runner = world.runner(world.services().with_credential(name, value));
        let report = runner
            .run(&library, "f", None, Map::new(), &recorder)
            .await
            .unwrap();
        assert_eq!(report.outcome, Outcome::Done, "{report:?}");
        let seen = world.last();
        let found = if header.is_empty() {
            seen.line.strip_prefix("GET ")
        } else {
            seen.header(header)
        };
        assert_eq!(found, Some(sent), "{name}");
        let record = world
            .folder
            .path()
            .join(format!("state/workflows/{}.ndjson", report.run));
        let message = format!(
            "{report:?}{:?}{}",
            recorder.events(),
            std::fs::read_to_string(record).unwrap()
        );
        assert!(!message.contains("secret-1"), "{message}");
    }
}

#[tokio::test]
async fn a_parameter_goes_before_a_credential_and_a_missing_one_is_noted() {
    let secured = contract("get", json!({"security": [{"token": []}]}));
    let own = x(json!({"parameters": [parameter("Authorization", "header", json!("Bearer own"))]}));
    let world = World::new(secured, Vec::new()).await;
    let runner = world.runner(world.services().with_credential("token", "other"));
    let report = runner
        .run(&world.open(&flow(own)), "f", None, Map::new(), &())
        .await
        .unwrap();
    assert_eq!(world.last().header("authorization"), Some("Bearer own"));
    assert!(report.notes.is_empty(), "{report:?}");
    let report = world.run(&flow(x(json!({}))), json!({})).await;
    assert!(report.notes[0].contains("asks for token"), "{report:?}");
}
