//! What an account may read about itself: positions, collateral, limits, and lists that are empty here.

use bpx_sandbox::{ReferencePrice, Side};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{
    Client, limit, market, perp, plus, resting, start_empty, start_two, start_with,
};

async fn positions(client: &Client, query: &str) -> Value {
    client
        .get("/api/v1/position", "positionQuery", query)
        .await
        .ok()
}

async fn max_quantity(client: &Client, query: &str) -> Value {
    let path = "/api/v1/account/limits/order";
    client.get(path, "maxOrderQuantity", query).await.ok()
}

#[tokio::test]
async fn a_position_is_what_its_fills_made_of_it() {
    let (sandbox, one, two) = start_two().await;
    assert_eq!(positions(&one, "").await, json!([]));
    for (price, quantity) in [("100", "2"), ("110", "1")] {
        one.place(perp(limit("Bid", price, quantity))).await.ok();
        two.place(perp(limit("Ask", price, quantity))).await.ok();
    }
    one.place(perp(limit("Ask", "120", "1"))).await.ok();
    two.place(perp(limit("Bid", "120", "1"))).await.ok();
    one.place(perp(limit("Bid", "90", "4"))).await.ok();
    let set = sandbox.set_reference_price("SOL_USDC_PERP", ReferencePrice::Mark, 105.into());
    assert!(set.is_ok());
    let function = json!({ "type": "sqrt", "base": "0.1", "factor": "0" });
    // 310 for 3, of which a third, 103.333333, went with the one that was sold for 120.
    let expected = json!({
        "symbol": "SOL_USDC_PERP", "netQuantity": "2", "netCost": "206.666667", "entryPrice": "103.3333335",
        "breakEvenPrice": "95", "markPrice": "105", "pnlRealized": "16.666667", "pnlUnrealized": "3.333333",
        "netExposureQuantity": "6", "netExposureNotional": "630", "imf": "0.1", "mmf": "0.1",
        "imfFunction": function, "mmfFunction": function, "estLiquidationPrice": "0",
        "cumulativeFundingPayment": "0", "cumulativeInterest": "0", "subaccountId": null, "userId": 1,
        "positionId": "1005",
    });
    assert_eq!(positions(&one, "").await, json!([expected]));
    assert_eq!(
        positions(&one, "symbol=SOL_USDC_PERP").await,
        json!([expected])
    );
    assert_eq!(positions(&one, "marketType=PERP").await, json!([expected]));
    for other in ["symbol=ETH_USDC_PERP", "symbol=SOL_USDC", "marketType=SPOT"] {
        assert_eq!(positions(&one, other).await, json!([]), "{other}");
    }
    let short = &positions(&two, "").await[0];
    assert_eq!(
        (&short["netQuantity"], &short["netCost"]),
        (&json!("-2"), &json!("-206.666667"))
    );
    assert_eq!(
        (&short["pnlUnrealized"], &short["entryPrice"]),
        (&json!("-3.333333"), &json!("103.3333335"))
    );
}

#[tokio::test]
async fn collateral_adds_up() {
    let (sandbox, one, two) = start_two().await;
    for (symbol, price) in [("SOL_USDC", 100), ("SOL_USDC_PERP", 100)] {
        let set = sandbox.set_reference_price(symbol, ReferencePrice::Last, price.into());
        assert!(set.is_ok());
    }
    one.place(perp(limit("Bid", "100", "10"))).await.ok();
    two.place(perp(limit("Ask", "100", "10"))).await.ok();
    one.place(limit("Ask", "200", "5")).await.ok();
    let set = sandbox.set_reference_price("SOL_USDC_PERP", ReferencePrice::Mark, 103.into());
    assert!(set.is_ok());
    let summary = one
        .get("/api/v1/capital/collateral", "collateralQuery", "")
        .await
        .ok();
    // 1,000,000 of each asset, of which BTC and ETH have no price; the maker's fee was 0.2.
    let expected = [
        ("assetsValue", "100999999.8"),
        ("netEquity", "101000029.8"),
        ("netEquityLocked", "600"),
        ("netEquityAvailable", "100999429.8"),
        ("pnlUnrealized", "30"),
        ("unsettledEquity", "30"),
        ("netExposureFutures", "1030"),
        ("borrowLiability", "0"),
        ("liabilitiesValue", "0"),
        ("imf", "0.1"),
    ];
    for (field, value) in expected {
        assert_eq!(summary[field], value, "{field}");
    }
    let sol = &summary["collateral"][2];
    let row = json!({
        "symbol": "SOL", "assetMarkPrice": "100", "totalQuantity": "1000000", "balanceNotional": "100000000",
        "collateralWeight": "1", "collateralValue": "100000000", "openOrderQuantity": "5", "lendQuantity": "0",
        "availableQuantity": "999995",
    });
    assert_eq!(*sol, row);
    let (_sandbox, fresh) = start_empty().await;
    let summary = fresh
        .get("/api/v1/capital/collateral", "collateralQuery", "")
        .await
        .ok();
    assert_eq!(summary["marginFraction"], Value::Null);
}

