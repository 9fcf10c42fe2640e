//! Makes recordings of the typed client's traffic with a server that gives canned responses.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

use bpx_client::types::{NewOrder, OrderType, Side};
use bpx_client::{Client, Key, Options, signer};
use bpx_contract::{Api, Document};
use bpx_recording::{Masking, Recorder, Summary};
use serde_json::{Value, json};

pub(crate) const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
pub(crate) const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

const JSON: &str = "application/json; charset=utf-8";

/// The contract of the workspace.
pub(crate) fn api() -> Api {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/backpack-order.openapi.yaml");
    Api::from_document(Document::read(&file).unwrap()).unwrap()
}

pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

pub(crate) fn limit_order() -> Value {
    json!({
        "orderType": "Limit", "id": "111063070525358080", "clientId": 7, "createdAt": 1_757_621_440_699_u64,
        "executedQuantity": "0", "executedQuoteQuantity": "0", "postOnly": false, "price": "20.10",
        "quantity": "1.5", "reduceOnly": null, "selfTradePrevention": "RejectTaker", "side": "Bid",
        "status": "New", "symbol": "SOL_USDC", "timeInForce": "GTC", "triggeredAt": null
    })
}

/// A server that gives each connection the next of these answers.
fn serve(answers: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for answer in answers {
            let (mut socket, _) = listener.accept().unwrap();
            let mut request = [0; 65_536];
            let _ = socket.read(&mut request);
            let _ = socket.write_all(&answer);
        }
    });
    base
}

pub(crate) fn http(status: &str, media_type: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\ncontent-type: {media_type}\r\nset-cookie: session=hunter2\r\nconnection: close\r\n\r\n",
        body.as_ref().len()
    );
    [head.as_bytes(), body.as_ref()].concat()
}

fn answers() -> Vec<Vec<u8>> {
    vec![
        http("200 OK", JSON, limit_order().to_string()),
        http(
            "400 Bad Request",
            "text/plain",
            "failed to parse\nparameter",
        ),
        http(
            "200 OK",
            JSON,
            serde_json::to_string_pretty(&limit_order()).unwrap(),
        ),
        http("502 Bad Gateway", "text/html", b"\xff\xfe<html>"),
        Vec::new(),
    ]
}

pub(crate) fn client(answers: Vec<Vec<u8>>, options: Options) -> Client {
    let key = Key::from_base64(SEED).unwrap();
    Client::with_options(&serve(answers), signer(key), options).unwrap()
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

/// Five writes of one order, whatever comes back.
pub(crate) fn record(path: &Path, masking: Masking) -> Summary {
    let (recorder, recording) = Recorder::start(path, masking).unwrap();
    let options = Options::default().with_tap(recorder);
    let client = client(answers(), options);
    runtime().block_on(async {
        for _ in 0..5 {
            let order = NewOrder::new(OrderType::Limit, Side::Bid, "SOL_USDC")
                .price("20.10".parse::<bpx_runtime::Decimal>().unwrap());
            let _ = client
                .execute_order()
                .broker_key("broker-secret")
                .body(order)
                .send()
                .await;
        }
    });
    recording.finish().unwrap()
}
