//! One schema to one shape.

use bpx_contract::model::{IntFormat, Kind, Shape, StringFormat};
use serde_json::json;

use crate::probe::{document, field, fields, lowered, named, names, shape, with_components};

#[test]
fn scalars_follow_type_and_format() {
    let cases = [
        (json!({"type": "boolean"}), Shape::Boolean),
        (json!({"type": "integer"}), Shape::Integer(IntFormat::Int64)),
        (
            json!({"type": "integer", "format": "uint16"}),
            Shape::Integer(IntFormat::Uint16),
        ),
        (
            json!({"type": "integer", "format": "bignum"}),
            Shape::Integer(IntFormat::Int64),
        ),
        (json!({"type": "number", "format": "float"}), Shape::Number),
        (
            json!({"type": "string"}),
            Shape::String(StringFormat::Plain),
        ),
        (
            json!({"type": "string", "format": "decimal"}),
            Shape::String(StringFormat::Decimal),
        ),
        (
            json!({"type": "string", "format": "naive-date-time"}),
            Shape::String(StringFormat::NaiveDateTime),
        ),
        (
            json!({"type": "string", "format": "date-time"}),
            Shape::String(StringFormat::DateTime),
        ),
        (
            json!({"type": "string", "format": "uuid"}),
            Shape::String(StringFormat::Uuid),
        ),
        (
            json!({"type": "string", "format": "hostname"}),
            Shape::String(StringFormat::Plain),
        ),
        (json!({}), Shape::Any),
        (json!(true), Shape::Any),
        (json!({"type": ["string", "integer"]}), named("Probe_it")),
        (
            json!({"type": ["integer"], "format": "int8"}),
            Shape::Integer(IntFormat::Int8),
        ),
    ];
    for (schema, expected) in cases {
        assert_eq!(shape(&schema), expected, "{schema}");
    }
}

#[test]
fn lists_and_maps_nest() {
    let text = Box::new(Shape::String(StringFormat::Plain));
    let cases = [
        (
            json!({"type": "array", "items": {"type": "string"}}),
            Shape::Array(text.clone()),
        ),
        (
            json!({"items": {"type": "string"}}),
            Shape::Array(text.clone()),
        ),
        (json!({"type": "array"}), Shape::Array(Box::new(Shape::Any))),
        (
            json!({"type": "array", "items": {"type": "array", "items": {"type": "string"}}}),
            Shape::Array(Box::new(Shape::Array(text.clone()))),
        ),
        (
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
            Shape::Map(text.clone()),
        ),
        (
            json!({"additionalProperties": {"type": "string"}}),
            Shape::Map(text.clone()),
        ),
        (
            json!({"type": "object", "properties": {}, "additionalProperties": {"type": "string"}}),
            Shape::Map(text),
        ),
        (json!({"type": "object"}), Shape::Map(Box::new(Shape::Any))),
        (
            json!({"type": "object", "additionalProperties": true}),
            Shape::Map(Box::new(Shape::Any)),
        ),
    ];
    for (schema, expected) in cases {
        assert_eq!(shape(&schema), expected, "{schema}");
    }
}

#[test]
fn null_is_allowed_in_the_ways_of_3_0_and_of_3_1() {
    let text = Shape::String(StringFormat::Plain);
    let other = json!({"Other": {"type": "object", "nullable": true, "properties": {"a": {"type": "string"}}}});
    let cases = [
        (json!({"type": "string", "nullable": true}), text.clone()),
        (json!({"type": ["string", "null"]}), text.clone()),
        (
            json!({"oneOf": [{"type": "string"}, {"type": "null"}]}),
            text.clone(),
        ),
        (
            json!({"anyOf": [{"type": "null"}, {"type": "string"}]}),
            text.clone(),
        ),
        (
            json!({"allOf": [{"type": "string"}], "nullable": true}),
            text.clone(),
        ),
        (
            json!({"allOf": [{"type": "string"}, {"nullable": true}]}),
            text,
        ),
        (
            json!({"$ref": "#/components/schemas/Other"}),
            named("Other"),
        ),
        (json!({"enum": ["a", null]}), named("It")),
    ];
    for (schema, expected) in cases {
        let (found, _) = field(&schema, &other);
        assert!(found.nullable && found.optional(), "{schema}");
        assert_eq!(found.shape, expected, "{schema}");
    }
    assert!(!field(&json!({"type": "string"}), &other).0.nullable);
}

#[test]
fn items_that_can_be_null_keep_their_type() {
    let (found, _) = field(
        &json!({"type": "array", "items": {"type": ["string", "null"]}}),
        &json!({}),
    );
    let text = Shape::String(StringFormat::Plain);
    assert_eq!(found.shape, Shape::Array(Box::new(text.or_null(true))));
}

#[test]
fn constants_are_their_json_type_and_listed_integers_an_enumeration() {
    let cases = [
        (json!({"const": 5}), Shape::Integer(IntFormat::Int64)),
        (json!({"enum": [1, 2]}), named("Probe_it")),
        (json!({"enum": [1.5, 2]}), Shape::Number),
        (json!({"const": true}), Shape::Boolean),
        (json!({"enum": ["a", 1]}), Shape::Any),
        (
            json!({"type": "integer", "format": "int32", "const": 1}),
            Shape::Integer(IntFormat::Int32),
        ),
    ];
    for (schema, expected) in cases {
        assert_eq!(shape(&schema), expected, "{schema}");
    }
}

