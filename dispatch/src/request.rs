//! From an operation and its arguments to an HTTP request.

use bpx_runtime::http::{HeaderName, HeaderValue, Method};
use bpx_runtime::reqwest::{Client, Request, RequestBuilder};
use bpx_runtime::table::{Body, Location, Operation};
use bpx_runtime::{encode_path, http, reqwest};
use serde_json::{Map, Value};

use crate::validate::whole;

/// Why a request could not be built. Validated arguments hardly come to it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unbuilt {
    #[error("the method is none")]
    Method(#[from] http::method::InvalidMethod),
    #[error("the argument {0} holds characters a header cannot hold; use visible ASCII")]
    Header(&'static str),
    #[error(transparent)]
    Request(#[from] reqwest::Error),
}

/// Builds the request; each argument goes where the row says.
pub(crate) fn build(
    http: &Client,
    base_url: &str,
    operation: &Operation,
    arguments: &Map<String, Value>,
) -> Result<Request, Unbuilt> {
    let mut path = operation.path.to_owned();
    let mut query = Vec::new();
    let mut headers = Vec::new();
    for argument in operation.params {
        let Some(value) = arguments.get(argument.name) else {
            continue;
        };
        match argument.location {
            Location::Path => {
                let segment = encode_path(&text(value));
                path = path.replace(&format!("{{{}}}", argument.name), &segment);
            }
            Location::Header => headers.push((argument.name, text(value))),
            Location::Query | Location::Body => {
                query.extend(items(value).map(|item| (argument.name, text(item))));
            }
        }
    }
    let method = Method::from_bytes(operation.method.as_bytes())?;
    let mut request = http.request(method, format!("{base_url}{path}"));
    if !query.is_empty() {
        request = request.query(&query);
    }
    let mut request = with_body(request, operation, arguments).build()?;
    for (name, text) in headers {
        let header = HeaderName::from_bytes(name.as_bytes()).ok();
        let value = HeaderValue::from_str(&text).ok();
        let (header, mut value) = header.zip(value).ok_or(Unbuilt::Header(name))?;
        // A broker's key is among them.
        value.set_sensitive(true);
        request.headers_mut().insert(header, value);
    }
    Ok(request)
}

fn with_body(
    request: RequestBuilder,
    operation: &Operation,
    arguments: &Map<String, Value>,
) -> RequestBuilder {
    match operation.body {
        Body::None => request,
        Body::Object { fields, .. } => {
            let given = fields.iter().filter_map(|field| {
                Some((field.name.to_owned(), plain(arguments.get(field.name)?)))
            });
            request.json(&Value::Object(given.collect()))
        }
        Body::Array { argument, .. } | Body::Value { argument } => {
            request.json(&arguments.get(argument.name).map_or(Value::Null, plain))
        }
    }
}

/// The value as it is sent: whole numbers in plain digits, as they are signed.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            let digits = whole(value).and_then(|whole| i64::try_from(whole).ok());
            digits.map_or_else(|| value.clone(), Value::from)
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, member)| (name.clone(), plain(member)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

/// A list repeats its key; anything else stands once.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(items) => items.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

fn text(value: &Value) -> String {
    match plain(value) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use bpx_client::table::{EXECUTE_ORDER, EXECUTE_ORDER_BATCH, GET_FILLS};
    use bpx_runtime::table::{Argument, Kind};
    use serde_json::json;

    use super::*;

    fn built(operation: &Operation, arguments: Value) -> Request {
        let arguments = arguments.as_object().unwrap().clone();
        build(&Client::new(), "https://x.test/base", operation, &arguments).unwrap()
    }

    fn body(request: &Request) -> Value {
        serde_json::from_slice(request.body().unwrap().as_bytes().unwrap()).unwrap()
    }

    #[test]
    fn headers_are_headers_and_the_rest_is_the_body_with_numbers_in_plain_digits() {
        let order = json!({"symbol": "X", "price": "1.50", "clientId": 7.0, "X-BROKER-ID": 3.0});
        let request = built(&EXECUTE_ORDER, order);
        assert_eq!(
            body(&request),
            json!({"symbol": "X", "price": "1.50", "clientId": 7})
        );
        assert_eq!(request.headers()["x-broker-id"], "3");
        assert!(request.headers()["x-broker-id"].is_sensitive());
        assert_eq!(request.url().as_str(), "https://x.test/base/api/v1/order");
        let request = built(&EXECUTE_ORDER_BATCH, json!({"orders": [{"clientId": 1.0}]}));
        assert_eq!(body(&request), json!([{"clientId": 1}]));
    }

    #[test]
    fn a_list_in_the_query_repeats_its_key_and_what_is_absent_stays_out() {
        let request = built(
            &GET_FILLS,
            json!({"marketType": ["SPOT", "PERP"], "symbol": "a b&c", "limit": 5}),
        );
        assert_eq!(
            request.url().query(),
            Some("symbol=a+b%26c&limit=5&marketType=SPOT&marketType=PERP")
        );
        assert_eq!(built(&GET_FILLS, json!({})).url().query(), None);
    }

    #[test]
    fn a_path_parameter_is_one_segment_and_a_header_that_cannot_be_one_is_refused() {
        const ID: Argument = Argument::required("id", Location::Path, Kind::Text, "");
        let operation = Operation {
            path: "/o/{id}/x",
            params: &[ID],
            ..GET_FILLS
        };
        assert_eq!(
            built(&operation, json!({"id": "a/b?"})).url().path(),
            "/base/o/a%2Fb%3F/x"
        );
        let arguments = json!({"X-BROKER-KEY": "a\nb"}).as_object().unwrap().clone();
        let refused =
            build(&Client::new(), "https://x.test", &EXECUTE_ORDER, &arguments).unwrap_err();
        assert!(refused.to_string().contains("X-BROKER-KEY"));
    }
}
