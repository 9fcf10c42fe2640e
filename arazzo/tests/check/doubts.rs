//! What a service may take although its contract does not bear it out: a warning, and a fault where requests are signed.

use serde_json::{Value, json};

use crate::support::{checked, faults, notes, passing, valid, warnings, with};

/// A document over the unsigned contract with this step.
fn shop(step: Value) -> Value {
    json!({
        "arazzo": "1.1.0", "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "shop", "url": "x"}],
        "workflows": [{"workflowId": "w", "steps": [step],
            "inputs": {"type": "object", "properties": {"id": {"type": "integer"}, "text": {"type": "string"}}}}],
    })
}

fn by_id(value: Value) -> Value {
    json!({"stepId": "a", "operationId": "getPet", "parameters": [{"name": "id", "in": "path", "value": value}]})
}

fn adding(body: Value) -> Value {
    json!({"stepId": "a", "operationId": "addPet", "requestBody": body})
}

fn listing(more: Value) -> Value {
    let mut step = json!({"stepId": "a", "operationId": "listPets"});
    step.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    step
}

#[test]
fn each_doubt_is_one_warning_with_place_and_fix() {
    let pet = |key: &str, value: Value| {
        let mut pet = json!({"id": 1, "name": "Rex"});
        pet[key] = value;
        adding(json!({"payload": pet}))
    };
    let table = [
        (
            by_id(json!("$inputs.id")),
            "`$inputs.id` may be missing, and a value is required here",
        ),
        (by_id(json!("7")), "`\"7\"` is not a whole number"),
        (
            listing(
                json!({"parameters": [{"name": "tag", "in": "query", "value": "no {$inputs.text}"}]}),
            ),
            "`$inputs.text` may be missing, and a text needs it",
        ),
        (
            pet("id", json!("$inputs.text")),
            "`$inputs.text` may be missing, and a value is required here",
        ),
        (pet("name", json!(7)), "`7` is not a text"),
        (pet("nom", json!("x")), "`Pet` has no field `nom`"),
        (
            listing(json!({"requestBody": {"payload": {"a": 1}}})),
            "`listPets` takes no body",
        ),
        (
            listing(
                json!({"parameters": [{"name": "X-Request-Id", "in": "header", "value": "1"}]}),
            ),
            "`listPets` has no header parameter `X-Request-Id`",
        ),
        (
            listing(json!({"parameters": [{"name": "session", "in": "cookie", "value": "1"}]})),
            "`listPets` has no cookie parameter `session`",
        ),
        (
            adding(json!({"contentType": "application/xml", "payload": "<pet/>"})),
            "`addPet` takes JSON, not `application/xml`",
        ),
        (
            listing(json!({"successCriteria": [{"condition": "$statusCode == 418"}]})),
            "the success criteria can never hold together; the contract documents 200",
        ),
        (
            listing(json!({"x-security": []})),
            "`x-security` of a step is not applied; other runners do",
        ),
    ];
    for (step, problem) in table {
        let found = warnings(&shop(step.clone()));
        let [warning] = found.as_slice() else {
            panic!("{step}: {found:#?}");
        };
        assert!(warning.problem.ends_with(problem), "{step}: {warning:?}");
        assert!(
            warning
                .place
                .to_string()
                .starts_with("flow.json#/workflows/0/steps/0")
        );
        assert!(!warning.fix.is_empty());
    }
}

#[test]
fn an_input_with_a_default_is_there() {
    let mut document = shop(by_id(json!("$inputs.id")));
    document["workflows"][0]["inputs"]["properties"]["id"]["default"] = json!(7);
    assert!(warnings(&document).is_empty());
}

#[test]
fn what_is_wrong_for_sure_stays_a_fault() {
    let table = [
        (by_id(json!("seven")), "is not a whole number"),
        (by_id(json!([])), "a list is not a whole number"),
        (
            json!({"stepId": "a", "operationId": "getPet"}),
            "requires the parameter `id`",
        ),
        (
            json!({"stepId": "a", "operationId": "getPet", "parameters": [{"name": "id", "in": "path", "value": 1}, {"name": "ix", "in": "path", "value": 1}]}),
            "has no path parameter `ix`",
        ),
        (
            adding(json!({"payload": {"id": 1}})),
            "`Pet` requires the field `name`",
        ),
        (
            adding(json!({"payload": "pet={$inputs.text}"})),
            "the payload is text, and not JSON",
        ),
        (
            json!({"stepId": "a", "x-operation": {"url": "http://x", "method": "get"}}),
            "`x-operation` names a request that no document describes, which is not sent",
        ),
    ];
    for (step, problem) in table {
        let found = checked(&shop(step)).unwrap_err().0;
        assert!(found[0].problem.contains(problem), "{found:#?}");
    }
}

#[test]
fn where_requests_are_signed_a_doubt_is_a_fault() {
    let table = [
        (
            "/workflows/0/steps/0/parameters/0/value",
            json!("$inputs.note"),
            "may be missing",
        ),
        (
            "/workflows/0/steps/0/requestBody",
            json!({"payload": {}}),
            "`get_order` takes no body",
        ),
        (
            "/workflows/0/steps/0/parameters/2",
            json!({"name": "X-Request-Id", "in": "header", "value": "1"}),
            "has no header parameter",
        ),
        (
            "/workflows/0/steps/1/requestBody/payload/symbl",
            json!("x"),
            "has no field `symbl`",
        ),
        (
            "/workflows/0/steps/0/successCriteria/0/condition",
            json!("$statusCode == 418"),
            "can never hold together",
        ),
    ];
    for (pointer, value, problem) in table {
        assert!(
            faults(pointer, &value)[0].problem.contains(problem),
            "{pointer}"
        );
    }
    assert!(warnings(&valid()).is_empty());
}

#[test]
fn extensions_that_change_nothing_elsewhere_are_notes() {
    let document = with(valid(), "/workflows/0/steps/0/x-owner", &json!("me"));
    let checked = passing(&document);
    assert!(notes(&checked).contains(&"`x-owner` of a step is not applied".to_owned()));
    assert!(checked.warnings.is_empty());
}
