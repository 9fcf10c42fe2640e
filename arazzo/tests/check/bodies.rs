//! Bodies and replacements: checked against the contract, and filled in.

use bpx_arazzo::{Body, Scope};
use serde_json::{Map, Value, json};

use crate::support::{assert_rows, checked, faults, passing, valid, with};

const CANCEL: &str = "/workflows/0/steps/1";

#[test]
fn bodies_are_held_against_the_contract() {
    let at = "/workflows/0/steps/1/requestBody/payload";
    let fields = "the nearest is `symbol`; there are: clientId, orderId, symbol";
    assert_rows(
        CANCEL,
        &[
            (
                "/requestBody/payload/symbl",
                json!("x"),
                "/workflows/0/steps/1/requestBody/payload/symbl",
                "step `cancel`: `OrderCancelPayload` has no field `symbl`",
                fields,
            ),
            (
                "/requestBody/payload",
                json!({"orderId": "1"}),
                at,
                "step `cancel`: `OrderCancelPayload` requires the field `symbol`",
                "add `symbol`",
            ),
            (
                "/requestBody/payload",
                json!([1]),
                at,
                "step `cancel`: a list is not `OrderCancelPayload`",
                "give `OrderCancelPayload`",
            ),
            (
                "/requestBody/payload",
                json!("$inputs.symbol"),
                at,
                "step `cancel`: `$inputs.symbol` is a text, not `OrderCancelPayload`",
                "give `OrderCancelPayload`",
            ),
            (
                "/requestBody/payload/symbol",
                json!(true),
                "/workflows/0/steps/1/requestBody/payload/symbol",
                "step `cancel`: `true` is not a text",
                "give a text",
            ),
            (
                "/requestBody/payload/symbol",
                json!("$inputs.size"),
                "/workflows/0/steps/1/requestBody/payload/symbol",
                "step `cancel`: `$inputs.size` may be missing, and a value is required here",
                "list the input as required, or take a value that is always there",
            ),
            (
                "/requestBody/payload/clientId",
                json!("$inputs.flag"),
                "/workflows/0/steps/1/requestBody/payload/clientId",
                "step `cancel`: `$inputs.flag` is a boolean, not a whole number",
                "give a whole number",
            ),
        ],
    );
}

#[test]
fn replacements_are_held_against_the_contract() {
    let fields = "the nearest is `symbol`; there are: clientId, orderId, symbol";
    assert_rows(
        CANCEL,
        &[
            (
                "/requestBody/replacements",
                json!([{"target": "/symbl", "value": "x"}]),
                "/workflows/0/steps/1/requestBody/replacements/0",
                "step `cancel`: `OrderCancelPayload` has no field `symbl`",
                fields,
            ),
            (
                "/requestBody/replacements",
                json!([{"target": "/symbol", "value": 7}]),
                "/workflows/0/steps/1/requestBody/replacements/0",
                "step `cancel`: `7` is not a text",
                "write it in quotes: '7'",
            ),
            (
                "/requestBody/replacements",
                json!([{"target": "/orderId/deep", "value": 7}]),
                "/workflows/0/steps/1/requestBody/replacements/0",
                "step `cancel`: a text has no field `deep`",
                "there is none to name; remove it",
            ),
        ],
    );
}

#[test]
fn a_body_that_is_missing_or_not_wanted_is_a_fault() {
    let mut none = valid();
    none["workflows"][0]["steps"][1]
        .as_object_mut()
        .unwrap()
        .remove("requestBody");
    assert_eq!(
        checked(&none).unwrap_err().0[0].problem,
        "step `cancel`: `cancel_order` requires a body"
    );
    let found = faults("/workflows/0/steps/0/requestBody", &json!({"payload": {}}));
    assert_eq!(found[0].problem, "step `read`: `get_order` takes no body");
}

/// A third step that places an order.
fn placing(body: Value) -> Value {
    with(
        valid(),
        "/workflows/0/steps/2",
        &json!({"stepId": "place", "operationId": "execute_order", "requestBody": body}),
    )
}

