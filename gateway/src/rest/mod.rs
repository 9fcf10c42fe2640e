//! The REST face.

use axum::Router;

use crate::guard::Guard;

/// The routes of the REST port.
pub(crate) fn router(guard: &Guard) -> Router {
    guard.protect(guard.open(Router::new()))
}
