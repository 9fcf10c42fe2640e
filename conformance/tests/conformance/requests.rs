//! Requests as HAR records them: parameters in every place and style, and bodies.

use bpx_conformance::Contract;
use bpx_contract::Document;
use serde_json::{Value, json};

use crate::support::*;

const DOCUMENT: &str = r#"
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /pets/{id}:
    post:
      parameters:
      - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
      - {name: csv, in: query, explode: false, schema: {$ref: '#/components/schemas/Integers'}}
      - {name: many, in: query, schema: {$ref: '#/components/schemas/Integers'}}
      - {name: pipe, in: query, style: pipeDelimited, explode: false, schema: {$ref: '#/components/schemas/Integers'}}
      - {name: f, in: query, style: deepObject, explode: true, schema: {type: object, properties: {a: {type: integer}}}}
      - {name: X-Kind, in: header, required: true, schema: {type: string, enum: [a, b]}}
      - {name: s, in: cookie, required: true, schema: {type: integer, minimum: 3}}
      requestBody:
        required: true
        content:
          application/json: {schema: {type: object, properties: {id: {type: string, readOnly: true}, n: {type: integer}}}}
          application/x-www-form-urlencoded: {schema: {type: object, properties: {n: {type: integer}}}}
      responses: {'204': {description: Done.}}
components:
  schemas:
    Integers: {type: array, maxItems: 2, items: {type: integer}}
"#;

const PATH: &str = "/pets/123e4567-e89b-12d3-a456-426614174000";
const BODY: Option<(&str, &str)> = Some(("application/json", "{\"n\":1}"));

/// What is found in a HAR entry, whose headers are all there.
fn found(url: &str, headers: Value, body: Option<(&str, &str)>) -> Vec<String> {
    let url = format!("https://h.example{url}");
    let mut request = json!({"method": "POST", "url": url, "headers": headers});
    if let Some((media, text)) = body {
        request["postData"] = json!({"mimeType": media, "text": text});
    }
    let response = json!({"status": 204, "headers": [], "content": {"size": 0}});
    let line = json!({"request": request, "response": response}).to_string();
    let document = Document::parse("t.yaml", DOCUMENT.as_bytes()).unwrap();
    rules(&checked(&Contract::openapi(document).unwrap(), &[line]))
}

fn headers(kind: &str, cookies: &str) -> Value {
    json!([{"name": "X-Kind", "value": kind}, {"name": "Cookie", "value": cookies}])
}

#[test]
fn queries_are_taken_apart_by_style() {
    let found = |query: &str| found(&format!("{PATH}?{query}"), headers("a", "s=3; t=1"), BODY);
    for fine in [
        "csv=1,2",
        "csv=1%2C2",
        "many=1&many=2",
        "pipe=1%7C2",
        "f%5Ba%5D=1",
        "",
    ] {
        assert_eq!(found(fine), Vec::<String>::new(), "{fine}");
    }
    for broken in [
        "csv=1,x",
        "csv=1,2,3",
        "many=1&many=x",
        "pipe=1%7Cx",
        "f%5Ba%5D=x",
    ] {
        assert_eq!(found(broken), ["parameter-malformed"], "{broken}");
    }
    assert_eq!(found("novel=1"), ["parameter-undocumented"]);
}

#[test]
fn paths_headers_and_cookies_are_held() {
    let fine = || headers("a", "s=3");
    assert_eq!(found("/pets/7", fine(), BODY), ["parameter-malformed"]);
    assert_eq!(found(PATH, json!([]), BODY), ["parameter-missing"]);
    let broken = ["enum-unknown", "parameter-malformed"];
    assert_eq!(found(PATH, headers("c", "s=2"), BODY), broken);
}

#[test]
fn bodies_are_held_by_media_type() {
    for (body, rule) in [
        (None, "body-missing"),
        (
            Some(("application/json", "{\"id\":\"x\"}")),
            "direction-wrong",
        ),
        (Some(("application/json", "{\"n\":\"x\"}")), "type-wrong"),
        (
            Some(("application/x-www-form-urlencoded", "n=x")),
            "type-wrong",
        ),
        (Some(("text/plain", "x")), "content-type-undocumented"),
    ] {
        assert_eq!(found(PATH, headers("a", "s=3"), body), [rule], "{body:?}");
    }
    let form = Some(("application/x-www-form-urlencoded", "n=1"));
    assert_eq!(found(PATH, headers("a", "s=3"), form), Vec::<String>::new());
}
