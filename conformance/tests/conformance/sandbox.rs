//! All eight operations through the typed client, recorded; and the recordings that are checked in.
//!
//! `BPX_RECORD=1 cargo test -p bpx-conformance checked_in` records the latter anew.

use std::path::{Path, PathBuf};

use crate::support::*;
use crate::traffic::api;
use bpx_client::types::{
    CancelAll, CancelOrder, LiveOrder, NewOrder, OrderType, Side, TimeInForce,
};
use bpx_client::{Client, Key, Options, signer};
use bpx_conformance::Contract;
use bpx_recording::{Forward, Masking, Recorder};
use bpx_runtime::Decimal;
use bpx_sandbox::{Sandbox, SandboxConfig};
use serde_json::Value;

const SYMBOL: &str = "SOL_USDC";
/// No order has this identifier.
const NOBODY: &str = "999999";

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn limit(side: Side, price: &str) -> NewOrder {
    NewOrder::new(OrderType::Limit, side, SYMBOL)
        .price(decimal(price))
        .quantity(decimal("0.5"))
        .client_id(7_u32)
}

/// Every operation, refusals and late cancellations included.
async fn story(client: &Client, sandbox: &Sandbox) {
    let id = rest_and_read(client).await;
    place_others(client).await;
    let cancel = |id: &str| CancelOrder::new(SYMBOL).order_id(id);
    client
        .cancel_order()
        .body(cancel(&id))
        .send()
        .await
        .unwrap();
    client
        .cancel_order()
        .body(cancel(NOBODY))
        .send()
        .await
        .unwrap_err();
    let ask = bpx_sandbox::RestingLiquidity {
        symbol: SYMBOL.to_owned(),
        side: bpx_sandbox::Side::Ask,
        price: decimal("21"),
        quantity: decimal("2"),
    };
    sandbox.add_liquidity(&ask).unwrap();
    for order in [market(), limit(Side::Bid, "21")] {
        client.execute_order().body(order).send().await.unwrap();
    }
    client.get_fills().limit(10_u64).send().await.unwrap();
    client.get_order_history().send().await.unwrap();
    let too_many = client.get_order_history().limit(1001_u64);
    too_many.send().await.unwrap_err();
    for late in [false, true] {
        sandbox.settle_late(late);
        let all = client.cancel_open_orders().body(CancelAll::new(SYMBOL));
        all.send().await.unwrap();
    }
}

async fn rest_and_read(client: &Client) -> String {
    let order = client.execute_order().body(limit(Side::Bid, "20.10"));
    let LiveOrder::Limit(order) = order.send().await.unwrap().into_inner() else {
        panic!("a limit order");
    };
    let read = |id: &str| client.get_order().symbol(SYMBOL).order_id(id);
    read(&order.id).send().await.unwrap();
    read(NOBODY).send().await.unwrap_err();
    client.get_open_orders().send().await.unwrap();
    order.id
}

/// The account crosses itself, so the first expires; a market order finds nobody.
async fn place_others(client: &Client) {
    let crossing = limit(Side::Ask, "20.00").time_in_force(TimeInForce::Ioc);
    let trigger = limit(Side::Ask, "30")
        .trigger_price("29".parse().unwrap())
        .trigger_quantity("0.5".parse().unwrap());
    let passive = limit(Side::Bid, "19.5").post_only(true);
    for order in [crossing, trigger] {
        client.execute_order().body(order).send().await.unwrap();
    }
    let batch = vec![passive, market(), limit(Side::Bid, "-1")];
    client
        .execute_order_batch()
        .body(batch)
        .send()
        .await
        .unwrap();
    let unpriced = NewOrder::new(OrderType::Limit, Side::Bid, SYMBOL);
    client
        .execute_order()
        .body(unpriced)
        .send()
        .await
        .unwrap_err();
}

fn market() -> NewOrder {
    NewOrder::new(OrderType::Market, Side::Bid, SYMBOL).quote_quantity(decimal("5"))
}

