//! The two workflows this project carries and meets: ours, and the one that is published for the venue.

use bpx_arazzo::{Changed, Checked, CheckedWorkflow, Outcome, Sources, check, description};
use bpx_contract::model::{Kind, Model, Shape, StringFormat};
use bpx_contract::{Diagnostics, Document, lower};

use crate::support::{CONTRACT, notes, root};

const OURS: &str = "workflows/cancel-replace-order.arazzo.yaml";
const PUBLISHED: &str = "../shared/upstream/cancel-replace-order.arazzo.yml";
const PUBLISHED_CONTRACT: &str = "../shared/upstream/backpack-order-api-openapi.yml";

fn over(document: &Document, model: &Model) -> Result<Checked, Diagnostics> {
    let sources = description(document)?.sources;
    let openapi = sources.into_iter().map(|it| (it.name, model)).collect();
    let sources = Sources {
        openapi,
        ..Sources::default()
    };
    check(document, &sources)
}

fn ours() -> Checked {
    let document = Document::read(&root().join(OURS)).unwrap();
    over(&document, &CONTRACT).unwrap_or_else(|faults| panic!("{faults}"))
}

/// A file from outside the repository, if it is there.
fn outside(path: &str) -> Option<Document> {
    let path = root().join(path);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(Document::read(&path).unwrap())
}

fn optional(workflow: &CheckedWorkflow) -> Vec<&str> {
    let outputs = workflow.outputs.iter().filter(|it| it.ty.optional);
    outputs.map(|it| it.name.as_str()).collect()
}

#[test]
fn our_workflow_passes_and_says_of_each_end_what_it_means() {
    let checked = ours();
    let ends = &checked.workflows[0].ends;
    assert!(ends.iter().all(|end| end.outcome.is_some()), "{ends:#?}");
    let stopped = ends
        .iter()
        .filter(|end| end.outcome == Some(Outcome::Stopped));
    assert!(
        stopped.clone().count() >= 5 && stopped.clone().all(|end| end.changed == Changed::Never)
    );
    let done: Vec<_> = ends
        .iter()
        .filter(|end| end.outcome == Some(Outcome::Done))
        .collect();
    assert!(done.len() >= 3 && done.iter().all(|end| end.changed == Changed::Always));
    assert!(!checked.workflows[0].loops);
}

#[test]
fn once_our_workflow_is_done_both_orders_are_known() {
    let checked = ours();
    let ends = |outcome| {
        checked.workflows[0]
            .ends
            .iter()
            .filter(move |it| it.outcome == Some(outcome))
    };
    for end in ends(Outcome::Done) {
        assert_eq!(
            end.present,
            [
                "cancelledOrderId",
                "executedQuantity",
                "newOrderId",
                "newStatus"
            ],
            "{end:?}"
        );
    }
    assert!(ends(Outcome::Stopped).all(|end| end.present.is_empty()));
}

#[test]
fn our_workflow_reads_side_and_flags_from_the_order_and_asks_for_an_explicit_choice() {
    let checked = ours();
    let workflow = &checked.workflows[0];
    let required: Vec<_> = workflow
        .inputs
        .fields()
        .iter()
        .filter(|it| it.required)
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(
        required,
        [
            "newPrice",
            "newQuantity",
            "orderId",
            "partialFill",
            "symbol"
        ]
    );
    let choice = workflow
        .inputs
        .types
        .values()
        .find_map(|it| match &it.kind {
            Kind::Enum(listed) if listed.values.contains(&"fresh".to_owned()) => {
                Some(listed.values.clone())
            }
            _ => None,
        });
    assert_eq!(choice.unwrap(), ["stop", "total", "fresh"]);
    let read = &workflow.steps[0];
    let side = read.outputs.iter().find(|it| it.name == "side").unwrap();
    assert_eq!(
        (&side.ty.shape, side.ty.optional),
        (&Shape::Named("Side".to_owned()), false)
    );
    let flags = [
        "postOnly",
        "reduceOnly",
        "selfTradePrevention",
        "timeInForce",
        "stopLossTriggerPrice",
        "takeProfitTriggerPrice",
    ];
    assert!(
        flags
            .iter()
            .all(|name| read.outputs.iter().any(|it| it.name == *name))
    );
}

#[test]
fn the_quantity_that_may_be_taken_off_is_proved_to_be_there() {
    let checked = ours();
    let confirm = checked.workflows[0]
        .steps
        .iter()
        .find(|it| it.step.id == "confirmCancelled")
        .unwrap();
    let executed = confirm
        .outputs
        .iter()
        .find(|it| it.name == "executedQuantity")
        .unwrap();
    assert_eq!(
        (&executed.ty.shape, executed.ty.optional),
        (&Shape::String(StringFormat::Decimal), false)
    );
}

#[test]
fn the_published_workflow_passes_and_its_static_signatures_are_set_aside() {
    let Some(document) = outside(PUBLISHED) else {
        return;
    };
    let checked = over(&document, &CONTRACT).unwrap_or_else(|faults| panic!("{faults}"));
    let aside = notes(&checked)
        .into_iter()
        .filter(|note| note.ends_with("is not used: the signer signs each request"));
    assert_eq!(aside.count(), 12, "four headers on three steps");
    let workflow = &checked.workflows[0];
    assert_eq!(
        workflow.idle_inputs,
        ["apiKey", "signature", "timestamp", "window"]
    );
    assert_eq!(
        optional(workflow),
        ["cancelledOrderId"],
        "a 202 has no body to take it from"
    );
}

#[test]
fn the_published_workflow_passes_over_the_published_contract_too() {
    let (Some(document), Some(contract)) = (outside(PUBLISHED), outside(PUBLISHED_CONTRACT)) else {
        return;
    };
    let model = lower(&contract).unwrap();
    assert!(over(&document, &model).is_ok());
}

#[test]
fn typos_in_the_published_workflow_are_refused_before_anything_is_sent() {
    let Some(document) = outside(PUBLISHED) else {
        return;
    };
    let cases = [
        (
            "/workflows/0/steps/1/outputs/cancelledId",
            "$response.body#/doesNotExist",
            "step `cancelOrder`: `$response.body#/doesNotExist` names nothing: `OrderType` has no `doesNotExist` (status 200)",
        ),
        (
            "/workflows/0/outputs/newOrderId",
            "$steps.nope.outputs.newOrderId",
            "workflow `cancel-replace-order`: there is no step `nope`",
        ),
        (
            "/workflows/0/steps/2/requestBody/payload/side",
            "$inputs.sied",
            "step `placeReplacement`: `$inputs.sied`: workflow `cancel-replace-order` has no input `sied`",
        ),
    ];
    for (pointer, typo, problem) in cases {
        let mut changed = document.clone();
        *changed.value.pointer_mut(pointer).unwrap() = typo.into();
        let Diagnostics(found) = over(&changed, &CONTRACT).unwrap_err();
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].problem, problem);
        assert_eq!(found[0].place.pointer.as_deref(), Some(pointer));
    }
}