#[test]
fn all_of_around_one_schema_is_that_schema_with_the_outer_prose() {
    let schema =
        json!({"allOf": [{"$ref": "#/components/schemas/Side"}, {"description": "which side"}]});
    let (found, _) = field(
        &schema,
        &json!({"Side": {"type": "string", "enum": ["Bid", "Ask"]}}),
    );
    assert_eq!(found.shape, named("Side"));
    assert_eq!(found.doc, "which side");
}

#[test]
fn all_of_over_objects_is_one_object_with_the_fields_of_all() {
    let model = with_components(&json!({
        "Base": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "x": {"type": "string"}}},
        "Probe": {
            "allOf": [{"$ref": "#/components/schemas/Base"}, {"required": ["x"]}],
            "properties": {"own": {"type": "integer"}, "x": {"type": "string", "description": "later", "maxLength": 3}},
        },
    }));
    let fields = fields(&model, "Probe");
    assert_eq!(names(fields), ["id", "own", "x"]);
    assert_eq!(
        fields
            .iter()
            .map(|field| field.required)
            .collect::<Vec<_>>(),
        [true, false, true]
    );
    assert_eq!(fields[2].doc, "later");
    assert_eq!(fields[2].constraints["maxLength"], 3);
}

#[test]
fn all_of_with_a_required_list_beside_one_reference_makes_the_field_required() {
    let model = with_components(&json!({
        "Base": {"type": "object", "properties": {"id": {"type": "string"}}},
        "Probe": {"allOf": [{"$ref": "#/components/schemas/Base"}], "required": ["id"]},
    }));
    assert!(fields(&model, "Probe")[0].required);
}

#[test]
fn arms_that_only_say_what_is_required_leave_the_object_an_object() {
    let model = with_components(&json!({"Probe": {
        "type": "object",
        "properties": {"orderId": {"type": "string"}, "clientId": {"type": "integer"}},
        "oneOf": [{"required": ["orderId"]}, {"required": ["clientId"]}],
    }}));
    assert_eq!(names(fields(&model, "Probe")), ["clientId", "orderId"]);
}

#[test]
fn anonymous_objects_are_named_by_their_place_and_never_take_a_components_name() {
    let inner = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let model = with_components(&json!({
        "Probe": {"type": "object", "properties": {"it": inner, "other": {"$ref": "#/components/schemas/ProbeIt"}}},
        "ProbeIt": {"type": "object", "properties": {"b": {"type": "string"}}},
    }));
    assert_eq!(names(fields(&model, "ProbeIt")), ["b"]);
    assert_eq!(names(fields(&model, "Probe_it_2")), ["a"]);
}

#[test]
fn types_may_contain_themselves_through_optional_fields_and_lists() {
    let model = with_components(
        &json!({"Probe": {"type": "object", "required": ["kids"], "properties": {
            "next": {"$ref": "#/components/schemas/Probe"},
            "kids": {"type": "array", "items": {"$ref": "#/components/schemas/Probe"}},
        }}}),
    );
    assert_eq!(fields(&model, "Probe")[1].shape, named("Probe"));
}

#[test]
fn a_list_that_contains_itself_is_any_value_at_that_point() {
    let (found, _) = field(
        &json!({"$ref": "#/components/schemas/Lists"}),
        &json!({"Lists": {"type": "array", "items": {"$ref": "#/components/schemas/Lists"}}}),
    );
    assert_eq!(found.shape, Shape::Array(Box::new(Shape::Any)));
}

#[test]
fn types_that_no_operation_reaches_are_left_out_and_the_others_know_their_side() {
    let model = with_components(&json!({
        "Probe": {"type": "object", "properties": {"a": {"type": "string"}}},
        "Unused": {"type": "object", "properties": {"a": {"type": "string"}}},
    }));
    assert_eq!(model.types.keys().collect::<Vec<_>>(), ["Probe"]);
    assert!(model.types["Probe"].read && !model.types["Probe"].sent);
}

#[test]
fn references_may_be_percent_encoded_and_lead_anywhere_in_the_document() {
    let mut value = document(&json!({
        "Probe": {"type": "object", "properties": {
            "a": {"$ref": "#/components/schemas/My%20Type"},
            "b": {"$ref": "#/paths/~1a/get/x-inner"},
        }},
        "My Type": {"type": "object", "properties": {"c": {"type": "string"}}},
    }));
    value["paths"]["/a"]["get"]["x-inner"] =
        json!({"type": "object", "properties": {"d": {"type": "string"}}});
    let model = lowered(&value).unwrap();
    assert_eq!(fields(&model, "Probe")[0].shape, named("My Type"));
    assert_eq!(names(fields(&model, "x-inner")), ["d"]);
}

#[test]
fn chains_of_definitions_have_any_length() {
    let count = 3000;
    let link = |to: usize| json!({"type": "object", "properties": {"next": {"$ref": format!("#/components/schemas/C{to}")}}});
    let mut components: serde_json::Map<_, _> = (0..count)
        .map(|index| (format!("C{index}"), link(index + 1)))
        .collect();
    components.insert(
        format!("C{count}"),
        json!({"type": "string", "enum": ["end"]}),
    );
    components.insert("Probe".to_owned(), link(0));
    let model = with_components(&components.into());
    assert_eq!(model.types.len(), count + 2);
    assert!(matches!(
        model.types[&format!("C{count}")].kind,
        Kind::Enum(_)
    ));
}

#[test]
fn a_title_in_the_words_of_schemas_survives_as_a_property() {
    let (found, _) = field(
        &json!({"type": "object", "properties": {"enum": {"type": "string"}, "$ref": {"type": "string"}}}),
        &json!({}),
    );
    assert_eq!(found.shape, named("Probe_it"));
}
