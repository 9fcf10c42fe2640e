//! What documents say of answers: pointers, criteria and headers, checked against each status and arm.

use serde_json::json;

use crate::support::{assert_rows, checked, faults, notes, passing, valid, with};

const READ: &str = "/workflows/0/steps/0";

#[test]
fn pointers_into_answers_are_held_against_every_status_and_arm() {
    let output = |text: &str| faults("/workflows/0/steps/0/outputs/status", &json!(text));
    let found = output("$response.body#/doesNotExist");
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].problem,
        "step `read`: `$response.body#/doesNotExist` names nothing: `OrderType` has no `doesNotExist` (status 200)"
    );
    assert!(
        found[0].fix.starts_with("the nearest field is `"),
        "{}",
        found[0].fix
    );
    let near = output("$response.body#/statsu");
    assert_eq!(near[0].fix, "the nearest field is `status`");
    let deep = output("$response.body#/status/inner");
    assert_eq!(
        deep[0].problem,
        "step `read`: `$response.body#/status/inner` names nothing: `OrderStatus` has no `inner` (status 200)"
    );
    assert_eq!(deep[0].fix, "end the pointer before it");
    assert_rows(
        READ,
        &[
            (
                "/outputs/a",
                json!("$response.query.a"),
                "/workflows/0/steps/0/outputs/a",
                "step `read`: `$response.query.a`: a response has headers and a body",
                "write `$request` for what was sent",
            ),
            (
                "/outputs/a",
                json!("$request.query.symbl"),
                "/workflows/0/steps/0/outputs/a",
                "step `read`: `$request.query.symbl`: the operation has no query parameter `symbl`",
                "the nearest is `symbol`; there are: clientId, orderId, symbol",
            ),
            (
                "/outputs/a",
                json!("$request.body#/a"),
                "/workflows/0/steps/0/outputs/a",
                "step `read`: `$request.body#/a`: the operation takes no body",
                "remove it",
            ),
            (
                "/outputs/a",
                json!("$components.parameters.a"),
                "/workflows/0/steps/0/outputs/a",
                "step `read`: `$components.parameters.a` is not a value",
                "refer to a component with `reference`, in place of a parameter or action",
            ),
            (
                "/outputs/a",
                json!("$sourceDescriptions.venue.utl"),
                "/workflows/0/steps/0/outputs/a",
                "step `read`: the source `venue` has no field `utl`",
                "the nearest is `url`; there are: url, name, type",
            ),
        ],
    );
}

#[test]
fn a_field_of_one_arm_is_optional_unless_the_criteria_choose_the_arm() {
    let document = with(
        valid(),
        "/workflows/0/steps/0/outputs/price",
        &json!("$response.body#/price"),
    );
    let passed = passing(&document);
    let price = passed.workflows[0].steps[0]
        .outputs
        .iter()
        .find(|it| it.name == "price")
        .unwrap();
    assert!(price.ty.optional);
    assert!(notes(&passed).contains(
        &"`$response.body#/price` may be missing: 200 (Market) does not have it".to_owned()
    ));
    for chosen in [
        "$response.body#/orderType == 'Limit'",
        "$response.body#/price != null",
        "$response.body#/postOnly != null",
        "$response.body#/orderType != 'market'",
    ] {
        let document = with(
            document.clone(),
            "/workflows/0/steps/0/successCriteria/1",
            &json!({"condition": chosen}),
        );
        let passed = passing(&document);
        let price = passed.workflows[0].steps[0]
            .outputs
            .iter()
            .find(|it| it.name == "price")
            .unwrap();
        assert!(!price.ty.optional, "{chosen}");
    }
    let market = json!({"condition": "$response.body#/orderType == 'Market'"});
    let none = with(document, "/workflows/0/steps/0/successCriteria/1", &market);
    let found = checked(&none).unwrap_err().0;
    assert_eq!(
        found[0].problem,
        "step `read`: `$response.body#/price` names nothing: `OrderType` has no `price` (status 200)"
    );
}

#[test]
fn where_only_a_failure_can_pass_its_body_counts() {
    let missing =
        json!({"condition": "$statusCode == 404 && $response.body#/code == 'RESOURCE_NOT_FOUND'"});
    let document = with(valid(), "/workflows/0/steps/0/successCriteria/0", &missing);
    let found = checked(&document).unwrap_err().0;
    assert_eq!(
        found[0].problem,
        "step `read`: `$response.body#/id` names nothing: `ApiErrorResponse` has no `id` (status 404)"
    );
    let outputs = json!({"id": "$response.body#/message"});
    let document = with(document, "/workflows/0/steps/0/outputs", &outputs);
    let id = &passing(&document).workflows[0].steps[0].outputs[0];
    assert_eq!((id.ty.optional, id.ty.doc.is_empty()), (false, false));
}

