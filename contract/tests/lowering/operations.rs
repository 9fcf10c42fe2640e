//! Path items to operations: parameters and bodies.

use bpx_contract::model::{IntFormat, Location, Media, Shape, StringFormat, Style};
use bpx_contract::{Document, lower_lossy};
use serde_json::{Value, json};

use crate::probe::{json_answer, lowered, named, operation, operation_in, problems};

fn op(rest: &Value) -> Value {
    let mut value = json!({"operationId": "op", "responses": {"200": {"description": ""}}});
    for (key, member) in rest.as_object().unwrap() {
        value[key] = member.clone();
    }
    value
}

fn query(name: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "query", "schema": schema})
}

#[test]
fn parameters_of_the_path_hold_for_its_operations_which_may_replace_them() {
    let paths = json!({"/a/{id}": {
        "parameters": [
            {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
            query("limit", &json!({"type": "string"})),
        ],
        "get": op(&json!({"parameters": [query("limit", &json!({"type": "boolean"})), {"$ref": "#/components/parameters/Sort"}]})),
    }});
    let rest =
        json!({"components": {"parameters": {"Sort": query("sort", &json!({"enum": ["a"]}))}}});
    let found = operation_in(&paths, &rest).unwrap();
    let params: Vec<_> = found
        .params
        .iter()
        .map(|param| (param.name.as_str(), param.location, param.required))
        .collect();
    assert_eq!(
        params,
        [
            ("id", Location::Path, true),
            ("limit", Location::Query, false),
            ("sort", Location::Query, false)
        ]
    );
    assert_eq!(found.params[1].shape, Shape::Boolean);
    assert_eq!(found.params[2].shape, named("Sort"));
}

#[test]
fn a_header_written_twice_in_different_letters_is_one_parameter_with_a_note() {
    let header =
        |name: &str, of: &str| json!({"name": name, "in": "header", "schema": {"type": of}});
    let paths = json!({"/a": {
        "parameters": [header("x-trace", "boolean")],
        "get": op(&json!({"parameters": [header("X-BROKER", "integer"), header("X-Broker", "string"), header("X-Trace", "string")]})),
    }});
    let value = json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths});
    let model = lowered(&value).unwrap();
    let params = model.operations["op"].params.iter();
    let params: Vec<_> = params.map(|it| (&*it.name, it.shape.clone())).collect();
    let text = Shape::String(StringFormat::Plain);
    let integer = Shape::Integer(IntFormat::Int64);
    assert_eq!(params, [("X-BROKER", integer), ("X-Trace", text)]);
    let notes = model
        .notes
        .iter()
        .filter(|it| it.text.contains("ignore case"));
    let places: Vec<_> = notes.map(|it| it.place.to_string()).collect();
    assert_eq!(places, ["venue.json#/paths/~1a/get/parameters/1"]);
}

#[test]
fn lists_and_objects_of_scalars_can_be_written_and_deeper_values_cannot() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    let object = json!({"type": "object", "properties": {"b": {"type": "string"}}});
    let taken = [
        query("a", &list),
        query("a", &object),
        query(
            "a",
            &json!({"type": "object", "additionalProperties": {"type": "string"}}),
        ),
        json!({"name": "a", "in": "header", "schema": list}),
        json!({"name": "a", "in": "query", "style": "deepObject", "schema":
            {"type": "object", "properties": {"b": object}}}),
    ];
    for param in taken {
        assert!(operation(&op(&json!({"parameters": [param]}))).is_ok());
    }
    let refused = [
        query("a", &json!({"type": "array", "items": list})),
        query("a", &json!({"type": "object", "properties": {"b": object}})),
    ];
    for param in refused {
        let faults = problems(operation(&op(&json!({"parameters": [param]}))).unwrap_err());
        assert!(
            faults[0].contains("parameter `a` holds more than one value"),
            "{faults:?}"
        );
    }
}

#[test]
fn what_would_be_a_signing_header_elsewhere_is_an_ordinary_one_in_a_document_that_signs_nothing() {
    let params = json!([
        {"name": "sid", "in": "cookie", "schema": {"type": "string"}},
        {"name": "X-Window", "in": "header", "schema": {"type": "string"}},
        {"name": "X-Broker", "in": "header", "schema": {"type": "string"}},
    ]);
    let found = operation(&op(&json!({"parameters": params}))).unwrap();
    let names: Vec<_> = found
        .params
        .iter()
        .map(|param| param.name.as_str())
        .collect();
    assert_eq!(names, ["sid", "X-Window", "X-Broker"]);
    assert_eq!(found.params[0].location, Location::Cookie);
}

