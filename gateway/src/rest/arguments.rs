//! From a request to the one flat object of arguments: query, headers, path and body, each where the contract puts it.

use axum::http::HeaderMap;
use bpx_contract::api::{Argument, Body, Kind, Location, Operation};
use serde::Serialize;
use serde_json::{Map, Number, Value};

use crate::problem::{self, Problem};

/// Something that is wrong with the shape of a request; what is wrong with its values is dispatch's to find.
#[derive(Debug, Serialize)]
struct Misplaced {
    rule: &'static str,
    pointer: String,
    problem: String,
    fix: String,
}

impl Misplaced {
    fn new(name: &str, problem: String, fix: impl Into<String>) -> Self {
        let name = name.replace('~', "~0").replace('/', "~1");
        Self {
            rule: "rest.place",
            pointer: if name.is_empty() {
                name
            } else {
                format!("/{name}")
            },
            problem,
            fix: fix.into(),
        }
    }
}

/// A request as far as arguments go.
#[derive(Debug)]
pub(super) struct Given<'a> {
    pub(super) path: Vec<(&'a str, &'a str)>,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// The arguments of a call, or everything that is in the wrong place.
pub(super) fn arguments(
    operation: &Arc<Operation>,
    given: &Given<'_>,
) -> Result<Map<String, Value>, Problem> {
    let mut reader = Reader {
        declared: operation.arguments().chain(fields(operation)).collect(),
        arguments: Map::new(),
        misplaced: Vec::new(),
    };
    for (name, text) in &given.path {
        reader.text(name, text.to_string(), Location::Path);
    }
    for (name, text) in form_urlencoded::parse(given.query.as_bytes()) {
        reader.text(&name, text.into_owned(), Location::Query);
    }
    reader.headers(operation, given.headers);
    reader.body(operation, given.body)?;
    if reader.misplaced.is_empty() {
        return Ok(reader.arguments);
    }
    let findings: Vec<_> = reader
        .misplaced
        .iter()
        .filter_map(|finding| serde_json::to_value(finding).ok())
        .collect();
    let detail = format!(
        "the request does not fit {}, nothing was sent",
        operation.id
    );
    Err(Problem::new(problem::INVALID_ARGUMENTS, detail)
        .fix("see the findings; /docs and /openapi.json say where each argument goes")
        .with("outcome", "refused")
        .with("findings", findings))
}

/// The body's members where the body is an object.
fn fields(operation: &Operation) -> &'static [Argument] {
    match operation.body {
        Body::Object { fields, .. } => fields,
        _ => &[],
    }
}

struct Reader {
    declared: Vec<&'static Argument>,
    arguments: Map<String, Value>,
    misplaced: Vec<Misplaced>,
}

impl Reader {
    fn row(&self, name: &str) -> Option<&'static Argument> {
        self.declared.iter().find(|row| row.name == name).copied()
    }

    /// Takes text that stands for a value. What is given twice becomes a list, which dispatch refuses where none belongs.
    fn text(&mut self, name: &str, text: String, location: Location) {
        let row = self.row(name);
        if let Some(row) = row
            && row.location != location
        {
            return self.misplace(row, location);
        }
        let kind = row.map_or(Kind::Text, |row| row.kind);
        let (value, is_list) = match kind {
            Kind::Many(kind) => (value(kind, text), true),
            kind => (value(&kind, text), false),
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

    fn headers(&mut self, operation: &Operation, headers: &HeaderMap) {
        let rows = operation.params.iter();
        for row in rows.filter(|row| row.location == Location::Header) {
            for header in headers.get_all(row.name) {
                let text = String::from_utf8_lossy(header.as_bytes()).into_owned();
                self.text(row.name, text, Location::Header);
            }
        }
    }

    fn body(&mut self, operation: &Operation, body: &[u8]) -> Result<(), Problem> {
        let argument = match operation.body {
            Body::None if body.is_empty() => return Ok(()),
            Body::None => {
                let fix = "leave the body out, and put arguments into the query";
                self.misplaced
                    .push(Misplaced::new("", "there is a body".to_owned(), fix));
                return Ok(());
            }
            Body::Object { .. } => None,
            Body::Array { argument, .. } | Body::Value { argument } => Some(argument),
        };
        let value: Value = serde_json::from_slice(body).map_err(|error| {
            Problem::new(problem::MALFORMED, format!("the body is no JSON: {error}"))
                .fix("send the arguments as JSON")
                .with("outcome", "refused")
        })?;
        match (argument, value) {
            (Some(argument), value) => {
                self.arguments.insert(argument.name.to_owned(), value);
            }
            (None, Value::Object(members)) => {
                members
                    .into_iter()
                    .for_each(|(name, value)| self.member(name, value));
            }
            (None, _) => {
                let problem = "the body is no object".to_owned();
                let fix = "put the arguments into one JSON object";
                self.misplaced.push(Misplaced::new("", problem, fix));
            }
        }
        Ok(())
    }

    fn member(&mut self, name: String, value: Value) {
        match self.row(&name) {
            Some(row) if row.location != Location::Body => self.misplace(row, Location::Body),
            _ => {
                self.arguments.insert(name, value);
            }
        }
    }

    fn misplace(&mut self, row: &Argument, found: Location) {
        let problem = format!("`{}` stands in the {}", row.name, place(found));
        let fix = format!("put it into the {}", place(row.location));
        self.misplaced.push(Misplaced::new(row.name, problem, fix));
    }
}

fn place(location: Location) -> &'static str {
    match location {
        Location::Query => "query",
        Location::Header => "headers",
        Location::Path => "path",
        Location::Body => "body",
    }
}

/// The value that a text stands for. One that it cannot stand for stays text, which dispatch refuses by name.
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
    use axum::http::HeaderValue;
    use bpx_venue::operations::{EXECUTE_ORDER, EXECUTE_ORDER_BATCH, GET_FILLS, GET_ORDER};
    use serde_json::json;

    use super::*;

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
        let given = Given {
            path: Vec::new(),
            query,
            headers: &headers,
            body: body.as_bytes(),
        };
        arguments(operation, &given)
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
