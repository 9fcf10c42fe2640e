//! One signed, state-changing call, in the forms the tests need.

use bpx_runtime::{
    Answer, Connection, Error, Key, Options, Payload, ResponseValue, SignedOperation, Signer,
    Undecoded, decode, reqwest, serde_json,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::server::Server;

pub(crate) const CANCEL: SignedOperation = SignedOperation {
    id: "cancel_order",
    method: "DELETE",
    path: "/api/v1/order",
    instruction: "orderCancel",
    payload: Payload::Object,
};
pub(crate) static OPERATIONS: [SignedOperation; 1] = [CANCEL];
pub(crate) const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct ApiError {
    pub(crate) code: String,
    pub(crate) message: String,
}

pub(crate) type CallResult<T> = Result<ResponseValue<T>, Error<ApiError>>;

pub(crate) fn connect(base: &str, options: Options) -> Connection {
    let key = Key::from_base64(SEED).expect("the seed is base64");
    Connection::signed(base, Signer::new(key, &OPERATIONS), options)
        .expect("the base URL is loopback")
}

pub(crate) fn cancel_request(connection: &Connection, base: &str) -> reqwest::Request {
    connection
        .http()
        .delete(format!("{base}/api/v1/order"))
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
    let request = cancel_request(&connection, connection.base_url());
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
