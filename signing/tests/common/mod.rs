//! What the tests share: the eight rows and the vectors.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each test file uses a part of it"
)]
#![cfg(test)]

use std::path::Path;

use bpx_signing::{Clock, Payload, SignedOperation};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The seed of RFC 8032, section 7.1, test 1, which the vectors use too.
pub const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
pub const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// A clock that stands still.
#[derive(Debug)]
pub struct At(pub i64);

impl Clock for At {
    fn now_ms(&self) -> i64 {
        self.0
    }
}

pub const GET_ORDER: SignedOperation = SignedOperation::new(
    "get_order",
    "GET",
    "/api/v1/order",
    "orderQuery",
    Payload::Query,
);
pub const EXECUTE_ORDER: SignedOperation = SignedOperation::new(
    "execute_order",
    "POST",
    "/api/v1/order",
    "orderExecute",
    Payload::Object,
);
pub const EXECUTE_ORDER_BATCH: SignedOperation = SignedOperation::new(
    "execute_order_batch",
    "POST",
    "/api/v1/orders",
    "orderExecute",
    Payload::Batch,
);
pub const CANCEL_ORDER: SignedOperation = SignedOperation::new(
    "cancel_order",
    "DELETE",
    "/api/v1/order",
    "orderCancel",
    Payload::Object,
);

pub static OPERATIONS: &[SignedOperation] = &[
    GET_ORDER,
    EXECUTE_ORDER,
    CANCEL_ORDER,
    EXECUTE_ORDER_BATCH,
    SignedOperation::new(
        "get_open_orders",
        "GET",
        "/api/v1/orders",
        "orderQueryAll",
        Payload::Query,
    ),
    SignedOperation::new(
        "cancel_open_orders",
        "DELETE",
        "/api/v1/orders",
        "orderCancelAll",
        Payload::Object,
    ),
    SignedOperation::new(
        "get_fills",
        "GET",
        "/wapi/v1/history/fills",
        "fillHistoryQueryAll",
        Payload::Query,
    ),
    SignedOperation::new(
        "get_order_history",
        "GET",
        "/wapi/v1/history/orders",
        "orderHistoryQueryAll",
        Payload::Query,
    ),
];

/// One vector, made by other clients.
#[derive(Deserialize)]
pub struct Vector {
    pub name: String,
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    /// Kept as written, so that the order of its fields is the file's and not ours.
    pub body: Option<Box<RawValue>>,
    pub timestamp: i64,
    pub window: u64,
    pub instruction: String,
    pub signing_string: String,
    pub seed_b64: String,
    pub pubkey_b64: String,
    pub signature_b64: String,
}

impl Vector {
    pub fn operation(&self) -> &'static SignedOperation {
        let is_row = |row: &&SignedOperation| row.method == self.method && row.path == self.path;
        OPERATIONS
            .iter()
            .find(is_row)
            .expect("each vector belongs to an operation")
    }

    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_ref().map(|body| body.get().as_bytes())
    }

    /// The query as a URL carries it: last pair first, so that sorting has work, but repeated keys in their order.
    pub fn raw_query(&self) -> Option<String> {
        let mut pairs = self.query.clone();
        pairs.sort_by(|a, b| b.0.cmp(&a.0));
        let joined: Vec<String> = pairs
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        (!joined.is_empty()).then(|| joined.join("&"))
    }
}

pub fn vectors() -> Vec<Vector> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/signing.json");
    let text =
        std::fs::read_to_string(&path).expect("the vectors lie in tests/vectors of the workspace");
    serde_json::from_str(&text).expect("the vectors are JSON")
}
