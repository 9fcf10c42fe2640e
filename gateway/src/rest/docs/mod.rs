//! `/docs`: a page that describes the routes and can call them. It loads nothing from other hosts.

use axum::Router;

use super::page::{self, File};

const FILES: &[File] = &[
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

/// The paths of the page and its files.
pub(super) fn paths() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(path, ..)| *path)
}

pub(super) fn router() -> Router {
    page::router(FILES)
}