#[tokio::test]
async fn an_account_counts_its_orders() {
    let (_sandbox, client) = start_empty().await;
    client.place(limit("Bid", "1", "1")).await.ok();
    let trigger = json!({ "triggerPrice": "2", "triggerQuantity": "1" });
    client
        .place(plus(limit("Bid", "1", "1"), trigger))
        .await
        .ok();
    let account = client.get("/api/v1/account", "accountQuery", "").await.ok();
    let expected = json!({
        "autoBorrowSettlements": false, "autoLend": false, "autoRealizePnl": false, "autoRepayBorrows": false,
        "borrowLimit": "0", "futuresMakerFee": "2", "futuresTakerFee": "5", "leverageLimit": "10",
        "limitOrders": 1, "liquidating": false, "positionLimit": "10000000", "spotMakerFee": "2",
        "spotTakerFee": "5", "triggerOrders": 1,
    });
    assert_eq!(account, expected);
}

#[tokio::test]
async fn an_account_keeps_and_shows_what_it_was_set_to() {
    let (sandbox, client) = start_empty().await;
    let update = async |body: Value| {
        let path = "/api/v1/account";
        client
            .body(Method::PATCH, path, "accountUpdate", &body)
            .await
    };
    let changed = update(json!({ "leverageLimit": "20", "autoLend": true })).await;
    assert_eq!((changed.status, changed.text.as_str()), (200, ""));
    assert_eq!(update(json!({ "leverageLimit": "5" })).await.status, 200);
    let shown = async || {
        let account = client.get("/api/v1/account", "accountQuery", "").await.ok();
        [
            account["leverageLimit"].clone(),
            account["autoLend"].clone(),
        ]
    };
    assert_eq!(shown().await, [json!("5"), json!(true)]);
    for limit in ["0", "0.5", "51", "-1"] {
        let refused = update(json!({ "leverageLimit": limit })).await;
        let message = "Leverage limit must be between 1 and 50";
        refused.is_error(400, "INVALID_CLIENT_REQUEST", message);
    }
    sandbox.reset().unwrap();
    assert_eq!(shown().await, [json!("10"), json!(false)]);
}

#[tokio::test]
async fn the_largest_quantity_is_taken_and_one_step_more_is_not() {
    for (symbol, side, price) in [
        ("SOL_USDC", "Bid", "148.37"),
        ("SOL_USDC", "Ask", "148.37"),
        ("SOL_USDC_PERP", "Bid", "3.000001"),
        ("SOL_USDC_PERP", "Ask", "9173.5"),
    ] {
        let (_sandbox, client) = start_empty().await;
        let query = format!("symbol={symbol}&side={side}&price={price}");
        let limits = max_quantity(&client, &query).await;
        assert_eq!(
            (&limits["symbol"], &limits["side"]),
            (&json!(symbol), &json!(side))
        );
        let max: rust_decimal::Decimal = limits["maxOrderQuantity"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let step = rust_decimal::Decimal::new(1, 8);
        let order = |quantity: rust_decimal::Decimal| {
            plus(
                limit(side, price, &quantity.to_string()),
                json!({ "symbol": symbol }),
            )
        };
        let refused = client.place(order(max + step)).await;
        assert_eq!(refused.status, 400, "{symbol} {side} {max}");
        assert!(refused.text.contains("INSUFFICIENT_"), "{}", refused.text);
        assert_eq!(
            client.place(order(max)).await.ok()["status"],
            "New",
            "{symbol} {side}"
        );
        // Nothing is left for another.
        let left = max_quantity(&client, &query).await["maxOrderQuantity"].clone();
        let left: rust_decimal::Decimal = left.as_str().unwrap().parse().unwrap();
        assert!(left <= step, "{left}");
    }
}

#[tokio::test]
async fn a_quantity_that_the_market_refuses_is_no_limit() {
    let mut config = bpx_sandbox::SandboxConfig::bare();
    config.markets[4].min_quantity = Some(100_000.into());
    config.markets[4].price_band_percent = Some(10.into());
    let (sandbox, client) = crate::client::start(config).await;
    let below = max_quantity(&client, "symbol=SOL_USDC&side=Bid&price=100").await;
    assert_eq!(below["maxOrderQuantity"], "0");
    let set = sandbox.set_reference_price("SOL_USDC", ReferencePrice::Last, 100.into());
    assert!(set.is_ok());
    let path = "/api/v1/account/limits/order";
    let far = client
        .get(
            path,
            "maxOrderQuantity",
            "symbol=SOL_USDC&side=Bid&price=200",
        )
        .await;
    far.is_error(
        400,
        "INVALID_PRICE",
        "Price is too far from the last active price",
    );
}

#[tokio::test]
async fn without_a_price_the_other_sides_best_one_counts() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "200", "1")]).await;
    let max = max_quantity(&client, "symbol=SOL_USDC&side=Bid&autoBorrow=false").await;
    // 1,000,000 / (200 * 1.0005)
    assert_eq!(max["maxOrderQuantity"], "4997.50124937");
    assert_eq!(
        (&max["price"], &max["autoBorrow"]),
        (&Value::Null, &json!(false))
    );
    let none = max_quantity(&client, "symbol=ETH_USDC&side=Bid").await;
    assert_eq!(none["maxOrderQuantity"], "0");
    client.place(market("Bid", "quantity", "1")).await.ok();
    let reducing = "symbol=SOL_USDC_PERP&side=Ask&reduceOnly=true";
    assert_eq!(
        max_quantity(&client, reducing).await["maxOrderQuantity"],
        "0"
    );
}

