//! The streams, as messages of any shape: the client has no types of them.

use std::time::Duration;

use bpx_api_client::{BpxClient, Error};
use bpx_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{sleep, timeout};

use super::{SPOT, bid};
use crate::report::Steps;

/// No message takes that long.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn run(client: &BpxClient, sandbox: &Sandbox, steps: &mut Steps) {
    let mut ticker = listen(sandbox, &["ticker.SOL_USDC"]);
    steps.ok("subscribe", next(&mut ticker).await, |text| {
        (&text["s"], &text["c"]) == (&json!(SPOT), &json!("21"))
    });
    let mut text = listen(sandbox, &["account.orderUpdate", "depth.SOL_USDC"]);
    steps.ok(
        "subscribe_multiple (verified)",
        verified(sandbox).await,
        |_| true,
    );
    let placed = client.execute_order(bid("18", "1.50")).await;
    steps.ok("execute_order (to be notified)", placed, |_| true);
    steps.ok(
        "subscribe_multiple (order)",
        next(&mut text).await,
        |text| (&text["e"], &text["p"]) == (&json!("orderAccepted"), &json!("18")),
    );
    steps.ok(
        "subscribe_multiple (depth)",
        next(&mut text).await,
        |text| (&text["e"], &text["b"]) == (&json!("depth"), &json!([["18", "1.5"]])),
    );
}

/// Messages of streams, one connection for all of them.
fn listen(sandbox: &Sandbox, streams: &'static [&'static str]) -> Receiver<Value> {
    let client = BpxClient::builder()
        .base_url(sandbox.base_url())
        .ws_url(sandbox.base_url().replace("http://", "ws://"))
        .secret(sandbox.api_secret())
        .build()
        .unwrap();
    let (sender, receiver) = channel(100);
    tokio::spawn(async move {
        match streams {
            [stream] => client.subscribe(stream, sender).await,
            streams => client.subscribe_multiple(streams, sender).await,
        }
    });
    receiver
}

/// The next message, or nothing where none comes.
async fn next(receiver: &mut Receiver<Value>) -> Result<Value, Error> {
    let received = timeout(PATIENCE, receiver.recv()).await;
    Ok(received.ok().flatten().unwrap_or_default())
}

/// Returns once a subscription's signature was verified: the client does not say when it has sent it.
async fn verified(sandbox: &Sandbox) -> Result<(), Error> {
    let has_come = || {
        let verified = sandbox.verified();
        verified.iter().any(|request| request.method == "SUBSCRIBE")
    };
    while !has_come() {
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
