//! A tiny signing client, written for these tests alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bpx_sandbox::{AccountConfig, RestingLiquidity, Sandbox, SandboxConfig, Side};
use ed25519_dalek::{Signer as _, SigningKey};
use reqwest::{Method, header::HeaderMap};
use serde_json::Value;

/// The answer to a body that names no market.
pub(crate) const UNKNOWN_SYMBOL: &str = "parse request payload error: failed to parse \"MarketSymbol\": \
    Invalid market symbol (occurred while parsing \"OrderExecutePayload\")";

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} {}", self.status, self.text))
    }

    /// The body of a 200.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn is_error(&self, status: u16, code: &str, message: &str) {
        let found = (self.status, self.text.as_str());
        let expected = serde_json::json!({ "code": code, "message": message });
        assert_eq!((self.status, self.json()), (status, expected), "{found:?}");
        assert_eq!(
            self.header("content-type"),
            "application/json; charset=utf-8"
        );
    }

    #[track_caller]
    pub(crate) fn is_text(&self, status: u16, start: &str) {
        assert_eq!(self.status, status, "{}", self.text);
        assert!(self.text.starts_with(start), "{}", self.text);
        assert!(self.header("content-type").starts_with("text/plain"));
    }
}

/// The four signing headers; a test may spoil any of them before sending.
#[derive(Clone)]
pub(crate) struct Signed(pub(crate) Vec<(&'static str, String)>);

impl Signed {
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self = self.without(name);
        self.0.push((name, value.to_string()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(key, _)| *key != name);
        self
    }
}

pub(crate) struct Client {
    http: reqwest::Client,
    base_url: String,
    key: SigningKey,
}

impl Client {
    /// Of the first account.
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        Self::of(sandbox, &sandbox.api_secret())
    }

    pub(crate) fn of(sandbox: &Sandbox, api_secret: &str) -> Self {
        let seed = STANDARD.decode(api_secret).unwrap().try_into().unwrap();
        Self {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            base_url: sandbox.base_url(),
            key: SigningKey::from_bytes(&seed),
        }
    }

    /// Signs the text between the instruction and the timestamp, both given by the caller.
    pub(crate) fn sign(&self, head: &str, timestamp: i64, window: Option<u64>) -> Signed {
        let text = format!(
            "{head}&timestamp={timestamp}&window={}",
            window.unwrap_or(5000)
        );
        let signed = Signed(vec![
            ("X-API-KEY", self.api_key()),
            ("X-SIGNATURE", self.signature(&text)),
            ("X-TIMESTAMP", timestamp.to_string()),
        ]);
        window.map_or(signed.clone(), |window| signed.with("X-WINDOW", window))
    }

    pub(crate) fn api_key(&self) -> String {
        STANDARD.encode(self.key.verifying_key().as_bytes())
    }

    /// The signature of a text.
    pub(crate) fn signature(&self, text: &str) -> String {
        STANDARD.encode(self.key.sign(text.as_bytes()).to_bytes())
    }

    pub(crate) fn sign_now(&self, head: &str) -> Signed {
        self.sign(head, now_ms(), None)
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        target: &str,
        signed: Signed,
        body: impl Into<String>,
    ) -> Reply {
        let url = format!("{}{target}", self.base_url);
        let mut request = self.http.request(method, url).body(body.into());
        for (name, value) in signed.0 {
            request = request.header(name, value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Reply {
            status,
            headers,
            text: response.text().await.unwrap(),
        }
    }

    /// A signed GET. `query` is written as it goes out; it must need no decoding.
    pub(crate) async fn get(&self, path: &str, instruction: &str, query: &str) -> Reply {
        let mut pairs: Vec<_> = query.split('&').filter(|pair| !pair.is_empty()).collect();
        pairs.sort_by_key(|pair| pair.split('=').next());
        let head = [
            vec![format!("instruction={instruction}")],
            pairs.iter().map(ToString::to_string).collect(),
        ];
        let signed = self.sign_now(&head.concat().join("&"));
        self.send(Method::GET, &format!("{path}?{query}"), signed, "")
            .await
    }

    pub(crate) async fn body(
        &self,
        method: Method,
        path: &str,
        instruction: &str,
        body: &Value,
    ) -> Reply {
        let signed = self.sign_now(&head(instruction, body));
        self.send(method, path, signed, body.to_string()).await
    }

    pub(crate) async fn place(&self, order: Value) -> Reply {
        self.body(Method::POST, "/api/v1/order", "orderExecute", &order)
            .await
    }

    pub(crate) async fn batch(&self, orders: Value) -> Reply {
        self.body(Method::POST, "/api/v1/orders", "orderExecute", &orders)
            .await
    }

    pub(crate) async fn cancel(&self, body: Value) -> Reply {
        self.body(Method::DELETE, "/api/v1/order", "orderCancel", &body)
            .await
    }

    pub(crate) async fn cancel_all(&self, body: Value) -> Reply {
        self.body(Method::DELETE, "/api/v1/orders", "orderCancelAll", &body)
            .await
    }

    pub(crate) async fn order(&self, query: &str) -> Reply {
        self.get("/api/v1/order", "orderQuery", query).await
    }

    pub(crate) async fn open_orders(&self, query: &str) -> Reply {
        self.get("/api/v1/orders", "orderQueryAll", query).await
    }

    pub(crate) async fn history(&self, query: &str) -> Reply {
        self.get("/wapi/v1/history/orders", "orderHistoryQueryAll", query)
            .await
    }

    pub(crate) async fn fills(&self, query: &str) -> Reply {
        self.get("/wapi/v1/history/fills", "fillHistoryQueryAll", query)
            .await
    }

    pub(crate) async fn balances(&self) -> Reply {
        self.get("/api/v1/capital", "balanceQuery", "").await
    }

    /// Available and locked of an asset.
    pub(crate) async fn owns(&self, asset: &str) -> [String; 2] {
        let balances = self.balances().await.ok();
        ["available", "locked"].map(|part| balances[asset][part].as_str().unwrap().to_owned())
    }

    /// An unsigned GET.
    pub(crate) async fn ask(&self, target: &str) -> Reply {
        self.send(Method::GET, target, Signed(vec![]), "").await
    }

    /// Status and reason for expiry of an order, from history.
    pub(crate) async fn outcome(&self, id: &Value) -> Value {
        let query = format!("orderId={}", id.as_str().unwrap());
        let order = self.history(&query).await.ok()[0].clone();
        serde_json::json!([order["status"], order["expiryReason"]])
    }

    /// The newest order in history.
    pub(crate) async fn last_in_history(&self) -> Value {
        self.history("limit=1").await.ok()[0].clone()
    }
}

/// The signed text of a flat body or a batch of flat bodies, up to the timestamp.
pub(crate) fn head(instruction: &str, body: &Value) -> String {
    match body {
        Value::Array(orders) => orders
            .iter()
            .map(|order| head(instruction, order))
            .collect::<Vec<_>>()
            .join("&"),
        Value::Object(fields) => {
            let text = |value: &Value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            };
            let mut pairs: Vec<_> = fields.iter().collect();
            pairs.sort_by_key(|(key, _)| *key);
            let pairs = pairs
                .into_iter()
                .map(|(key, value)| format!("&{key}={}", text(value)));
            format!("instruction={instruction}{}", pairs.collect::<String>())
        }
        _ => format!("instruction={instruction}"),
    }
}

pub(crate) fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

pub(crate) fn limit(side: &str, price: &str, quantity: &str) -> Value {
    serde_json::json!({
        "symbol": "SOL_USDC", "side": side, "orderType": "Limit", "price": price, "quantity": quantity,
    })
}

pub(crate) fn market(side: &str, field: &str, amount: &str) -> Value {
    serde_json::json!({ "symbol": "SOL_USDC", "side": side, "orderType": "Market", field: amount })
}

/// The order on the perpetual.
pub(crate) fn perp(order: Value) -> Value {
    plus(order, serde_json::json!({ "symbol": "SOL_USDC_PERP" }))
}

/// The order with more or other fields.
pub(crate) fn plus(mut order: Value, fields: Value) -> Value {
    order
        .as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    order
}

pub(crate) fn resting(side: Side, price: &str, quantity: &str) -> RestingLiquidity {
    let (price, quantity) = (price.parse().unwrap(), quantity.parse().unwrap());
    RestingLiquidity {
        symbol: "SOL_USDC".to_owned(),
        side,
        price,
        quantity,
    }
}

/// Two accounts with 1,000,000 of each asset.
pub(crate) async fn start_two() -> (Sandbox, Client, Client) {
    let account = |name: &str| AccountConfig {
        name: name.to_owned(),
        ..Default::default()
    };
    let config = SandboxConfig {
        accounts: ["one", "two"].map(account).to_vec(),
        ..SandboxConfig::bare()
    };
    let sandbox = Sandbox::start(config).await.unwrap();
    let [one, two] = [0, 1].map(|n| Client::of(&sandbox, &sandbox.accounts()[n].api_secret));
    (sandbox, one, two)
}

pub(crate) async fn start(config: SandboxConfig) -> (Sandbox, Client) {
    let sandbox = Sandbox::start(config).await.unwrap();
    let client = Client::new(&sandbox);
    (sandbox, client)
}

pub(crate) async fn start_empty() -> (Sandbox, Client) {
    start(SandboxConfig::bare()).await
}

pub(crate) async fn start_with(liquidity: Vec<RestingLiquidity>) -> (Sandbox, Client) {
    start(SandboxConfig {
        liquidity,
        ..SandboxConfig::bare()
    })
    .await
}
