//! The door: no request reaches an operation without passing here, and what passes was signed.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Query, Request};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use chrono::{DateTime, Utc};

use crate::account::AccountId;
use crate::auth::{Credentials, header, integer};
use crate::canonical::{FlatObject, Signable};
use crate::exchange::Exchange;
use crate::fault::Influence;
use crate::http::operation::Operation;
use crate::refusal::Refusal;
use crate::wire::payload;

const BODY_BYTES_MAX: usize = 64 * 1024;
/// How far a body that is too large is read, so that its sender gets to the answer.
const BODY_BYTES_READ: usize = 4 * 1024 * 1024;

/// A request whose signature covers everything in here.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// Who signed it.
    pub(crate) account: AccountId,
    /// Decoded query pairs in wire order; empty for operations with a body.
    pub(crate) pairs: Vec<(String, String)>,
    /// The received body; empty for operations without.
    pub(crate) body: Bytes,
    pub(crate) instruction_count: usize,
    /// The exchange's time when the request came.
    pub(crate) now: DateTime<Utc>,
    pub(crate) influence: Influence,
}

pub(crate) async fn admit(
    operation: Operation,
    exchange: &Exchange,
    request: Request,
) -> Result<Admitted, Refusal> {
    let (parts, body) = request.into_parts();
    let body = read_body(body).await?;
    check_content_type(operation, &parts)?;
    let influence = Influence::of(&parts.extensions);
    let now = influence.now();
    let credentials = Credentials::read(&parts.headers, operation.takes_login())?;
    let account = credentials.check(&exchange.accounts, &exchange.venue, now.timestamp_millis())?;
    check_broker(operation, &parts)?;
    let pairs = query_pairs(&parts.uri)?;
    let (_, _, instruction) = operation.row();
    let (signing_string, instruction_count) = {
        let repeats = exchange.venue.repeated_query;
        let signable = signable(operation, repeats, &pairs, &body)?;
        let text = signable.signing_string(instruction, credentials.timestamp, credentials.window);
        (text, signable.instruction_count())
    };
    let verified =
        credentials.verify(&account.verifying_key(), &exchange.venue, &signing_string)?;
    exchange.replays.check(verified, now.timestamp_millis())?;
    exchange.pace.check(account.id, now.timestamp_millis())?;
    Ok(Admitted {
        account: account.id,
        pairs,
        body,
        instruction_count,
        now,
        influence,
    })
}

/// A body of the size the exchange takes.
pub(crate) async fn read_body(body: Body) -> Result<Bytes, Refusal> {
    let too_large = || {
        Refusal::Text(
            StatusCode::PAYLOAD_TOO_LARGE,
            "payload too large".to_owned(),
        )
    };
    let body = to_bytes(body, BODY_BYTES_READ)
        .await
        .map_err(|_| too_large())?;
    if body.len() > BODY_BYTES_MAX {
        Err(too_large())
    } else {
        Ok(body)
    }
}

fn check_broker(operation: Operation, parts: &Parts) -> Result<(), Refusal> {
    if !matches!(
        operation,
        Operation::ExecuteOrder | Operation::ExecuteOrderBatch
    ) {
        return Ok(());
    }
    header(&parts.headers, "X-BROKER-ID")?
        .map_or(Ok(()), |text| integer::<u16>("X-BROKER-ID", text).map(drop))
}

pub(crate) fn query_pairs(uri: &Uri) -> Result<Vec<(String, String)>, Refusal> {
    let decoded = Query::<Vec<(String, String)>>::try_from_uri(uri);
    decoded
        .map(|Query(pairs)| pairs)
        .map_err(|error| Refusal::parameter("query", error.body_text()))
}

/// A body is JSON, whatever the character set is said to be. A client that names no type is believed to
/// send it.
fn check_content_type(operation: Operation, parts: &Parts) -> Result<(), Refusal> {
    if operation.payload().is_none() {
        return Ok(());
    }
    let named = header(&parts.headers, "Content-Type")?;
    let essence = |named: &str| {
        named
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    if named.is_none_or(|named| essence(named).eq_ignore_ascii_case("application/json")) {
        return Ok(());
    }
    Err(Refusal::Text(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported content type: expected `application/json`".to_owned(),
    ))
}

/// A query beside a body, or a body beside a query, would go unsigned: both are refused, save a query
/// that repeats the body of a DELETE where that is let through.
fn signable<'a>(
    operation: Operation,
    repeated_query: bool,
    pairs: &'a [(String, String)],
    body: &'a [u8],
) -> Result<Signable<'a>, Refusal> {
    match (operation, operation.payload()) {
        (_, None) if !body.is_empty() => Err(Refusal::client("This operation takes no body")),
        (_, None) => Ok(Signable::Query(pairs)),
        (Operation::ExecuteOrderBatch, Some(name)) if pairs.is_empty() => batch(name, body),
        (_, Some(name)) => {
            let object: FlatObject<'_> = payload::read(name, body)?;
            let may_repeat = repeated_query && operation.row().0 == Method::DELETE;
            if pairs.is_empty() || (may_repeat && object.holds(pairs)) {
                Ok(Signable::Object(object))
            } else {
                Err(Refusal::client("This operation takes no query parameters"))
            }
        }
    }
}

fn batch<'a>(name: &str, body: &'a [u8]) -> Result<Signable<'a>, Refusal> {
    let orders: Vec<_> = payload::read(name, body)?;
    if orders.is_empty() {
        return Err(Refusal::client("Batch must hold at least one order"));
    }
    Ok(Signable::Batch(orders))
}
