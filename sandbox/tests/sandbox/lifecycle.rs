//! One order from placing to cancelling, and the handle around it.

use bpx_sandbox::{AccountConfig, RestingLiquidity, Sandbox, SandboxConfig, SandboxError, Side};
use serde_json::json;

use crate::client::{Client, limit, plus, resting, start, start_empty, start_with};

const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

fn account(secret: &str) -> AccountConfig {
    AccountConfig {
        api_secret: Some(secret.to_owned()),
        ..Default::default()
    }
}

#[tokio::test]
async fn an_order_is_placed_read_cancelled_and_remembered() {
    let (sandbox, client) = start_empty().await;
    let order = plus(
        limit("Bid", "100.50", "1.0"),
        json!({ "clientId": 7, "postOnly": true }),
    );
    let placed = client.place(order).await.ok();
    assert_eq!(placed["id"], "1");
    assert_eq!(
        (&placed["price"], &placed["quantity"]),
        (&json!("100.5"), &json!("1"))
    );
    assert_eq!(client.order("orderId=1&symbol=SOL_USDC").await.ok(), placed);
    assert_eq!(
        client.order("clientId=7&symbol=SOL_USDC").await.ok(),
        placed
    );
    assert_eq!(client.open_orders("").await.ok(), json!([placed]));
    let cancelled = client
        .cancel(json!({ "symbol": "SOL_USDC", "orderId": "1" }))
        .await
        .ok();
    assert_eq!(cancelled, plus(placed, json!({ "status": "Cancelled" })));
    client.order("orderId=1&symbol=SOL_USDC").await.is_error(
        404,
        "RESOURCE_NOT_FOUND",
        "Not Found",
    );
    assert_eq!(client.open_orders("symbol=SOL_USDC").await.ok(), json!([]));
    assert_eq!(client.last_in_history().await["status"], "Cancelled");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn cancelling_by_client_id_takes_the_newest_of_several() {
    let (_sandbox, client) = start_empty().await;
    for price in ["1", "2"] {
        client
            .place(plus(limit("Bid", price, "1"), json!({ "clientId": 0 })))
            .await
            .ok();
    }
    let body = json!({ "symbol": "SOL_USDC", "clientId": 0 });
    assert_eq!(client.cancel(body.clone()).await.ok()["id"], "2");
    assert_eq!(client.cancel(body).await.ok()["id"], "1");
}

#[tokio::test]
async fn cancel_all_takes_one_market_and_the_asked_kind_only() {
    let (_sandbox, client) = start_empty().await;
    let trigger = json!({ "triggerPrice": "90", "triggerQuantity": "1" });
    client.place(limit("Bid", "1", "1")).await.ok();
    client
        .place(plus(limit("Bid", "1", "1"), trigger.clone()))
        .await
        .ok();
    client
        .place(plus(
            limit("Bid", "1", "1"),
            json!({ "symbol": "ETH_USDC" }),
        ))
        .await
        .ok();
    client
        .place(plus(limit("Bid", "1", "1"), trigger))
        .await
        .ok();
    let cancel = async |fields| {
        let answer = client
            .cancel_all(plus(json!({ "symbol": "SOL_USDC" }), fields))
            .await
            .ok();
        answer
            .as_array()
            .unwrap()
            .iter()
            .map(|order| order["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        cancel(json!({ "orderType": "RestingLimitOrder" })).await,
        ["1"]
    );
    assert_eq!(
        cancel(json!({ "orderType": "ConditionalOrder" })).await,
        ["2", "4"]
    );
    assert!(cancel(json!({})).await.is_empty());
    assert_eq!(client.open_orders("").await.ok()[0]["id"], "3");
}

#[tokio::test]
async fn open_orders_are_filtered_by_symbol_and_market_type() {
    let (_sandbox, client) = start_empty().await;
    client.place(limit("Bid", "1", "1")).await.ok();
    client
        .place(plus(
            limit("Bid", "1", "1"),
            json!({ "symbol": "SOL_USDC_PERP" }),
        ))
        .await
        .ok();
    for (query, ids) in [
        ("", vec!["1", "2"]),
        ("marketType=PERP", vec!["2"]),
        ("marketType=SPOT", vec!["1"]),
        ("marketType=DATED", vec![]),
        ("symbol=SOL_USDC_PERP", vec!["2"]),
        ("marketType=SPOT&symbol=SOL_USDC_PERP", vec![]),
    ] {
        let found = client.open_orders(query).await.ok();
        let found: Vec<_> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|order| order["id"].as_str().unwrap())
            .collect();
        assert_eq!(found, ids, "{query}");
    }
}

#[tokio::test]
async fn ids_and_the_market_makers_share_one_count() {
    let (_sandbox, client) = start_with(vec![
        resting(Side::Ask, "100", "1"),
        resting(Side::Bid, "90", "1"),
    ])
    .await;
    assert_eq!(client.place(limit("Bid", "95", "1")).await.ok()["id"], "3");
    assert_eq!(
        client.open_orders("").await.ok().as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn the_log_names_every_verified_request_and_no_other() {
    let (sandbox, client) = start_empty().await;
    client.place(limit("Bid", "1", "1")).await.ok();
    client
        .batch(json!([limit("Bid", "1", "1"), limit("Bid", "0", "1")]))
        .await
        .ok();
    client.order("orderId=99&symbol=SOL_USDC").await;
    let unsigned = client
        .sign_now("instruction=orderQueryAll")
        .with("X-SIGNATURE", "A".repeat(86) + "==");
    client
        .send(reqwest::Method::GET, "/api/v1/orders", unsigned, "")
        .await;
    let log: Vec<_> = sandbox
        .verified()
        .into_iter()
        .map(|entry| {
            (
                entry.method,
                entry.path,
                entry.instructions.join(" "),
                entry.status,
            )
        })
        .collect();
    let row = |method: &str, path: &str, instructions: &str, status| {
        (
            method.to_owned(),
            path.to_owned(),
            instructions.to_owned(),
            status,
        )
    };
    assert_eq!(
        log,
        [
            row("POST", "/api/v1/order", "orderExecute", 200),
            row("POST", "/api/v1/orders", "orderExecute orderExecute", 200),
            row("GET", "/api/v1/order", "orderQuery", 404),
        ]
    );
}

#[tokio::test]
async fn a_given_secret_is_used_and_a_fresh_one_differs() {
    let given = SandboxConfig {
        accounts: vec![account(SEED)],
        ..SandboxConfig::bare()
    };
    let (sandbox, client) = start(given).await;
    assert_eq!(sandbox.api_secret(), SEED);
    assert_eq!(
        sandbox.api_key(),
        "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    );
    client.open_orders("").await.ok();
    let (other, _) = start_empty().await;
    assert_ne!(other.api_secret(), SEED);
}

#[tokio::test]
async fn the_secret_is_in_no_debug_text() {
    let config = SandboxConfig {
        accounts: vec![account(SEED)],
        ..SandboxConfig::bare()
    };
    assert!(!format!("{config:?}").contains(SEED));
    let (sandbox, _) = start(config).await;
    let text = format!("{sandbox:?}");
    assert!(
        !text.contains(SEED) && text.contains(&sandbox.api_key()),
        "{text}"
    );
}

#[tokio::test]
async fn a_wrong_configuration_does_not_start() {
    for secret in ["", "AAAA", "not base64"] {
        let config = SandboxConfig {
            accounts: vec![account(secret)],
            ..SandboxConfig::bare()
        };
        assert!(
            matches!(Sandbox::start(config).await, Err(SandboxError::Secret)),
            "{secret}"
        );
    }
    let doge = RestingLiquidity {
        symbol: "DOGE_USDC".to_owned(),
        ..resting(Side::Bid, "1", "1")
    };
    for (liquidity, reason) in [
        (vec![doge], "Invalid market symbol"),
        (vec![resting(Side::Bid, "0", "1")], "Invalid price"),
    ] {
        let started = Sandbox::start(SandboxConfig {
            liquidity,
            ..SandboxConfig::bare()
        })
        .await;
        let error = started.expect_err(reason);
        assert!(
            matches!(error, SandboxError::Liquidity { .. }) && error.to_string().contains(reason),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_taken_address_is_named_in_the_error() {
    let (sandbox, _) = start_empty().await;
    let listen: std::net::SocketAddr = sandbox
        .base_url()
        .trim_start_matches("http://")
        .parse()
        .unwrap();
    let error = Sandbox::start(SandboxConfig {
        listen,
        ..SandboxConfig::bare()
    })
    .await
    .unwrap_err();
    assert!(error.to_string().contains(&listen.to_string()), "{error}");
}

#[tokio::test]
async fn it_stops_on_shutdown_and_on_drop() {
    for drops in [false, true] {
        let (sandbox, client) = start_empty().await;
        client.open_orders("").await.ok();
        let address = sandbox.base_url().replace("http://", "");
        if drops {
            drop(sandbox);
        } else {
            sandbox.shutdown().await;
        }
        assert!(refuses_connections(&address).await);
    }
}

/// Asks often enough for a closing socket to close.
async fn refuses_connections(address: &str) -> bool {
    for _ in 0..10_000 {
        if tokio::net::TcpStream::connect(address).await.is_err() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

#[tokio::test]
async fn two_sandboxes_do_not_know_each_other() {
    let (first, one) = start_empty().await;
    let (second, two) = start_empty().await;
    one.place(limit("Bid", "1", "1")).await.ok();
    assert_eq!(two.open_orders("").await.ok(), json!([]));
    assert_ne!(first.base_url(), second.base_url());
    assert!(Client::new(&first).open_orders("").await.ok().is_array());
}
