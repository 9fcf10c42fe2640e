//! The venue's own client through the forward proxy: its signatures stay valid, and its requests and responses are
//! recorded.

#![cfg(test)]

use bpx_api_client::BpxClient;
use bpx_api_client::types::order::{
    CancelOpenOrdersPayload, ExecuteOrderPayload, Order, OrderType, Side,
};
use bpx_conformance::{Baseline, Contract, RunOptions, View, check};
use bpx_recording::{Forward, Masking, Recorder, sources};
use bpx_sandbox::{Sandbox, SandboxConfig};
use bpx_tests::exchange::decimal;

const SYMBOL: &str = "SOL_USDC";

/// Places, looks and cancels.
async fn trade(client: &BpxClient) {
    let order = ExecuteOrderPayload {
        symbol: SYMBOL.to_owned(),
        side: Side::Bid,
        order_type: OrderType::Limit,
        price: Some(decimal("20.10").unwrap()),
        quantity: Some(decimal("0.5").unwrap()),
        ..Default::default()
    };
    let placed = client.execute_order(order).await.unwrap();
    let open = client.get_open_orders(Some(SYMBOL)).await.unwrap();
    let id = |order: &Order| match order {
        Order::Limit(order) => order.id.clone(),
        Order::Market(order) => order.id.clone(),
    };
    assert_eq!(open.iter().map(id).collect::<Vec<_>>(), [id(&placed)]);
    let all = CancelOpenOrdersPayload {
        symbol: SYMBOL.to_owned(),
    };
    assert_eq!(client.cancel_open_orders(all).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_official_client_trades_through_the_forwarder_and_its_recording_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("official.ndjson");
    let sandbox = Sandbox::start(SandboxConfig::bare()).await.unwrap();
    let (recorder, recording) = Recorder::start(&path, Masking::Keep).unwrap();
    let (listen, exchange) = ("127.0.0.1:0".parse().unwrap(), sandbox.base_url());
    let api = bpx_venue::api();
    let forward = Forward::start(listen, &exchange, api, recorder)
        .await
        .unwrap();
    let base_url = format!("http://{}", forward.address());
    trade(&BpxClient::init(base_url, &sandbox.api_secret(), None).unwrap()).await;
    forward.shutdown().await;
    let recorded = recording.finish().unwrap();
    assert_eq!((recorded.recorded, recorded.dropped), (3, 0));
    assert_eq!(sandbox.verified().len(), 3);

    let contract = Contract::from_api(api.clone()).unwrap();
    let files = sources(&[path.display().to_string()]).unwrap();
    let report = check(&contract, files, &RunOptions::default()).unwrap();
    let view = View::new(&contract, &report, &Baseline::default()).unwrap();
    assert!(!view.fails(), "{:#?}", view.findings);
    assert_eq!(view.tally.validated, 3);
}
