//! Inline enumerations become named types.

use bpx_contract::model::Kind;
use serde_json::json;

use crate::probe::{fields, named, values, with_components};

#[test]
fn equal_inline_enums_become_one_type_named_by_the_shortest_property() {
    let list = json!({"type": "string", "enum": ["Mark", "Last"]});
    let model = with_components(&json!({"Probe": {"type": "object", "properties": {
        "stopLossTriggerBy": list, "triggerBy": list,
    }}}));
    assert_eq!(values(&model.types["TriggerBy"]), ["Mark", "Last"]);
    assert!(
        fields(&model, "Probe")
            .iter()
            .all(|field| field.shape == named("TriggerBy"))
    );
}

#[test]
fn an_inline_enum_equal_to_a_component_is_that_component_its_namesake_first() {
    let list = json!({"type": "string", "enum": ["1m", "1h"]});
    let model = with_components(&json!({
        "CarryInterval": list,
        "QuoteInterval": list,
        "Probe": {"type": "object", "properties": {"quoteInterval": list}},
    }));
    assert_eq!(fields(&model, "Probe")[0].shape, named("QuoteInterval"));
}

#[test]
fn of_two_enums_that_could_have_a_short_name_neither_gets_it() {
    let model = with_components(&json!({"Probe": {"type": "object", "properties": {
        "a": {"type": "object", "properties": {"status": {"enum": ["x"]}}},
        "b": {"type": "object", "properties": {"status": {"enum": ["y"]}}},
    }}}));
    assert_eq!(values(&model.types["Probe_a_status"]), ["x"]);
    assert_eq!(values(&model.types["Probe_b_status"]), ["y"]);
}

#[test]
fn a_short_name_that_a_component_has_is_not_taken() {
    let model = with_components(&json!({"Probe": {"type": "object", "properties": {
        "side": {"enum": ["x"]},
        "other": {"$ref": "#/components/schemas/Side"},
    }}, "Side": {"type": "object", "properties": {"n": {"type": "integer"}}}}));
    assert_eq!(values(&model.types["Probe_side"]), ["x"]);
}

#[test]
fn an_enum_is_closed_only_where_every_place_says_so() {
    for (second, expected) in [(true, true), (false, false)] {
        let model = with_components(&json!({"Probe": {"type": "object", "properties": {
            "side": {"enum": ["x"], "x-closed": true},
            "sideToo": {"enum": ["x"], "x-closed": second},
        }}}));
        let Kind::Enum(listed) = &model.types["Side"].kind else {
            panic!()
        };
        assert_eq!(listed.closed, expected);
    }
}

#[test]
fn a_value_listed_twice_counts_once() {
    let model = with_components(&json!({"Probe": {"type": "object", "properties": {
        "side": {"enum": ["x", "y", "x"]}, "kind": {"$ref": "#/components/schemas/Kind"},
    }}, "Kind": {"enum": ["p", "p"]}}));
    assert_eq!(values(&model.types["Side"]), ["x", "y"]);
    assert_eq!(values(&model.types["Kind"]), ["p"]);
}
