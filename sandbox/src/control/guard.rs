//! Who may use the control port: programs on this machine, and its own page.
//!
//! A page of another origin can make a browser send requests here, and a name can be made to point here.
//! The first shows in `Origin`, the second in `Host`.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::control::Control;
use crate::control::reply::Failure;

/// What the page may load and who may frame it: its own files, nobody.
const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
];

pub(crate) async fn check(
    State(control): State<Arc<Control>>,
    request: Request,
    next: Next,
) -> Response {
    match judge(request.headers(), control.address.ip()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

/// Sets the headers that keep a browser from doing more with an answer than the page needs.
pub(crate) async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

fn judge(headers: &HeaderMap, bound: IpAddr) -> Result<(), Failure> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(HOST).unwrap_or_default();
    if !is_here(host, bound) {
        return Err(refusal(
            "this is not addressed to the sandbox by number or as localhost",
        ));
    }
    let own = format!("http://{host}");
    match text(ORIGIN) {
        Some(origin) if origin != own => Err(refusal(
            "a page of another origin may not use the control port",
        )),
        _ => Ok(()),
    }
}

fn refusal(problem: &'static str) -> Failure {
    let fix = "open the page under the control URL, or send the request without a browser";
    Failure::new(StatusCode::FORBIDDEN, problem, fix)
}

/// Names can be made to point anywhere, so only `localhost` and numbers count; other numbers than
/// loopback only where the port was opened to them.
fn is_here(host: &str, bound: IpAddr) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let number = name.trim_start_matches('[').trim_end_matches(']');
    let number: Option<IpAddr> = number.parse().ok();
    name == "localhost" || number.is_some_and(|ip| ip.is_loopback() || !bound.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: &str = "127.0.0.1";

    fn judged(host: &str, origin: Option<&'static str>, bound: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        judge(&headers, bound.parse().unwrap()).is_ok()
    }

    #[test]
    fn numbers_of_this_machine_and_localhost_are_let_in() {
        for host in [
            "127.0.0.1:80",
            "localhost:8801",
            "localhost",
            "[::1]:80",
            "127.9.9.9",
        ] {
            assert!(judged(host, None, LOOPBACK), "{host}");
        }
    }

    #[test]
    fn names_that_may_point_anywhere_are_not() {
        for host in [
            "example.com",
            "localhost.example.com:80",
            "",
            "10.0.0.1",
            "[::2]:80",
            "::",
        ] {
            assert!(!judged(host, None, LOOPBACK), "{host}");
        }
    }

    #[test]
    fn a_port_opened_to_others_answers_to_its_number_but_to_no_name() {
        assert!(judged("10.0.0.1:8801", None, "0.0.0.0"));
        assert!(!judged("example.com:8801", None, "0.0.0.0"));
    }

    #[test]
    fn only_the_own_page_may_ask_from_a_browser() {
        let host = "127.0.0.1:8801";
        assert!(judged(host, Some("http://127.0.0.1:8801"), LOOPBACK));
        for origin in [
            "http://127.0.0.1:9000",
            "https://127.0.0.1:8801",
            "http://example.com",
            "null",
        ] {
            assert!(!judged(host, Some(origin), LOOPBACK), "{origin}");
        }
    }
}
