//! All eight operations of the typed client, caught on the wire by a server that is not our exchange, and checked
//! with neither our signer nor the curve it uses.

#![cfg(test)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::HeaderMap;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bpx_client::types::*;
use bpx_client::{Client, Key, signer};
use bpx_tests::exchange::decimal;
use ed25519_compact::{PublicKey, Signature};
use serde_json::Value;
use tokio::net::TcpListener;

const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
/// Of the seed, by RFC 8032, section 7.1, test 1.
const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// The venue's words for what each operation permits.
const INSTRUCTIONS: [(&str, &str, &str); 8] = [
    ("GET", "/api/v1/order", "orderQuery"),
    ("POST", "/api/v1/order", "orderExecute"),
    ("DELETE", "/api/v1/order", "orderCancel"),
    ("GET", "/api/v1/orders", "orderQueryAll"),
    ("POST", "/api/v1/orders", "orderExecute"),
    ("DELETE", "/api/v1/orders", "orderCancelAll"),
    ("GET", "/wapi/v1/history/fills", "fillHistoryQueryAll"),
    ("GET", "/wapi/v1/history/orders", "orderHistoryQueryAll"),
];

/// A request as it arrived: its bytes, not what they mean.
#[derive(Debug, Clone)]
struct Caught {
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Caught {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    fn instruction(&self) -> &'static str {
        let mut rows = INSTRUCTIONS.into_iter();
        let row = rows.find(|(method, path, _)| *method == self.method && *path == self.path);
        row.unwrap().2
    }

    /// What must have been signed, from the bytes that arrived.
    fn signing_string(&self) -> String {
        let mut runs = Vec::new();
        if self.body.is_empty() {
            runs.push(run(self.instruction(), decoded(&self.query)));
        } else {
            assert_eq!(self.query, "");
            let orders = match serde_json::from_slice(&self.body).unwrap() {
                Value::Array(orders) => orders,
                one => vec![one],
            };
            runs.extend(
                orders
                    .iter()
                    .map(|order| run(self.instruction(), fields(order))),
            );
        }
        let (timestamp, window) = (self.header("x-timestamp"), self.header("x-window"));
        format!("{}&timestamp={timestamp}&window={window}", runs.join("&"))
    }

    fn verify(&self) {
        assert_eq!(self.header("x-api-key"), PUBLIC);
        let public = STANDARD.decode(self.header("x-api-key")).unwrap();
        let signature = STANDARD.decode(self.header("x-signature")).unwrap();
        let public = PublicKey::from_slice(&public).unwrap();
        let signature = Signature::from_slice(&signature).unwrap();
        let string = self.signing_string();
        let verdict = public.verify(string.as_bytes(), &signature);
        assert!(verdict.is_ok(), "{} {}: {string}", self.method, self.path);
        let other = string.replacen("window=", "window=1", 1);
        assert!(public.verify(other.as_bytes(), &signature).is_err());
    }
}

fn run(instruction: &str, mut pairs: Vec<(String, String)>) -> String {
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    let pairs = pairs.iter().map(|(key, value)| format!("&{key}={value}"));
    format!("instruction={instruction}{}", pairs.collect::<String>())
}

/// The fields of one object. Only whole numbers occur, which have one notation.
fn fields(order: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let fields: BTreeMap<_, _> = order.as_object().unwrap().iter().collect();
    let pairs = fields
        .iter()
        .map(|(key, value)| ((*key).clone(), text(value)));
    pairs.collect()
}

/// The pairs of a query, read as the web's standard for URLs says.
fn decoded(query: &str) -> Vec<(String, String)> {
    let url = reqwest::Url::parse(&format!("http://h/?{query}")).unwrap();
    url.query_pairs().into_owned().collect()
}

/// A client, and what it has sent.
async fn start() -> (Client, Arc<Mutex<Vec<Caught>>>) {
    const PAGE: [(&str, &str); 5] = [
        ("content-type", "application/json; charset=utf-8"),
        ("x-page-count", "1"),
        ("x-current-page", "0"),
        ("x-page-size", "100"),
        ("x-total", "0"),
    ];
    let caught = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&caught);
    let answer = move |request: Request| async move {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        log.lock().unwrap().push(Caught {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
        });
        (PAGE, "[]")
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, Router::new().fallback(answer)).await });
    let client = Client::new(&base, signer(Key::from_base64(SEED).unwrap())).unwrap();
    (client, caught)
}

