//! Reads the arguments of a call from a request: path, query, headers and body, each where the contract puts it.

use axum::http::HeaderMap;
use bpx_capability::exposed::Interface;
use bpx_contract::api::{Argument, Kind, Location};
use bpx_contract::pointer::escape;
use bpx_contract::strict_json;
use serde::Serialize;
use serde_json::{Map, Number, Value, json};

use crate::problem::{self, Problem};

/// An argument in the wrong part of the request. Dispatch checks the values.
#[derive(Debug, Serialize)]
struct LocationError {
    rule: &'static str,
    pointer: String,
    problem: String,
    fix: String,
}

impl LocationError {
    fn new(pointer: String, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            rule: "rest.place",
            pointer,
            problem: problem.into(),
            fix: fix.into(),
        }
    }
}

/// The parts of a request that hold arguments.
#[derive(Debug)]
pub(super) struct RequestParts<'a> {
    pub(super) path: Vec<(&'a str, &'a str)>,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// The arguments of a call.
///
/// # Errors
/// A problem with a finding for everything that is in the wrong part of the request.
pub(super) fn arguments(
    interface: Interface<'_>,
    request: &RequestParts<'_>,
) -> Result<Map<String, Value>, Problem> {
    let mut reader = Reader {
        declared: interface.arguments(),
        arguments: Map::new(),
        errors: Vec::new(),
    };
    for (name, text) in &request.path {
        reader.text(name, text.to_string(), Location::Path);
    }
    for (name, text) in form_urlencoded::parse(request.query.as_bytes()) {
        reader.text(&name, text.into_owned(), Location::Query);
    }
    reader.headers(request.headers);
    reader.body(interface.whole_body(), request.body)?;
    if reader.errors.is_empty() {
        return Ok(reader.arguments);
    }
    let detail = format!(
        "the request does not fit {}, nothing was sent",
        interface.operation().id
    );
    Err(Problem::new(problem::INVALID_ARGUMENTS, detail)
        .fix("see the findings; /docs and /openapi.json say where each argument goes")
        .with("outcome", "refused")
        .with("findings", json!(reader.errors)))
}

struct Reader<'a> {
    declared: Vec<&'a Argument>,
    arguments: Map<String, Value>,
    errors: Vec<LocationError>,
}

impl<'a> Reader<'a> {
    fn argument(&self, name: &str) -> Option<&'a Argument> {
        let mut declared = self.declared.iter();
        declared.find(|argument| argument.name == name).copied()
    }

    /// Reads a value from text. One that is given twice becomes a list, which dispatch refuses unless a list is expected.
    fn text(&mut self, name: &str, text: String, location: Location) {
        let argument = self.argument(name);
        if let Some(argument) = argument
            && argument.location != location
        {
            return self.wrong_location(argument, location);
        }
        let kind = argument.map_or(&Kind::Text, |argument| &argument.kind);
        let (value, is_list) = match kind {
            Kind::Many(kind) => (value(kind, text), true),
            kind => (value(kind, text), false),
        };
        match self.arguments.get_mut(name) {
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
            None if is_list => {
                self.arguments.insert(name.to_owned(), vec![value].into());
            }
            None => {
                self.arguments.insert(name.to_owned(), value);
            }
        }
    }

    fn headers(&mut self, headers: &HeaderMap) {
        let declared = self.declared.clone().into_iter();
        for argument in declared.filter(|argument| argument.location == Location::Header) {
            for header in headers.get_all(&argument.name) {
                let text = String::from_utf8_lossy(header.as_bytes()).into_owned();
                self.text(&argument.name, text, Location::Header);
            }
        }
    }

    fn body(&mut self, whole: Option<&Argument>, body: &[u8]) -> Result<(), Problem> {
        let mut declared = self.declared.iter();
        if !declared.any(|argument| argument.location == Location::Body) {
            if !body.is_empty() {
                let fix = "leave the body out, and put arguments into the query";
                self.whole_body("there is a body", fix);
            }
            return Ok(());
        }
        let value = strict_json(body).map_err(|error| {
            Problem::new(problem::MALFORMED, format!("the body is not JSON: {error}"))
                .fix("send the arguments as JSON, each once")
                .with("outcome", "refused")
        })?;
        match (whole, value) {
            (Some(argument), value) => {
                self.arguments.insert(argument.name.clone(), value);
            }
            (None, Value::Object(members)) => {
                for (name, value) in members {
                    self.member(name, value);
                }
            }
            (None, _) => {
                let fix = "put the arguments into one JSON object";
                self.whole_body("the body is no object", fix);
            }
        }
        Ok(())
    }

    fn member(&mut self, name: String, value: Value) {
        match self.argument(&name) {
            Some(argument) if argument.location != Location::Body => {
                self.wrong_location(argument, Location::Body);
            }
            _ => {
                self.arguments.insert(name, value);
            }
        }
    }

    fn wrong_location(&mut self, argument: &Argument, found: Location) {
        let name = &argument.name;
        let problem = format!("`{name}` stands in the {}", part(found));
        let fix = format!("put it into the {}", part(argument.location));
        let pointer = format!("/{}", escape(name));
        self.errors.push(LocationError::new(pointer, problem, fix));
    }

    fn whole_body(&mut self, problem: &str, fix: &str) {
        self.errors
            .push(LocationError::new(String::new(), problem, fix));
    }
}

