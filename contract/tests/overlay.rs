//! Corrections to a document: what they do.

#![cfg(test)]

mod support;

use std::path::Path;

use bpx_contract::{Diagnostics, Document, overlay};
use serde_json::{Value, json};
use support::{document, overlay_of};

fn applied(value: &Value, actions: &Value) -> Value {
    overlay::apply(&document(value), &overlay_of(actions))
        .unwrap()
        .value
}

#[test]
fn objects_merge_lists_grow_and_single_values_are_replaced() {
    let before = json!({"info": {"title": "a", "tags": [1], "contact": {"name": "n", "url": "u"}}});
    let update = json!({"title": "b", "tags": [2, 3], "contact": {"url": null, "email": "e"}, "license": {"name": "l"}});
    let after = applied(&before, &json!([{"target": "$.info", "update": update}]));
    assert_eq!(
        after,
        json!({"info": {
            "title": "b",
            "tags": [1, 2, 3],
            "contact": {"name": "n", "url": null, "email": "e"},
            "license": {"name": "l"},
        }})
    );
}

#[test]
fn a_selected_list_gets_the_update_as_a_further_entry() {
    let before = json!({"tags": [{"name": "a"}]});
    let after = applied(
        &before,
        &json!([{"target": "$.tags", "update": {"name": "b"}}]),
    );
    assert_eq!(after, json!({"tags": [{"name": "a"}, {"name": "b"}]}));
    let after = applied(
        &before,
        &json!([{"target": "$.tags", "update": ["b", "c"]}]),
    );
    assert_eq!(after, json!({"tags": [{"name": "a"}, "b", "c"]}));
}

#[test]
fn the_document_itself_can_be_updated() {
    let after = applied(
        &json!({"a": 1}),
        &json!([{"target": "$", "update": {"b": 2}}]),
    );
    assert_eq!(after, json!({"a": 1, "b": 2}));
}

#[test]
fn every_selected_node_is_updated_once() {
    let before = json!({"a": {"l": []}, "b": {"l": []}});
    let after = applied(
        &before,
        &json!([{"target": "$['a', 'b', 'a'].l", "update": 1}]),
    );
    assert_eq!(after, json!({"a": {"l": [1]}, "b": {"l": [1]}}));
    let nested = json!({"a": {"a": {}}});
    let after = applied(&nested, &json!([{"target": "$..a", "update": {"x": 1}}]));
    assert_eq!(after, json!({"a": {"a": {"x": 1}, "x": 1}}));
}

#[test]
fn a_filter_selects_by_content() {
    let before = json!({"p": [{"name": "X-API-KEY"}, {"name": "symbol"}]});
    let after = applied(
        &before,
        &json!([{"target": "$.p[?@.name == 'X-API-KEY']", "remove": true}]),
    );
    assert_eq!(after, json!({"p": [{"name": "symbol"}]}));
}

#[test]
fn removing_one_node_does_not_move_another() {
    let before = json!({"l": (0..12).collect::<Vec<_>>(), "o": {"a": {"b": {"c": 1}}}});
    let actions = json!([{"target": "$.l[10, 2, 3, 11]", "remove": true}, {"target": "$.o..*", "remove": true}]);
    assert_eq!(
        applied(&before, &actions),
        json!({"l": [0, 1, 4, 5, 6, 7, 8, 9], "o": {}})
    );
}

#[test]
fn members_keep_their_order_when_one_is_removed() {
    let before = json!({"o": {"z": {}, "y": {}, "x": {}, "w": {}}});
    let after = applied(&before, &json!([{"target": "$.o.z", "remove": true}]));
    let keys: Vec<_> = after["o"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["y", "x", "w"]);
}

#[test]
fn keys_with_slashes_tildes_and_quotes_are_reached() {
    let key = "/a~b/{c'd}";
    let before = json!({"paths": {key: {"get": {}}}});
    let target = "$.paths['/a~b/{c\\'d}']";
    let after = applied(
        &before,
        &json!([{"target": format!("{target}.get"), "update": {"x": 1}}]),
    );
    assert_eq!(after["paths"][key]["get"], json!({"x": 1}));
    let after = applied(&before, &json!([{"target": target, "remove": true}]));
    assert_eq!(after, json!({"paths": {}}));
}

#[test]
fn actions_see_what_earlier_ones_did() {
    let actions = json!([
        {"target": "$.a", "update": {"b": {}}},
        {"target": "$.a.b", "update": {"c": 1}, "remove": false},
        {"target": "$.a.x", "remove": true},
    ]);
    assert_eq!(
        applied(&json!({"a": {"x": [1]}}), &actions),
        json!({"a": {"b": {"c": 1}}})
    );
}

#[test]
fn the_result_keeps_the_name_and_has_a_digest_over_both_files() {
    let before = document(&json!({"a": {}}));
    let one = overlay::apply(
        &before,
        &overlay_of(&json!([{"target": "$.a", "update": {"b": 1}}])),
    )
    .unwrap();
    let other = overlay::apply(
        &before,
        &overlay_of(&json!([{"target": "$.a", "update": {"b": 2}}])),
    )
    .unwrap();
    assert_eq!(one.file, "venue.yaml");
    assert_eq!(one.sha256.len(), 64);
    assert_ne!(one.sha256, other.sha256);
    assert_ne!(one.sha256, before.sha256);
}

#[test]
fn the_venue_overlay_fits_the_venue_document_and_expires_with_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let ours = Document::read(&root.join("openapi/venue.overlay.yaml")).unwrap();
    let upstream = root.join("../shared/upstream/backpack-order-api-openapi.yml");
    if !upstream.exists() {
        println!("skipped: ../shared has no copy of the venue's document");
        return;
    }
    let venue = Document::read(&upstream).unwrap();
    let corrected = overlay::apply(&venue, &ours).unwrap();
    let cancel = &corrected.value["paths"]["/api/v1/order"]["delete"]["responses"];
    let statuses: Vec<_> = cancel.as_object().unwrap().keys().collect();
    assert_eq!(
        statuses,
        [
            "200", "202", "400", "500", "503", "401", "403", "429", "404"
        ]
    );

    let Diagnostics(superfluous) = overlay::apply(&corrected, &ours).unwrap_err();
    let actions = ours.value["actions"].as_array().unwrap();
    assert_eq!(superfluous.len(), actions.len());
    assert!(
        superfluous
            .iter()
            .all(|fault| fault.fix == "no longer needed: delete it")
    );
    assert!(
        actions
            .iter()
            .all(|action| action["description"].is_string()),
        "each action gives its reason"
    );
}
