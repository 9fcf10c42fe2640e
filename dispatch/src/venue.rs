//! The exchange as this crate asks it: one request, and what came of it, told apart as settling needs it.

use bpx_runtime::decode::{Answer, Undecoded};
use bpx_runtime::http::header::RETRY_AFTER;
use bpx_runtime::table::Operation;
use bpx_runtime::{Bytes, ClockSkew, Connection, Error, HeaderMap, ResponseValue};
use serde_json::{Map, Value};

use crate::outcome::PageHeaders;
use crate::request;

/// A date has 29 characters.
const RETRY_AFTER_CHARS_MAX: usize = 40;

/// What came of one request.
#[derive(Debug)]
pub(crate) enum Reply {
    /// A success status; the body is not looked at yet.
    Success(Success),
    /// The exchange, or something before it, refused.
    Refusal {
        status: u16,
        code: Option<String>,
        message: String,
        retry_after: Option<String>,
    },
    /// Nothing left this computer.
    NotSent { message: String },
    /// Something may have left, and no whole answer came.
    Broken { message: String },
}

/// A success, whole.
#[derive(Debug)]
pub(crate) struct Success {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    headers: HeaderMap,
}

impl Success {
    pub(crate) fn page(&self) -> PageHeaders {
        let number = |name| self.headers.get(name)?.to_str().ok()?.parse().ok();
        PageHeaders {
            page_count: number("x-page-count"),
            current_page: number("x-current-page"),
            page_size: number("x-page-size"),
            total: number("x-total"),
        }
    }
}

/// The exchange.
#[derive(Debug)]
pub(crate) struct Venue {
    pub(crate) connection: Connection,
}

impl Venue {
    /// Sends one request: a write once, a read as often as the connection repeats it.
    pub(crate) async fn send(
        &self,
        operation: &Operation,
        arguments: &Map<String, Value>,
    ) -> Reply {
        let connection = &self.connection;
        let built = request::build(
            connection.http(),
            connection.base_url(),
            operation,
            arguments,
        );
        let request = match built {
            Ok(request) => request,
            Err(error) => {
                return Reply::NotSent {
                    message: error.to_string(),
                };
            }
        };
        let answer = match operation.signed {
            Some(signed) => connection.call_signed(request, signed, whole).await,
            None => connection.call_public(request, operation.id, whole).await,
        };
        reply(answer)
    }
}

/// Leaves the body as it is: what it has to hold depends on what is asked of it.
fn whole(answer: &Answer) -> Result<Answer, Undecoded> {
    Ok(answer.clone())
}

fn reply(answer: Result<ResponseValue<Answer>, Error<Value>>) -> Reply {
    let error = match answer {
        Ok(answer) => {
            let Answer {
                status,
                headers,
                body,
            } = answer.into_inner();
            return Reply::Success(Success {
                status: status.as_u16(),
                body,
                headers,
            });
        }
        Err(error) => error,
    };
    if !error.was_sent() {
        return Reply::NotSent {
            message: error.to_string(),
        };
    }
    match &error {
        Error::Api {
            status,
            body,
            headers,
            clock_skew,
            ..
        } => {
            let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
            let message = text("message").unwrap_or_else(|| format!("{status}, {body}"));
            Reply::Refusal {
                status: status.as_u16(),
                code: text("code"),
                message: message + &aside(clock_skew.as_ref()),
                retry_after: retry_after(headers),
            }
        }
        Error::Unexpected {
            status,
            content_type,
            body_start,
            headers,
            ..
        } => {
            let is_text = content_type
                .as_deref()
                .is_some_and(|kind| kind.starts_with("text/plain"));
            Reply::Refusal {
                status: status.as_u16(),
                code: None,
                // Whatever a proxy has to show is left out: it is not about the call.
                message: match is_text {
                    true => body_start.clone(),
                    false => format!("{status} without the documented error body"),
                },
                retry_after: retry_after(headers),
            }
        }
        Error::Redirect { status, .. } => Reply::Refusal {
            status: status.as_u16(),
            code: None,
            message: error.to_string(),
            retry_after: None,
        },
        _ => Reply::Broken {
            message: error.to_string(),
        },
    }
}

fn retry_after(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    (text.len() <= RETRY_AFTER_CHARS_MAX).then(|| text.to_owned())
}

fn aside(skew: Option<&ClockSkew>) -> String {
    skew.map_or_else(String::new, |skew| {
        format!(
            " (this computer's clock is {} ms away from the exchange's)",
            skew.offset_ms
        )
    })
}
