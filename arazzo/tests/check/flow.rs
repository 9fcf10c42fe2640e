//! In which order steps and workflows run, what that means for outputs, and how a run can end.

use bpx_arazzo::{Changed, Checked, CheckedWorkflow, Ended, Then};
use serde_json::{Value, json};

use crate::support::{checked, faults, notes, passing, valid, with};

fn only(checked: &Checked) -> &CheckedWorkflow {
    &checked.workflows[0]
}

/// Whether an output of the workflow may be missing.
fn optional(checked: &Checked, name: &str) -> bool {
    let output = only(checked).outputs.iter().find(|it| it.name == name);
    output.unwrap().ty.optional
}

#[test]
fn what_a_202_leaves_empty_is_optional_even_where_the_criteria_ask_for_200() {
    let passed = passing(&valid());
    assert!(
        optional(&passed, "status"),
        "cancel_order may be accepted and settled without a body"
    );
    assert!(!optional(&passed, "id"));
    let strict = with(
        valid(),
        "/workflows/0/steps/1/successCriteria",
        &json!([{"condition": "$statusCode == 200"}]),
    );
    assert!(optional(&passing(&strict), "status"));
    assert!(
        notes(&passing(&strict)).contains(
            &"`$response.body#/status` may be missing: status 202 has no body".to_owned()
        )
    );
}

#[test]
fn an_output_is_there_only_after_the_step_that_gives_it() {
    let later = faults(
        "/workflows/0/steps/0/parameters/1/value",
        &json!("$steps.cancel.outputs.status"),
    );
    assert_eq!(
        later[0].problem,
        "step `read`: step `cancel` never runs before this one"
    );
    let own = faults(
        "/workflows/0/steps/0/parameters/1/value",
        &json!("$steps.read.outputs.id"),
    );
    assert_eq!(
        own[0].problem,
        "step `read`: step `read` never runs before this one"
    );
    let unknown = faults("/workflows/0/outputs/id", &json!("$steps.raed.outputs.id"));
    assert_eq!(
        unknown[0].problem,
        "workflow `flow`: there is no step `raed`"
    );
    assert_eq!(
        unknown[0].fix,
        "the nearest is `read`; there are: cancel, read"
    );
    let output = faults(
        "/workflows/0/outputs/id",
        &json!("$steps.read.outputs.ident"),
    );
    assert_eq!(
        output[0].problem,
        "workflow `flow`: `$steps.read.outputs.ident`: step `read` has no output `ident`"
    );
}

/// read, cancel, and a third step that reads again.
fn three() -> Value {
    let mut again = valid()["workflows"][0]["steps"][0].clone();
    again["stepId"] = json!("again");
    with(valid(), "/workflows/0/steps/2", &again)
}

#[test]
fn a_step_that_can_be_skipped_gives_optional_outputs() {
    let skip = json!([{"name": "skip", "type": "goto", "stepId": "again", "criteria": [{"condition": "$response.body#/status == 'Filled'"}]}]);
    let document = with(three(), "/workflows/0/steps/0/onSuccess", &skip);
    let document = with(
        document,
        "/workflows/0/outputs/again",
        &json!("$steps.again.outputs.id"),
    );
    let document = with(
        document,
        "/workflows/0/steps/2/parameters/1/value",
        &json!("$steps.cancel.outputs.status"),
    );
    let passed = passing(&document);
    assert!(!optional(&passed, "again"));
    assert!(
        notes(&passed)
            .iter()
            .any(|note| note.contains("step `cancel` does not always run before"))
    );
    let always = with(
        document,
        "/workflows/0/steps/0/onSuccess/0/criteria",
        &json!([]),
    );
    let found = checked(&always).unwrap_err().0;
    assert_eq!(
        found[0].problem,
        "step `again`: step `cancel` never runs before this one"
    );
}

#[test]
fn a_loop_is_legal_and_its_bound_is_named() {
    let back = json!([{"name": "back", "type": "goto", "stepId": "read", "criteria": [{"condition": "$statusCode == 202"}]}]);
    let passed = passing(&with(valid(), "/workflows/0/steps/1/onSuccess", &back));
    assert!(only(&passed).loops);
    let named = notes(&passed)
        .into_iter()
        .find(|note| note.contains("--max-steps"));
    assert_eq!(
        named.unwrap(),
        "step `read` can run again after itself; a run is stopped after 2000 steps (`--max-steps`)"
    );
    assert!(!only(&passing(&valid())).loops);
}

#[test]
fn a_step_that_nothing_leads_to_is_noted() {
    let end = json!([{"name": "stop", "type": "end"}]);
    let passed = passing(&with(valid(), "/workflows/0/steps/0/onSuccess", &end));
    assert!(notes(&passed).contains(&"step `cancel` is never reached".to_owned()));
    assert!(optional(&passed, "status"));
}

#[test]
fn every_end_tells_what_may_have_been_changed_by_then_and_which_outputs_are_there() {
    let refused = json!([
        {"name": "refused", "type": "end", "x-bpx-outcome": "stopped", "criteria": [{"condition": "$statusCode == 400"}]},
        {"name": "unknown", "type": "end", "x-bpx-outcome": "unknown"},
    ]);
    let passed = passing(&with(three(), "/workflows/0/steps/1/onFailure", &refused));
    let ends: Vec<_> = only(&passed)
        .ends
        .iter()
        .map(|end| {
            (
                end.step.as_str(),
                end.by.clone(),
                end.changed,
                end.present.join(" "),
            )
        })
        .collect();
    let named = |name: &str| Ended::Failed(name.to_owned());
    let id = || "id".to_owned();
    assert_eq!(
        ends,
        [
            ("read", Ended::Broken, Changed::Never, String::new()),
            ("cancel", named("refused"), Changed::Never, id()),
            ("cancel", named("unknown"), Changed::Maybe, id()),
            ("again", Ended::Completed, Changed::Always, id()),
            ("again", Ended::Broken, Changed::Always, id()),
        ]
    );
}

