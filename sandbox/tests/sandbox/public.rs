//! What can be asked without a signature.

use bpx_sandbox::{SandboxConfig, Side};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Signed, limit, market, now_ms, perp, resting, start, start_empty, start_with};

#[tokio::test]
async fn a_market_has_its_filters_as_strings() {
    let mut config = SandboxConfig::bare();
    config.markets[4].price_band_percent = Some(25.into());
    let (_sandbox, client) = start(config).await;
    let mut market = client.ask("/api/v1/market?symbol=SOL_USDC").await.ok();
    let created = market.as_object_mut().unwrap().remove("createdAt").unwrap();
    let format = "%Y-%m-%dT%H:%M:%S%.f";
    assert!(chrono::NaiveDateTime::parse_from_str(created.as_str().unwrap(), format).is_ok());
    for (field, expected) in [
        ("symbol", "SOL_USDC"),
        ("baseSymbol", "SOL"),
        ("quoteSymbol", "USDC"),
        ("marketType", "SPOT"),
        ("orderBookState", "Open"),
    ] {
        assert_eq!(market[field], expected);
    }
    assert_eq!(market["visible"], true);
    let price = &market["filters"]["price"];
    assert_eq!(
        (&price["minPrice"], &price["tickSize"]),
        (&json!("0.000001"), &json!("0.000001"))
    );
    assert_eq!(price["maxPrice"], Value::Null);
    let band = (&price["minMultiplier"], &price["maxMultiplier"]);
    assert_eq!(band, (&json!("0.75"), &json!("1.25")));
    let step = "0.00000001";
    let expected = json!({ "minQuantity": step, "maxQuantity": null, "stepSize": step });
    assert_eq!(market["filters"]["quantity"], expected);
}

#[tokio::test]
async fn all_markets_and_assets_are_listed() {
    let (_sandbox, client) = start_empty().await;
    let markets = client.ask("/api/v1/markets").await.ok();
    let markets = markets.as_array().unwrap();
    let symbols: Vec<_> = markets
        .iter()
        .map(|market| market["symbol"].as_str().unwrap())
        .collect();
    let expected = [
        "BTC_USDC",
        "BTC_USDC_PERP",
        "ETH_USDC",
        "ETH_USDC_PERP",
        "SOL_USDC",
    ];
    assert_eq!(symbols[..5], expected);
    let kinds = (&markets[0]["marketType"], &markets[1]["marketType"]);
    assert_eq!(kinds, (&json!("SPOT"), &json!("PERP")));
    assert_eq!(markets[1]["imfFunction"]["base"], "0.1");
    let assets = client.ask("/api/v1/assets").await.ok();
    let row = |symbol| json!({ "symbol": symbol, "displayName": symbol, "coingeckoId": null, "tokens": [] });
    assert_eq!(assets, json!(["BTC", "ETH", "SOL", "USDC"].map(row)));
}

