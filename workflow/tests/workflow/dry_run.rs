//! A dry run shows exactly what is sent: compared with what arrives at the exchange.

use std::sync::{Arc, Mutex};

use axum::{Json, Router};
use bpx_dispatch::{Dispatch, Remote};
use bpx_runtime::{Key, Options};
use bpx_venue::Backpack;
use bpx_workflow::{Outcome, PlannedRequest, Runner, Services, Target, dry_run};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{document, object, parse};

const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// An exchange that accepts every order, and keeps method, target and body of each request.
async fn exchange() -> (String, Arc<Mutex<Vec<(String, String, String)>>>) {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&requests);
    let answer = async move |method: axum::http::Method, uri: axum::http::Uri, body: String| {
        let request = (method.to_string(), uri.to_string(), body);
        kept.lock().unwrap().push(request);
        Json(
            json!({"orderType": "Limit", "id": "1", "price": "20", "quantity": "2", "side": "Bid",
            "symbol": "SOL_USDC", "status": "New", "clientId": 7, "createdAt": 1, "executedQuantity": "0",
            "executedQuoteQuantity": "0", "postOnly": false, "reduceOnly": null, "timeInForce": "GTC",
            "selfTradePrevention": "RejectTaker"}),
        )
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, app).await });
    (base_url, requests)
}

#[tokio::test]
async fn the_body_of_a_dry_run_is_the_body_that_arrives() {
    let step = json!({"stepId": "place", "operationId": "execute_order", "requestBody": {"payload": {
        "symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "20", "quantity": "2",
        "clientId": "$inputs.number", "timeInForce": null}}});
    let number = json!({"number": {"type": "integer", "format": "uint32"}});
    let library = parse(&document(number, json!([step])));
    let inputs = object(json!({"number": 7.0}));

    let (base_url, requests) = exchange().await;
    let signer = bpx_client::signer(Key::from_base64(SECRET).unwrap());
    let remote = Remote::new(
        bpx_venue::api(),
        &base_url,
        Some(&signer),
        Options::default(),
    );
    let target = Target {
        api: bpx_venue::api(),
        venue: &Backpack,
        remote: Some(&remote.unwrap()),
        services: &Services::default(),
    };
    let (planned, _) = dry_run(&library, None, inputs.clone(), &target).unwrap();
    let [
        PlannedRequest {
            request: Some(planned),
            remark: None,
            ..
        },
    ] = planned.as_slice()
    else {
        panic!("one request: {planned:?}");
    };
    assert!(requests.lock().unwrap().is_empty(), "nothing is sent");

    let state = TempDir::new().unwrap();
    let settings = bpx_venue::settings(&base_url, signer, state.path());
    let dispatch = Dispatch::open(settings.allow_trading(true)).await.unwrap();
    let runner = Runner::new(dispatch);
    let report = runner
        .run(&library, "flow", None, inputs, &())
        .await
        .unwrap();
    assert_eq!(report.outcome, Outcome::Done, "{report:?}");

    let requests = requests.lock().unwrap();
    let [(method, arrived_at, body)] = requests.as_slice() else {
        panic!("one request: {requests:?}");
    };
    assert_eq!((method, arrived_at), (&planned.method, &planned.target));
    assert_eq!(Some(body), planned.body.as_ref());
    let sent: Value = serde_json::from_str(body).unwrap();
    assert_eq!(sent.get("timeInForce"), None, "{body}");
    assert!(
        body.contains(r#""clientId":7,"#) || body.contains(r#""clientId":7}"#),
        "{body}"
    );
}