#[tokio::test]
async fn limits_refuse_what_they_cannot_read() {
    let (_sandbox, client) = start_empty().await;
    let path = "/api/v1/account/limits/order";
    for (query, text) in [
        ("side=Bid", "failed to parse parameter `symbol`"),
        ("symbol=SOL_USDC", "failed to parse parameter `side`"),
        (
            "symbol=SOL_USDC&side=Buy",
            "failed to parse parameter `side`: failed to parse \"Side\": Expect",
        ),
        (
            "symbol=SOL_USDC&side=Bid&price=1e3",
            "failed to parse parameter `price`",
        ),
        (
            "symbol=SOL_USDC&side=Bid&reduceOnly=yes",
            "failed to parse parameter `reduceOnly`",
        ),
    ] {
        client
            .get(path, "maxOrderQuantity", query)
            .await
            .is_text(400, text);
    }
    let zero = client
        .get(path, "maxOrderQuantity", "symbol=SOL_USDC&side=Bid&price=0")
        .await;
    zero.is_error(400, "INVALID_PRICE", "Invalid price");
    for (path, instruction) in [
        ("/api/v1/account/limits/borrow", "maxBorrowQuantity"),
        ("/api/v1/account/limits/withdrawal", "maxWithdrawalQuantity"),
    ] {
        let reply = client.get(path, instruction, "symbol=DOGE").await;
        reply.is_error(400, "INVALID_ASSET", "Invalid asset symbol");
        let answer = client.get(path, instruction, "symbol=USDC").await.ok();
        let expected = if path.ends_with("borrow") {
            "0"
        } else {
            "1000000"
        };
        assert_eq!(answer[instruction], expected);
    }
}

#[tokio::test]
async fn what_is_not_modelled_is_an_empty_list() {
    let (_sandbox, client) = start_empty().await;
    for path in [
        "securities",
        "wallets",
        "prediction",
        "prediction/tags",
        "market-sessions",
        "market-holidays",
        "collateral",
        "borrowLend/markets",
        "vaults",
    ] {
        assert_eq!(
            client.ask(&format!("/api/v1/{path}")).await.ok(),
            json!([]),
            "{path}"
        );
    }
    for (path, instruction) in [
        ("/api/v1/borrowLend/positions", "borrowLendPositionQuery"),
        ("/api/v1/rfqs", "rfqQuery"),
        ("/api/v1/strategies", "strategyQueryAll"),
        ("/wapi/v1/capital/deposits", "depositQueryAll"),
        ("/wapi/v1/capital/withdrawals", "withdrawalQueryAll"),
        ("/wapi/v1/history/borrowLend", "borrowHistoryQueryAll"),
        (
            "/wapi/v1/history/borrowLend/positions",
            "borrowPositionHistoryQueryAll",
        ),
        ("/wapi/v1/history/dust", "dustHistoryQueryAll"),
        ("/wapi/v1/history/funding", "fundingHistoryQueryAll"),
        ("/wapi/v1/history/interest", "interestHistoryQueryAll"),
        ("/wapi/v1/history/pnl", "pnlHistoryQueryAll"),
        ("/wapi/v1/history/position", "positionHistoryQueryAll"),
        ("/wapi/v1/history/quote", "quoteHistoryQueryAll"),
        ("/wapi/v1/history/quote/fill", "quoteFillHistoryQueryAll"),
        ("/wapi/v1/history/rfq", "rfqHistoryQueryAll"),
        ("/wapi/v1/history/rfq/fill", "rfqFillHistoryQueryAll"),
        ("/wapi/v1/history/settlement", "settlementHistoryQueryAll"),
        ("/wapi/v1/history/strategies", "strategyHistoryQueryAll"),
    ] {
        let reply = client.get(path, instruction, "limit=1000&unknown=1").await;
        assert_eq!(reply.header("x-total"), "0", "{path} {}", reply.text);
        assert_eq!(reply.ok(), json!([]));
        for limit in ["0", "1001"] {
            let reply = client
                .get(path, instruction, &format!("limit={limit}"))
                .await;
            reply.is_error(
                400,
                "INVALID_CLIENT_REQUEST",
                "Invalid limit: must be between 1 and 1000",
            );
        }
        let unsigned = client.ask(path).await.status;
        assert!([400, 401].contains(&unsigned), "{path} {unsigned}");
    }
}
