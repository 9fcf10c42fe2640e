//! Workflows that call, wait for and follow one another.

use bpx_arazzo::{Sources, check};
use serde_json::{Value, json};

use crate::support::{CONTRACT, checked, faults, notes, parse, passing, valid, with};

/// The valid workflow, called by another.
fn calling() -> Value {
    let main = json!({
        "workflowId": "main",
        "inputs": {"type": "object", "required": ["symbol"], "properties": {"symbol": {"type": "string"}}},
        "steps": [{
            "stepId": "call", "workflowId": "flow",
            "parameters": [{"name": "symbol", "value": "$inputs.symbol"}, {"name": "orderId", "value": "7"}],
            "outputs": {"id": "$outputs.id", "status": "$outputs.status"},
        }],
        "outputs": {"id": "$steps.call.outputs.id", "all": "$workflows.flow.outputs.id"},
    });
    let document = with(valid(), "/workflows/1", &main);
    // Workflows are checked in the order in which they need one another, not in the document's.
    let mut document = document;
    document["workflows"].as_array_mut().unwrap().reverse();
    document
}

#[test]
fn a_step_can_call_a_workflow_and_takes_its_outputs_with_their_types() {
    let passed = passing(&calling());
    let main = passed.workflow("main").unwrap();
    assert!(main.changes);
    let types: Vec<_> = main.steps[0]
        .outputs
        .iter()
        .map(|it| (it.name.as_str(), it.ty.optional))
        .collect();
    assert_eq!(types, [("id", false), ("status", true)]);
    let step = "/workflows/0/steps/0";
    let cases = [
        (
            format!("{step}/parameters/0/name"),
            json!("symbl"),
            "step `call`: workflow `flow` has no input `symbl`",
        ),
        (
            format!("{step}/parameters/0/in"),
            json!("query"),
            "step `call`: the parameter `symbol` goes to a workflow",
        ),
        (
            format!("{step}/parameters/0/value"),
            json!(5),
            "step `call`: `5` is not a text",
        ),
        (
            format!("{step}/parameters"),
            json!([]),
            "step `call`: workflow `flow` requires the input `orderId`",
        ),
        (
            format!("{step}/outputs/id"),
            json!("$outputs.ident"),
            "step `call`: `$outputs.ident`: there is no output `ident`",
        ),
        (
            format!("{step}/requestBody"),
            json!({"payload": 1}),
            "a step that calls a workflow sends no body",
        ),
        (
            format!("{step}/workflowId"),
            json!("flwo"),
            "workflow `main` refers to `flwo`, which does not exist",
        ),
    ];
    for (pointer, value, problem) in cases {
        let found = checked(&with(calling(), &pointer, &value)).unwrap_err().0;
        assert!(
            found.iter().any(|it| it.problem == problem),
            "{problem}: {found:#?}"
        );
    }
}

#[test]
fn in_a_step_that_calls_a_workflow_the_exchange_is_the_last_one_there() {
    let status = json!({"status": "$statusCode"});
    let document = with(calling(), "/workflows/0/steps/0/outputs", &status);
    let mut document = with(
        document,
        "/workflows/0/steps/0/successCriteria",
        &json!([{"condition": "$statusCode < 300 || $url == null"}]),
    );
    document["workflows"][0]["outputs"] = json!({});
    let passed = passing(&document);
    let remark = "`$statusCode` speaks of the last request of workflow `flow`".to_owned();
    assert!(notes(&passed).contains(&remark));
    let early = with(
        document,
        "/workflows/0/steps/0/parameters/1/value",
        &json!("$url"),
    );
    let found = checked(&early).unwrap_err().0;
    assert_eq!(
        found[0].problem,
        "step `call`: `$url` has no value here: there is no request"
    );
}

#[test]
fn workflows_that_need_one_another_in_a_circle_are_refused() {
    let circles = [
        (
            "/workflows/0/dependsOn",
            json!(["flow"]),
            "workflows need one another in a circle: flow",
        ),
        (
            "/workflows/0/dependsOn",
            json!(["nope"]),
            "workflow `flow` refers to `nope`, which does not exist",
        ),
    ];
    for (pointer, value, problem) in circles {
        assert_eq!(faults(pointer, &value)[0].problem, problem);
    }
    let back = with(calling(), "/workflows/1/dependsOn", &json!(["main"]));
    let found = checked(&back).unwrap_err().0;
    assert_eq!(
        found[0].problem,
        "workflows need one another in a circle: main, flow"
    );
    let own = json!({"name": "a", "type": "goto", "workflowId": "flow"});
    passing(&with(
        valid(),
        "/workflows/0/steps/0/onFailure",
        &json!([own]),
    ));
}

#[test]
fn values_of_another_workflow_need_it_to_have_run() {
    let mut document = calling();
    let main = document["workflows"][0].clone();
    document["workflows"][0]["steps"][0] = valid()["workflows"][0]["steps"][0].clone();
    document["workflows"][0]["outputs"] = json!({"all": "$workflows.flow.outputs.id"});
    document["workflows"][0]["steps"][0]["parameters"][1]["value"] = json!("7");
    let found = checked(&document).unwrap_err().0;
    assert_eq!(
        found[0].problem,
        "workflow `main`: `$workflows.flow.outputs.id`: workflow `flow` has not run when this one does"
    );
    let waiting = with(document, "/workflows/0/dependsOn", &json!(["flow"]));
    let found = checked(&waiting).unwrap_err().0;
    assert!(
        found[0].problem.contains(
            "requires the input `orderId`, and takes inputs of the same name from `main`"
        ),
        "{found:#?}"
    );
    let mut inputs = main["inputs"].clone();
    inputs["required"] = json!(["symbol", "orderId"]);
    inputs["properties"]["orderId"] = json!({"type": "string"});
    let passed = passing(&with(waiting, "/workflows/0/inputs", &inputs));
    assert!(!passed.workflow("main").unwrap().outputs[0].ty.optional);
}

#[test]
fn workflows_of_another_document_are_called_by_their_source() {
    let other = passing(&valid());
    let mut document = calling();
    document["workflows"].as_array_mut().unwrap().pop();
    document["workflows"][0]["outputs"]
        .as_object_mut()
        .unwrap()
        .remove("all");
    let document = with(
        document,
        "/workflows/0/steps/0/workflowId",
        &json!("$sourceDescriptions.other.flow"),
    );
    let document = with(
        document,
        "/sourceDescriptions/1",
        &json!({"name": "other", "url": "./o.yaml", "type": "arazzo"}),
    );
    let sources = Sources {
        openapi: [("venue".to_owned(), &*CONTRACT)].into(),
        arazzo: [("other".to_owned(), &other)].into(),
    };
    let passed = check(&parse(&document), &sources).unwrap_or_else(|faults| panic!("{faults}"));
    assert!(!passed.workflows[0].outputs[0].ty.optional);
    let wrong = with(
        document,
        "/workflows/0/steps/0/workflowId",
        &json!("$sourceDescriptions.other.flwo"),
    );
    let found = check(&parse(&wrong), &sources).unwrap_err().0;
    assert_eq!(
        found[0].problem,
        "step `call`: the source `other` has no workflow `flwo`"
    );
}
