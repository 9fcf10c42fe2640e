//! Signing and decoding beside a bare signature and the official client, all in one run.
//!
//! Run with `cargo xtask bench signing`. What counts is the ratio between two lines of one run.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark stops at the first thing that is wrong and talks to its reader"
)]

use std::hint::black_box;

use bpx_api_client::BpxClient;
use bpx_api_types::order as official;
use bpx_client::types::{Fill, LiveOrder, NewOrder, Order, OrderType, Side, TimeInForce};
use bpx_client::{Key, operations, signer};
use bpx_runtime::reqwest::{Client, Request};
use bpx_runtime::signing::{PublicKey, SignedOperation, SigningString, verify};
use bpx_runtime::{Answer, Signer, decode, serde_json};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};

const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const BASE: &str = "http://127.0.0.1:9";
const ROWS: usize = 1_000;
const BATCH: usize = 20;

fn order() -> NewOrder {
    NewOrder::new(OrderType::Limit, Side::Bid, "SOL_USDC_PERP")
        .price("148.25".parse().unwrap())
        .quantity("2.50".parse().unwrap())
        .time_in_force(TimeInForce::Gtc)
        .client_id(1001)
        .post_only(true)
        .reduce_only(false)
}

fn official_order() -> official::ExecuteOrderPayload {
    official::ExecuteOrderPayload {
        order_type: official::OrderType::Limit,
        side: official::Side::Bid,
        symbol: "SOL_USDC_PERP".to_owned(),
        price: Some("148.25".parse().unwrap()),
        quantity: Some("2.50".parse().unwrap()),
        time_in_force: Some(official::TimeInForce::GTC),
        client_id: Some(1001),
        post_only: Some(true),
        reduce_only: Some(false),
        ..Default::default()
    }
}

struct Setup {
    http: Client,
    signer: Signer,
    official: BpxClient,
    bare: SigningKey,
}

impl Setup {
    fn new() -> Self {
        let key = Key::from_base64(SEED).unwrap();
        let official = BpxClient::init(BASE.to_owned(), SEED, None).unwrap();
        let seed =
            base64::Engine::decode(&base64::engine::general_purpose::STANDARD, SEED).unwrap();
        Self {
            http: Client::new(),
            signer: signer(key),
            official,
            bare: SigningKey::from_bytes(&seed.try_into().unwrap()),
        }
    }

    /// What a builder does, up to the finished request.
    fn unsigned(&self, path: &str, body: &impl serde::Serialize) -> Request {
        let url = format!("{BASE}{path}");
        self.http.post(url).json(body).build().unwrap()
    }

    fn signed(&self, mut request: Request, operation: &SignedOperation) -> Request {
        self.signer.sign(&mut request, operation).unwrap();
        request
    }
}

/// The bytes that one request's signature covers.
fn signing_bytes(request: &Request, operation: &SignedOperation) -> Vec<u8> {
    let body = request.body().and_then(|body| body.as_bytes());
    let text = SigningString::new(operation, None, body, 1_750_793_021_519, 5_000).unwrap();
    text.as_str().as_bytes().to_vec()
}

