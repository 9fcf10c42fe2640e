//! Unions: how arms are told apart, and what they hold.

use bpx_contract::model::{Shape, StringFormat, Union};
use serde_json::{Value, json};

use crate::probe::{document, fields, lowered, named, names, shape, union, with_components};

fn arms(union: &Union) -> Vec<(&str, Shape)> {
    union
        .arms
        .iter()
        .map(|arm| (arm.value.as_str(), arm.shape.clone()))
        .collect()
}

fn object(kind: &Value, own: &str) -> Value {
    json!({"type": "object", "required": ["kind", own], "properties": {"kind": kind, own: {"type": "string"}}})
}

fn of(arms: &[&str]) -> Value {
    arms.iter()
        .map(|arm| json!({"$ref": format!("#/components/schemas/{arm}")}))
        .collect()
}

#[test]
fn the_discriminators_mapping_names_the_arms_and_the_tag_leaves_the_fields() {
    let model = with_components(&json!({
        "Probe": {"oneOf": of(&["Dog", "Cat"]), "discriminator": {"propertyName": "kind",
            "mapping": {"d": "#/components/schemas/Dog", "c": "Cat"}}},
        "Dog": object(&json!({"type": "string"}), "bark"),
        "Cat": object(&json!({"type": "string"}), "purr"),
    }));
    let union = union(&model, "Probe");
    assert_eq!(union.tag.as_deref(), Some("kind"));
    assert_eq!(arms(&union), [("d", named("Dog")), ("c", named("Cat"))]);
    assert_eq!(names(fields(&model, "Dog")), ["bark"]);
}

#[test]
fn an_arm_that_stands_twice_counts_once() {
    let model = with_components(&json!({
        "Probe": {"anyOf": of(&["Dog", "Cat", "Dog"])},
        "Dog": {"type": "object", "required": ["bark"], "properties": {"bark": {"$ref": "#/components/schemas/Cat"}}},
        "Cat": {"type": "object", "properties": {"purr": {"type": "string"}}},
    }));
    let union = union(&model, "Probe");
    assert_eq!(arms(&union), [("Dog", named("Dog")), ("Cat", named("Cat"))]);
    let twice = json!({"anyOf": [{"type": "string"}, {"type": "string"}]});
    assert_eq!(shape(&twice), Shape::String(StringFormat::Plain));
}

#[test]
fn several_mapped_values_may_lead_to_one_arm() {
    let model = with_components(&json!({
        "Probe": {"oneOf": of(&["Dog"]), "discriminator": {"propertyName": "kind", "mapping": {"d": "Dog", "hound": "Dog"}}},
        "Dog": object(&json!({"type": "string"}), "bark"),
    }));
    assert_eq!(
        arms(&union(&model, "Probe")),
        [("d", named("Dog")), ("hound", named("Dog"))]
    );
}

#[test]
fn without_a_mapping_the_fixed_value_selects_the_arm_else_the_components_name() {
    let model = with_components(&json!({
        "Probe": {"anyOf": of(&["Dog", "Cat"]), "discriminator": {"propertyName": "kind"}},
        "Dog": object(&json!({"enum": ["dog", "hound"]}), "bark"),
        "Cat": object(&json!({"type": "string"}), "purr"),
    }));
    let found = union(&model, "Probe");
    assert_eq!(
        arms(&found)
            .iter()
            .map(|(value, _)| *value)
            .collect::<Vec<_>>(),
        ["dog", "hound", "Cat"]
    );
}

#[test]
fn a_property_that_every_arm_fixes_is_the_tag() {
    for fixed in [json!({"const": "dog"}), json!({"enum": ["dog"]})] {
        let model = with_components(&json!({
            "Probe": {"oneOf": of(&["Dog", "Cat"])},
            "Dog": object(&fixed, "bark"),
            "Cat": object(&json!({"const": "cat"}), "purr"),
        }));
        let union = union(&model, "Probe");
        assert_eq!(union.tag.as_deref(), Some("kind"));
        assert_eq!(arms(&union), [("dog", named("Dog")), ("cat", named("Cat"))]);
    }
}

#[test]
fn a_single_arm_with_a_discriminator_is_still_a_union() {
    let model = with_components(&json!({
        "Probe": {"anyOf": of(&["Dog"]), "discriminator": {"propertyName": "kind"}},
        "Dog": object(&json!({"const": "dog"}), "bark"),
    }));
    assert_eq!(union(&model, "Probe").arms.len(), 1);
}