#[test]
fn criteria_that_can_never_hold_are_faults() {
    let found = faults(
        "/workflows/0/steps/0/successCriteria/0/condition",
        &json!("$statusCode == 418"),
    );
    assert_eq!(
        found.len(),
        1,
        "and not one more for each output: {found:#?}"
    );
    let own = &found[0];
    assert!(own.problem.starts_with("step `read`: the success criteria can never hold together; the contract documents 200 (Market), 200 (Limit), 400, 401"), "{}", own.problem);
    let wrong_arm = faults(
        "/workflows/0/steps/0/successCriteria/0/condition",
        &json!("$response.body#/orderType == 'Limt'"),
    );
    assert!(
        wrong_arm
            .iter()
            .any(|it| it.problem.contains("can never hold"))
    );
}

#[test]
fn conditions_compare_what_can_be_compared() {
    let condition = |text: &str| {
        faults(
            "/workflows/0/steps/0/successCriteria/0/condition",
            &json!(text),
        )
    };
    let cases = [
        (
            "$statusCode == 'ok'",
            "step `read`: `$statusCode` is a number, `'ok'` is a text: they are never equal, and have no order",
            "compare values of one type",
        ),
        (
            "$statusCode",
            "step `read`: `$statusCode` is neither true nor false",
            "compare it with something",
        ),
        (
            "!$response.body#/symbol",
            "step `read`: `$response.body#/symbol` is neither true nor false",
            "compare it with something",
        ),
        (
            "$inputs.flag == 'true'",
            "step `read`: `$inputs.flag` is a boolean, `'true'` is a text: they are never equal, and have no order",
            "compare values of one type",
        ),
        (
            "$inputs.flag < true",
            "step `read`: `$inputs.flag` and `true` have no order",
            "write `==` or `!=`",
        ),
        (
            "$response.body#/statsu == 'New'",
            "step `read`: `$response.body#/statsu` names nothing: `ApiErrorResponse` and `OrderType` have no `statsu` (status 200, 400, 401, 403, 404, 429, 500, 503)",
            "the nearest field is `status`",
        ),
        (
            "$steps.cancel.outputs.status == 'New'",
            "step `read`: step `cancel` never runs before this one",
            "take the value from an earlier step, or change the order",
        ),
        (
            "$outputs.status == 'New'",
            "step `read`: `$outputs.status` has no value before the step has succeeded",
            "take the value from `$response`",
        ),
    ];
    for (text, problem, fix) in cases
        .into_iter()
        .filter(|(_, problem, _)| !problem.is_empty())
    {
        let found = condition(text);
        let here = found
            .iter()
            .find(|it| it.place.to_string().ends_with("condition"));
        let here = here.unwrap_or_else(|| panic!("{text}: {found:#?}"));
        assert_eq!(
            (here.problem.as_str(), here.fix.as_str()),
            (problem, fix),
            "{text}"
        );
    }
}

#[test]
fn an_open_enumeration_and_a_question_for_presence_are_only_noted() {
    let condition = |text: &str| {
        let document = with(
            valid(),
            "/workflows/0/steps/0/successCriteria/1",
            &json!({"condition": text}),
        );
        notes(&passing(&document)).join("\n")
    };
    assert!(
        condition("$response.body#/status != 'Pending'")
            .contains("the contract lists no value `Pending`")
    );
    let buy = condition("$response.body#/side == 'Buy'");
    assert!(
        buy.contains("the contract lists no value `Buy` for `$response.body#/side`"),
        "{buy}"
    );
    assert!(buy.contains("the nearest is `Bid`; there are: Bid, Ask"));
    assert!(
        condition("$response.body#/nope == null").contains("`$response.body#/nope` names nothing")
    );
    assert!(
        !condition("$response.body#/status == 'new'").contains("lists no value"),
        "case means nothing"
    );
}

#[test]
fn headers_that_the_contract_does_not_promise_may_be_missing() {
    let document = with(
        valid(),
        "/workflows/0/steps/0/outputs/wait",
        &json!("$response.header.Retry-After"),
    );
    let passed = passing(&document);
    let wait = passed.workflows[0].steps[0]
        .outputs
        .iter()
        .find(|it| it.name == "wait")
        .unwrap();
    assert!(wait.ty.optional);
    assert!(notes(&passed).contains(
        &"the contract does not promise the header `Retry-After`, so it may be missing".to_owned()
    ));
}

#[test]
fn faults_in_inputs_are_told_where_the_schema_stands() {
    let found = faults(
        "/workflows/0/inputs/properties/symbol",
        &json!({"type": "string", "enum": []}),
    );
    assert_eq!(
        found[0].place.to_string(),
        "flow.json#/workflows/0/inputs/properties/symbol/enum"
    );
    assert_eq!(found[0].problem, "`enum` is empty, so no value fits");
    let nowhere = faults(
        "/workflows/0/inputs/properties/symbol",
        &json!({"$ref": "#/components/inputs/symbol"}),
    );
    assert_eq!(
        nowhere[0].problem,
        "`$ref: #/components/inputs/symbol` names nothing in this document"
    );
}