fn order() -> NewOrder {
    let decimal = |text| decimal(text).unwrap();
    NewOrder::new(OrderType::Limit, Side::Bid, "kPEPE_USDC_PERP")
        .price(decimal("20.10"))
        .quantity(decimal("1.000"))
        .client_id(0)
        .post_only(false)
        .auto_lend(true)
        .auto_borrow(true)
        .slippage_tolerance(decimal("0.50"))
        .slippage_tolerance_type(SlippageToleranceType::Percent)
        .trigger_price(decimal("19"))
        .trigger_quantity("80%".parse().unwrap())
}

fn now_ms() -> u128 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis()
}

#[tokio::test]
async fn all_four_kinds_of_writes_verify() {
    let (client, caught) = start().await;
    // The answer is an empty array, which is no order: what was sent is what counts.
    let _ = client.execute_order().body(order()).send().await;
    let market = NewOrder::new(OrderType::Market, Side::Ask, "SOL_USDC");
    let batch = vec![
        order(),
        market.quote_quantity(decimal("1.5").unwrap()),
        order(),
    ];
    client
        .execute_order_batch()
        .body(batch)
        .send()
        .await
        .unwrap();
    let one = CancelOrder::new("SOL_USDC").order_id("111063070525358080");
    let _ = client.cancel_order().body(one).send().await;
    let all = CancelAll::new("SOL_USDC").order_type(CancelOrderType::RestingLimitOrder);
    client.cancel_open_orders().body(all).send().await.unwrap();

    let caught = caught.lock().unwrap().clone();
    let methods: Vec<_> = caught.iter().map(|one| one.method.as_str()).collect();
    assert_eq!(methods, ["POST", "POST", "DELETE", "DELETE"]);
    caught.iter().for_each(Caught::verify);
    let string = caught[1].signing_string();
    assert_eq!(string.matches("instruction=orderExecute&").count(), 3);
    for part in ["&triggerQuantity=80%&", "&price=20.10&", "&clientId=0&"] {
        assert_eq!(string.matches(part).count(), 2, "{part}");
    }
}

#[tokio::test]
async fn all_four_reads_verify() {
    let (client, caught) = start().await;
    let _ = client
        .get_order()
        .symbol("SOL_USDC")
        .client_id(0_u32)
        .send()
        .await;
    client.get_open_orders().send().await.unwrap();
    let open = client.get_open_orders().market_type(MarketType::Perp);
    open.symbol("kPEPE_USDC_PERP").send().await.unwrap();
    let markets = vec![MarketType::Spot, MarketType::Perp];
    let fills = client
        .get_fills()
        .market_type(markets)
        .strategy_id("s 1+é/%&=;#");
    // Values the signing string cannot hold are refused; without the '&' the rest passes.
    fills.send().await.unwrap_err();
    let markets = vec![MarketType::Spot, MarketType::Perp];
    let fills = client
        .get_fills()
        .market_type(markets)
        .strategy_id("s 1+é/%=;#");
    fills
        .from(0)
        .to(1_750_793_021_519_i64)
        .send()
        .await
        .unwrap();
    let history = client.get_order_history().limit(1_000_u64).offset(0_u64);
    history
        .sort_direction(SortDirection::Asc)
        .send()
        .await
        .unwrap();

    let caught = caught.lock().unwrap().clone();
    let paths: Vec<_> = caught.iter().map(|one| one.path.as_str()).collect();
    let expected = [
        "/api/v1/order",
        "/api/v1/orders",
        "/api/v1/orders",
        "/wapi/v1/history/fills",
        "/wapi/v1/history/orders",
    ];
    assert_eq!(paths, expected);
    caught.iter().for_each(Caught::verify);
    let fills = caught[3].signing_string();
    assert!(
        fills.contains("&marketType=SPOT&marketType=PERP&strategyId=s 1+é/%=;#&to="),
        "{fills}"
    );
    let bare = caught[1].signing_string();
    assert!(
        bare.starts_with("instruction=orderQueryAll&timestamp="),
        "{bare}"
    );
}

#[tokio::test]
async fn timestamp_and_window_are_those_of_the_moment() {
    let (client, caught) = start().await;
    let before = now_ms();
    client.get_open_orders().send().await.unwrap();
    let after = now_ms();
    let caught = caught.lock().unwrap().clone();
    let timestamp: u128 = caught[0].header("x-timestamp").parse().unwrap();
    assert!((before..=after).contains(&timestamp));
    assert_eq!(caught[0].header("x-window"), "5000");
}
