//! Requests as they leave.

use serde_json::{Value, json};

use super::*;

fn builder(path: &str) -> RequestBuilder {
    RequestBuilder::new(Method::GET, "https://x.test/base", path)
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(request.body().unwrap().as_bytes().unwrap()).unwrap()
}

#[test]
fn headers_are_headers_and_the_body_has_numbers_in_plain_digits() {
    let order = json!({"symbol": "X", "price": "1.50", "clientId": 7.0});
    let request = builder("/orders")
        .json(&order)
        .header("X-DESK", &json!(3.0))
        .build()
        .unwrap();
    assert_eq!(
        body(&request),
        json!({"symbol": "X", "price": "1.50", "clientId": 7})
    );
    assert_eq!(request.headers()["x-desk"], "3");
    assert!(request.headers()["x-desk"].is_sensitive());
    assert_eq!(request.headers()["content-type"], "application/json");
    assert_eq!(request.url().as_str(), "https://x.test/base/orders");
    let request = builder("/orders")
        .json(&json!([{"clientId": 1.0}]))
        .build()
        .unwrap();
    assert_eq!(body(&request), json!([{"clientId": 1}]));
}

#[test]
fn a_list_in_the_query_repeats_its_key_and_what_is_absent_stays_out() {
    let request = builder("/fills")
        .query("symbol", "a b&c")
        .query("limit", &5)
        .query("marketType", &json!(["SPOT", "PERP"]))
        .query("from", &None::<u8>)
        .query("to", &Value::Null)
        .build()
        .unwrap();
    assert_eq!(
        request.url().query(),
        Some("symbol=a+b%26c&limit=5&marketType=SPOT&marketType=PERP")
    );
    let request = builder("/fills")
        .query("from", &None::<u8>)
        .build()
        .unwrap();
    assert_eq!(request.url().query(), None);
}

#[test]
fn a_path_parameter_is_one_segment_and_a_header_that_cannot_be_one_is_refused() {
    let path = fill_path("/o/{id}/x", |name| {
        (name == "id").then(|| "a/b?".to_owned())
    });
    assert_eq!(
        builder(&path).build().unwrap().url().path(),
        "/base/o/a%2Fb%3F/x"
    );
    let typed = builder("/o/{id}/x").path("id", "a/b?").build().unwrap();
    assert_eq!(typed.url().path(), "/base/o/a%2Fb%3F/x");
    for (name, value) in [("X-KEY", "a\nb"), ("X KEY", "a")] {
        let refused = builder("/o").header(name, value).build().unwrap_err();
        assert_eq!(
            refused,
            RequestError::InvalidHeader {
                name: name.to_owned()
            }
        );
        assert!(refused.to_string().contains(name));
    }
}

#[test]
fn a_path_that_would_address_another_resource_is_refused() {
    for request in [
        builder("/o/{id}/x"),
        builder("/o/{id}/x").path("id", ""),
        builder("/o/{id}/x").path("id", &Value::Null),
        builder("/o/{id}/x").path("other", "1"),
    ] {
        let name = "id".to_owned();
        let refused = request.build().unwrap_err();
        assert_eq!(refused, RequestError::MissingPathParameter { name });
    }
    for dots in [".", ".."] {
        let refused = builder("/o/{id}/x").path("id", dots).build().unwrap_err();
        assert_eq!(refused, RequestError::DotSegment);
    }
    for (value, path) in [
        ("%2e%2e", "/base/o/%252e%252e/x"),
        ("{id}", "/base/o/%7Bid%7D/x"),
        ("a\\b", "/base/o/a%5Cb/x"),
    ] {
        let request = builder("/o/{id}/x").path("id", value).build().unwrap();
        assert_eq!(request.url().path(), path);
    }
}

#[test]
fn floats_are_written_as_they_were_given() {
    let request = builder("/o")
        .query("p", &0.1_f32)
        .query("q", &7.0_f64)
        .build();
    assert_eq!(request.unwrap().url().query(), Some("p=0.1&q=7"));
}

#[test]
fn a_path_cannot_change_the_host() {
    for path in ["", ".evil.test/x", ":99999/x", "@evil.test/x"] {
        let refused = builder(path).build();
        assert!(
            matches!(refused, Err(RequestError::InvalidUrl { .. })),
            "{path}"
        );
    }
    assert!(
        RequestBuilder::new(Method::GET, "nowhere", "/x")
            .build()
            .is_err()
    );
}

#[test]
fn a_parameter_that_is_not_text_is_refused_by_name() {
    for value in [json!({"a": {"b": 1}}), json!([[1]])] {
        let refused = builder("/o").query("filter", &value).build().unwrap_err();
        assert!(refused.to_string().contains("`filter`"), "{refused}");
    }
    let refused = builder("/o")
        .json(&std::collections::BTreeMap::from([((), 1)]))
        .build();
    assert!(matches!(refused, Err(RequestError::InvalidBody { .. })));
}
