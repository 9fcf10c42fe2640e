//! Operations without a model: the signature is verified, the answer is an example.

use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::auth::Credentials;
use crate::canonical::{FlatObject, Signable};
use crate::config::DescribedOperation;
use crate::exchange::Exchange;
use crate::fault::Influence;
use crate::http::admit::{query_pairs, read_body};
use crate::http::reply::refuse;
use crate::refusal::Refusal;
use crate::verified::Verified;
use crate::wire::payload;

const PAYLOAD: &str = "Payload";

/// The described operation that a request is meant for.
pub(super) fn find<'a>(
    exchange: &'a Exchange,
    request: &Request,
) -> Option<&'a DescribedOperation> {
    let (method, path) = (request.method().as_str(), request.uri().path());
    let mut all = exchange.described.iter();
    all.find(|operation| operation.matches(method, path))
}

pub(super) async fn serve(
    operation: &DescribedOperation,
    exchange: &Exchange,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    let instructions = match admit(operation, exchange, request).await {
        Ok(instructions) => instructions,
        Err(refusal) => return refuse(refusal),
    };
    if !instructions.is_empty() {
        let arrival = exchange.log.arrive();
        let verified = Verified {
            method: operation.method.clone(),
            path,
            instructions,
            status: operation.status,
        };
        exchange.log.record(arrival, verified);
    }
    let status = StatusCode::from_u16(operation.status).unwrap_or(StatusCode::OK);
    let mut response = (status, operation.body.clone()).into_response();
    response.headers_mut().remove(CONTENT_TYPE);
    if let (false, Ok(media)) = (
        operation.body.is_empty(),
        HeaderValue::from_str(&operation.media),
    ) {
        response.headers_mut().insert(CONTENT_TYPE, media);
    }
    response
}

/// The instructions that were signed; none for a public operation.
async fn admit(
    operation: &DescribedOperation,
    exchange: &Exchange,
    request: Request,
) -> Result<Vec<String>, Refusal> {
    let (parts, body) = request.into_parts();
    let body = read_body(body).await?;
    let Some(instruction) = &operation.instruction else {
        return Ok(Vec::new());
    };
    let now_ms = Influence::of(&parts.extensions).now().timestamp_millis();
    let credentials = Credentials::read(&parts.headers, false)?;
    let account = credentials.check(&exchange.accounts, &exchange.venue, now_ms)?;
    let pairs = query_pairs(&parts.uri)?;
    let signable = match body.first() {
        None => Signable::Query(&pairs),
        Some(_) if !pairs.is_empty() => {
            return Err(Refusal::client("This operation takes no query parameters"));
        }
        Some(b'[') => Signable::Batch(payload::read(PAYLOAD, &body)?),
        Some(_) => Signable::Object(payload::read::<FlatObject<'_>>(PAYLOAD, &body)?),
    };
    let (timestamp, window) = (credentials.timestamp, credentials.window);
    let text = signable.signing_string(instruction, timestamp, window);
    let verified = credentials.verify(&account.verifying_key(), &exchange.venue, &text)?;
    exchange.replays.check(verified, now_ms)?;
    exchange.pace.check(account.id, now_ms)?;
    Ok(vec![instruction.clone(); signable.instruction_count()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_in_braces_matches_any_and_no_more_than_one() {
        let operation = DescribedOperation {
            method: "GET".to_owned(),
            path: "/vaults/{id}/shares".to_owned(),
            instruction: None,
            status: 200,
            body: String::new(),
            media: String::new(),
        };
        assert!(operation.matches("GET", "/vaults/7/shares"));
        for (method, path) in [
            ("POST", "/vaults/7/shares"),
            ("GET", "/vaults/7"),
            ("GET", "/vaults/7/8/shares"),
            ("GET", "/vaults/7/other"),
        ] {
            assert!(!operation.matches(method, path), "{method} {path}");
        }
    }
}
