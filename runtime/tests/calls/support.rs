//! One signed, state-changing call, in the forms the tests need.

use std::time::Duration;

use bpx_runtime::http::Method;
use bpx_runtime::signing::{Clock, SystemClock};
use bpx_runtime::{
    Answer, Connection, Error, Key, Options, Payload, ResponseValue, SignedOperation, Signer,
    Undecoded, decode, reqwest, serde_json,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::server::Server;

pub(crate) const CANCEL: SignedOperation = SignedOperation::new(
    "cancel_order",
    "DELETE",
    "/api/v1/order",
    "orderCancel",
    Payload::Object,
);
pub(crate) const GET: SignedOperation = SignedOperation::new(
    "get_order",
    "GET",
    "/api/v1/order",
    "orderQuery",
    Payload::Query,
);
pub(crate) static OPERATIONS: [SignedOperation; 2] = [CANCEL, GET];
pub(crate) const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct ApiError {
    pub(crate) code: String,
    pub(crate) message: String,
}

bpx_runtime::json_body!(ApiError);

pub(crate) type CallResult<T> = Result<ResponseValue<T>, Error<ApiError>>;

pub(crate) fn connect(base: &str, options: Options) -> Connection {
    connect_with(base, options, SystemClock)
}

pub(crate) fn connect_with(
    base: &str,
    options: Options,
    clock: impl Clock + 'static,
) -> Connection {
    let key = Key::from_base64(SEED).expect("the seed is base64");
    let signer = Signer::new(key, OPERATIONS.as_slice()).with_clock(clock);
    Connection::signed(base, signer, options).expect("the base URL is loopback")
}

/// Repeats at once, as far as it repeats at all.
pub(crate) fn hasty() -> Options {
    Options::default().with_retry_wait(Duration::ZERO, Duration::ZERO)
}

/// A signed read of the order 28.
pub(crate) async fn read(connection: &Connection) -> CallResult<Value> {
    let request = connection
        .request(Method::GET, "/api/v1/order")
        .query("symbol", "SOL_USDC")
        .query("orderId", "28")
        .build()
        .expect("the URL is valid");
    connection
        .call_signed(request, &OPERATIONS[1], decode::json)
        .await
}

/// A signed, state-changing call over this connection.
pub(crate) async fn write(connection: &Connection) -> CallResult<Value> {
    let request = cancel_request(connection);
    connection
        .call_signed(request, &OPERATIONS[0], decode::json)
        .await
}

pub(crate) fn cancel_request(connection: &Connection) -> reqwest::Request {
    connection
        .request(Method::DELETE, "/api/v1/order")
        .json(&json!({"symbol": "SOL_USDC", "orderId": "28"}))
        .build()
        .expect("the URL is valid")
}

/// A signed, state-changing call.
pub(crate) async fn cancel_at<T>(
    base: &str,
    options: Options,
    decode: fn(&Answer) -> Result<T, Undecoded>,
) -> CallResult<T> {
    let connection = connect(base, options);
    let request = cancel_request(&connection);
    connection
        .call_signed(request, &OPERATIONS[0], decode)
        .await
}

pub(crate) async fn cancel<T>(
    server: &Server,
    decode: fn(&Answer) -> Result<T, Undecoded>,
) -> CallResult<T> {
    cancel_at(&server.base, Options::default(), decode).await
}

/// The error of a cancel that the server answers so.
pub(crate) async fn failure(answer: Vec<u8>) -> Error<ApiError> {
    let server = Server::start(answer).await.expect("a port is free");
    let error = cancel(&server, decode::json::<Value>)
        .await
        .expect_err("a failure");
    assert_eq!(server.requests().len(), 1, "sent once");
    assert!(error.was_sent());
    assert!(!error.to_string().contains('\n'), "{error}");
    error
}
