//! Documents that are not in form: every fault with place, problem and fix.

use bpx_arazzo::description;
use bpx_contract::Document;
use serde_json::json;

use crate::support::{assert_rows, checked, faults, parse, passing, valid, with};

const READ: &str = "/workflows/0/steps/0";

#[test]
fn the_valid_document_passes() {
    let checked = passing(&valid());
    assert_eq!(checked.workflows.len(), 1);
    assert!(
        checked.notes.iter().all(|note| note.text.contains("202")),
        "{:?}",
        checked.notes
    );
}

#[test]
fn what_is_no_arazzo_of_a_known_version_is_refused() {
    let version = "write `arazzo: 1.0.1`, or `1.1.0`";
    let none = "this is not an Arazzo document: its `arazzo` field states no version";
    assert_rows(
        "",
        &[
            (
                "/arazzo",
                json!("2.0.0"),
                "/arazzo",
                "Arazzo 2.0.0 is not supported",
                version,
            ),
            (
                "/arazzo",
                json!("1.0"),
                "/arazzo",
                "Arazzo 1.0 is not supported",
                version,
            ),
            (
                "/arazzo",
                json!("1.0.x"),
                "/arazzo",
                "Arazzo 1.0.x is not supported",
                version,
            ),
            ("/arazzo", json!(1.0), "/arazzo", none, version),
        ],
    );
    for known in ["1.0.0", "1.0.1", "1.1.0", "1.1.7"] {
        assert!(
            checked(&with(valid(), "/arazzo", &json!(known))).is_ok(),
            "{known}"
        );
    }
}

#[test]
fn a_member_of_the_wrong_form_is_told_at_its_place() {
    let object = "write an object here, or remove it";
    let list = "write a list here, or remove it";
    assert_rows(
        "",
        &[
            (
                "/info",
                json!(1),
                "/info",
                "`info` is a number, not an object",
                object,
            ),
            (
                "/info",
                json!({"title": "t"}),
                "/info",
                "`info` has no `version`",
                "add `version`",
            ),
            (
                "/workflows",
                json!({}),
                "/workflows",
                "`workflows` is an object, not a list",
                list,
            ),
            (
                "/workflows",
                json!([]),
                "/workflows",
                "`workflows` is empty",
                "list at least one",
            ),
            (
                "/workflows/0",
                json!("x"),
                "/workflows/0",
                "a workflow is a string, not an object",
                object,
            ),
            (
                "/workflow",
                json!([]),
                "/workflow",
                "the document has no member `workflow`",
                "the nearest is `workflows`; there are: arazzo, $self, info, sourceDescriptions, workflows, components",
            ),
            (
                "/$self",
                json!("urn:x"),
                "/$self",
                "`$self` of the document came with 1.1.0",
                "write `arazzo: 1.1.0`, or remove it",
            ),
        ],
    );
}

#[test]
fn a_member_of_the_wrong_form_inside_a_source_or_workflow_is_told_at_its_place() {
    assert_rows(
        "",
        &[
            (
                "/sourceDescriptions/0",
                json!({"name": "venue"}),
                "/sourceDescriptions/0",
                "a source description has no `url`",
                "add `url`",
            ),
            (
                "/workflows/0/steps",
                json!([]),
                "/workflows/0/steps",
                "`steps` is empty",
                "list at least one",
            ),
            (
                "/workflows/0/summary",
                json!(["a"]),
                "/workflows/0/summary",
                "`summary` is a list, not a text",
                "write a text here, or remove it",
            ),
            (
                "/workflows/0/inputs",
                json!("a"),
                "/workflows/0/inputs",
                "`inputs` is a string, not a schema",
                "write a schema here, or remove it",
            ),
            (
                "/workflows/0/dependsOn",
                json!([1]),
                "/workflows/0/dependsOn",
                "`dependsOn` is a list, not a list of texts",
                "write a list of texts here, or remove it",
            ),
        ],
    );
}

#[test]
fn a_step_of_the_wrong_form_is_told_at_its_place() {
    assert_rows(
        READ,
        &[
            (
                "/successCriterias",
                json!([]),
                "/workflows/0/steps/0/successCriterias",
                "a step has no member `successCriterias`",
                "the nearest is `successCriteria`",
            ),
            (
                "/successCriteria",
                json!([{}]),
                "/workflows/0/steps/0/successCriteria/0",
                "a criterion has no `condition`",
                "add `condition`",
            ),
            (
                "/parameters/0",
                json!({"name": "symbol", "in": "query"}),
                "/workflows/0/steps/0/parameters/0",
                "a parameter has no `value`",
                "add `value`",
            ),
            (
                "/timeout",
                json!(5),
                "/workflows/0/steps/0/timeout",
                "`timeout` of a step came with 1.1.0",
                "write `arazzo: 1.1.0`, or remove it",
            ),
            (
                "/dependsOn",
                json!([]),
                "/workflows/0/steps/0/dependsOn",
                "`dependsOn` of a step came with 1.1.0",
                "write `arazzo: 1.1.0`, or remove it",
            ),
        ],
    );
}