#[test]
fn an_arm_of_tag_and_reference_holds_what_is_referred_to() {
    let tagged = |name: &str| {
        json!({"allOf": [
            {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": [name], "example": name}}},
            {"$ref": format!("#/components/schemas/{name}")},
        ]})
    };
    let model = with_components(&json!({
        "Probe": {"oneOf": of(&["Probe_Limit"]), "discriminator": {"propertyName": "kind",
            "mapping": {"Limit": "#/components/schemas/Probe_Limit"}}},
        "Probe_Limit": tagged("Limit"),
        "Limit": {"type": "object", "properties": {"price": {"type": "string"}}},
    }));
    assert_eq!(arms(&union(&model, "Probe")), [("Limit", named("Limit"))]);
    assert!(!model.types.contains_key("Probe_Limit"));
}

#[test]
fn an_arm_that_is_used_elsewhere_too_keeps_its_tag_there() {
    let model = with_components(&json!({
        "Probe": {"type": "object", "properties": {"pet": {"$ref": "#/components/schemas/Pet"}, "dog": {"$ref": "#/components/schemas/Dog"}}},
        "Pet": {"oneOf": of(&["Dog", "Cat"])},
        "Dog": object(&json!({"const": "dog"}), "bark"),
        "Cat": object(&json!({"const": "cat"}), "purr"),
    }));
    assert_eq!(names(fields(&model, "Dog")), ["bark", "kind"]);
    assert_eq!(
        arms(&union(&model, "Pet")),
        [("dog", named("Pet_dog")), ("cat", named("Cat"))]
    );
    assert_eq!(names(fields(&model, "Pet_dog")), ["bark"]);
}

#[test]
fn a_stripped_arm_never_takes_the_name_of_another_component() {
    let model = with_components(&json!({
        "Probe": {"type": "object", "properties": {"pet": {"$ref": "#/components/schemas/Pet"}, "a": {"$ref": "#/components/schemas/Dog"},
            "b": {"$ref": "#/components/schemas/Pet_dog"}}},
        "Pet": {"oneOf": of(&["Dog", "Cat"])},
        "Pet_dog": {"type": "object", "properties": {"other": {"type": "string"}}},
        "Dog": object(&json!({"const": "dog"}), "bark"),
        "Cat": object(&json!({"const": "cat"}), "purr"),
    }));
    assert_eq!(names(fields(&model, "Pet_dog")), ["other"]);
    assert_eq!(names(fields(&model, "Pet_dog_2")), ["bark"]);
}

#[test]
fn unions_nested_over_the_same_tag_are_one_and_over_another_tag_are_two() {
    let model = with_components(&json!({
        "Probe": {"oneOf": of(&["Pet", "Fish"]), "discriminator": {"propertyName": "kind"}},
        "Pet": {"oneOf": of(&["Dog", "Cat"])},
        "Dog": object(&json!({"const": "dog"}), "bark"),
        "Cat": object(&json!({"const": "cat"}), "purr"),
        "Fish": object(&json!({"const": "fish"}), "fin"),
    }));
    let values: Vec<_> = union(&model, "Probe")
        .arms
        .into_iter()
        .map(|arm| arm.value)
        .collect();
    assert_eq!(values, ["dog", "cat", "fish"]);

    let model = with_components(&json!({
        "Probe": {"oneOf": of(&["Ok"]), "discriminator": {"propertyName": "result"}},
        "Ok": {"allOf": [{"type": "object", "required": ["result"], "properties": {"result": {"const": "ok"}}},
            {"$ref": "#/components/schemas/Pet"}]},
        "Pet": {"oneOf": of(&["Dog", "Cat"])},
        "Dog": object(&json!({"const": "dog"}), "bark"),
        "Cat": object(&json!({"const": "cat"}), "purr"),
    }));
    assert_eq!(arms(&union(&model, "Probe")), [("ok", named("Pet"))]);
}

#[test]
fn what_only_its_shape_tells_apart_is_untagged_and_each_arm_has_a_name_of_its_own() {
    let model = with_components(&json!({
        "Probe": {"anyOf": [{"$ref": "#/components/schemas/Dog"}, {"type": "string"}, {"type": "string", "format": "decimal"},
            {"type": "array", "items": {"type": "string"}}, {"enum": ["a"]}, {"type": "integer"}, {"type": "integer", "format": "int32"}]},
        "Dog": {"type": "object", "properties": {"bark": {"type": "string"}}},
    }));
    let union = union(&model, "Probe");
    assert_eq!(union.tag, None);
    let values: Vec<_> = arms(&union).into_iter().map(|(value, _)| value).collect();
    assert_eq!(
        values,
        [
            "Dog",
            "String",
            "Decimal",
            "StringList",
            "Arm5",
            "Integer",
            "IntegerArm7"
        ]
    );
}

#[test]
fn arms_that_the_tag_cannot_tell_apart_are_told_apart_by_shape() {
    let model = lowered(&document(&json!({
        "Probe": {"oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"$ref": "#/components/schemas/List"}],
            "discriminator": {"propertyName": "kind"}},
        "List": {"type": "array", "items": {"type": "string"}},
    })))
    .unwrap();
    let found = union(&model, "Probe");
    assert_eq!((found.tag, found.arms.len()), (None, 2));
    let notes: Vec<_> = model.notes.iter().map(|note| note.text.as_str()).collect();
    let message = "nothing says which value of `kind` selects `/components/schemas/Probe/oneOf/0`; so the shape tells the arms apart";
    assert!(notes.contains(&message), "{notes:?}");
}