#[tokio::test]
async fn the_depth_adds_up_orders_of_one_price() {
    let (_sandbox, client) = start_with(vec![
        resting(Side::Ask, "101", "1"),
        resting(Side::Ask, "102", "2"),
        resting(Side::Ask, "101", "0.5"),
        resting(Side::Bid, "99", "4"),
        resting(Side::Bid, "98", "3"),
    ])
    .await;
    client.place(market("Bid", "quantity", "1.25")).await.ok();
    let before = now_ms() * 1000;
    let depth = client.ask("/api/v1/depth?symbol=SOL_USDC").await.ok();
    assert_eq!(depth["asks"], json!([["101", "0.25"], ["102", "2"]]));
    assert_eq!(depth["bids"], json!([["98", "3"], ["99", "4"]]));
    assert!(depth["timestamp"].as_i64().unwrap() >= before);
    let seen = |depth: &Value| {
        depth["lastUpdateId"]
            .as_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    client.place(limit("Bid", "50", "1")).await.ok();
    let target = "/api/v1/depth?symbol=SOL_USDC&limit=5";
    let later = client.ask(target).await.ok();
    assert!(seen(&later) > seen(&depth));
    assert_eq!(later["bids"].as_array().unwrap().len(), 3);
    let empty = client.ask("/api/v1/depth?symbol=ETH_USDC").await.ok();
    assert_eq!((&empty["asks"], &empty["bids"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn a_depth_limit_keeps_the_levels_next_to_the_market() {
    let bids = (1..=7).map(|price| resting(Side::Bid, &price.to_string(), "1"));
    let (_sandbox, client) = start_with(bids.collect()).await;
    let depth = client
        .ask("/api/v1/depth?symbol=SOL_USDC&limit=5")
        .await
        .ok();
    let bids: Vec<_> = depth["bids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|level| &level[0])
        .collect();
    assert_eq!(bids, ["3", "4", "5", "6", "7"]);
    for limit in ["0", "6", "1001", "many"] {
        let target = format!("/api/v1/depth?symbol=SOL_USDC&limit={limit}");
        client
            .ask(&target)
            .await
            .is_text(400, "failed to parse parameter `limit`");
    }
}

#[tokio::test]
async fn a_ticker_counts_from_the_start() {
    let asks = ["100", "120", "110"].map(|price| resting(Side::Ask, price, "1"));
    let (_sandbox, client) = start_with(asks.into()).await;
    let target = "/api/v1/ticker?symbol=SOL_USDC";
    let quiet = client.ask(target).await.ok();
    assert_eq!(
        (&quiet["lastPrice"], &quiet["trades"]),
        (&json!("0"), &json!("0"))
    );
    client.place(market("Bid", "quantity", "3")).await.ok();
    let expected = json!({
        "symbol": "SOL_USDC", "firstPrice": "100", "lastPrice": "120", "priceChange": "20",
        "priceChangePercent": "0.2", "high": "120", "low": "100", "volume": "3",
        "quoteVolume": "330", "trades": "3",
    });
    assert_eq!(client.ask(target).await.ok(), expected);
    let all = client.ask("/api/v1/tickers").await.ok();
    assert_eq!(all.as_array().unwrap().len(), 6);
    assert_eq!(all[4], expected);
}

#[tokio::test]
async fn status_ping_and_time_answer() {
    let (_sandbox, client) = start_empty().await;
    let status = client.ask("/api/v1/status").await.ok();
    assert_eq!(status, json!({ "status": "Ok", "message": null }));
    let ping = client.ask("/api/v1/ping").await;
    assert_eq!((ping.status, ping.text.as_str()), (200, "pong"));
    let before = now_ms();
    let time: i64 = client.ask("/api/v1/time").await.text.parse().unwrap();
    assert!((before..=now_ms()).contains(&time));
}

#[tokio::test]
async fn an_unknown_symbol_is_a_400_and_a_missing_one_too() {
    let (_sandbox, client) = start_empty().await;
    for path in ["market", "depth", "ticker"] {
        let reply = client
            .ask(&format!("/api/v1/{path}?symbol=DOGE_USDC"))
            .await;
        let unknown = "failed to parse parameter `symbol`: failed to parse \"MarketSymbol\": Invalid market symbol";
        reply.is_text(400, unknown);
        let reply = client.ask(&format!("/api/v1/{path}")).await;
        reply.is_text(400, "failed to parse parameter `symbol`");
        let target = format!("/api/v1/{path}");
        let wrong = client.send(Method::POST, &target, Signed(vec![]), "").await;
        wrong.is_text(405, "method not allowed");
    }
}

#[tokio::test]
async fn public_requests_are_not_in_the_log_of_signed_ones() {
    let (sandbox, client) = start_empty().await;
    client.ask("/api/v1/markets").await.ok();
    assert!(sandbox.verified().is_empty());
    client.balances().await.ok();
    assert_eq!(sandbox.verified()[0].instructions, ["balanceQuery"]);
    client.place(perp(limit("Bid", "1", "1"))).await.ok();
}
