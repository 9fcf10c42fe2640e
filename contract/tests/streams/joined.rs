//! Streams beside the operations of an API: which types are one.

use bpx_contract::model::{Kind, Shape};
use bpx_contract::{Document, apply, lower_lossy};
use serde_json::json;

use crate::{overlay, read, whole, with};

#[test]
fn types_that_both_documents_have_are_one_and_others_are_told_apart() {
    let openapi = json!({
        "openapi": "3.0.3", "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "", "content":
            {"application/json": {"schema": {"$ref": "#/components/schemas/All"}}}}}}}},
        "components": {"schemas": {
            "All": {"type": "object", "properties": {
                "kind": {"$ref": "#/components/schemas/AlertKind"}, "wind": {"$ref": "#/components/schemas/Wind"}}},
            "AlertKind": {"type": "string", "enum": ["storm", "frost"], "description": "Another text."},
            "Wind": {"type": "object", "properties": {"speed": {"type": "number"}}},
        }},
    });
    let openapi = Document::parse("api.json", openapi.to_string().as_bytes()).unwrap();
    let model = lower_lossy(&openapi).unwrap();
    let (streams, _) = whole(&read("weather.asyncapi-3.yaml"));
    let both = model.with_streams(streams);
    let names: Vec<_> = both.types.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["Alert", "AlertKind", "All", "Wind", "WindEvery", "Wind_2"]
    );
    let streams = both.streams.unwrap();
    let message = &streams.channels["wind.{station}"].message;
    assert_eq!(*message, Shape::Named("Wind_2".to_owned()));
}

#[test]
fn a_type_over_a_reference_to_the_api_is_the_apis_even_where_that_was_corrected() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let openapi = r##"{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {"operationId": "a",
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Kind"}}}}}}}},
        "components": {"schemas": {"Kind": {"type": "string", "enum": ["storm"]}}}}"##;
    std::fs::write(path("api.openapi.json"), openapi).unwrap();
    let reference = json!({"$ref": "api.openapi.json#/components/schemas/Kind"});
    let document = with(
        "/components/schemas/Alert/properties/k/allOf",
        json!([reference]),
    );
    std::fs::write(path("w.json"), document.to_string()).unwrap();

    let api = Document::read(&path("api.openapi.json")).unwrap();
    let more =
        overlay(&json!([{"target": "$.components.schemas.Kind", "update": {"enum": ["frost"]}}]));
    let model = lower_lossy(&apply(&api, &more).unwrap()).unwrap();
    let (streams, _) = whole(&Document::read(&path("w.json")).unwrap());
    let both = model.with_streams(streams);
    let kinds: Vec<_> = both
        .types
        .keys()
        .filter(|it| it.starts_with("Kind"))
        .collect();
    assert_eq!(kinds, ["Kind"]);
    let Kind::Enum(listed) = &both.types["Kind"].kind else {
        panic!("no enumeration");
    };
    assert_eq!(listed.values, ["storm", "frost"]);
}
