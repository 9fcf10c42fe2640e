//! Bad contracts over the whole pipeline: every fault of a run at once, with problem, place and fix; nothing is written.

#![cfg(test)]

mod support;

use bpx_codegen::{Inputs, PlanError, plan};
use bpx_contract::Diagnostic;
use serde_json::{Value, json};
use support::{Folder, alone, small};

fn faults(inputs: &Inputs) -> Vec<Diagnostic> {
    let PlanError::Contract(found) = plan(inputs).unwrap_err() else {
        unreachable!()
    };
    for fault in &found.0 {
        assert!(
            !fault.problem.is_empty() && !fault.fix.is_empty() && !fault.place.file.is_empty(),
            "{fault}"
        );
    }
    found.0
}

/// `name: problem` for each fault, without the folder.
fn reported(folder: &Folder, inputs: &Inputs) -> Vec<String> {
    let prefix = folder.path("").to_string_lossy().into_owned();
    faults(inputs)
        .iter()
        .map(|fault| format!("{}: {}", fault.place, fault.problem).replace(&prefix, ""))
        .collect()
}

#[test]
fn unreadable_files_are_told_with_their_line() {
    let folder = Folder::new();
    let cases: [(&str, &[u8], &str); 6] = [
        (
            "latin.yaml",
            b"openapi: 3.0.3\ninfo: \xe4\n",
            "latin.yaml:2: the file is not UTF-8",
        ),
        (
            "broken.yaml",
            b"openapi: 3.0.3\npaths: [1, 2\n",
            "broken.yaml:2: ",
        ),
        (
            "broken.json",
            b"{\"openapi\": \"3.0.3\",\n}",
            "broken.json:2: trailing comma",
        ),
        ("empty.yaml", b"", "empty.yaml: the file is empty"),
        (
            "list.yaml",
            b"- 1\n",
            "list.yaml: the document is a list, not an object",
        ),
        (
            "swagger.yaml",
            b"swagger: '1.2'\npaths: {}\n",
            "swagger.yaml#/swagger: the version of this document is not known",
        ),
    ];
    for (name, bytes, expected) in cases {
        let message = reported(&folder, &alone(folder.write(name, bytes)));
        assert_eq!(message.len(), 1, "{message:?}");
        assert!(message[0].starts_with(expected), "{message:?}");
    }
    let missing = reported(&folder, &alone(folder.path("missing.yaml")));
    assert_eq!(missing, ["missing.yaml: there is no such file"]);
}

#[test]
fn nesting_ten_thousand_deep_is_refused_in_both_notations() {
    let folder = Folder::new();
    let deep = |open: &str, close: &str| {
        format!(
            "{{\"openapi\": \"3.0.3\", \"paths\": {}{}}}",
            open.repeat(10_000),
            close.repeat(10_000)
        )
    };
    let block: String = (0..10_000)
        .map(|level| format!("{:level$}a:\n", ""))
        .collect();
    let texts = [
        ("deep.json", deep("[", "]")),
        ("objects.json", deep("{\"a\":", "}").replace(":}", ":1}")),
        (
            "flow.yaml",
            format!(
                "openapi: 3.0.3\npaths: {}{}\n",
                "[".repeat(10_000),
                "]".repeat(10_000)
            ),
        ),
        ("block.yaml", block),
    ];
    for (name, text) in texts {
        let message = reported(&folder, &alone(folder.write(name, text)));
        assert!(
            message[0].contains("the nesting is deeper than 128 levels"),
            "{message:?}"
        );
    }
}