#[test]
fn a_parameter_with_json_content_is_written_as_json() {
    let content = json!({"application/json": {"schema": {"type": "object"}}});
    let params = json!([{"name": "filter", "in": "query", "content": content}]);
    let found = operation(&op(&json!({"parameters": params}))).unwrap();
    assert_eq!(found.params[0].shape, Shape::Map(Box::new(Shape::Any)));
    assert_eq!(found.params[0].style, Style::Json);
}

#[test]
fn headers_that_http_has_of_its_own_are_no_parameters() {
    let params = ["Accept", "content-type", "Authorization"]
        .map(|name| json!({"name": name, "in": "header", "required": true, "schema": {"type": "string"}}));
    let paths = json!({"/a": {"get": op(&json!({"parameters": params}))}});
    let bearer = json!({"securitySchemes": {"b": {"type": "http", "scheme": "bearer"}}});
    let secured = json!({"security": [{"b": []}], "components": bearer});
    assert!(operation_in(&paths, &secured).unwrap().params.is_empty());
    // Without `security`, nothing else can carry the credentials.
    let params = operation_in(&paths, &json!({})).unwrap().params;
    let names: Vec<_> = params.iter().map(|param| param.name.as_str()).collect();
    assert_eq!(names, ["Authorization"]);
}

#[test]
fn times_in_a_path_or_header_are_text() {
    let time = json!({"type": "string", "format": "date-time"});
    let params = json!([query("a", &time), {"name": "b", "in": "header", "schema": time}]);
    let found = operation(&op(&json!({"parameters": params}))).unwrap();
    assert_eq!(found.params[0].shape, Shape::String(StringFormat::DateTime));
    assert_eq!(found.params[1].shape, Shape::String(StringFormat::Plain));
}

#[test]
fn faults_of_parameters_and_paths_are_told_with_their_place() {
    let path = |template: &str, params: Value| {
        let paths = json!({template: {"get": op(&json!({"parameters": params}))}});
        problems(operation_in(&paths, &json!({})).unwrap_err()).join("\n")
    };
    let none = json!([]);
    assert!(
        path("/a/{id}", none.clone())
            .contains("`id` stands either in the path `/a/{id}` or among the path parameters")
    );
    for template in ["a", "/a/{id", "/a}/b", "/{}", "/a?b={c}d", "/{a/b}"] {
        assert!(
            path(template, none.clone()).contains("is no path template"),
            "{template}"
        );
    }
    let cases = [
        (
            json!([{"name": "x", "schema": {}}]),
            "/parameters/0: parameter `x` does not say where it travels",
        ),
        (
            json!([{"name": "x", "in": "query", "style": "matrix", "schema": {"type": "string"}}]),
            "/parameters/0: parameter `x` has the style `matrix`, which has no meaning in query",
        ),
    ];
    for (params, expected) in cases {
        let found = path("/a", params);
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn a_body_is_json_whatever_its_media_types_parameters() {
    let body = |media: &str| {
        json!({"requestBody": {"required": true, "description": "all of it", "content":
        {media: {"schema": {"type": "array", "items": {"type": "string"}}}}}})
    };
    let found = operation(&op(&body("application/json; charset=utf-8")))
        .unwrap()
        .body
        .unwrap();
    assert_eq!(
        found.shape,
        Shape::Array(Box::new(Shape::String(StringFormat::Plain)))
    );
    assert_eq!(found.doc, "all of it");
    assert_eq!(found.media, Media::Json("application/json".to_owned()));
    let mut signed = op(&body("text/plain"));
    signed["x-instruction"] = json!("do");
    assert_eq!(
        problems(operation(&signed).unwrap_err()),
        ["venue.json#/paths/~1a/post: the request body is not JSON"]
    );
}

#[test]
fn an_operation_without_an_id_of_its_own_gets_one_and_its_other_faults_are_told() {
    let broken = json!({"responses": {"200": json_answer(&json!({"$ref": "#/components/schemas/Nowhere"}))}, "x-instruction": "a b"});
    let paths = json!({"/a": {"get": broken, "put": op(&json!({})), "post": op(&json!({}))}});
    let found = problems(operation_in(&paths, &json!({})).unwrap_err());
    assert_eq!(
        found,
        [
            "venue.json#/paths/~1a/get: `x-instruction: a b` is no instruction",
            "venue.json#/paths/~1a/get/responses/200/content/application~1json/schema: `$ref: #/components/schemas/Nowhere` names nothing in this document",
        ]
    );
    let paths = json!({"/a/{id}/b": {"get": {"responses": {}, "parameters":
        [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}]}, "put": op(&json!({})), "post": op(&json!({}))}});
    let document =
        json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths});
    let document = Document::parse("venue.json", document.to_string().as_bytes()).unwrap();
    let model = lower_lossy(&document).unwrap();
    let ids: Vec<_> = model.operations.keys().map(String::as_str).collect();
    assert_eq!(ids, ["get_a_id_b", "op", "op_2"]);
}

