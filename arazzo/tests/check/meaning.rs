//! Documents in form that say something wrong about the contract: every fault with place, problem and fix.

use serde_json::{Value, json};

use crate::support::{assert_rows, checked, notes, passing, valid, with};

const READ: &str = "/workflows/0/steps/0";

#[test]
fn operations_that_the_contract_does_not_have_are_told_with_the_nearest() {
    assert_rows(
        READ,
        &[
            (
                "/operationId",
                json!("get_orde"),
                READ,
                "step `read`: the source `venue` has no operation `get_orde`",
                "the nearest is `get_order`; there are: cancel_open_orders, cancel_order, execute_order, execute_order_batch, get_fills, get_open_orders, get_order, get_order_history",
            ),
            (
                "/operationId",
                json!("$sourceDescriptions.venu.get_order"),
                READ,
                "step `read`: there is no OpenAPI source `venu`",
                "the nearest is `venue`; there are: shop, venue",
            ),
            (
                "/operationId",
                json!("$inputs.symbol"),
                "/workflows/0/steps/0/operationId",
                "`$inputs.symbol` names nothing in a source",
                "write `$sourceDescriptions.NAME.ID`",
            ),
        ],
    );
    let two = with(
        valid(),
        "/sourceDescriptions/1",
        &json!({"name": "shop", "url": "x"}),
    );
    let found = checked(&two).unwrap_err().0;
    assert_eq!(found.len(), 2);
    assert_eq!(
        found[0].problem,
        "step `read`: `get_order` does not name its source; only `venue` has it"
    );
    assert_eq!(found[0].fix, "write `$sourceDescriptions.venue.get_order`");
}

#[test]
fn operation_paths_must_lead_to_an_operation() {
    let path = |text: &str| {
        let mut document = valid();
        let step = document["workflows"][0]["steps"][0]
            .as_object_mut()
            .unwrap();
        step.remove("operationId");
        step.insert("operationPath".to_owned(), json!(text));
        document
    };
    passing(&path(
        "{$sourceDescriptions.venue.url}#/paths/~1api~1v1~1order/get",
    ));
    let wrong = path("{$sourceDescriptions.venue.url}#/paths/~1api~1v1~1order/put");
    let found = checked(&wrong).unwrap_err().0;
    assert_eq!(
        found[0].problem,
        "step `read`: the source `venue` has no operation PUT /api/v1/order"
    );
    assert!(found[0].fix.contains("/api/v1/order"), "{}", found[0].fix);
}

#[test]
fn parameters_are_held_against_the_operation() {
    let parameter = |name: &str, location: &str, value: Value| json!({"name": name, "in": location, "value": value});
    let second = "/workflows/0/steps/0/parameters/2";
    assert_rows(
        READ,
        &[
            (
                "/parameters/2",
                parameter("clientID", "query", json!(1)),
                second,
                "step `read`: `get_order` has no query parameter `clientID`",
                "the nearest is `clientId`; there are: clientId, orderId, symbol",
            ),
            (
                "/parameters/2",
                parameter("clientId", "header", json!(1)),
                second,
                "step `read`: `get_order` has no header parameter `clientId`",
                "write `in: query`",
            ),
            (
                "/parameters/2",
                parameter("session", "cookie", json!(1)),
                second,
                "step `read`: `get_order` has no cookie parameter `session`",
                "there is none to name; remove it",
            ),
            (
                "/parameters/2",
                parameter("clientId", "body", json!(1)),
                "/workflows/0/steps/0/parameters/2/in",
                "a parameter cannot travel in `body`",
                "the nearest is `query`; there are: path, query, header, cookie",
            ),
            (
                "/parameters/2",
                json!({"name": "clientId", "value": 1}),
                second,
                "step `read`: the parameter `clientId` of an operation does not say where it travels",
                "add `in`: path, query, header or cookie",
            ),
        ],
    );
    let mut missing = valid();
    missing["workflows"][0]["steps"][0]["parameters"]
        .as_array_mut()
        .unwrap()
        .remove(0);
    let found = checked(&missing).unwrap_err().0;
    assert_eq!(
        found[0].problem,
        "step `read`: `get_order` requires the parameter `symbol`"
    );
    assert_eq!(found[0].fix, "add it with `in: query`");
}

#[test]
fn arguments_have_the_type_of_their_parameter() {
    let value = "/workflows/0/steps/0/parameters/2/value";
    let client = |value: Value| json!({"name": "clientId", "in": "query", "value": value});
    assert_rows(
        READ,
        &[
            (
                "/parameters/2",
                client(json!("7")),
                value,
                "step `read`: `\"7\"` is not a whole number",
                "give a whole number",
            ),
            (
                "/parameters/2",
                client(json!(1.5)),
                value,
                "step `read`: `1.5` is not a whole number",
                "give a whole number",
            ),
            (
                "/parameters/2",
                client(json!(-1)),
                value,
                "step `read`: `-1` is not a whole number",
                "give a whole number",
            ),
            (
                "/parameters/2",
                client(json!(4_294_967_296_u64)),
                value,
                "step `read`: `4294967296` is not a whole number",
                "give a whole number",
            ),
        ],
    );
}

