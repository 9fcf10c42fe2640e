//! Texts, actions and references of a document that are wrong by themselves.

use serde_json::json;

use crate::support::{assert_rows, checked, faults, valid, with};

const READ: &str = "/workflows/0/steps/0";

#[test]
fn broken_texts_are_told_with_the_character_they_break_at() {
    assert_rows(
        READ,
        &[
            (
                "/parameters/0/value",
                json!("$input.symbol"),
                "/workflows/0/steps/0/parameters/0/value",
                "no expression begins with `$input` (at character 2)",
                "the nearest is `inputs`",
            ),
            (
                "/parameters/0/value",
                json!("a {$inputs.symbol"),
                "/workflows/0/steps/0/parameters/0/value",
                "`{` before an expression is not closed (at character 3)",
                "close it with `}`",
            ),
            (
                "/outputs/id",
                json!("$response.body#id"),
                "/workflows/0/steps/0/outputs/id",
                "a JSON Pointer begins with `/` (at character 16)",
                "write `#/…`, or end the expression at `body`",
            ),
            (
                "/successCriteria/0/condition",
                json!("$statusCode = 200"),
                "/workflows/0/steps/0/successCriteria/0/condition",
                "`=` is nothing a condition knows (at character 13)",
                "write `==` to compare",
            ),
        ],
    );
    let deep = json!({"symbol": "$inputs.symbol", "orderId": ["x", {"a/b": "$nope"}]});
    let found = faults("/workflows/0/steps/1/requestBody/payload", &deep);
    assert_eq!(
        found[0].place.to_string(),
        "flow.json#/workflows/0/steps/1/requestBody/payload/orderId/1/a~1b"
    );
}

#[test]
fn criteria_of_other_types_are_told_at_load() {
    let at = "/workflows/0/steps/0/successCriteria/0";
    let condition = "/workflows/0/steps/0/successCriteria/0/condition";
    assert_rows(
        READ,
        &[
            (
                "/successCriteria/0",
                json!({"condition": "^a", "type": "regex"}),
                at,
                "a regex criterion has no context",
                "add `context`, such as `$response.body`",
            ),
            (
                "/successCriteria/0",
                json!({"condition": "(", "type": "regex", "context": "$url"}),
                condition,
                "`(` is not a regular expression: unclosed group",
                "correct the pattern",
            ),
            (
                "/successCriteria/0",
                json!({"condition": "//a", "type": "xpath", "context": "$response.body"}),
                condition,
                "xpath criteria are not evaluated",
                "write a `jsonpath` criterion, or a simple one with a JSON Pointer; of XML a `regex` criterion sees the text",
            ),
            (
                "/successCriteria/0",
                json!({"condition": "$", "type": "json", "context": "$response.body"}),
                "/workflows/0/steps/0/successCriteria/0/type",
                "there is no criterion type `json`",
                "the nearest is `jsonpath`; there are: simple, regex, jsonpath, xpath",
            ),
            (
                "/successCriteria/0",
                json!({"condition": "$", "type": {"type": "jsonpath", "version": "2"}, "context": "$response.body"}),
                "/workflows/0/steps/0/successCriteria/0/type",
                "`jsonpath` has no version `2`",
                "write `type: jsonpath`",
            ),
        ],
    );
}

#[test]
fn the_form_that_looks_like_a_length_is_no_path_and_is_told_at_load() {
    let criterion =
        json!({"condition": "$.length == 0", "type": "jsonpath", "context": "$response.body"});
    let found = faults("/workflows/0/steps/0/successCriteria/0", &criterion);
    assert_eq!(found.len(), 1);
    assert!(found[0].problem.starts_with(
        "`$.length == 0` is not a JSONPath (RFC 9535), so the criterion never holds: "
    ));
    assert!(
        found[0].fix.contains("`$response.body#/0 == null`"),
        "{}",
        found[0].fix
    );
}

/// Each row is an action after failure: the one fault that follows, and where below the action.
fn assert_actions(rows: &[(serde_json::Value, &str, &str, &str)]) {
    for (action, below, problem, fix) in rows {
        let found = faults("/workflows/0/steps/0/onFailure", &json!([action]));
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(
            (found[0].problem.as_str(), found[0].fix.as_str()),
            (*problem, *fix)
        );
        assert_eq!(
            found[0].place.to_string(),
            format!("flow.json#/workflows/0/steps/0/onFailure/0{below}")
        );
    }
}

#[test]
fn actions_that_make_no_sense_are_refused() {
    let rows = [
        (
            json!({"name": "a", "type": "stop"}),
            "",
            "there is no action type `stop` here",
            "the nearest is `goto`; there are: end, goto, retry",
        ),
        (
            json!({"name": "a", "type": "goto"}),
            "",
            "this `goto` names no destination",
            "add `stepId` or `workflowId`",
        ),
        (
            json!({"name": "a", "type": "goto", "stepId": "read", "workflowId": "flow"}),
            "",
            "an action leads to a step or to a workflow, not to both",
            "remove all but one",
        ),
        (
            json!({"name": "a", "type": "end", "stepId": "read"}),
            "",
            "an end leads nowhere",
            "remove the destination, or write `type: goto`",
        ),
    ];
    assert_actions(&rows);
    let retry = faults(
        "/workflows/0/steps/0/onSuccess",
        &json!([{"name": "a", "type": "retry"}]),
    );
    assert_eq!(retry[0].problem, "there is no action type `retry` here");
}