/// The part of a request in which arguments of this location travel.
fn part(location: Location) -> &'static str {
    match location {
        Location::Query => "query",
        Location::Header => "headers",
        Location::Path => "path",
        Location::Cookie => "cookies",
        Location::Body => "body",
    }
}

/// The text as a value of this kind. Text that is no such value stays text, which dispatch refuses by name.
fn value(kind: &Kind, text: String) -> Value {
    match kind {
        Kind::Integer { .. } => match text.parse::<Number>() {
            Ok(number) if number.to_string() == text && !number.is_f64() => number.into(),
            _ => text.into(),
        },
        Kind::Boolean => match text.as_str() {
            "true" => true.into(),
            "false" => false.into(),
            _ => text.into(),
        },
        Kind::Json => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        Kind::Text | Kind::Decimal | Kind::Enum { .. } | Kind::Many(_) => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::http::HeaderValue;
    use bpx_capability::exposed::Route;
    use bpx_contract::api::Operation;
    use bpx_venue::operations::{EXECUTE_ORDER, EXECUTE_ORDER_BATCH, GET_FILLS, GET_ORDER};
    use serde_json::json;

    use super::*;

    fn route(operation: &Arc<Operation>) -> Route {
        Route {
            name: String::new(),
            description: String::new(),
            method: "GET",
            path: String::new(),
            operation: Arc::clone(operation),
            bound: None,
        }
    }

    fn read(
        operation: &Arc<Operation>,
        query: &str,
        headers: &[(&'static str, &'static str)],
        body: &str,
    ) -> Result<Value, Value> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect();
        let request = RequestParts {
            path: Vec::new(),
            query,
            headers: &headers,
            body: body.as_bytes(),
        };
        arguments(route(operation).interface(), &request)
            .map(Value::Object)
            .map_err(|problem| problem.member("findings").clone())
    }

    #[test]
    fn a_query_becomes_values_of_the_contracts_kinds() {
        let read = read(
            &GET_FILLS,
            "limit=10&from=-5&symbol=SOL_USDC&marketType=SPOT&marketType=PERP&orderId=7",
            &[],
            "",
        );
        assert_eq!(
            read.unwrap(),
            json!({
                "limit": 10, "from": -5, "symbol": "SOL_USDC", "orderId": "7",
                "marketType": ["SPOT", "PERP"],
            })
        );
    }

    #[test]
    fn what_stands_for_no_value_stays_text_and_what_is_given_twice_becomes_a_list() {
        let read = read(
            &GET_ORDER,
            "clientId=007&symbol=A&symbol=B&simbol=C",
            &[],
            "",
        );
        assert_eq!(
            read.unwrap(),
            json!({"clientId": "007", "symbol": ["A", "B"], "simbol": "C"})
        );
    }

    #[test]
    fn body_and_headers_join_into_one_object() {
        let headers = [("x-broker-id", "7"), ("x-broker-key", "k")];
        let object = read(&EXECUTE_ORDER, "", &headers, r#"{"symbol": "SOL_USDC"}"#);
        assert_eq!(
            object.unwrap(),
            json!({"X-BROKER-ID": 7, "X-BROKER-KEY": "k", "symbol": "SOL_USDC"})
        );
        let list = read(&EXECUTE_ORDER_BATCH, "", &[], r#"[{"side": "Bid"}]"#);
        assert_eq!(list.unwrap(), json!({"orders": [{"side": "Bid"}]}));
    }

    #[test]
    fn a_member_that_is_named_twice_has_no_certain_meaning() {
        let headers = HeaderMap::new();
        for body in [
            r#"{"side": "Bid", "side": "Ask"}"#,
            r#"{"side": "Bid", "s\u0069de": "Bid"}"#,
        ] {
            let request = RequestParts {
                path: Vec::new(),
                query: "",
                headers: &headers,
                body: body.as_bytes(),
            };
            let problem = arguments(route(&EXECUTE_ORDER).interface(), &request).unwrap_err();
            assert!(
                format!("{problem:?}").contains("`side` occurs twice"),
                "{problem:?}"
            );
        }
        let list = r#"[{"side": "Bid", "price": "1", "price": "2"}]"#;
        let request = RequestParts {
            path: Vec::new(),
            query: "",
            headers: &headers,
            body: list.as_bytes(),
        };
        assert!(arguments(route(&EXECUTE_ORDER_BATCH).interface(), &request).is_err());
    }

    #[test]
    fn an_argument_in_the_wrong_place_is_named_with_the_right_one() {
        let findings =
            read(&EXECUTE_ORDER, "side=Bid", &[], r#"{"X-BROKER-KEY": "k"}"#).unwrap_err();
        assert_eq!(findings[0]["pointer"], "/side");
        assert_eq!(findings[0]["fix"], "put it into the body");
        assert_eq!(findings[1]["pointer"], "/X-BROKER-KEY");
        assert_eq!(findings[1]["fix"], "put it into the headers");
        let findings = read(&GET_ORDER, "", &[], "{}").unwrap_err();
        assert_eq!(findings[0]["problem"], "there is a body");
        let findings = read(&EXECUTE_ORDER, "", &[], "[]").unwrap_err();
        assert_eq!(findings[0]["problem"], "the body is no object");
    }
}
