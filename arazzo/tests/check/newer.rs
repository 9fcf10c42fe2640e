//! What Arazzo 1.1.0 adds.

use serde_json::json;

use crate::support::{checked, passing, valid, with};

#[test]
fn what_1_1_adds_for_http_is_done() {
    let newer = with(valid(), "/arazzo", &json!("1.1.0"));
    let done = [
        ("/$self", json!("https://example.org/flow")),
        ("/workflows/0/steps/1/timeout", json!(2500)),
        ("/workflows/0/steps/1/dependsOn", json!(["read"])),
        (
            "/workflows/0/steps/0/outputs/status",
            json!({"context": "$response.body", "selector": "$.status", "type": "jsonpath"}),
        ),
        (
            "/workflows/0/steps/0/parameters/2",
            json!({"name": "more", "in": "querystring", "value": "a=1"}),
        ),
        (
            "/workflows/0/steps/1/requestBody/replacements",
            json!([{"target": "/orderId", "targetSelectorType": "jsonpointer", "value": "$inputs.orderId"}]),
        ),
        (
            "/workflows/0/steps/0/onFailure",
            json!([{"name": "again", "type": "goto", "workflowId": "flow", "parameters": [{"name": "note", "value": "$inputs.symbol"}]}]),
        ),
        (
            "/workflows/0/steps/0/successCriteria/0",
            json!({"condition": "$[?@.status == 'New']", "context": "$response.body", "type": {"type": "jsonpath", "version": "rfc9535"}}),
        ),
        ("/workflows/0/outputs/at", json!("$self")),
    ];
    for (pointer, value) in done {
        let checked = passing(&with(newer.clone(), pointer, &value));
        let step = &checked.workflows[0].steps[1].step;
        assert_eq!(step.timeout.is_some(), pointer.ends_with("timeout"));
    }
}

#[test]
fn what_1_1_adds_beyond_http_or_forbids_is_refused_by_name() {
    let newer = with(valid(), "/arazzo", &json!("1.1.0"));
    let refused = [
        (
            "/$self",
            json!("https://example.org/flow#part"),
            "`$self` has a fragment",
        ),
        (
            "/workflows/0/steps/0/outputs/a",
            json!({"context": "$response.body", "selector": "//id", "type": "xpath"}),
            "selectors of type `xpath` are not evaluated (at character 1)",
        ),
        (
            "/sourceDescriptions/1",
            json!({"name": "bus", "url": "x", "type": "asyncapi"}),
            "AsyncAPI sources of 1.1.0 are not run",
        ),
        (
            "/workflows/0/steps/0/action",
            json!("send"),
            "`action` belongs to asynchronous steps of 1.1.0",
        ),
        (
            "/workflows/0/steps/0/correlationId",
            json!("x"),
            "`correlationId` belongs to asynchronous steps of 1.1.0",
        ),
        (
            "/workflows/0/outputs/a",
            json!("$message.payload"),
            "`$message` belongs to asynchronous steps of 1.1.0, which are not run here (at character 9)",
        ),
        (
            "/workflows/0/steps/0/outputs/a",
            json!("$response.body#/{id}"),
            "1.1.0 bans braces from pointers (at character 17)",
        ),
        (
            "/workflows/0/steps/0/dependsOn",
            json!(["cancel"]),
            "step `read`: step `cancel` never runs before this one",
        ),
    ];
    for (pointer, value, problem) in refused {
        let found = checked(&with(newer.clone(), pointer, &value))
            .unwrap_err()
            .0;
        assert_eq!(found[0].problem, problem);
        assert!(!found[0].fix.is_empty());
    }
}