#[test]
fn retries_and_outcomes_have_their_limits() {
    let rows = [
        (
            json!({"name": "a", "type": "end", "retryLimit": 1}),
            "",
            "`retryLimit` says nothing on an action of type `end`",
            "remove it",
        ),
        (
            json!({"name": "a", "type": "retry", "retryLimit": 1001}),
            "",
            "`retryLimit` is more than 1000",
            "lower it, and let the wait grow instead",
        ),
        (
            json!({"name": "a", "type": "retry", "retryAfter": 1e9}),
            "",
            "`retryAfter` is more than a day",
            "lower it; it counts seconds",
        ),
        (
            json!({"name": "a", "type": "end", "x-bpx-outcome": "stoped"}),
            "/x-bpx-outcome",
            "there is no outcome `stoped`",
            "the nearest is `stopped`; there are: done, already-done, stopped, incomplete, unknown",
        ),
        (
            json!({"name": "a", "type": "retry", "x-bpx-outcome": "done"}),
            "/x-bpx-outcome",
            "only an end has an outcome",
            "remove it, or write `type: end`",
        ),
    ];
    assert_actions(&rows);
}

#[test]
fn references_to_components_must_lead_to_one_of_their_kind() {
    let components = json!({"parameters": {"symbol": {"name": "symbol", "in": "query", "value": "$inputs.symbol"}}});
    let base = with(valid(), "/components", &components);
    let cases = [
        (
            "$components.parameters.symbl",
            "there is no component `$components.parameters.symbl`",
            "the nearest is `symbol`",
        ),
        (
            "$components.inputs.symbol",
            "`$components.inputs.symbol` is not of the kind `parameters`",
            "write `$components.parameters.NAME`",
        ),
        (
            "components.parameters.symbol",
            "`components.parameters.symbol` names no component",
            "write `$components.parameters.NAME`",
        ),
        (
            "$inputs.symbol",
            "`$inputs.symbol` names no component",
            "write `$components.parameters.NAME`",
        ),
    ];
    for (reference, problem, fix) in cases {
        let changed = with(
            base.clone(),
            "/workflows/0/steps/0/parameters/0",
            &json!({"reference": reference}),
        );
        let found = checked(&changed).unwrap_err().0;
        assert_eq!(
            (found[0].problem.as_str(), found[0].fix.as_str()),
            (problem, fix)
        );
    }
}

#[test]
fn bodies_that_are_no_json_are_refused() {
    let body = "/workflows/0/steps/1/requestBody";
    assert_rows(
        "",
        &[
            (
                "/workflows/0/steps/1/requestBody/replacements",
                json!([{"target": "//order/id", "value": 1}]),
                "/workflows/0/steps/1/requestBody/replacements/0/target",
                "only JSON Pointers are replaced, not XPath or JSONPath",
                "name the target with a JSON Pointer; these contracts take JSON bodies only",
            ),
            (
                "/workflows/0/steps/1/requestBody/replacements",
                json!([{"target": "symbol", "value": 1}]),
                "/workflows/0/steps/1/requestBody/replacements/0/target",
                "`symbol` is not a JSON Pointer: a JSON Pointer begins with `/`",
                "write the way to the member, such as `/order/price`",
            ),
            (
                "/workflows/0/steps/1/requestBody/contentType",
                json!("application/xml"),
                "/workflows/0/steps/1/requestBody/contentType",
                "step `cancel`: `cancel_order` takes JSON, not `application/xml`",
                "write `application/json`, or leave `contentType` out",
            ),
        ],
    );
    let found = faults(body, &json!({"payload": "symbol={$inputs.symbol}"}));
    assert!(
        found[0]
            .problem
            .contains("the payload is text, and not JSON"),
        "{}",
        found[0].problem
    );
    let found = faults(body, &json!({"contentType": "application/json"}));
    assert_eq!(found[0].problem, "the request body has no payload");
}

#[test]
fn duplicate_parameters_and_actions_are_refused() {
    let parameter = json!({"name": "symbol", "in": "query", "value": "x"});
    let action = json!([{"name": "a", "type": "end"}, {"name": "a", "type": "end"}]);
    assert_rows(
        READ,
        &[
            (
                "/parameters/2",
                parameter,
                "/workflows/0/steps/0/parameters/2",
                "the parameter `symbol` is used twice",
                "keep one of the two",
            ),
            (
                "/onSuccess",
                action.clone(),
                "/workflows/0/steps/0/onSuccess/1",
                "the action `a` is used twice",
                "rename one of the two",
            ),
            (
                "/onFailure",
                action,
                "/workflows/0/steps/0/onFailure/1",
                "the action `a` is used twice",
                "rename one of the two",
            ),
        ],
    );
}
