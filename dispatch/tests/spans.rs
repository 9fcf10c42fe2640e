//! What a call leaves in the log. A program of its own: tracing decides for all threads at once.

#![cfg(test)]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use bpx_client::operations::OPERATIONS;
use bpx_dispatch::{Call, Dispatch};
use bpx_runtime::{Key, Signer};
use bpx_sandbox::{Sandbox, SandboxConfig};
use bpx_venue::operations::EXECUTE_ORDER;
use serde_json::json;
use tracing_subscriber::fmt::format::FmtSpan;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_span_tells_operation_intent_and_outcome_and_neither_secrets_nor_values() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let sandbox = Sandbox::start(SandboxConfig::bare()).await.unwrap();
    let state = tempfile::tempdir().unwrap();
    let signer = Signer::new(Key::from_base64(&sandbox.api_secret()).unwrap(), OPERATIONS);
    let settings =
        bpx_venue::settings(sandbox.base_url(), signer, state.path()).allow_trading(true);
    let dispatch = Dispatch::open(settings).await.unwrap();
    let order = json!({
        "symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "31.415", "quantity": "1",
        "X-BROKER-KEY": "broker-secret",
    });
    let call = Call::new(
        &EXECUTE_ORDER,
        order.as_object().unwrap().clone(),
        "somebody",
    )
    .with_idempotency_key("key-1");
    let settled = dispatch.call(call.clone()).await.unwrap();
    dispatch.call(call).await.unwrap();
    let wrong = Call::new(
        &EXECUTE_ORDER,
        json!({}).as_object().unwrap().clone(),
        "somebody",
    );
    dispatch.call(wrong).await.unwrap_err();
    dispatch.close().await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let intent = settled.intent.unwrap();
    for expected in [
        "dispatch{operation=\"execute_order\"".to_owned(),
        format!("intent=\"{intent}\" outcome=\"done\" replayed=false"),
        format!("intent=\"{intent}\" outcome=\"done\" replayed=true"),
        "outcome=\"INVALID_ARGUMENTS\"".to_owned(),
    ] {
        assert!(text.contains(&expected), "{expected} is not in {text}");
    }
    let own: Vec<_> = text
        .lines()
        .filter(|line| !line.contains("bpx_sandbox"))
        .collect();
    for secret in [
        sandbox.api_secret(),
        sandbox.api_key(),
        "broker-secret".to_owned(),
        "31.415".to_owned(),
    ] {
        let message = own.iter().find(|line| line.contains(&secret));
        assert_eq!(message, None, "{secret}");
    }
}
