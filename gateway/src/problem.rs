//! Refusals and failures as `application/problem+json` (RFC 9457).

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

/// A kind of problem. Slug, code and status are stable across versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProblemKind {
    /// The end of `type`, which is `/docs#` with this.
    pub slug: &'static str,
    /// The status it comes with; 0 where it is the exchange's own.
    pub status: u16,
    /// `code`, unless the exchange gave one.
    pub code: &'static str,
    /// `title`.
    pub title: &'static str,
}

macro_rules! kinds {
    ($($name:ident = $slug:literal, $status:literal, $code:literal, $title:literal;)+) => {
        $(pub(crate) const $name: ProblemKind = ProblemKind {
            slug: $slug,
            status: $status,
            code: $code,
            title: $title,
        };)+

        /// Every kind of problem this gateway responds with.
        pub const PROBLEMS: &[ProblemKind] = &[$($name),+];
    };
}

kinds! {
    HOST = "host", 403, "HOST_NOT_ALLOWED", "The Host header names no address of this gateway";
    ORIGIN = "origin", 403, "ORIGIN_NOT_ALLOWED", "Web pages of this origin may not call";
    UNAUTHORIZED = "unauthorized", 401, "UNAUTHORIZED", "A token of this gateway is needed";
    SCOPE = "scope", 403, "SCOPE", "The token allows reading only";
    APPROVE_TOKEN = "approve-token", 403, "APPROVE_TOKEN", "The token of a caller may not approve calls";
    NOT_WAITING = "not-waiting", 404, "NOT_WAITING", "No call of this id can be decided about";
    DECIDED = "decided", 409, "DECIDED", "The call has been decided about already";
    NOT_FOUND = "not-found", 404, "NO_SUCH_ROUTE", "There is no such route";
    METHOD = "method", 405, "METHOD_NOT_ALLOWED", "The route has no such method";
    BODY_TIMEOUT = "body-timeout", 408, "BODY_TIMEOUT", "The body took too long";
    BODY_SIZE = "body-size", 413, "BODY_TOO_LARGE", "The body is too large";
    CONTENT_TYPE_KIND = "content-type", 415, "CONTENT_TYPE", "The body is not application/json";
    MALFORMED = "malformed", 400, "MALFORMED", "The request cannot be read";
    RATE = "rate", 429, "RATE_LIMITED", "Too many requests for this token";
    BUSY = "busy", 503, "BUSY", "Too many requests are in flight";
    INVALID_ARGUMENTS = "invalid-arguments", 400, "INVALID_ARGUMENTS", "The arguments do not fit the operation";
    POLICY = "policy", 403, "POLICY", "The policy does not allow the call";
    TRADING_DISABLED = "trading-disabled", 403, "TRADING_DISABLED", "Trading is off";
    APPROVAL = "approval", 403, "APPROVAL_NEEDED", "A person has to approve the call";
    DECLINED = "declined", 403, "APPROVAL_DECLINED", "A person declined the call";
    KILL_SWITCH = "kill-switch", 403, "KILL_SWITCH", "The kill switch is on";
    KEY_INVALID = "idempotency-key-invalid", 400, "IDEMPOTENCY_KEY_INVALID", "The idempotency key is not valid";
    KEY_REUSED = "idempotency-key-reused", 422, "IDEMPOTENCY_KEY_REUSED", "The idempotency key belongs to another call";
    IN_FLIGHT = "in-flight", 409, "IN_FLIGHT", "The call with this idempotency key is in flight";
    ENDED = "order-ended", 409, "ORDER_ENDED", "The same call was made before, and its order has ended";
    CLIENT_ID = "client-id-in-use", 409, "CLIENT_ID_IN_USE", "The clientId belongs to an order that may be open";
    JOURNAL = "journal", 503, "JOURNAL", "The journal failed, so nothing was sent";
    CLOSED = "closed", 503, "CLOSED", "The gateway is shutting down";
    EXCHANGE = "exchange", 0, "EXCHANGE", "The exchange refused the call";
    NOT_CARRIED_OUT = "not-carried-out", 502, "NOT_CARRIED_OUT", "The call was not carried out, for certain";
    TOO_LATE = "too-late", 409, "ORDER_CLOSED", "The order was no longer open";
    UNREADABLE = "unreadable", 502, "EXCHANGE_UNREADABLE", "The exchange gave no usable response to a read";
    UNKNOWN = "unknown", 504, "OUTCOME_UNKNOWN", "It is not known whether the call was carried out";
    INTERNAL = "internal", 500, "INTERNAL", "The gateway failed";
}

/// A problem to respond with.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    code: &'static str,
    status: StatusCode,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem of this kind; `detail` says what is wrong in this case.
    pub(crate) fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        let mut members = Map::new();
        members.insert("type".to_owned(), format!("/docs#{}", kind.slug).into());
        members.insert("title".to_owned(), kind.title.into());
        members.insert("status".to_owned(), kind.status.into());
        members.insert("detail".to_owned(), detail.into().into());
        members.insert("code".to_owned(), kind.code.into());
        Self {
            code: kind.code,
            status: status(kind.status),
            members,
            headers: Vec::new(),
        }
    }

    /// Adds a member; replaces one of the same name.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Gives it another status than its kind's own.
    #[must_use]
    pub(crate) fn with_status(mut self, code: u16) -> Self {
        self.status = status(code);
        let code = self.status.as_u16();
        self.with("status", code)
    }

    #[must_use]
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Its members, for a response in another format.
    pub(crate) fn into_members(self) -> Map<String, Value> {
        self.members
    }

    #[cfg(test)]
    pub(crate) fn member(&self, name: &str) -> &Value {
        &self.members[name]
    }

    /// What to do about it.
    #[must_use]
    pub(crate) fn fix(self, fix: impl Into<String>) -> Self {
        self.with("fix", fix.into())
    }
}

/// An invalid status becomes 502: it came from the exchange.
fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY)
}

/// The code of a problem, as an extension of its response, for metrics.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProblemCode(pub(crate) &'static str);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Value::Object(self.members).to_string();
        let mut response = (self.status, body).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, kind);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.headers);
        response.extensions_mut().insert(ProblemCode(self.code));
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn slugs_and_codes_are_unique() {
        let slugs: BTreeSet<_> = PROBLEMS.iter().map(|kind| kind.slug).collect();
        let codes: BTreeSet<_> = PROBLEMS.iter().map(|kind| kind.code).collect();
        assert_eq!(slugs.len(), PROBLEMS.len());
        assert_eq!(codes.len(), PROBLEMS.len());
    }
}
