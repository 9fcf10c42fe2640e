//! Request bodies: JSON or none, limited in size and time, read completely before a handler runs.

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::timeout;

use crate::problem::{self, Problem};
use crate::settings::Limits;

/// The request with its complete body, which is JSON within the limits, or empty.
pub(super) async fn bounded(request: Request, limits: &Limits) -> Result<Request, Problem> {
    if request.body().is_end_stream() {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    require_json(&parts.headers)?;
    let bytes = read(body, limits).await?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let refused = |detail: String| {
        Problem::new(problem::CONTENT_TYPE_KIND, detail)
            .fix("send JSON in UTF-8, uncompressed, with `Content-Type: application/json`")
    };
    let text = |value: Option<&axum::http::HeaderValue>| {
        value.map(|value| value.to_str().unwrap_or("not text").to_owned())
    };
    let kind = text(headers.get(CONTENT_TYPE))
        .ok_or_else(|| refused("the body has no Content-Type".to_owned()))?;
    if !is_json(&kind) {
        let shown: String = kind.chars().take(80).collect();
        return Err(refused(format!("the Content-Type is {shown:?}")));
    }
    match headers.get(CONTENT_ENCODING) {
        Some(coding) if !coding.as_bytes().eq_ignore_ascii_case(b"identity") => {
            Err(refused("the body is compressed".to_owned()))
        }
        _ => Ok(()),
    }
}

/// `application/json`, in UTF-8 if it says so.
fn is_json(kind: &str) -> bool {
    let mut parts = kind.split(';').map(str::trim);
    let is_type = parts
        .next()
        .is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    let is_utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    is_type && parts.all(is_utf8)
}

async fn read(body: Body, limits: &Limits) -> Result<Bytes, Problem> {
    let too_large = || {
        let max = limits.body_bytes_max;
        Problem::new(
            problem::BODY_SIZE,
            format!("the body is larger than {max} bytes"),
        )
        .fix("send less at once, such as a batch in parts")
    };
    let max = limits.body_bytes_max;
    if body.size_hint().lower() > u64::try_from(max).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    match timeout(limits.body_timeout, Limited::new(body, max).collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Problem::new(problem::MALFORMED, "the body ended early")
            .fix("send as many bytes as Content-Length says")),
        Err(_) => {
            let detail = format!("the body took longer than {:?}", limits.body_timeout);
            Err(Problem::new(problem::BODY_TIMEOUT, detail).fix("send the body without a pause"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_json;

    #[test]
    fn json_is_json_with_or_without_a_charset_of_utf_8() {
        for kind in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(is_json(kind), "{kind}");
        }
        for kind in [
            "text/plain",
            "application/json; charset=utf-16",
            "application/jsonp",
            "application/problem+json",
            "",
        ] {
            assert!(!is_json(kind), "{kind}");
        }
    }
}
