//! One request to a service: built as its contract says, sent once, answered whatever its status.

use bpx_arazzo::In;
use bpx_contract::is_json;
use bpx_contract::model::{Content, Location, Param, Shape, StringFormat};
use bpx_dispatch::Problem;
use bpx_runtime::decode::Answer;
use bpx_runtime::http::header::CONTENT_TYPE;
use bpx_runtime::http::{HeaderMap, Method};
use bpx_runtime::reqwest::Request;
use bpx_runtime::{Connection, Error, File, RequestBuilder, Style, plain_text};
use serde::Serialize;
use serde_json::Value;

use crate::credentials::Credentials;
use crate::prepared::Prepared;
use crate::record::{Certainty, RequestOutcome};
use crate::route::Route;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";
const ANY_BYTES: &str = "application/octet-stream";

/// A request to a service as it would be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ServiceRequest {
    /// The method.
    pub method: String,
    /// The URL with its query.
    pub url: String,
    /// Names and values of the headers that the step, its body and its credentials bring; secrets are masked.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
}

impl ServiceRequest {
    pub(crate) fn of(request: &Request) -> Self {
        let body = request.body().and_then(|it| it.as_bytes());
        Self {
            method: request.method().to_string(),
            url: request.url().to_string(),
            headers: texts(request.headers()),
            body: body.map(|it| String::from_utf8_lossy(it).into_owned()),
        }
    }
}

/// A request, and what is to be said about it.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) request: Request,
    pub(crate) note: Option<String>,
}

/// The request of a step.
pub(crate) fn build(
    route: &Route<'_>,
    connection: &Connection,
    prepared: &Prepared,
    credentials: &Credentials,
) -> Result<Built, Problem> {
    required(route, prepared)?;
    let operation = route.operation;
    let method = Method::from_bytes(operation.method.as_str().as_bytes());
    let mut request = connection.request(method.unwrap_or(Method::GET), &operation.path);
    for (location, name, value) in &prepared.parameters {
        request = with_parameter(request, (*location, name, value), route);
    }
    let given = |location: In, name: &str| prepared.gives(location, name);
    let is_json = matches!(operation.success.content, Content::Json(_));
    if !is_json && !given(In::Header, "accept") {
        request = request.accept("*/*");
    }
    let chosen = credentials.chosen(&route.source, (route.model, operation), &given);
    request = chosen.apply(request);
    if let Some(body) = &prepared.body {
        request = with_body(request, body, prepared.content_type.as_deref(), route)?;
    }
    let mut request = request.build().map_err(|error| Problem {
        problem: error.to_string(),
        fix: "correct the step, or the inputs that it uses".to_owned(),
    })?;
    with_query_string(&mut request, prepared);
    let note = chosen.missing.map(|schemes| {
        format!(
            "`{}` asks for {schemes}, and no credential is given (--auth SCHEME=VALUE)",
            route.id
        )
    });
    Ok(Built { request, note })
}

/// What the contract requires and nothing was found for.
fn required(route: &Route<'_>, prepared: &Prepared) -> Result<(), Problem> {
    let missing = |what: String| Problem {
        problem: format!(
            "`{}` requires {what}, and nothing was found for it",
            route.id
        ),
        fix: "give the input, or guard the step with a criterion".to_owned(),
    };
    for param in route.operation.params.iter().filter(|it| it.required) {
        let Some(location) = in_request(param.location) else {
            continue;
        };
        if !prepared.gives(location, &param.name) {
            let what = format!("the {} parameter `{}`", param.location.as_str(), param.name);
            return Err(missing(what));
        }
    }
    let wants_body = route.operation.body.as_ref().is_some_and(|it| it.required);
    match wants_body && prepared.body.is_none() {
        true => Err(missing("a body".to_owned())),
        false => Ok(()),
    }
}

/// Where a parameter travels; none for a part of a body.
fn in_request(location: Location) -> Option<In> {
    match location {
        Location::Path => Some(In::Path),
        Location::Query => Some(In::Query),
        Location::Header => Some(In::Header),
        Location::Cookie => Some(In::Cookie),
        Location::Part => None,
    }
}

fn with_parameter(
    request: RequestBuilder,
    (location, name, value): (In, &str, &Value),
    route: &Route<'_>,
) -> RequestBuilder {
    let mut params = route.operation.params.iter();
    let declared = params.find(|it| in_request(it.location) == Some(location) && it.name == name);
    let style = |default: Style| {
        let named = declared.and_then(|it| Style::named(it.style.name()));
        named.unwrap_or(default)
    };
    match location {
        In::Path => request.path_as(name, value, style(Style::Simple)),
        In::Query => request.query_as(name, value, style(Style::FormExploded)),
        In::Header => request.header_as(name, value, style(Style::Simple)),
        In::Cookie => request.cookie_as(name, value, style(Style::FormExploded)),
        In::Querystring => request,
    }
}

