//! Whole documents: the same, the venue's, a large one.

use std::collections::BTreeMap;

use bpx_contract::{Api, Document};
use bpx_evolve::{Accepted, Answer, Change, Gate, Report, Side, Verdict, Witness};
use serde_json::{Value, json};

use crate::edits::{EDITED, Edited};
use crate::support::{compared, contract, edited_by, line, ours, root};

#[test]
fn a_document_does_not_differ_from_itself() {
    let found = compared(&ours(), &contract("same.json", &ours().document().value));
    assert_eq!(found.changes, []);
    assert!(found.operations.is_empty());
    assert_eq!((found.step(), found.descriptions), (None, 0));
    assert_eq!(found.summary(), "0 breaking, 0 risky, 0 safe");
}

#[test]
fn callers_of_our_document_get_along_with_the_venues() {
    let upstream = root().join("../shared/upstream/backpack-order-api-openapi.yml");
    if !upstream.is_file() {
        println!("skipped: ../shared/upstream is not there");
        return;
    }
    let venue = Api::from_document(Document::read(&upstream).unwrap()).unwrap();
    let found = compared(&ours(), &venue);
    let lines: Vec<_> = found.changes.iter().map(line).collect();
    assert_eq!(found.count(Verdict::Breaking), 0, "{lines:#?}");
    assert_eq!(found.count(Verdict::Undecided), 0, "{lines:#?}");
    assert!(found.descriptions > 100);
}

/// Our schemas as the document writes them, for a validator that knows nothing of the model.
fn schema(contract: &Api, operation: &str, side: Side) -> Value {
    let document = &contract.document().value;
    let place = &contract.model().operations[operation].place;
    let operation = document.pointer(place.pointer.as_deref().unwrap()).unwrap();
    let holder = match side {
        Side::Request => &operation["requestBody"],
        _ => &operation["responses"]["200"],
    };
    let mut schema = holder["content"]
        .as_object()
        .unwrap()
        .values()
        .next()
        .unwrap()["schema"]
        .clone();
    schema["components"] = document["components"].clone();
    schema
}

#[test]
fn a_witness_is_taken_by_the_senders_document_and_refused_by_the_receivers() {
    let old = ours();
    let mut checked = 0;
    for edit in EDITED.iter() {
        let Edited { new, found, .. } = edit;
        for change in &found.changes {
            // `nullable` and formats are the model's to know, and errors have another schema.
            let skipped = ["null", "narrowed", "widened"];
            let is_plain = !skipped.iter().any(|it| change.rule.id().contains(it));
            let is_error = change.subject.starts_with("ApiErrorCode");
            let (Some(Witness::Body(body)), true, false) = (&change.witness, is_plain, is_error)
            else {
                continue;
            };
            let (sender, receiver) = match change.side {
                Side::Response => (new, &old),
                _ => (&old, new),
            };
            let mut takes = change.operations.iter().map(|operation| {
                let schema = |contract| schema(contract, operation, change.side);
                let valid = |contract| jsonschema::is_valid(&schema(contract), body);
                (valid(sender), valid(receiver))
            });
            assert!(
                takes.any(|it| it == (true, false)),
                "{}: {body}",
                edit.says()
            );
            checked += 1;
        }
    }
    assert!(checked >= 8, "{checked}");
}

/// The algebra, which sees whole bodies, and the walk, which sees members, do not contradict each other.
#[test]
fn what_is_safe_is_proven_and_what_breaks_is_refuted() {
    let mut answers = BTreeMap::new();
    for edit in EDITED.iter() {
        let Edited { found, .. } = edit;
        for (id, row) in &found.operations {
            for side in [Side::Request, Side::Response] {
                let Some(answer) = row.proof.of(side) else {
                    continue;
                };
                let has_witness = |it: &Change| matches!(it.witness, Some(Witness::Body(_)));
                let is_refuted = found
                    .changes
                    .iter()
                    .filter(|it| it.side == side && it.operations.contains(id))
                    .any(has_witness);
                assert_eq!(
                    is_refuted,
                    answer == Answer::No,
                    "{}: {id} {side:?}",
                    edit.says()
                );
                *answers.entry(answer).or_insert(0) += 1;
            }
        }
    }
    assert!(answers[&Answer::Yes] > 80, "{answers:?}");
    // The algebra finds no long list of orders, which the walk knows to be refused.
    assert_eq!(answers.get(&Answer::Undecided), Some(&1), "{answers:?}");
}

#[test]
fn json_says_what_the_comparison_says() {
    let (old, new) = (
        edited_by(
            r#"[
        {"op": "add", "path": "/components/schemas/TimeInForce/x-closed", "value": true}]"#,
        ),
        edited_by(
            r#"[
        {"op": "add", "path": "/components/schemas/TimeInForce/x-closed", "value": true},
        {"op": "add", "path": "/components/schemas/TimeInForce/enum/-", "value": "GTD"}]"#,
        ),
    );
    let found = compared(&old, &new);
    let accepted = Accepted::default();
    let gate = Gate::new(&found, &accepted, Verdict::Breaking);
    let report: Value = serde_json::to_value(Report::new(&old, &new, &gate)).unwrap();
    assert_eq!(report["summary"]["passed"], false);
    assert_eq!(report["summary"]["breaking"], 1);
    assert_eq!(report["summary"]["semver"], "major");
    let change = &report["changes"][0];
    assert_eq!(change["rule"], "response-closed-value-added");
    assert_eq!(
        change["place"],
        "new.json#/components/schemas/TimeInForce/enum"
    );
    let pointer = "/components/schemas/TimeInForce/enum";
    assert_eq!(
        change["new"],
        json!({"file": "new.json", "pointer": pointer})
    );
    assert_eq!(change["fails"], true);
    assert_eq!(change["rust"]["after"], "Gtd");
    assert_eq!(change["witness"]["body"][0]["timeInForce"], "GTD");
    assert_eq!(report["operations"]["get_order"]["response"], "no");
    assert_eq!(report["operations"]["execute_order"]["request"], "yes");
}

#[test]
fn garbage_is_no_contract() {
    for garbage in [
        "",
        "openapi",
        "\u{0}\u{1}",
        "{\"openapi\": ",
        "openapi: 3.0.3\npaths: []\n",
        "[1, 2]",
    ] {
        let parsed = Document::parse("bad.yaml", garbage.as_bytes());
        let read = parsed.map_err(|error| error.to_string());
        let error = read.and_then(|it| Api::from_document(it).map_err(|error| error.to_string()));
        let error = error.unwrap_err();
        assert!(
            error.contains("at: bad.yaml") && error.contains("fix: "),
            "{error}"
        );
    }
}
