//! What a newcomer finds: the venue's filters, a price, and somebody to trade with.

use bpx_sandbox::{Sandbox, SandboxConfig};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{head, limit, market, perp, plus, start};

#[tokio::test]
async fn the_first_market_order_fills() {
    for symbol in ["BTC_USDC", "ETH_USDC_PERP", "SOL_USDC", "SOL_USDC_PERP"] {
        for side in ["Bid", "Ask"] {
            let (_sandbox, client) = start(SandboxConfig::default()).await;
            let order = plus(market(side, "quantity", "0.5"), json!({ "symbol": symbol }));
            let placed = client.place(order).await.ok();
            let shown = (&placed["status"], &placed["executedQuantity"]);
            assert_eq!(shown, (&json!("Filled"), &json!("0.5")), "{symbol} {side}");
        }
    }
}

#[tokio::test]
async fn the_book_stands_around_the_last_price() {
    let (_sandbox, client) = start(SandboxConfig::default()).await;
    let depth = client.ask("/api/v1/depth?symbol=SOL_USDC").await.ok();
    let [asks, bids] = ["asks", "bids"].map(|side| depth[side].as_array().unwrap());
    assert_eq!((asks.len(), bids.len()), (10, 10));
    assert_eq!(
        (&asks[0], &bids[9]),
        (&json!(["150.08", "66.67"]), &json!(["149.92", "66.67"]))
    );
    let ticker = client.ask("/api/v1/ticker?symbol=SOL_USDC").await.ok();
    assert_eq!(
        (&ticker["lastPrice"], &ticker["trades"]),
        (&json!("150"), &json!("0"))
    );
    let marks = client.ask("/api/v1/markPrices").await.ok();
    let marks: Vec<_> = marks
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["markPrice"])
        .collect();
    assert_eq!(marks, ["100000", "4000", "150"]);
}

#[tokio::test]
async fn the_filters_are_the_venues() {
    let (_sandbox, client) = start(SandboxConfig::default()).await;
    let market = client.ask("/api/v1/market?symbol=SOL_USDC").await.ok();
    let price = &market["filters"]["price"];
    assert_eq!(
        (&price["tickSize"], &price["minPrice"]),
        (&json!("0.01"), &json!("0.01"))
    );
    let expected = json!({ "minQuantity": "0.01", "maxQuantity": null, "stepSize": "0.01" });
    assert_eq!(market["filters"]["quantity"], expected);
    let quantity = "Quantity decimal too long";
    for (order, message) in [
        (limit("Bid", "18.123456", "0.0000001"), quantity),
        (limit("Bid", "18.12", "0.001"), quantity),
        (perp(limit("Bid", "18.12", "0.001")), quantity),
        (limit("Bid", "18.123", "1"), "Price decimal too long"),
    ] {
        client
            .place(order)
            .await
            .is_error(400, "INVALID_CLIENT_REQUEST", message);
    }
}

#[tokio::test]
async fn a_file_may_have_its_own_book_or_none() {
    let levels = async |text: &str| {
        let (_sandbox, client) = start(SandboxConfig::from_toml(text).unwrap()).await;
        let depth = client.ask("/api/v1/depth?symbol=SOL_USDC").await.ok();
        ["asks", "bids"].map(|side| depth[side].as_array().unwrap().len())
    };
    let market = "[[markets]]\nbase = \"SOL\"\nquote = \"USDC\"\n";
    let priced = format!("{market}reference_price = 20\ntick_size = \"0.5\"\nmin_price = 19");
    let ask = "[[liquidity]]\nsymbol = \"SOL_USDC\"\nside = \"Ask\"\nprice = 9\nquantity = 1";
    assert_eq!(levels("").await, [10, 10]);
    assert_eq!(levels("liquidity = []").await, [0, 0]);
    assert_eq!(levels(ask).await, [1, 0]);
    assert_eq!(levels(market).await, [0, 0]);
    // No bid below the lowest price: 19.5 and 19 alone.
    assert_eq!(levels(&priced).await, [10, 2]);
}

#[tokio::test]
async fn a_quiet_book_has_what_fits_and_an_impossible_price_is_named() {
    let market = |more: &str| format!("[[markets]]\nbase = \"A\"\nquote = \"USDC\"\n{more}");
    for more in [
        "reference_price = 0",
        "reference_price = 5\ntick_size = 0",
        "reference_price = 5\nstep_size = 0",
        "reference_price = \"79228162514264337593543950335\"",
    ] {
        let config = SandboxConfig::from_toml(&market(more)).unwrap();
        let error = Sandbox::start(config).await.unwrap_err().to_string();
        assert!(error.contains("it cannot compute with"), "{more}: {error}");
    }
    for (more, levels) in [
        ("reference_price = 9999999\ntick_size = \"0.01\"", [0, 10]),
        ("reference_price = 5000000\nstep_size = 1000000", [0, 0]),
        ("reference_price = \"0.000001\"", [10, 0]),
    ] {
        let config = SandboxConfig::from_toml(&market(more)).unwrap();
        let (_sandbox, client) = start(config).await;
        let depth = client.ask("/api/v1/depth?symbol=A_USDC").await.ok();
        let found = ["asks", "bids"].map(|side| depth[side].as_array().unwrap().len());
        assert_eq!(found, levels, "{more}");
    }
}

/// Some clients send a DELETE with the same members in its query and in its body, signed once.
#[tokio::test]
async fn a_delete_may_repeat_its_body_in_its_query() {
    let (_sandbox, client) = start(SandboxConfig::default()).await;
    let id = client.place(limit("Bid", "100", "1")).await.ok()["id"].clone();
    let body = json!({ "symbol": "SOL_USDC", "orderId": id });
    let query = format!("orderId={}&symbol=SOL_USDC", id.as_str().unwrap());
    let send = async |method, path: &str, instruction, body: &Value| {
        let signed = client.sign_now(&head(instruction, body));
        client.send(method, path, signed, body.to_string()).await
    };
    let message = "This operation takes no query parameters";
    for other in [
        "symbol=ETH_USDC",
        "orderId=2&symbol=SOL_USDC",
        "clientId=1",
        "symbol",
    ] {
        let path = format!("/api/v1/order?{other}");
        let reply = send(Method::DELETE, &path, "orderCancel", &body).await;
        reply.is_error(400, "INVALID_CLIENT_REQUEST", message);
    }
    let reply = send(
        Method::DELETE,
        &format!("/api/v1/order?{query}"),
        "orderCancel",
        &body,
    )
    .await;
    assert_eq!(reply.ok()["status"], "Cancelled");
    let all = json!({ "symbol": "SOL_USDC" });
    let reply = send(
        Method::DELETE,
        "/api/v1/orders?symbol=SOL_USDC",
        "orderCancelAll",
        &all,
    )
    .await;
    assert_eq!(reply.ok(), json!([]));
    let order = limit("Bid", "100", "1");
    let reply = send(
        Method::POST,
        "/api/v1/order?side=Bid",
        "orderExecute",
        &order,
    )
    .await;
    reply.is_error(400, "INVALID_CLIENT_REQUEST", message);
}
