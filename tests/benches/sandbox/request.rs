//! Signed requests as the bytes that go over the wire.

use std::time::{SystemTime, UNIX_EPOCH};

use bpx_client::{Key, operations};
use bpx_runtime::signing::{SignedOperation, SigningString};

pub(crate) const SYMBOL: &str = "SOL_USDC";
/// Every order's quantity.
pub(crate) const QUANTITY: &str = "0.01";
/// Where the market maker sells.
pub(crate) const TOUCH: &str = "150.00";
/// The longest there is: requests are signed before the clock starts.
const WINDOW_MS: u64 = 60_000;

/// Who signs, and where to.
pub(crate) struct Account {
    pub(crate) address: String,
    pub(crate) key: Key,
}

/// A request ready to be sent, with what was signed.
pub(crate) struct Request {
    pub(crate) bytes: Vec<u8>,
    pub(crate) signing_string: String,
    pub(crate) signature: String,
}

/// An order's body.
pub(crate) fn order(side: &str, price: &str, rest: &str) -> String {
    format!(
        r#"{{"orderType":"Limit","price":"{price}","quantity":"{QUANTITY}","side":"{side}","symbol":"{SYMBOL}"{rest}}}"#
    )
}

impl Account {
    pub(crate) fn place(&self, order: &str) -> Request {
        self.request("POST /api/v1/order", &operations::EXECUTE_ORDER, order)
    }

    pub(crate) fn place_batch(&self, orders: &[String]) -> Request {
        let body = format!("[{}]", orders.join(","));
        let operation = &operations::EXECUTE_ORDER_BATCH;
        self.request("POST /api/v1/orders", operation, &body)
    }

    /// `id` is the field that names the order.
    pub(crate) fn cancel(&self, id: &str) -> Request {
        let body = format!(r#"{{{id},"symbol":"{SYMBOL}"}}"#);
        self.request("DELETE /api/v1/order", &operations::CANCEL_ORDER, &body)
    }

    fn request(&self, target: &str, operation: &SignedOperation, body: &str) -> Request {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let timestamp_ms = i64::try_from(now.as_millis()).unwrap();
        let bytes = body.as_bytes();
        let string =
            SigningString::new(operation, None, Some(bytes), timestamp_ms, WINDOW_MS).unwrap();
        let signature = self.key.sign(&string);
        let (address, key, length) = (&self.address, self.key.public_base64(), body.len());
        let text = format!(
            "{target} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json; charset=utf-8\r\n\
             x-api-key: {key}\r\nx-signature: {signature}\r\nx-timestamp: {timestamp_ms}\r\nx-window: {WINDOW_MS}\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        Request {
            bytes: text.into_bytes(),
            signing_string: string.as_str().to_owned(),
            signature,
        }
    }
}