#[test]
fn an_end_that_says_stopped_must_be_provable() {
    let end = |criteria: Value| json!([{"name": "refused", "type": "end", "x-bpx-outcome": "stopped", "criteria": criteria}]);
    for wrong in [
        json!([]),
        json!([{"condition": "$statusCode >= 400"}]),
        json!([{"condition": "$statusCode != 200"}]),
        json!([{"condition": "$statusCode == 404 || $statusCode == 502"}]),
    ] {
        let found = faults("/workflows/0/steps/1/onFailure", &end(wrong));
        assert_eq!(
            found[0].problem,
            "step `cancel`: the end `refused` says that nothing was changed, but an operation that changes something may have run by then"
        );
        assert_eq!(
            found[0].place.to_string(),
            "flow.json#/workflows/0/steps/1/onFailure/0"
        );
    }
    let right = end(json!([{"condition": "$statusCode >= 400 && $statusCode < 500"}]));
    passing(&with(valid(), "/workflows/0/steps/1/onFailure", &right));
    let after = with(three(), "/workflows/0/steps/2/onFailure", &end(json!([])));
    assert!(
        checked(&after).is_err(),
        "the cancellation has taken effect by then"
    );
}

#[test]
fn a_refusal_after_a_retry_does_not_prove_that_nothing_was_changed() {
    let refused = json!({"name": "refused", "type": "end", "x-bpx-outcome": "stopped", "criteria": [{"condition": "$statusCode == 400"}]});
    let retry = |criteria: &str| json!([{"name": "again", "type": "retry", "criteria": [{"condition": criteria}]}, refused]);
    let blind = faults(
        "/workflows/0/steps/1/onFailure",
        &retry("$statusCode >= 500"),
    );
    assert!(
        blind[0]
            .problem
            .contains("the end `refused` says that nothing was changed")
    );
    let known = passing(&with(
        valid(),
        "/workflows/0/steps/1/onFailure",
        &retry("$statusCode == 429"),
    ));
    assert!(!only(&known).loops, "a retry has a limit of its own");
}

#[test]
fn an_action_that_no_documented_answer_takes_is_noted() {
    let teapot = json!([{"name": "teapot", "type": "end", "criteria": [{"condition": "$statusCode == 418"}]}]);
    let passed = passing(&with(valid(), "/workflows/0/steps/0/onFailure", &teapot));
    assert!(notes(&passed).contains(&"step `read`: the contract documents no answer with which the action `teapot` is taken".to_owned()));
}

#[test]
fn actions_lead_to_steps_and_workflows_that_exist() {
    let cases = [
        (
            json!({"name": "a", "type": "goto", "stepId": "raed"}),
            "step `read`: there is no step `raed`",
            "the nearest is `read`; there are: cancel, read",
        ),
        (
            json!({"name": "a", "type": "goto", "workflowId": "flwo"}),
            "step `read`: there is no workflow `flwo`",
            "the nearest is `flow`",
        ),
        (
            json!({"name": "a", "type": "goto", "workflowId": "$sourceDescriptions.other.flow"}),
            "step `read`: there is no Arazzo source `other`",
            "there is none to name; remove it",
        ),
    ];
    for (action, problem, fix) in cases {
        let found = faults("/workflows/0/steps/0/onFailure", &json!([action]));
        assert_eq!(
            (found[0].problem.as_str(), found[0].fix.as_str()),
            (problem, fix)
        );
    }
}

#[test]
fn actions_of_the_step_come_first_and_override_those_of_the_workflow_by_name() {
    let action = |name: &str, limit: u64| json!({"name": name, "type": "retry", "retryLimit": limit, "retryAfter": 0.25});
    let document = with(
        valid(),
        "/workflows/0/failureActions",
        &json!([action("busy", 1), action("slow", 2)]),
    );
    let document = with(
        document,
        "/workflows/0/steps/0/onFailure",
        &json!([action("own", 3), action("slow", 4)]),
    );
    let passed = passing(&document);
    let limits = |step: usize| -> Vec<_> {
        let actions = &only(&passed).steps[step].step.on_failure;
        actions
            .iter()
            .map(|it| match &it.then {
                Then::Retry { limit, after, .. } => {
                    (it.name.clone(), *limit, after.unwrap().as_millis())
                }
                other => panic!("{other:?}"),
            })
            .collect()
    };
    assert_eq!(
        limits(0),
        [
            ("own".to_owned(), 3, 250),
            ("slow".to_owned(), 4, 250),
            ("busy".to_owned(), 1, 250)
        ]
    );
    assert_eq!(
        limits(1),
        [("busy".to_owned(), 1, 250), ("slow".to_owned(), 2, 250)]
    );
}

#[test]
fn a_retry_without_a_limit_is_one_retry() {
    let document = with(
        valid(),
        "/workflows/0/steps/0/onFailure",
        &json!([{"name": "again", "type": "retry", "stepId": "cancel"}]),
    );
    let then = passing(&document).workflows[0].steps[0].step.on_failure[0]
        .then
        .clone();
    assert!(matches!(
        then,
        Then::Retry {
            after: None,
            limit: 1,
            first: Some(_)
        }
    ));
}
