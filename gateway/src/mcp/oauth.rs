//! What a client finds where it looks for an authorization server, after a 401: that there is none, and what to do.

use axum::Router;
use axum::routing::any;

use crate::guard::TOKEN_FIX;
use crate::problem::{self, Problem};

/// Where clients look: the metadata of RFC 9728, RFC 8414 and OpenID Connect, with and without the endpoint's path, and
/// the default endpoints of MCP from before these.
const PATHS: [&str; 10] = [
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/mcp",
    "/.well-known/openid-configuration",
    "/.well-known/openid-configuration/mcp",
    "/mcp/.well-known/openid-configuration",
    "/authorize",
    "/register",
    "/token",
];

/// The routes; they need no token, since who asks has none.
pub(super) fn routes() -> Router {
    let routes = PATHS.iter();
    routes.fold(Router::new(), |router, path| {
        router.route(path, any(no_oauth))
    })
}

/// A problem that is an error of OAuth as well, whose description clients show.
async fn no_oauth() -> Problem {
    let detail = "there is no OAuth here: the token is a fixed one";
    Problem::new(problem::NOT_FOUND, detail)
        .fix(TOKEN_FIX)
        .with("error", "invalid_request")
        .with("error_description", format!("{detail}; {TOKEN_FIX}"))
}
