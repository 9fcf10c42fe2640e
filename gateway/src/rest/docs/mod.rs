//! `/docs`: a page about the routes, on which they can be tried. Everything on it comes from this binary.

use axum::Router;
use axum::http::header::{HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

const FILES: &[(&str, &str, &str)] = &[
    (
        "/docs",
        "text/html; charset=utf-8",
        include_str!("page.html"),
    ),
    (
        "/docs/page.js",
        "text/javascript; charset=utf-8",
        include_str!("page.js"),
    ),
    (
        "/docs/page.css",
        "text/css; charset=utf-8",
        include_str!("page.css"),
    ),
];

/// The page may load and call what is its own, and nothing else.
const HEADERS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

pub(super) fn router() -> Router {
    FILES
        .iter()
        .fold(Router::new(), |router, (path, kind, text)| {
            router.route(path, get(move || async move { file(kind, text) }))
        })
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let mut response = text.into_response();
    let headers = HEADERS.iter().copied();
    for (name, value) in headers.chain([("content-type", kind)]) {
        response.headers_mut().insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    response
}