#[test]
fn enumerations_and_decimals_in_bodies_are_checked() {
    let order = |key: &str, value: Value| {
        let mut order = json!({"orderType": "Limit", "side": "Bid", "symbol": "SOL_USDC", "price": "1.5", "quantity": "2"});
        order[key] = value;
        checked(&placing(json!({"payload": order})))
    };
    let fine = [
        ("price", json!("0.000000000000000001")),
        ("price", json!("$inputs.note")),
        ("side", json!("$steps.read.outputs.side")),
        ("clientId", json!(4_294_967_295_u32)),
        ("postOnly", json!("$inputs.flag")),
    ];
    for (key, value) in fine {
        order(key, value).unwrap_or_else(|faults| panic!("{faults}"));
    }
    let decimal = "give a decimal as text";
    let wrong = [
        (
            "side",
            json!("bid"),
            "`bid` is not a value of `Side`",
            "the nearest is `Bid`; there are: Bid, Ask",
        ),
        (
            "price",
            json!(1.5),
            "`1.5` is not a decimal as text",
            "write it in quotes: '1.5'",
        ),
        (
            "price",
            json!("1,5"),
            "`\"1,5\"` is not a decimal as text",
            decimal,
        ),
        (
            "price",
            json!("$inputs.size"),
            "`$inputs.size` is a whole number, not a decimal as text",
            decimal,
        ),
        (
            "orderType",
            json!("$steps.read.outputs.side"),
            "`$steps.read.outputs.side` is `Side`, not `OrderTypeEnum`",
            "give `OrderTypeEnum`",
        ),
        (
            "side",
            json!("$inputs.side"),
            "`$inputs.side` may be missing, and a value is required here",
            "list the input as required, or take a value that is always there",
        ),
        ("side", json!(null), "`null` is not `Side`", "give `Side`"),
        (
            "clientId",
            json!(4_294_967_296_u64),
            "`4294967296` is not a whole number",
            "give a whole number",
        ),
    ];
    for (key, value, problem, fix) in wrong {
        let found = order(key, value).unwrap_err().0;
        assert_eq!(found[0].problem, format!("step `place`: {problem}"));
        assert_eq!(found[0].fix, fix);
    }
}

/// The body of the step that places an order, as the plan has it.
fn planned(body: Value) -> Body {
    let checked = passing(&placing(body));
    checked.workflows[0].steps[2].step.body.clone().unwrap()
}

fn inputs(value: Value) -> Scope {
    let Value::Object(inputs) = value else {
        panic!("inputs are an object")
    };
    let outputs: Map<String, Value> = Map::from_iter([("side".to_owned(), json!("Ask"))]);
    Scope {
        inputs,
        steps: [("read".to_owned(), outputs)].into(),
        ..Scope::default()
    }
}

const ORDER: &str = r#"{"orderType": "Limit", "side": "$steps.read.outputs.side", "symbol": "$inputs.symbol", "price": "1", "clientId": "$inputs.size"}"#;

#[test]
fn whole_expressions_keep_their_type_and_what_finds_nothing_is_left_out() {
    let order: Value = serde_json::from_str(ORDER).unwrap();
    let body = planned(json!({"payload": order}));
    let sent = body
        .evaluate(&inputs(json!({"symbol": "S", "size": 7})))
        .unwrap();
    assert_eq!(
        sent,
        Some(
            json!({"orderType": "Limit", "side": "Ask", "symbol": "S", "price": "1", "clientId": 7})
        )
    );
    let without = body
        .evaluate(&inputs(json!({"symbol": "S"})))
        .unwrap()
        .unwrap();
    assert_eq!(
        without.get("clientId"),
        None,
        "never null, never `undefined`"
    );
}

#[test]
fn a_payload_in_text_form_is_the_json_it_describes_and_nothing_can_break_out_of_it() {
    let text = r#"{"orderType": "Limit", "side": "{$steps.read.outputs.side}", "symbol": "{$inputs.symbol}-{$inputs.orderId}", "clientId": {$inputs.size}}"#;
    let body = planned(json!({"contentType": "application/json; charset=utf-8", "payload": text}));
    let hostile = r#"S", "side": "Bid"#;
    let sent = body
        .evaluate(&inputs(
            json!({"symbol": hostile, "orderId": "1", "size": 7}),
        ))
        .unwrap()
        .unwrap();
    assert_eq!(sent["symbol"], json!(format!("{hostile}-1")));
    assert_eq!(
        (&sent["side"], &sent["clientId"]),
        (&json!("Ask"), &json!(7))
    );
}

#[test]
fn replacements_change_the_payload_in_order() {
    let order: Value = serde_json::from_str(ORDER).unwrap();
    let replacements = json!([
        {"target": "/price", "value": "2"},
        {"target": "/price", "value": "$inputs.note"},
        {"target": "/quantity", "value": "3.0"},
        {"target": "/clientId", "value": "$inputs.size"},
    ]);
    let body = planned(json!({"payload": order, "replacements": replacements}));
    let sent = body
        .evaluate(&inputs(json!({"symbol": "S", "note": "2.5"})))
        .unwrap();
    assert_eq!(
        sent,
        Some(
            json!({"orderType": "Limit", "side": "Ask", "symbol": "S", "price": "2.5", "quantity": "3.0"})
        )
    );
}