/// The whole query (1.1, `in: querystring`): a text as it is, an object as a form.
fn with_query_string(request: &mut Request, prepared: &Prepared) {
    let all = prepared.parameters.iter();
    for (_, _, value) in all.filter(|(location, ..)| *location == In::Querystring) {
        let url = request.url_mut();
        match value {
            Value::Object(members) => {
                let pairs = members.iter().map(|(name, it)| (name, plain_text(it)));
                url.query_pairs_mut().extend_pairs(pairs);
            }
            other => {
                let text = plain_text(other);
                let own = url.query().map(|own| format!("{own}&"));
                let text = format!(
                    "{}{}",
                    own.unwrap_or_default(),
                    text.trim_start_matches('?')
                );
                url.set_query(Some(&text));
            }
        }
    }
}

fn with_body(
    request: RequestBuilder,
    body: &Value,
    given: Option<&str>,
    route: &Route<'_>,
) -> Result<RequestBuilder, Problem> {
    let parts = route.operation.params.iter();
    let parts: Vec<_> = parts.filter(|it| it.location == Location::Part).collect();
    let documented = route.operation.body.as_ref().map(|it| it.media.as_str());
    let documented = documented.or((!parts.is_empty()).then_some(MULTIPART));
    // Bytes of any kind are no type of their own.
    let documented = documented.filter(|it| *it != ANY_BYTES || body.is_string());
    let default = if body.is_string() { "text/plain" } else { JSON };
    let media = given.or(documented).unwrap_or(default);
    let essence = media
        .split(';')
        .next()
        .unwrap_or(media)
        .trim()
        .to_ascii_lowercase();
    Ok(match (essence.as_str(), body) {
        (MULTIPART, Value::Object(members)) => {
            let members = members.iter();
            members.fold(request, |request, (name, value)| {
                with_part(request, name, value, &parts)
            })
        }
        (FORM, Value::Object(_)) => request.form(body),
        // What is written in JSON text already was read as JSON.
        _ if is_json(media) => request.json_as(body, media),
        (text, Value::Object(_) | Value::Array(_)) if text.starts_with("text/") => {
            request.bytes(body.to_string(), media)
        }
        (_, Value::Object(_) | Value::Array(_)) => {
            return Err(Problem {
                problem: format!("a body of `{media}` cannot be made of an object or a list"),
                fix: "write the payload as a text".to_owned(),
            });
        }
        (_, scalar) => request.bytes(plain_text(scalar), media),
    })
}

/// A part: a file where the contract says that its content is binary.
fn with_part(
    request: RequestBuilder,
    name: &str,
    value: &Value,
    parts: &[&Param],
) -> RequestBuilder {
    let declared = parts.iter().find(|it| it.name == name);
    let is_file =
        declared.is_some_and(|it| *it.shape.bottom() == Shape::String(StringFormat::Binary));
    match value.as_str() {
        Some(text) if is_file => {
            request.files(name, &File::from(text.as_bytes().to_vec()).named(name))
        }
        _ => request.part(name, value),
    }
}

/// Sends a request once. A redirect is a response like another.
pub(crate) async fn send(
    connection: &Connection,
    id: &str,
    request: Request,
    open: RequestOutcome,
) -> RequestOutcome {
    match connection.pass_on(request, id.to_owned()).await {
        Ok(Answer {
            status,
            headers,
            body,
        }) => RequestOutcome {
            certainty: certainty(status.as_u16()),
            status: Some(status.as_u16()),
            response: body_of(&headers, &body),
            headers: texts(&headers),
            ..open
        },
        Err(error) => failed(open, &error),
    }
}

fn failed(open: RequestOutcome, error: &Error) -> RequestOutcome {
    let status = error.status().map(|it| it.as_u16());
    RequestOutcome {
        certainty: match (error.was_sent(), status) {
            (false, _) => Certainty::Rejected,
            (true, Some(status)) => certainty(status),
            (true, None) => Certainty::Open,
        },
        status,
        remark: Some(error.to_string()),
        ..open
    }
}

/// What a status says about a request that changes something (RFC 9110, 15).
fn certainty(status: u16) -> Certainty {
    match status {
        100..400 => Certainty::Done,
        408 => Certainty::Open,
        400..=499 | 501 => Certainty::Rejected,
        _ => Certainty::Open,
    }
}

/// JSON as such; anything else is a text. A text is JSON where it is a list or an object, since many services do not say so.
fn body_of(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    if body.is_empty() {
        return None;
    }
    let media = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let text = || String::from_utf8_lossy(body).into_owned().into();
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let json = json.filter(|it| media.is_none_or(is_json) || it.is_object() || it.is_array());
    Some(json.unwrap_or_else(text))
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let texts = headers
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    texts.collect()
}