fn record(path: &Path, masking: Masking) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let sandbox = Sandbox::start(SandboxConfig::bare()).await.unwrap();
        let (recorder, recording) = Recorder::start(path, masking).unwrap();
        let key = Key::from_base64(&sandbox.api_secret()).unwrap();
        let options = Options::default().with_tap(recorder);
        let client = Client::with_options(&sandbox.base_url(), signer(key), options).unwrap();
        story(&client, &sandbox).await;
        assert_eq!(recording.finish().unwrap().dropped, 0);
        sandbox.shutdown().await;
    });
}

/// The same story through a forwarder: the client knows nothing of the recording.
fn forwarded(path: &Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let sandbox = Sandbox::start(SandboxConfig::bare()).await.unwrap();
        let (recorder, recording) = Recorder::start(path, Masking::Keep).unwrap();
        let listen = "127.0.0.1:0".parse().unwrap();
        let forward = Forward::start(listen, &sandbox.base_url(), &api(), recorder)
            .await
            .unwrap();
        let key = Key::from_base64(&sandbox.api_secret()).unwrap();
        let base = format!("http://{}", forward.address());
        story(&Client::new(&base, signer(key)).unwrap(), &sandbox).await;
        forward.shutdown().await;
        let summary = recording.finish().unwrap();
        assert_eq!(
            usize::try_from(summary.recorded).unwrap(),
            sandbox.verified().len()
        );
        assert_eq!(summary.dropped, 0);
        sandbox.shutdown().await;
    });
}

fn is_clean_and_complete(contract: &Contract, files: &[String]) {
    let report = json_of(contract, &run(contract, files));
    assert_eq!(
        rules(&report),
        Vec::<String>::new(),
        "{:#}",
        report["findings"]
    );
    assert_eq!(report["passed"], true);
    assert_eq!(report["summary"]["skipped"], serde_json::json!({}));
    for operation in report["coverage"].as_array().unwrap() {
        assert!(
            operation["exchanges"]["count"].as_u64().unwrap() > 0,
            "{}",
            operation["operation"]
        );
    }
    let seen = |operation: &str, name: &str| {
        let rows = report["coverage"].as_array().unwrap();
        let row = rows.iter().find(|it| it["operation"] == operation).unwrap();
        assert!(
            row["seen"][name]["count"].as_u64().is_some_and(|it| it > 0),
            "{operation} {name}"
        );
    };
    for (operation, name) in SHOWN {
        seen(operation, name);
    }
}

/// What the story shows on both documents.
const SHOWN: [(&str, &str); 3] = [
    ("execute_order", "OrderType:Limit"),
    ("execute_order", "OrderType:Market"),
    ("get_fills", "OrderFill.fee"),
];

#[test]
fn the_recorded_story_of_all_eight_operations_is_clean_on_both_documents() {
    let folder = folder();
    let paths = ["a.ndjson.zst", "a.har"].map(|name| folder.path().join(name));
    record(&paths[0], Masking::Keep);
    record(&paths[1], Masking::Mask);
    let files = paths.map(|path| path.display().to_string());
    is_clean_and_complete(&ours(), &files);
    if let Some(upstream) = upstream() {
        is_clean_and_complete(&upstream, &files);
    }
}

#[test]
fn a_story_that_was_forwarded_is_signed_as_before_and_its_recording_is_clean() {
    let folder = folder();
    let path = folder.path().join("forwarded.ndjson.gz");
    forwarded(&path);
    is_clean_and_complete(&ours(), &[path.display().to_string()]);
}

fn checked_in() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings/exchanges")
}

#[test]
fn the_recordings_that_are_checked_in_are_clean() {
    let folder = checked_in();
    let names = ["story.ndjson", "story.har"];
    if std::env::var_os("BPX_RECORD").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        for name in names {
            record(&folder.join(name), Masking::Keep);
        }
    }
    let files = names.map(|name| folder.join(name).display().to_string());
    is_clean_and_complete(&ours(), &files);
    let text: Value = serde_json::from_str(&std::fs::read_to_string(&files[1]).unwrap()).unwrap();
    assert_eq!(text["log"]["version"], "1.2");
}
