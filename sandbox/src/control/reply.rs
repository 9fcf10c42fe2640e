//! Responses of the control port: errors with problem and fix, and bodies read as JSON.

use axum::Json;
use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::errors::SandboxError;

/// Why a request to the control port was refused, and what to send instead.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    #[serde(skip)]
    status: StatusCode,
    problem: String,
    fix: String,
}

impl Failure {
    pub(crate) fn new(
        status: StatusCode,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            status,
            problem: problem.into(),
            fix: fix.into(),
        }
    }

    pub(crate) fn bad(problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, problem, fix)
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        Self::bad(error.problem(), error.fix())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

/// A body read as JSON, whatever its content type says.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let bytes = Bytes::from_request(request, state).await.map_err(|error| {
            let fix = "send at most 64 KiB";
            Failure::new(error.status(), error.body_text(), fix)
        })?;
        let read = serde_json::from_slice(&bytes);
        read.map(Self).map_err(|error| {
            let fix = "send the JSON that the table of the control port in docs/sandbox.md shows";
            Failure::bad(format!("the body cannot be read: {error}"), fix)
        })
    }
}

pub(crate) async fn not_found() -> Failure {
    let fix = "see the table of the control port in docs/sandbox.md, or open the page at /";
    Failure::new(StatusCode::NOT_FOUND, "there is no such route", fix)
}

pub(crate) async fn method_not_allowed() -> Failure {
    let fix = "see the table of the control port in docs/sandbox.md";
    let problem = "this route does not take that method";
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, problem, fix)
}
