//! Requests to the REST face, as bytes.

use crate::process::House;

pub(crate) const IOC: &str = r#"{"symbol":"SOL_USDC","side":"Bid","orderType":"Limit","timeInForce":"IOC","price":"1","quantity":"0.01"}"#;
const MARKET: &str = r#""symbol":"SOL_USDC""#;

impl House {
    pub(crate) fn open_orders(&self) -> Vec<u8> {
        self.request("GET /api/v1/orders?symbol=SOL_USDC", "")
    }

    /// An order far from any other.
    pub(crate) fn place(&self, client_id: u32) -> Vec<u8> {
        let body = format!(
            r#"{{{MARKET},"side":"Bid","orderType":"Limit","price":"1","quantity":"0.01","clientId":{client_id}}}"#
        );
        self.request("POST /api/v1/order", &body)
    }

    /// An order that crosses nothing and does not rest.
    pub(crate) fn ioc(&self) -> Vec<u8> {
        self.request("POST /api/v1/order", IOC)
    }

    pub(crate) fn cancel(&self, client_id: u32) -> Vec<u8> {
        let body = format!(r#"{{{MARKET},"clientId":{client_id}}}"#);
        self.request("DELETE /api/v1/order", &body)
    }

    fn request(&self, target: &str, body: &str) -> Vec<u8> {
        let Self { rest, token, .. } = self;
        let kind = match body {
            "" => String::new(),
            body => format!(
                "content-type: application/json\r\ncontent-length: {}\r\n",
                body.len()
            ),
        };
        format!(
            "{target} HTTP/1.1\r\nhost: {rest}\r\nauthorization: Bearer {token}\r\n{kind}\r\n{body}"
        )
        .into_bytes()
    }
}
