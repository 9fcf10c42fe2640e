//! The page for people: four files, served from the binary.

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;

use crate::control::Control;

/// Path, content type, content.
const FILES: [(&str, &str, &str); 4] = [
    (
        "/",
        "text/html; charset=utf-8",
        include_str!("page/index.html"),
    ),
    (
        "/page.css",
        "text/css; charset=utf-8",
        include_str!("page/page.css"),
    ),
    (
        "/page.js",
        "text/javascript; charset=utf-8",
        include_str!("page/page.js"),
    ),
    ("/icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
];

pub(crate) fn router() -> Router<Arc<Control>> {
    FILES
        .into_iter()
        .fold(Router::new(), |router, (path, kind, content)| {
            let serve = async move || ([(CONTENT_TYPE, kind)], content);
            router.route(path, get(serve))
        })
}