fn minus(when: Option<&str>) -> Value {
    let mut order: Value = serde_json::from_str(ORDER).unwrap();
    order["quantity"] = json!("5");
    let mut minus = json!({"value": "$inputs.orderId"});
    if let Some(when) = when {
        minus["when"] = json!(when);
    }
    json!({"payload": order, "replacements": [{"target": "/quantity", "value": "$inputs.symbol", "x-bpx-minus": minus}]})
}

#[test]
fn a_difference_is_exact_and_only_taken_when_its_condition_holds() {
    let cases = [
        ("2", "0.1", "1.9"),
        ("1.10", "0.1", "1"),
        ("0.3", "0.1", "0.2"),
        (
            "100000000000000.000000000001",
            "0.000000000001",
            "100000000000000",
        ),
        ("1", "1", "0"),
        ("1", "2", "-1"),
    ];
    for (whole, taken, left) in cases {
        let scope = inputs(json!({"symbol": whole, "orderId": taken, "flag": true}));
        let sent = planned(minus(None)).evaluate(&scope).unwrap().unwrap();
        assert_eq!(sent["quantity"], json!(left));
        let sent = planned(minus(Some("$inputs.flag")))
            .evaluate(&scope)
            .unwrap()
            .unwrap();
        assert_eq!(sent["quantity"], json!(left));
    }
    let scope = inputs(json!({"symbol": "2", "orderId": "1", "flag": false}));
    let sent = planned(minus(Some("$inputs.flag")))
        .evaluate(&scope)
        .unwrap()
        .unwrap();
    assert_eq!(sent["quantity"], json!("2"));
    let words = inputs(json!({"symbol": "two", "orderId": "1"}));
    assert!(planned(minus(None)).evaluate(&words).is_err());
}

#[test]
fn a_difference_is_checked_like_the_rest() {
    let change = |key: &str, value: Value| {
        let mut body = minus(None);
        body["replacements"][0]["x-bpx-minus"][key] = value;
        checked(&placing(body)).unwrap_err().0
    };
    let cases = [
        (
            "value",
            json!("$inputs.note"),
            "step `place`: $inputs.note may be missing, so nothing can be taken from or with it",
        ),
        (
            "value",
            json!("$inputs.flag"),
            "step `place`: $inputs.flag is not a decimal, so nothing can be taken from or with it",
        ),
        (
            "value",
            json!("$inputs.nte"),
            "step `place`: `$inputs.nte`: workflow `flow` has no input `nte`",
        ),
        (
            "when",
            json!("$inputs.symbol"),
            "step `place`: `$inputs.symbol` is neither true nor false",
        ),
        (
            "when",
            json!("$inputs.symbol ="),
            "`=` is nothing a condition knows (at character 16)",
        ),
        ("if", json!("true"), "`x-bpx-minus` has no member `if`"),
    ];
    for (key, value, problem) in cases {
        let found = change(key, value);
        assert_eq!(found[0].problem, problem);
        assert!(!found[0].fix.is_empty());
    }
}

#[test]
fn a_target_that_the_payload_does_not_have_is_a_fault_of_the_run() {
    let mut body = planned(minus(None));
    body.replacements[0].target = vec!["legs".to_owned(), "0".to_owned()];
    let scope = inputs(json!({"symbol": "2", "orderId": "1"}));
    let error = body.evaluate(&scope).unwrap_err().to_string();
    assert!(
        error.contains("`/legs/0` does not exist in the payload"),
        "{error}"
    );
}

#[test]
fn unions_and_lists_in_bodies_are_checked_item_by_item() {
    let order = json!({"orderType": "Limit", "side": "Bid", "symbol": "S"});
    let batch = |second: Value| {
        let step = json!({"stepId": "batch", "operationId": "execute_order_batch", "requestBody": {"payload": [order, second]}});
        checked(&with(valid(), "/workflows/0/steps/2", &step))
    };
    assert!(batch(order.clone()).is_ok());
    let found = batch(json!({"orderType": "Limit", "side": "Bid"}))
        .unwrap_err()
        .0;
    assert_eq!(
        found[0].place.to_string(),
        "flow.json#/workflows/0/steps/2/requestBody/payload/1"
    );
}
