//! Responses: one typed success, one typed error.

use bpx_contract::model::{Content, IntFormat, Operation, PageHeaders, Shape, StringFormat};
use serde_json::{Value, json};

use crate::probe::{json_answer, named, operation, operation_in, problems};

fn answers(responses: &Value) -> Operation {
    operation(&json!({"operationId": "op", "responses": responses})).unwrap()
}

fn empty() -> Value {
    json!({"description": ""})
}

#[test]
fn success_with_and_without_a_body_is_one_outcome() {
    let text = json_answer(&json!({"type": "string"}));
    let cases = [
        (json!({"200": text}), (false, false)),
        (json!({"200": text, "202": empty()}), (true, false)),
        (json!({"200": text, "204": empty()}), (false, true)),
        (
            json!({"200": text, "202": empty(), "204": empty()}),
            (true, true),
        ),
        (json!({"200": empty(), "202": empty()}), (false, false)),
        (
            json!({"200": {"description": "", "content": {"text/plain": {}}}, "204": empty()}),
            (false, false),
        ),
    ];
    for (responses, expected) in cases {
        let success = answers(&responses).success;
        assert_eq!((success.accepted, success.absent), expected, "{responses}");
    }
}

#[test]
fn json_counts_before_text_before_bytes_and_parameters_of_the_media_type_do_not() {
    let content = |media: &str| json!({media: {"schema": {"type": "string"}}});
    let text = Content::Json(Shape::String(StringFormat::Plain));
    let cases = [
        (content("application/json; charset=utf-8"), text.clone()),
        (content("Application/Problem+JSON"), text.clone()),
        (content("text/plain; charset=utf-8"), Content::Text),
        (content("application/octet-stream"), Content::Bytes),
        (
            json!({"text/plain": {}, "application/json": {"schema": {"type": "string"}}}),
            text,
        ),
        (json!({"application/json": {}}), Content::Json(Shape::Any)),
        (json!({}), Content::Empty),
    ];
    for (content, expected) in cases {
        let found = answers(&json!({"200": {"description": "", "content": content}}))
            .success
            .content;
        assert_eq!(found, expected, "{content}");
    }
}

#[test]
fn different_error_bodies_become_one_type_and_equal_ones_stay() {
    let (a, b) = (
        json_answer(&json!({"type": "string"})),
        json_answer(&json!({"type": "integer"})),
    );
    let found = answers(&json!({"200": empty(), "400": a, "401": a, "404": empty()}));
    assert_eq!(found.error, Some(Shape::String(StringFormat::Plain)));
    let bodies: Vec<_> = found
        .errors
        .iter()
        .map(|failure| (failure.status.as_str(), failure.has_body()))
        .collect();
    assert_eq!(bodies, [("400", true), ("401", true), ("404", false)]);
    assert_eq!(
        answers(&json!({"200": empty(), "400": a, "4XX": b})).error,
        Some(named("op_error"))
    );
}

#[test]
fn default_is_an_error_beside_a_success_and_the_success_alone() {
    let text = json_answer(&json!({"type": "string"}));
    let beside = answers(&json!({"204": empty(), "default": text}));
    assert_eq!(
        (beside.success.content, beside.errors.len()),
        (Content::Empty, 1)
    );
    let alone = answers(&json!({"default": text}));
    assert_eq!(
        alone.success.content,
        Content::Json(Shape::String(StringFormat::Plain))
    );
    assert!(alone.errors.is_empty());
}

#[test]
fn four_page_headers_make_a_list_a_page() {
    let headers = |names: &[&str]| {
        names
            .iter()
            .map(|name| ((*name).to_owned(), json!({})))
            .collect::<serde_json::Map<_, _>>()
    };
    let page = |schema: Value, names: &[&str]| {
        let mut answer = json_answer(&schema);
        answer["headers"] = headers(names).into();
        answers(&json!({"200": answer})).success.page_headers
    };
    let all = ["x-page-count", "X-CURRENT-PAGE", "X-Page-Size", "X-TOTAL"];
    let list = json!({"type": "array", "items": {"type": "string"}});
    let PageHeaders {
        page_count,
        current_page,
        page_size,
        total,
    } = page(list.clone(), &all).unwrap();
    assert_eq!([&*page_count, &*current_page, &*page_size, &*total], all);
    let plain = ["total", "Page-Count", "page-size", "current-page"];
    assert_eq!(page(list.clone(), &plain).unwrap().page_count, "Page-Count");
    assert!(page(list, &all[..3]).is_none());
    assert!(page(json!({"type": "string"}), &all).is_none());
}

#[test]
fn response_headers_are_required_where_every_success_requires_them() {
    let response = |headers: Value| json!({"description": "", "headers": headers});
    let count = json!({"required": true, "schema": {"type": "integer", "format": "uint32"}});
    let text = json!({"required": true, "schema": {"type": "string"}});
    let first = response(json!({"X-Count": count, "ETag": text, "Content-Type": text}));
    let found = |responses: Value| {
        let headers = answers(&responses).success.headers.into_iter();
        let rows = headers.map(|header| (header.name, header.required, header.shape));
        rows.collect::<Vec<_>>()
    };
    let integer = Shape::Integer(IntFormat::Uint32);
    let string = Shape::String(StringFormat::Plain);
    let row = |name: &str, required, shape: &Shape| (name.to_owned(), required, shape.clone());
    assert_eq!(
        found(json!({"200": first})),
        [row("ETag", true, &string), row("X-Count", true, &integer)]
    );
    let second = response(json!({"x-count": {"schema": {"type": "string"}}}));
    assert_eq!(
        found(json!({"200": first, "201": second, "400": response(json!({"X-Why": text}))})),
        [row("ETag", false, &string), row("X-Count", false, &string)]
    );
}

#[test]
fn decimals_without_a_field_around_them_stay_text() {
    let list = json!({"type": "array", "items": {"type": "string", "format": "decimal"}});
    let found = answers(&json!({"200": json_answer(&list), "400": json_answer(&list)}));
    let text = Shape::Array(Box::new(Shape::String(StringFormat::Plain)));
    assert_eq!(found.success.content, Content::Json(text.clone()));
    assert_eq!(found.error, Some(text));
}

#[test]
fn the_answer_to_head_has_no_body() {
    let paths = json!({"/a": {"head": {"operationId": "op", "responses": {"200": json_answer(&json!({"type": "string"}))}}}});
    assert_eq!(
        operation_in(&paths, &json!({})).unwrap().success.content,
        Content::Empty
    );
}

#[test]
fn one_shared_response_has_one_type_whoever_uses_it() {
    let answer = json!({"$ref": "#/components/responses/No"});
    let found = answers_with(&json!({"400": answer, "401": answer, "204": empty()}));
    assert_eq!(found.error, Some(named("op_response400")));
}

fn answers_with(responses: &Value) -> Operation {
    let shared = json!({"responses": {"No": json_answer(&json!({"type": "object", "properties": {"code": {"type": "string"}}}))}});
    let paths = json!({"/a": {"get": {"operationId": "op", "responses": responses}}});
    operation_in(&paths, &json!({"components": shared})).unwrap()
}

#[test]
fn an_operation_without_any_response_is_refused() {
    for responses in [json!({}), json!({"x-nothing": 1})] {
        let faults = operation(&json!({"operationId": "op", "responses": responses})).unwrap_err();
        assert_eq!(
            problems(faults),
            ["venue.json#/paths/~1a/post: this operation declares no response"]
        );
    }
}
