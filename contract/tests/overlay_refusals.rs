//! Corrections to a document: how they expire, and what no overlay may say.

#![cfg(test)]

mod support;

use bpx_contract::{Diagnostics, Document, overlay};
use serde_json::{Value, json};
use support::{document, overlay_of};

/// The faults as `pointer: problem (fix)`.
fn faults(value: &Value, overlay: &Document) -> Vec<String> {
    let Diagnostics(found) = overlay::apply(&document(value), overlay).unwrap_err();
    let line = |fault: &bpx_contract::Diagnostic| {
        assert_eq!(fault.place.file, "overlay.yaml");
        format!(
            "{}: {} ({})",
            fault.place.pointer.as_deref().unwrap_or_default(),
            fault.problem,
            fault.fix
        )
    };
    found.iter().map(line).collect()
}

fn assert_fault(value: &Value, actions: &Value, expected: &[&str]) {
    assert_eq!(faults(value, &overlay_of(actions)), expected);
}

#[test]
fn an_action_that_changes_nothing_is_to_be_deleted() {
    let before = json!({"a": {"b": 1, "l": [1], "o": {"p": 2}}});
    for target_and_change in [
        json!({"target": "$.gone", "update": {"b": 1}}),
        json!({"target": "$.gone[*]", "remove": true}),
        json!({"target": "$.a", "update": {"b": 1}}),
        json!({"target": "$.a", "update": {"o": {"p": 2}, "l": []}}),
        json!({"target": "$.a", "update": {}}),
        json!({"target": "$.a", "update": {"l": [1, 1]}}),
        json!({"target": "$.a.l", "update": 1}),
    ] {
        let expected =
            "/actions/0: action 1 changes nothing in venue.yaml (no longer needed: delete it)";
        assert_fault(&before, &json!([target_and_change]), &[expected]);
    }
}

#[test]
fn every_superfluous_action_is_named_at_once() {
    let actions = json!([
        {"target": "$.gone", "remove": true},
        {"target": "$.a", "update": {"b": 1}},
        {"target": "$.a", "update": {"b": 1}},
    ]);
    let expected = [
        "/actions/0: action 1 changes nothing in venue.yaml (no longer needed: delete it)",
        "/actions/2: action 3 changes nothing in venue.yaml (no longer needed: delete it)",
    ];
    assert_fault(&json!({"a": {}}), &actions, &expected);
}

#[test]
fn an_update_that_does_not_fit_is_refused() {
    let before = json!({"a": {"s": "text", "l": [1], "o": {}}});
    let fix = "(correct the target or the update)";
    for (action, expected) in [
        (
            json!({"target": "$.a", "update": {"s": {}}}),
            "cannot merge an object into a string at `/a/s`",
        ),
        (
            json!({"target": "$.a", "update": {"l": {"x": 1}}}),
            "cannot merge an object into a list at `/a/l`",
        ),
        (
            json!({"target": "$.a", "update": {"o": [1]}}),
            "cannot merge a list into an object at `/a/o`",
        ),
        (
            json!({"target": "$.a", "update": "text"}),
            "cannot merge a string into an object at `/a`",
        ),
        (
            json!({"target": "$.a.s", "update": "other"}),
            "cannot merge a string into a string at `/a/s`",
        ),
        (
            json!({"target": "$", "remove": true}),
            "would remove the whole document",
        ),
    ] {
        assert_fault(
            &before,
            &json!([action]),
            &[&format!("/actions/0: action 1 {expected} {fix}")],
        );
    }
}

#[test]
fn an_action_says_where_and_either_updates_or_removes() {
    let actions = json!([
        {"update": {"b": 1}},
        {"target": 3, "remove": true},
        {"target": "$.a"},
        {"target": "$.a", "remove": false},
        {"target": "$.a", "update": {}, "remove": true},
        {"target": "$.a", "remove": "yes"},
        "text",
        {"target": "$.a", "updates": {}, "x-note": "kept"},
    ]);
    let one = "add `update` or `remove: true`";
    let expected = [
        "/actions/0/target: action 1 has no `target` (say in a JSONPath which nodes it changes)".to_owned(),
        "/actions/1/target: action 2 has no `target` (say in a JSONPath which nodes it changes)".to_owned(),
        format!("/actions/2: action 3 neither updates nor removes ({one})"),
        format!("/actions/3: action 4 neither updates nor removes ({one})"),
        "/actions/4: action 5 updates and removes at once (keep the one that is meant)".to_owned(),
        "/actions/5/remove: `remove` of action 6 is a string, not a boolean (write `remove: true`, or leave it out)"
            .to_owned(),
        "/actions/6: action 7 is a string, not an object (give it a `target`, and `update` or `remove`)".to_owned(),
        format!("/actions/7: action 8 neither updates nor removes ({one})"),
        "/actions/7/updates: action 8 has a field `updates` that Overlay 1.0.0 does not know (correct its name or remove it)"
            .to_owned(),
    ];
    assert_eq!(faults(&json!({"a": {}}), &overlay_of(&actions)), expected);
}

