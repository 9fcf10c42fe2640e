//! The layer around the routes that decide about calls: they take `approve.token`, and neither of the callers' tokens.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};

use super::{Guard, bearer, body, busy};
use crate::error::GatewayError;
use crate::problem::{self, Problem};
use crate::rate::too_many;

const FIX: &str = "send `Authorization: Bearer TOKEN` with the content of approve.token from the gateway's state folder";

impl Guard {
    /// Puts the inner layer around routes that need `approve.token`.
    pub(crate) fn authorize_approver(&self, routes: Router) -> Router {
        routes.layer(from_fn_with_state(Arc::new(self.clone()), approver))
    }

    /// A token of a caller is refused even if it is the content of approve.token too: whoever asks must not decide.
    fn require_approver(&self, request: &mut Request) -> Result<(), Problem> {
        self.accounts.anonymous.take().map_err(too_many)?;
        let token = bearer(request.headers()).unwrap_or_default();
        if let Some((_, scope)) = self.accounts.of_token(token) {
            let detail = format!("the {} token asks, and may not decide", scope.word());
            return Err(Problem::new(problem::APPROVE_TOKEN, detail).fix(FIX));
        }
        let account = match self.accounts.of_approver(token) {
            Ok(Some(account)) => account,
            Ok(None) => {
                let detail = "the token is missing, or is not the one that approves";
                return Err(unauthorized(detail.to_owned(), FIX));
            }
            Err(error) => {
                tracing::warn!(%error, "nobody can approve");
                // A stranger does not learn where the file is.
                let (problem, fix) = match error {
                    GatewayError::Token { problem, fix, .. } => (problem, fix),
                    _ => ("it cannot be read", "see the gateway's log"),
                };
                return Err(unauthorized(
                    format!("approve.token is of no use: {problem}"),
                    fix,
                ));
            }
        };
        Self::has_token(request, account);
        request.headers_mut().remove(AUTHORIZATION);
        Ok(())
    }
}

fn unauthorized(detail: String, fix: &str) -> Problem {
    let scheme = HeaderValue::from_static(r#"Bearer realm="bpx approve""#);
    let problem = Problem::new(problem::UNAUTHORIZED, detail).fix(fix);
    problem.with_header(WWW_AUTHENTICATE, scheme)
}

/// Takes a permit, checks the token, and reads the body.
async fn approver(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    let Ok(_permit) = guard.shared().permits.try_acquire() else {
        return busy().into_response();
    };
    if let Err(problem) = guard.require_approver(&mut request) {
        return problem.into_response();
    }
    match body::bounded(request, &guard.shared().limits).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}