#[test]
fn the_faults_of_all_inputs_are_told_in_one_run() {
    let folder = Folder::new();
    let mut document = small();
    document["paths"]["/order"]["get"]["parameters"] = json!([{"name": "x", "schema": {}}]);
    let inputs = Inputs {
        schema: Some(folder.json(
            "order.schema.json",
            &json!({"title": "Order", "properties": {"a": {"$ref": "#/b"}}}),
        )),
        names: Some(folder.write("names.toml", "[[type]]\ncomponent = 1\n")),
        overlay: Some(folder.json(
            "overlay.json",
            &json!({"overlay": "1.0.0", "info": {"title": "t", "version": "1"},
            "actions": [{"target": "$.info", "update": {"title": "Other"}}]}),
        )),
        ..alone(folder.json("venue.json", &document))
    };
    let message = reported(&folder, &inputs);
    assert_eq!(message.len(), 3, "{message:?}");
    assert!(
        message[0].starts_with("names.toml:2: this is not a names table"),
        "{message:?}"
    );
    assert!(
        message[1].starts_with("order.schema.json#/properties/a: `$ref: #/b`"),
        "{message:?}"
    );
    assert!(
        message[2].starts_with("venue.json#/paths/~1order/get/parameters/0: parameter `x` does not say where it travels"),
        "{message:?}"
    );

    let unreadable = Inputs {
        openapi: folder.path("gone"),
        overlay: Some(folder.json("bad.json", &json!({"overlay": "2"}))),
        ..inputs
    };
    let files: Vec<_> = faults(&unreadable)
        .into_iter()
        .map(|fault| fault.place.file.rsplit('/').next().unwrap().to_owned())
        .collect();
    for expected in ["gone", "bad.json", "names.toml", "order.schema.json"] {
        assert!(files.iter().any(|file| file == expected), "{files:?}");
    }
}

#[test]
fn an_overlay_action_or_a_row_that_does_nothing_is_refused() {
    let folder = Folder::new();
    let overlay = |actions: Value| {
        folder.json("overlay.json", &json!({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": actions}))
    };
    let venue = alone(folder.json("venue.json", &small()));
    let unchanged = Inputs {
        overlay: Some(overlay(
            json!([{"target": "$.info", "update": {"title": "Small"}}]),
        )),
        ..venue.clone()
    };
    assert!(
        reported(&folder, &unchanged)[0]
            .starts_with("overlay.json#/actions/0: action 1 changes nothing in ")
    );
    let row = "[[type]]\ncomponent = 'Nothing'\nrust = 'Something'\nreason = 'r'\n";
    let row = Inputs {
        names: Some(folder.write("names.toml", row)),
        ..venue
    };
    assert_eq!(
        reported(&folder, &row),
        ["names.toml#/type/0: the row for `Nothing` names nothing in the document"]
    );
}

#[test]
fn a_schema_that_disagrees_is_told_and_names_that_meet_get_a_number() {
    let folder = Folder::new();
    let mut document = small();
    document["components"]["schemas"]["Side"]["enum"] = json!(["Bid", "bid"]);
    let inputs = Inputs {
        schema: Some(folder.json(
            "order.schema.json",
            &json!({"title": "Order", "type": "object", "properties": {"id": {"type": "integer"},
            "side": {"enum": ["Bid", "bid"]}}}),
        )),
        ..alone(folder.json("venue.json", &document))
    };
    let message = reported(&folder, &inputs);
    assert_eq!(message.len(), 2, "{message:?}");
    assert!(message[0].contains("disagree about `id`: optional here, required there"));
    assert!(message[1].contains("disagree about the type of `id`"));
    let planned = plan(&alone(folder.json("venue.json", &document))).unwrap();
    let notes: Vec<_> = planned
        .notes
        .iter()
        .map(|note| note.text.as_str())
        .collect();
    assert!(
        notes.contains(&"the variant `bid` is named `Bid2`: `Bid` is taken by `Bid`"),
        "{notes:?}"
    );
}

#[test]
fn chains_of_thousands_of_types_are_emitted_without_overflow() {
    let folder = Folder::new();
    let mut document = small();
    let count = 3_000;
    for index in 0..count {
        let next = json!({"$ref": format!("#/components/schemas/{}", if index + 1 == count { "Side".to_owned() } else { format!("C{}", index + 1) })});
        document["components"]["schemas"][format!("C{index}")] =
            json!({"type": "object", "required": ["n"], "properties": {"n": next}});
    }
    document["components"]["schemas"]["Order"]["properties"]["chain"] =
        json!({"$ref": "#/components/schemas/C0"});
    assert_eq!(
        support::plan_of(&folder, &document).unwrap().types,
        count + 2
    );
}
