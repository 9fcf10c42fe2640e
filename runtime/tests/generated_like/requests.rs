//! Requests of typed values and of JSON arguments.

use std::collections::BTreeMap;

use bpx_runtime::http::Method;
use bpx_runtime::macros::Exact;
use bpx_runtime::serde_json::{self, Value, json};
use bpx_runtime::{Connection, Decimal, NaiveDateTime, Options, RequestBuilder, reqwest};

use crate::limit;
use crate::types::{LimitOrder, OrderStatus, Side};

/// What goes out: the request line, the headers, the body.
fn bytes(request: RequestBuilder) -> Result<[String; 3], Box<dyn std::error::Error>> {
    let request = request.build()?;
    let mut headers = String::new();
    for (name, value) in request.headers() {
        headers.push_str(&format!("{name}: {}\n", value.to_str()?));
    }
    let body = request.body().and_then(reqwest::Body::as_bytes);
    let body = String::from_utf8(body.unwrap_or_default().to_vec())?;
    let line = format!("{} {}", request.method(), request.url());
    Ok([line, headers, body])
}

#[test]
fn a_typed_call_and_the_same_call_by_json_arguments_have_the_same_bytes() {
    let connection = Connection::public("https://x.test/base", Options::default()).unwrap();
    let request = || connection.request(Method::POST, "/orders/{id}/{at}");
    let order: LimitOrder = serde_json::from_value(limit()).unwrap();
    let at: NaiveDateTime = "2025-09-11T20:10:40.699".parse().unwrap();
    let typed = request()
        .path("id", "a/b")
        .path("at", &Exact(at))
        .query("side", &Some(Side::Bid))
        .query("status", &vec![OrderStatus::New, OrderStatus::Filled])
        .query("price", &Exact(Some(Decimal::new(2010, 2))))
        .query("ratio", &1.0_f64)
        .query("symbol", &None::<String>)
        .header("X-Desk", &Some(7_u16))
        .json(&order);
    // In the order of names, as generated structs have it, whatever order serde_json keeps in this build.
    let mut body: BTreeMap<String, Value> = serde_json::from_value(limit()).unwrap();
    body.remove("orderType");
    let by_json = request()
        .path("id", &json!("a/b"))
        .path("at", &json!("2025-09-11T20:10:40.699"))
        .query("side", &json!("Bid"))
        .query("status", &json!(["New", "Filled"]))
        .query("price", &json!("20.10"))
        .query("ratio", &json!(1))
        .query("symbol", &Value::Null)
        .header("X-Desk", &json!(7.0))
        .json(&body);
    let [line, headers, body] = bytes(typed).unwrap();
    let query = "?side=Bid&status=New&status=Filled&price=20.10&ratio=1";
    assert!(line.ends_with(query), "{line}");
    assert!(body.contains(r#""price":"20.10""#), "{body}");
    assert_eq!([line, headers, body], bytes(by_json).unwrap());
}