#[test]
fn a_query_in_a_path_is_sent_and_its_parameters_are_query_parameters() {
    let param = |name: &str, location: &str| json!({"name": name, "in": location, "required": true, "schema": {"type": "integer"}});
    let params = json!([param("p", "path"), param("z", "query")]);
    let get = op(&json!({"parameters": params}));
    let paths = json!({"/a b?beta=true&x={p}&y={q}&z={z}#part": {"get": get}});
    let found = operation_in(&paths, &json!({})).unwrap();
    assert_eq!(found.path, "/a b?beta=true");
    let params = found.params.iter();
    let params: Vec<_> = params.map(|it| (it.name.as_str(), &it.shape)).collect();
    let (number, text) = (
        Shape::Integer(IntFormat::Int64),
        Shape::String(StringFormat::Plain),
    );
    assert_eq!(params, [("x", &number), ("z", &number), ("y", &text)]);
    assert!(
        found
            .params
            .iter()
            .all(|it| it.location == Location::Query && it.style == Style::FormExploded)
    );
}

#[test]
fn an_operation_that_changes_the_protocol_is_left_out() {
    let faults = |rest: Value| {
        let paths = json!({"/a": {"get": op(&rest)}});
        operation_in(&paths, &json!({}))
            .map(|_| ())
            .map_err(problems)
    };
    let message = Err(vec![
        "venue.json#/paths/~1a/get: the operation changes to another protocol".to_owned(),
    ]);
    let upgrade = json!({"101": {"description": ""}});
    assert_eq!(faults(json!({"responses": upgrade})), message);
    assert_eq!(faults(json!({"x-dropshot-websocket": {}})), message);
    let either = json!({"101": {"description": ""}, "200": {"description": ""}});
    assert_eq!(faults(json!({"responses": either})), Ok(()));
}

#[test]
fn an_integer_whose_bounds_need_it_is_unsigned() {
    let of = |schema: Value| {
        let paths = json!({"/a": {"get": op(&json!({"parameters": [query("a", &schema)]}))}});
        operation_in(&paths, &json!({})).unwrap().params[0]
            .shape
            .clone()
    };
    for (schema, expected) in [
        (json!({"maximum": u64::MAX}), IntFormat::Uint64),
        (json!({"maximum": 1e30, "minimum": 0}), IntFormat::Uint64),
        (json!({"maximum": 1e30, "minimum": -1}), IntFormat::Int64),
        (json!({"maximum": 1e3}), IntFormat::Int64),
        (json!({"maximum": i64::MAX}), IntFormat::Int64),
        (json!({"format": "uint"}), IntFormat::Uint64),
        (json!({"format": "uint8"}), IntFormat::Uint8),
    ] {
        let mut schema = schema;
        schema["type"] = json!("integer");
        assert_eq!(of(schema.clone()), Shape::Integer(expected), "{schema}");
    }
}

#[test]
fn a_required_body_that_nothing_describes_is_bytes() {
    let body = json!({"requestBody": {"required": true, "content": {}}});
    let found = operation(&op(&body)).unwrap().body.unwrap();
    assert_eq!(found.shape, Shape::String(StringFormat::Binary));
    assert!(found.required);
}
