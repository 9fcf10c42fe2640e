//! The signature of a subscription, as it goes over the wire, held against an implementation that is not ours.

#![cfg(test)]

use std::net::TcpListener;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bpx_client::{Client, Key, signer};
use ed25519_compact::{PublicKey, Signature};
use serde_json::Value;
use tokio::net::TcpListener as AsyncListener;
use tokio_tungstenite::accept_async;

use futures_util::StreamExt as _;

const SEED: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// The request that a client sends to subscribe to the updates of its orders.
async fn caught() -> Value {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let listener = AsyncListener::from_std(listener).unwrap();
    let client = Client::new(&base, signer(Key::from_base64(SEED).unwrap())).unwrap();
    let _orders = client.stream().order_updates("SOL_USDC");
    let (tcp, _) = listener.accept().await.unwrap();
    let mut socket = accept_async(tcp).await.unwrap();
    let message = socket.next().await.unwrap().unwrap();
    serde_json::from_str(message.to_text().unwrap()).unwrap()
}

#[tokio::test]
async fn it_verifies_and_covers_nothing_else() {
    let request = caught().await;
    assert_eq!(request["method"], "SUBSCRIBE");
    assert_eq!(
        request["params"],
        serde_json::json!(["account.orderUpdate.SOL_USDC"])
    );
    let [key, signature, time, window] = [0, 1, 2, 3].map(|at| {
        let text = request["signature"][at].as_str();
        text.unwrap().to_owned()
    });
    let key = PublicKey::from_slice(&STANDARD.decode(key).unwrap()).unwrap();
    let signature = Signature::from_slice(&STANDARD.decode(signature).unwrap()).unwrap();
    let text = format!("instruction=subscribe&timestamp={time}&window={window}");
    key.verify(&text, &signature).unwrap();
    for other in [
        format!("instruction=orderCancelAll&timestamp={time}&window={window}"),
        format!("instruction=subscribe&timestamp={time}&window=60000"),
    ] {
        assert!(key.verify(other, &signature).is_err());
    }
}