#[test]
fn a_target_that_is_no_jsonpath_is_refused() {
    for target in [
        "",
        "a.b",
        "$.",
        "$[?",
        "$['a",
        "$.a[01]",
        "$[?@.a ==]",
        "#/a/b",
        "$..",
        "\u{0}",
    ] {
        let found = faults(
            &json!({"a": {}}),
            &overlay_of(&json!([{"target": target, "remove": true}])),
        );
        assert_eq!(found.len(), 1, "{target}");
        assert!(
            found[0].starts_with("/actions/0/target: the target of action 1 is not a JSONPath: "),
            "{found:?}"
        );
        assert!(
            found[0].ends_with("(correct it after RFC 9535)"),
            "{found:?}"
        );
    }
}

#[test]
fn a_target_nested_beyond_reason_is_refused() {
    for depth in [11, 100_000] {
        for (open, inner, close) in [
            ("[?@", "", "]"),
            ("[?(", "@.a", ")]"),
            ("[?!(", "@.a", ")]"),
        ] {
            let target = format!(
                "$[?@.a{}{inner}{}]",
                open.repeat(depth),
                close.repeat(depth)
            );
            let found = faults(
                &json!({"a": {}}),
                &overlay_of(&json!([{"target": target, "remove": true}])),
            );
            assert!(
                found[0].contains("nests more than 10 brackets"),
                "{found:?}"
            );
        }
    }
    // Brackets in quotes are not nesting.
    let before = document(&json!({"((((((((((((((((\'": 1}));
    let actions = json!([{"target": "$['((((((((((((((((\\'']", "remove": true}]);
    let after = overlay::apply(&before, &overlay_of(&actions)).unwrap();
    assert_eq!(after.value, json!({}));
}

#[test]
fn an_update_that_nests_too_deep_is_refused() {
    let deep = |levels| (0..levels).fold(json!(1), |inner, _| json!({"a": inner}));
    let path = format!("${}", ".a".repeat(70));
    let actions = json!([{"target": path, "update": {"b": deep(70)}}]);
    let found = faults(&deep(80), &overlay_of(&actions));
    assert!(
        found[0].contains("after action 1 the nesting is deeper than 128 levels"),
        "{found:?}"
    );
}

#[test]
fn an_overlay_states_its_version_title_and_actions() {
    let value = json!({"a": {}});
    let parse = |text: &str| Document::parse("overlay.yaml", text.as_bytes()).unwrap();
    let header = "overlay: 1.0.0\ninfo: {title: t, version: '1'}\n";
    let missing =
        "/actions: an overlay needs a list of `actions` (add `actions:` with at least one entry)";
    assert_eq!(faults(&value, &parse(header)), [missing]);
    assert_eq!(
        faults(&value, &parse(&format!("{header}actions: {{}}\n"))),
        [missing]
    );
    assert_eq!(
        faults(&value, &parse(&format!("{header}actions: []\n"))),
        ["/actions: this overlay has no action (add one, or leave the overlay out)"]
    );
    assert_eq!(
        faults(&value, &parse("openapi: 3.0.3\nextra: 1\nx-extra: 1\n")),
        [
            missing,
            "/extra: an overlay has no field `extra` (correct its name or remove it)",
            "/info/title: an overlay needs a text at `/info/title` (add it; Overlay 1.0.0 requires it)",
            "/info/version: an overlay needs a text at `/info/version` (add it; Overlay 1.0.0 requires it)",
            "/openapi: an overlay has no field `openapi` (correct its name or remove it)",
            "/overlay: this is not an overlay: it states no version (add `overlay: 1.0.0`)",
        ]
    );
    let newer = parse(
        "overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions: [{target: $.a, update: {b: 1}}]\n",
    );
    assert_eq!(
        faults(&value, &newer),
        ["/overlay: Overlay 1.1.0 is not supported (write it as `overlay: 1.0.0`)"]
    );
}