#[test]
fn an_action_or_output_of_the_wrong_form_is_told_at_its_place() {
    let whole = "write a whole number, zero or more here, or remove it";
    assert_rows(
        READ,
        &[
            (
                "/channelPath",
                json!("x"),
                "/workflows/0/steps/0/channelPath",
                "`channelPath` belongs to asynchronous steps of 1.1.0",
                "asynchronous steps are not run; call an HTTP operation",
            ),
            (
                "/onFailure",
                json!([{"name": "a", "type": "retry", "retryLimit": -1}]),
                "/workflows/0/steps/0/onFailure/0/retryLimit",
                "`retryLimit` is a number, not a whole number, zero or more",
                whole,
            ),
            (
                "/onFailure",
                json!([{"name": "a", "type": "retry", "retryAfter": "1"}]),
                "/workflows/0/steps/0/onFailure/0/retryAfter",
                "`retryAfter` is a string, not a number, zero or more",
                "write a number, zero or more here, or remove it",
            ),
            (
                "/outputs/a",
                json!(5),
                "/workflows/0/steps/0/outputs/a",
                "an output is a number, not an expression",
                "write an expression, such as `$response.body#/id`",
            ),
            (
                "/outputs/a",
                json!({"context": "$response.body", "selector": "/a"}),
                "/workflows/0/steps/0/outputs/a",
                "Selector objects came with 1.1.0",
                "write `arazzo: 1.1.0`, or an expression with a JSON Pointer",
            ),
        ],
    );
}

#[test]
fn extensions_may_stand_everywhere_but_in_a_reusable_object_and_are_kept() {
    let mut document = valid();
    for pointer in [
        "/x-a",
        "/info/x-a",
        "/sourceDescriptions/0/x-a",
        "/workflows/0/x-a",
        "/workflows/0/steps/0/x-a",
        "/workflows/0/steps/0/parameters/0/x-a",
        "/workflows/0/steps/0/successCriteria/0/x-a",
        "/workflows/0/steps/1/requestBody/x-a",
    ] {
        document = with(document, pointer, &json!({"deep": [1]}));
    }
    let kept = passing(&document).description;
    assert_eq!(kept.extensions["x-a"], json!({"deep": [1]}));
    assert_eq!(
        kept.workflows[0].steps[0].extensions["x-a"],
        json!({"deep": [1]})
    );
    let reusable = json!({"reference": "$components.parameters.a", "x-a": 1});
    let found = faults("/workflows/0/steps/0/parameters/0", &reusable);
    assert_eq!(found[0].problem, "a reusable object has no member `x-a`");
}

#[test]
fn ids_that_no_expression_could_name_and_duplicates_are_refused() {
    let letters = "use ASCII letters, digits, `_` and `-`";
    let twice = "rename one of the two";
    assert_rows(
        "",
        &[
            (
                "/workflows/0/workflowId",
                json!("a b"),
                "/workflows/0/workflowId",
                "no expression can name the workflowId `a b`",
                letters,
            ),
            (
                "/workflows/0/steps/0/stepId",
                json!(""),
                "/workflows/0/steps/0/stepId",
                "no expression can name the stepId ``",
                letters,
            ),
            (
                "/workflows/0/steps/1/stepId",
                json!("read"),
                "/workflows/0/steps/1/stepId",
                "the stepId `read` is used twice",
                twice,
            ),
            (
                "/sourceDescriptions/1",
                json!({"name": "venue", "url": "x"}),
                "/sourceDescriptions/1/name",
                "the name `venue` is used twice",
                twice,
            ),
            (
                "/workflows/1",
                valid()["workflows"][0].clone(),
                "/workflows/1/workflowId",
                "the workflowId `flow` is used twice",
                twice,
            ),
            (
                "/workflows/0/steps/0/outputs/a b",
                json!("$url"),
                "/workflows/0/steps/0/outputs/a b",
                "no expression can name the output `a b`",
                "use ASCII letters, digits, `.`, `-` and `_`",
            ),
            (
                "/workflows/0/steps/0/outputs/a",
                json!("plain"),
                "/workflows/0/steps/0/outputs/a",
                "the output `a` is not an expression",
                "write an expression, such as `$response.body#/id`",
            ),
        ],
    );
}

#[test]
fn a_description_tells_which_documents_are_needed_before_any_is_read() {
    let needed = description(&parse(&valid())).unwrap().sources;
    assert_eq!(
        (needed[0].name.as_str(), needed[0].url.as_str()),
        ("venue", "./venue.yaml")
    );
    let unknown = with(
        valid(),
        "/sourceDescriptions/1",
        &json!({"name": "other", "url": "./other.yaml"}),
    );
    let found = checked(&unknown).unwrap_err().0;
    assert_eq!(
        found[0].problem,
        "nothing is known of the source `other` (openapi, ./other.yaml)"
    );
}

#[test]
fn yaml_that_makes_no_sense_is_refused_with_its_line() {
    let text = b"arazzo: 1.0.1\ninfo: {title: t\nworkflows: [";
    let found = Document::parse("flow.yaml", text).unwrap_err().0;
    assert!(found[0].place.line.is_some());
    let list = Document::parse("flow.yaml", b"- arazzo: 1.0.1\n")
        .unwrap_err()
        .0;
    assert_eq!(list[0].problem, "the document is a list, not an object");
}
