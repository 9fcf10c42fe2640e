//! Criteria other than simple ones, over a given context.

use bpx_arazzo::{Criterion, EvaluationError, Scope, Step};
use serde_json::{Value, json};

use crate::expressions::scope;
use crate::support::{passing, valid, with};

/// A criterion as the plan has it, of a step whose answers hold anything.
fn planned(kind: &str, context: &str, condition: &str) -> Criterion {
    let criterion = json!({"type": kind, "context": context, "condition": condition});
    let document = with(
        valid(),
        "/workflows/0/steps/0/successCriteria/1",
        &criterion,
    );
    let step = &passing(&document).workflows[0].steps[0].step;
    step.success_criteria[1].clone()
}

fn with_body(body: Value) -> Scope {
    let mut scope = scope();
    if let Some(exchange) = &mut scope.exchange {
        exchange.response.body = Some(body);
    }
    scope
}

#[test]
fn a_pattern_is_looked_for_in_the_text_of_its_context() {
    let cases = [
        ("$statusCode", "^2\\d\\d$", true),
        ("$response.body#/symbol", "_USDC$", true),
        ("$response.body#/symbol", "_usdc$", false),
        ("$response.body#/symbol", "(?i)_usdc$", true),
        ("$response.body#/postOnly", "true", false),
        ("$response.body#/symbol", "^{$inputs.symbol}$", true),
        ("$response.body#/symbol", "^{$inputs.orderId}$", false),
    ];
    let mut scope = scope();
    scope.inputs.insert("orderId".to_owned(), json!("1"));
    for (context, pattern, expected) in cases {
        let holds = planned("regex", context, pattern).holds(&scope);
        assert_eq!(holds.unwrap_or(false), expected, "{context} {pattern}");
    }
}

#[test]
fn a_path_holds_if_it_selects_at_least_one_node() {
    let rows = json!([{"status": "New", "quantity": 1}, {"status": "Filled", "quantity": 3}]);
    let cases = [
        ("$[?@.status == 'New']", true),
        ("$[?@.status == 'new']", false),
        ("$[?@.quantity > 2]", true),
        ("$[?@.quantity > 3]", false),
        ("$..status", true),
        ("$[5]", false),
        ("$[-1:].status", true),
        ("$[?count(@.*) == 2]", true),
        ("$[?length(@.status) == 3]", true),
        ("$[?match(@.status, 'N.w')]", true),
        ("$[?@.status == '{$inputs.note}']", true),
        ("$", true),
    ];
    let mut scope = with_body(rows);
    scope.inputs.insert("note".to_owned(), json!("Filled"));
    for (path, expected) in cases {
        let holds = planned("jsonpath", "$response.body", path).holds(&scope);
        assert_eq!(holds, Ok(expected), "{path}");
    }
    let empty = planned("jsonpath", "$response.body", "$[*]").holds(&with_body(json!([])));
    assert_eq!(empty, Ok(false), "an empty list of nodes does not pass");
}

#[test]
fn a_null_context_fails_and_does_not_abort() {
    for kind in ["regex", "jsonpath"] {
        let criterion = planned(kind, "$response.body#/clientId", "$");
        for body in [json!({}), json!({"clientId": null})] {
            let holds = criterion.holds(&with_body(body));
            assert!(
                matches!(holds, Err(EvaluationError::NoContext(_))),
                "{kind}"
            );
        }
    }
}

#[test]
fn what_is_filled_in_can_make_a_pattern_or_path_bad_which_fails() {
    let mut scope = with_body(json!([1]));
    for (kind, condition, hostile) in [
        ("regex", "a{$inputs.note}", "("),
        ("regex", "{$inputs.note}", "(a{1000}){1000}"),
        ("jsonpath", "$[{$inputs.note}]", ".length == 0"),
        (
            "jsonpath",
            "{$inputs.note}",
            "$[[[[[[[[[[[[[[0]]]]]]]]]]]]]]",
        ),
    ] {
        scope.inputs.insert("note".to_owned(), json!(hostile));
        let holds = planned(kind, "$response.body", condition).holds(&scope);
        assert!(
            matches!(holds, Err(EvaluationError::Syntax { .. })),
            "{condition}: {holds:?}"
        );
    }
}

#[test]
fn a_step_succeeds_by_its_criteria_and_without_any_by_its_status() {
    let mut step = passing(&valid()).workflows[0].steps[0].step.clone();
    let mut scope = scope();
    let mut at = |step: &Step, status: Option<u16>| {
        if let Some(exchange) = &mut scope.exchange {
            exchange.status = status;
        }
        step.succeeds(&scope)
    };
    assert!(at(&step, Some(200)) && !at(&step, Some(201)) && !at(&step, None));
    step.success_criteria.clear();
    assert!(at(&step, Some(201)) && !at(&step, Some(404)) && !at(&step, None));
    step.success_criteria = vec![planned("regex", "$response.body#/clientId", "^1")];
    assert!(
        !at(&step, Some(200)),
        "what cannot be decided does not hold"
    );
}

#[test]
fn the_first_action_whose_criteria_hold_is_taken() {
    let action = |name: &str, condition: &str| json!({"name": name, "type": "end", "criteria": [{"condition": condition}]});
    let actions = json!([action("gone", "$statusCode == 404"), action("there", "$inputs.symbol == 'sol_usdc'"), {"name": "else", "type": "end"}]);
    let document = with(valid(), "/workflows/0/steps/0/onFailure", &actions);
    let step = passing(&document).workflows[0].steps[0].step.clone();
    let taken = |scope: &Scope| {
        step.on_failure
            .iter()
            .find(|it| it.is_taken(scope))
            .map(|it| it.name.clone())
    };
    assert_eq!(taken(&scope()).as_deref(), Some("there"));
    assert_eq!(taken(&Scope::default()).as_deref(), Some("else"));
}