fn signing(criterion: &mut Criterion) {
    let setup = Setup::new();
    allocations(&setup);
    let url = format!("{BASE}/api/v1/order");
    let request = setup.unsigned("/api/v1/order", &order());
    let bytes = signing_bytes(&request, &operations::EXECUTE_ORDER);
    let mut group = criterion.benchmark_group("one order");
    group.bench_function("bare signature", |b| {
        b.iter(|| setup.bare.sign(black_box(&bytes)))
    });
    group.bench_function("finished request to signed request", |b| {
        let fresh = || request.try_clone().unwrap();
        b.iter_batched(
            fresh,
            |request| setup.signed(request, &operations::EXECUTE_ORDER),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("typed order to signed request", |b| {
        let order = order();
        b.iter(|| {
            setup.signed(
                setup.unsigned("/api/v1/order", black_box(&order)),
                &operations::EXECUTE_ORDER,
            )
        });
    });
    group.bench_function("typed order to signed request, official client", |b| {
        let order = official_order();
        let send = |order| {
            setup.official.build_signed_request(
                url.as_str(),
                http::Method::POST,
                "orderExecute",
                Some(order),
            )
        };
        b.iter(|| send(black_box(&order)).unwrap());
    });
    group.finish();
    batch_of_orders(criterion, &setup);
    verification(criterion, &setup, &bytes);
}

fn batch_of_orders(criterion: &mut Criterion, setup: &Setup) {
    let batch_url = format!("{BASE}/api/v1/orders");
    let orders: Vec<_> = (0..BATCH).map(|_| order()).collect();
    let official_orders: Vec<_> = (0..BATCH).map(|_| official_order()).collect();
    let batch = setup.unsigned("/api/v1/orders", &orders);
    let batch_bytes = signing_bytes(&batch, &operations::EXECUTE_ORDER_BATCH);
    let mut group = criterion.benchmark_group("a batch of 20");
    group.bench_function("bare signature", |b| {
        b.iter(|| setup.bare.sign(black_box(&batch_bytes)))
    });
    group.bench_function("finished request to signed request", |b| {
        let fresh = || batch.try_clone().unwrap();
        b.iter_batched(
            fresh,
            |batch| setup.signed(batch, &operations::EXECUTE_ORDER_BATCH),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("typed orders to signed request", |b| {
        b.iter(|| {
            setup.signed(
                setup.unsigned("/api/v1/orders", black_box(&orders)),
                &operations::EXECUTE_ORDER_BATCH,
            )
        });
    });
    group.bench_function("typed orders to signed request, official client", |b| {
        let send = |orders| {
            setup.official.build_signed_request(
                batch_url.as_str(),
                http::Method::POST,
                "orderExecute",
                Some(orders),
            )
        };
        b.iter(|| send(black_box(&official_orders)).unwrap());
    });
    group.finish();
}

fn verification(criterion: &mut Criterion, setup: &Setup, bytes: &[u8]) {
    use base64::Engine as _;
    let signature = setup.bare.sign(bytes);
    let encoded = base64::engine::general_purpose::STANDARD.encode(signature.to_bytes());
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let public = setup.signer.api_key().to_owned();
    let key: VerifyingKey = setup.bare.verifying_key();
    let mut group = criterion.benchmark_group("verify");
    group.bench_function("bare verify_strict", |b| {
        b.iter(|| key.verify_strict(black_box(bytes), &signature).unwrap())
    });
    let read = PublicKey::from_base64(&public).unwrap();
    group.bench_function("ours, key read once, signature from base64", |b| {
        b.iter(|| read.verify(&encoded, black_box(&text)).unwrap());
    });
    group.bench_function("ours, key and signature from base64", |b| {
        b.iter(|| verify(&public, &encoded, black_box(&text)).unwrap())
    });
    group.finish();
}

/// How often each way of making a signed request asks the allocator for memory.
fn allocations(setup: &Setup) {
    let (order, theirs) = (order(), official_order());
    let url = format!("{BASE}/api/v1/order");
    let operation = &operations::EXECUTE_ORDER;
    let count = |work: &mut dyn FnMut()| {
        // Once before, for whatever is made at the first use.
        work();
        allocation_counter::measure(work).count_total
    };
    let mut spare = setup.unsigned("/api/v1/order", &order).try_clone();
    let signing = count(&mut || {
        if let Some(request) = spare.take() {
            spare = setup
                .signed(request, operation)
                .try_clone()
                .map(without_signature);
        }
    });
    let cloning = count(&mut || {
        spare = spare
            .as_ref()
            .and_then(Request::try_clone)
            .map(without_signature)
    });
    let ours =
        count(&mut || drop(setup.signed(setup.unsigned("/api/v1/order", &order), operation)));
    let official = count(&mut || {
        let send = setup.official.build_signed_request(
            url.as_str(),
            http::Method::POST,
            "orderExecute",
            Some(&theirs),
        );
        drop(send.unwrap());
    });
    println!("\nallocations per request");
    println!(
        "  finished request to signed request               {:>4}",
        signing.saturating_sub(cloning)
    );
    println!("  typed order to signed request                    {ours:>4}");
    println!("  typed order to signed request, official client   {official:>4}\n");
}

fn without_signature(mut request: Request) -> Request {
    for name in bpx_runtime::signing::SIGNING_HEADERS {
        request.headers_mut().remove(name);
    }
    request
}

/// A page of live orders as the venue sends it: both arms, explicit nulls, the tag among the other fields.
fn live_page() -> String {
    let row = |index: usize| {
        let market = index % 4 == 3;
        let own = if market {
            r#""quoteQuantity":null,"slippageTolerance":null,"slippageToleranceType":null"#
        } else {
            r#""postOnly":true,"price":"148.25""#
        };
        let kind = if market { "Market" } else { "Limit" };
        format!(
            r#"{{"clientId":{index},"createdAt":1750793021519,"executedQuantity":"0.75","executedQuoteQuantity":"111.1875","id":"11457581331310{index:04}","orderType":"{kind}",{own},"quantity":"2.50","reduceOnly":null,"relatedOrderId":null,"selfTradePrevention":"RejectTaker","side":"Bid","status":"PartiallyFilled","stopLossLimitPrice":null,"stopLossTriggerBy":null,"stopLossTriggerPrice":null,"strategyId":null,"symbol":"SOL_USDC_PERP","takeProfitLimitPrice":null,"takeProfitTriggerBy":null,"takeProfitTriggerPrice":null,"timeInForce":"GTC","triggerBy":null,"triggerPrice":null,"triggerQuantity":null,"triggeredAt":null}}"#
        )
    };
    format!("[{}]", (0..ROWS).map(row).collect::<Vec<_>>().join(","))
}

/// The same page with the tag in front, as the sandbox and the official client's types write it.
fn live_page_tag_first() -> String {
    let rows: Vec<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_str(&live_page()).unwrap();
    let text = |row: &serde_json::Map<String, serde_json::Value>| {
        let rest: Vec<_> = row
            .iter()
            .filter(|(key, _)| *key != "orderType")
            .map(|(key, value)| format!("\"{key}\":{value}"))
            .collect();
        format!("{{\"orderType\":{},{}}}", row["orderType"], rest.join(","))
    };
    format!("[{}]", rows.iter().map(text).collect::<Vec<_>>().join(","))
}

fn history_page() -> String {
    let row = |index: usize| {
        format!(
            r#"{{"clientId":null,"createdAt":"2026-11-20T04:17:55.048","executedQuantity":"2.50","executedQuoteQuantity":"370.625","expiryReason":null,"id":"11457581331310{index:04}","orderType":"Limit","postOnly":false,"price":"148.25","quantity":"2.50","quoteQuantity":null,"selfTradePrevention":"RejectTaker","side":"Bid","slippageTolerance":null,"slippageToleranceType":null,"status":"Filled","stopLossLimitPrice":null,"stopLossTriggerBy":null,"stopLossTriggerPrice":null,"strategyId":null,"symbol":"SOL_USDC","systemOrderType":null,"takeProfitLimitPrice":null,"takeProfitTriggerBy":null,"takeProfitTriggerPrice":null,"timeInForce":"GTC","triggerBy":null,"triggerPrice":null,"triggerQuantity":null}}"#
        )
    };
    format!("[{}]", (0..ROWS).map(row).collect::<Vec<_>>().join(","))
}

fn fills_page() -> String {
    let row = |index: usize| {
        format!(
            r#"{{"clientId":null,"fee":"0.056438","feeSymbol":"USDC","isMaker":false,"orderId":"11457581331310{index:04}","price":"148.25","quantity":"2.50","side":"Bid","symbol":"SOL_USDC","systemOrderType":null,"timestamp":"2026-11-20T04:17:55.048","tradeId":9007199254740993}}"#
        )
    };
    format!("[{}]", (0..ROWS).map(row).collect::<Vec<_>>().join(","))
}

/// As the official client reads an answer: serde_json from bytes.
fn from_bytes<T: serde::de::DeserializeOwned>(page: &Answer) -> Vec<T> {
    let rows: Vec<T> = serde_json::from_slice(&page.body).unwrap();
    assert_eq!(rows.len(), ROWS);
    rows
}

/// As this client reads an answer.
fn as_the_client<T: serde::de::DeserializeOwned>(page: &Answer) -> Vec<T> {
    let rows: Vec<T> = decode::json(page).unwrap();
    assert_eq!(rows.len(), ROWS);
    rows
}

fn answer(page: String) -> Answer {
    Answer {
        status: http::StatusCode::OK,
        headers: http::HeaderMap::new(),
        body: page.into(),
    }
}

fn decoding(criterion: &mut Criterion) {
    let pages = [
        ("live orders", live_page()),
        ("live orders, tag first", live_page_tag_first()),
    ];
    for (name, page) in pages {
        let page = answer(page);
        let mut group = criterion.benchmark_group(format!("a page of 1,000 {name}"));
        group.throughput(Throughput::Bytes(page.body.len() as u64));
        group.bench_function("ours", |b| {
            b.iter(|| as_the_client::<LiveOrder>(black_box(&page)))
        });
        group.bench_function("ours, from bytes", |b| {
            b.iter(|| from_bytes::<LiveOrder>(black_box(&page)))
        });
        group.bench_function("official client", |b| {
            b.iter(|| from_bytes::<official::Order>(black_box(&page)))
        });
        group.bench_function("value tree", |b| {
            b.iter(|| from_bytes::<serde_json::Value>(black_box(&page)))
        });
        group.finish();
    }
    let page = answer(history_page());
    let mut group = criterion.benchmark_group("a page of 1,000 orders of history");
    group.throughput(Throughput::Bytes(page.body.len() as u64));
    // The official client has no order history.
    group.bench_function("ours", |b| {
        b.iter(|| as_the_client::<Order>(black_box(&page)))
    });
    group.bench_function("value tree", |b| {
        b.iter(|| from_bytes::<serde_json::Value>(black_box(&page)))
    });
    group.finish();
    let page = answer(fills_page());
    let mut group = criterion.benchmark_group("a page of 1,000 fills");
    group.throughput(Throughput::Bytes(page.body.len() as u64));
    group.bench_function("ours", |b| {
        b.iter(|| as_the_client::<Fill>(black_box(&page)))
    });
    group.bench_function("official client", |b| {
        b.iter(|| from_bytes::<bpx_api_types::fill::Fill>(black_box(&page)))
    });
    group.bench_function("value tree", |b| {
        b.iter(|| from_bytes::<serde_json::Value>(black_box(&page)))
    });
    group.finish();
}

criterion_group!(benches, signing, decoding);
criterion_main!(benches);