#[test]
fn expressions_in_arguments_have_the_type_of_the_parameter_and_are_there() {
    let value = "/workflows/0/steps/0/parameters/2/value";
    let client = |value: Value| json!({"name": "clientId", "in": "query", "value": value});
    let first = "/workflows/0/steps/0/parameters/0/value";
    assert_rows(
        READ,
        &[
            (
                "/parameters/2",
                client(json!([1])),
                value,
                "step `read`: a list is not a whole number",
                "give a whole number",
            ),
            (
                "/parameters/2",
                client(json!("$inputs.note")),
                value,
                "step `read`: `$inputs.note` is a text, not a whole number",
                "give a whole number",
            ),
            (
                "/parameters/2",
                client(json!("{$inputs.symbol}")),
                value,
                "step `read`: a text with expressions is a text, not a whole number",
                "give a whole number",
            ),
            (
                "/parameters/0/value",
                json!(5),
                first,
                "step `read`: `5` is not a text",
                "write it in quotes: '5'",
            ),
            (
                "/parameters/0/value",
                json!("$inputs.note"),
                first,
                "step `read`: `$inputs.note` may be missing, and a value is required here",
                "list the input as required, or take a value that is always there",
            ),
            (
                "/parameters/0/value",
                json!("$inputs.nte"),
                first,
                "step `read`: `$inputs.nte`: workflow `flow` has no input `nte`",
                "the nearest is `note`; there are: flag, note, orderId, side, size, symbol",
            ),
            (
                "/parameters/0/value",
                json!("$response.body#/symbol"),
                first,
                "step `read`: `$response.body#/symbol` has no value before the request is sent",
                "take the value from an earlier step",
            ),
        ],
    );
    passing(&with(
        valid(),
        "/workflows/0/steps/0/parameters/2",
        &client(json!("$inputs.size")),
    ));
}

#[test]
fn headers_of_the_signature_are_set_aside_and_reported_and_their_inputs_idle() {
    let mut document = valid();
    for (name, value) in [
        ("X-API-KEY", "$inputs.note"),
        ("x-signature", "static"),
        ("X-Timestamp", "$inputs.symbol"),
        ("X-WINDOW", "5000"),
    ] {
        let parameters = document["workflows"][0]["steps"][0]["parameters"]
            .as_array_mut()
            .unwrap();
        parameters.push(json!({"name": name, "in": "header", "value": value}));
    }
    let passed = passing(&document);
    let aside = notes(&passed)
        .into_iter()
        .filter(|note| note.contains("is not used: the signer signs each request"));
    assert_eq!(aside.count(), 4);
    assert_eq!(
        passed.workflows[0].idle_inputs,
        ["note"],
        "symbol is used elsewhere"
    );
    let wrong = with(
        document,
        "/workflows/0/steps/0/parameters/2/value",
        &json!("$inputs.ntoe"),
    );
    assert!(
        checked(&wrong).is_err(),
        "even what is set aside must resolve"
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let mut document = valid();
    for (pointer, value) in [
        ("/workflows/0/steps/0/operationId", json!("get_ordr")),
        ("/workflows/0/steps/1/requestBody/payload/sybol", json!("x")),
        ("/workflows/0/outputs/id", json!("$steps.rad.outputs.id")),
    ] {
        document = with(document, pointer, &value);
    }
    assert_eq!(checked(&document).unwrap_err().0.len(), 3);
}

#[test]
fn a_step_calls_exactly_one_thing() {
    let one = "a step calls exactly one of `operationId`, `operationPath` and `workflowId`";
    let keep = "remove all but one";
    let path = "write `{$sourceDescriptions.NAME.url}#/paths/~1PATH/METHOD`";
    assert_rows(
        READ,
        &[
            ("/workflowId", json!("flow"), READ, one, keep),
            ("/operationPath", json!("x"), READ, one, keep),
        ],
    );
    let mut document = valid();
    document["workflows"][0]["steps"][0]
        .as_object_mut()
        .unwrap()
        .remove("operationId");
    let found = checked(&document).unwrap_err().0;
    assert_eq!((found.len(), found[0].problem.as_str()), (1, one));
    for wrong in [
        "GET /api/v1/order",
        "#/paths/~1api~1v1~1order/get",
        "{$sourceDescriptions.venue.url}/paths/x/get",
        "{$sourceDescriptions.venue.name}#/paths/~1a/get",
    ] {
        let changed = with(
            document.clone(),
            "/workflows/0/steps/0/operationPath",
            &json!(wrong),
        );
        let found = checked(&changed).unwrap_err().0;
        assert_eq!(
            found[0].problem,
            format!("`{wrong}` is not an operation path")
        );
        assert_eq!(found[0].fix, path);
    }
}
