//! What goes out, byte for byte.

use bpx_client::Error;
use bpx_client::types::*;
use bpx_tests::exchange::decimal;
use serde_json::{Value, json};

use crate::server::Server;

const SIGNING_HEADERS: [&str; 4] = ["x-api-key", "x-signature", "x-timestamp", "x-window"];

fn limit_order() -> NewOrder {
    NewOrder::new(OrderType::Limit, Side::Bid, "SOL_USDC")
        .price(decimal("20.10").unwrap())
        .quantity(decimal("1.000").unwrap())
}

#[tokio::test]
async fn a_get_carries_what_was_given_and_nothing_else() {
    let server = Server::json("[]").await;
    server.client.get_open_orders().send().await.unwrap();
    let open = server
        .client
        .get_open_orders()
        .market_type(MarketType::Perp);
    open.symbol("kPEPE_USDC_PERP").send().await.unwrap();
    let [bare, full] = <[_; 2]>::try_from(server.seen()).unwrap();
    assert_eq!((&*bare.method, &*bare.path), ("GET", "/api/v1/orders"));
    assert_eq!((&*bare.query, &*bare.body), ("", ""));
    assert_eq!(full.pairs(), ["marketType=PERP", "symbol=kPEPE_USDC_PERP"]);
}

#[tokio::test]
async fn zero_is_a_value_like_any_other() {
    let server = Server::json("{}").await;
    let get = server
        .client
        .get_order()
        .symbol("SOL_USDC")
        .client_id(0_u32);
    get.send().await.unwrap_err();
    assert_eq!(server.only().pairs(), ["clientId=0", "symbol=SOL_USDC"]);
    let server = Server::page("[]").await;
    let fills = server.client.get_fills().from(0).offset(0_u64);
    fills.send().await.unwrap();
    assert_eq!(server.only().pairs(), ["from=0", "offset=0"]);
}

#[tokio::test]
async fn every_parameter_of_the_fills_has_the_venues_name() {
    let server = Server::page("[]").await;
    let fills = server.client.get_fills().order_id("11").strategy_id("s 1");
    let fills = fills.from(-1).to(i64::MAX).symbol("SOL_USDC");
    let fills = fills.limit(1000_u64).offset(u64::MAX);
    let fills = fills.fill_type(FillType::CollateralConversionAndSpotLiquidation);
    let fills = fills.market_type(vec![MarketType::Spot, MarketType::Perp]);
    let page = fills.sort_direction(SortDirection::Asc).send().await;
    page.unwrap();
    let seen = server.only();
    assert_eq!(
        (&*seen.method, &*seen.path),
        ("GET", "/wapi/v1/history/fills")
    );
    assert_eq!(
        seen.pairs(),
        [
            "fillType=CollateralConversionAndSpotLiquidation",
            "from=-1",
            "limit=1000",
            "marketType=PERP",
            "marketType=SPOT",
            "offset=18446744073709551615",
            "orderId=11",
            "sortDirection=Asc",
            "strategyId=s+1",
            "symbol=SOL_USDC",
            "to=9223372036854775807",
        ]
    );
    assert!(
        seen.query.contains("marketType=SPOT&marketType=PERP"),
        "{}",
        seen.query
    );
}

#[tokio::test]
async fn every_parameter_of_the_order_history_has_the_venues_name() {
    let server = Server::page("[]").await;
    let history = server
        .client
        .get_order_history()
        .order_id("11")
        .strategy_id("7");
    let history = history.symbol("SOL_USDC").limit(1_u64).offset(2_u64);
    let history = history.market_type(vec![MarketType::Iperp]);
    history
        .sort_direction(SortDirection::Desc)
        .send()
        .await
        .unwrap();
    let seen = server.only();
    assert_eq!(
        (&*seen.method, &*seen.path),
        ("GET", "/wapi/v1/history/orders")
    );
    assert_eq!(
        seen.pairs(),
        [
            "limit=1",
            "marketType=IPERP",
            "offset=2",
            "orderId=11",
            "sortDirection=Desc",
            "strategyId=7",
            "symbol=SOL_USDC",
        ]
    );
}

#[tokio::test]
async fn an_order_is_sent_with_the_fields_that_were_set_and_no_null() {
    let server = Server::json("{}").await;
    let send = server.client.execute_order().body(limit_order()).send();
    send.await.unwrap_err();
    let seen = server.only();
    assert_eq!((&*seen.method, &*seen.path), ("POST", "/api/v1/order"));
    assert_eq!(
        seen.json(),
        json!({"orderType": "Limit", "side": "Bid", "symbol": "SOL_USDC", "price": "20.10", "quantity": "1.000"})
    );
    assert!(
        seen.header("content-type")
            .unwrap()
            .starts_with("application/json")
    );
    for name in ["x-broker-id", "x-broker-key"] {
        assert_eq!(seen.header(name), None);
    }
}

/// All 27 fields.
fn full_order() -> (NewOrder, Value) {
    let decimal = |text| decimal(text).unwrap();
    let order = limit_order().auto_borrow(true).auto_borrow_repay(false);
    let order = order
        .auto_lend(true)
        .auto_lend_redeem(false)
        .broker_id(65_535);
    let order = order.client_id(u32::MAX).post_only(false).reduce_only(true);
    let order = order.quote_quantity(decimal("0.0000001"));
    let order = order.self_trade_prevention(SelfTradePrevention::RejectBoth);
    let order = order
        .slippage_tolerance(decimal("1"))
        .slippage_tolerance_type(SlippageToleranceType::Percent);
    let order = order
        .stop_loss_limit_price(decimal("9.9"))
        .stop_loss_trigger_by(TriggerBy::MarkPrice);
    let order = order
        .stop_loss_trigger_price("10".parse().unwrap())
        .take_profit_limit_price(decimal("30.00"));
    let order = order
        .take_profit_trigger_by(TriggerBy::IndexPrice)
        .take_profit_trigger_price("31".parse().unwrap());
    let order = order
        .time_in_force(TimeInForce::Gtc)
        .trigger_by(TriggerBy::LastPrice);
    let order = order
        .trigger_price("19".parse().unwrap())
        .trigger_quantity("80%".parse().unwrap());
    let json = json!({
        "autoBorrow": true, "autoBorrowRepay": false, "autoLend": true, "autoLendRedeem": false,
        "brokerId": 65_535, "clientId": 4_294_967_295_u32, "orderType": "Limit", "postOnly": false,
        "price": "20.10", "quantity": "1.000", "quoteQuantity": "0.0000001", "reduceOnly": true,
        "selfTradePrevention": "RejectBoth", "side": "Bid", "slippageTolerance": "1",
        "slippageToleranceType": "Percent", "stopLossLimitPrice": "9.9", "stopLossTriggerBy": "MarkPrice",
        "stopLossTriggerPrice": "10", "symbol": "SOL_USDC", "takeProfitLimitPrice": "30.00",
        "takeProfitTriggerBy": "IndexPrice", "takeProfitTriggerPrice": "31", "timeInForce": "GTC",
        "triggerBy": "LastPrice", "triggerPrice": "19", "triggerQuantity": "80%",
    });
    (order, json)
}

#[tokio::test]
async fn every_field_of_an_order_has_the_venues_name() {
    let (order, expected) = full_order();
    assert_eq!(expected.as_object().unwrap().len(), 27);
    let server = Server::json("[]").await;
    let send = server.client.execute_order().body(order.clone());
    let send = send.broker_id(2200_u16).broker_key("broker key").send();
    send.await.unwrap_err();
    let batch = server.client.execute_order_batch().broker_id(1_u16);
    batch.body(vec![order, limit_order()]).send().await.unwrap();
    let [one, many] = <[_; 2]>::try_from(server.seen()).unwrap();
    assert_eq!(one.json(), expected);
    assert_eq!(one.header("x-broker-id"), Some("2200"));
    assert_eq!(one.header("x-broker-key"), Some("broker key"));
    assert_eq!((&*many.method, &*many.path), ("POST", "/api/v1/orders"));
    assert_eq!(many.json()[0], expected);
    assert_eq!(many.json()[1]["price"], "20.10");
    assert_eq!(many.header("x-broker-id"), Some("1"));
}

#[tokio::test]
async fn cancellations_are_deletes_with_a_body() {
    let server = Server::answering(202, &[], "").await;
    let body = CancelOrder::new("SOL_USDC").client_id(0);
    server
        .client
        .cancel_order()
        .body(body)
        .send()
        .await
        .unwrap();
    let body = CancelAll::new("SOL_USDC").order_type(CancelOrderType::ConditionalOrder);
    server
        .client
        .cancel_open_orders()
        .body(body)
        .send()
        .await
        .unwrap();
    let [one, all] = <[_; 2]>::try_from(server.seen()).unwrap();
    assert_eq!((&*one.method, &*one.path), ("DELETE", "/api/v1/order"));
    assert_eq!(one.json(), json!({"clientId": 0, "symbol": "SOL_USDC"}));
    assert_eq!((&*all.method, &*all.path), ("DELETE", "/api/v1/orders"));
    assert_eq!(
        all.json(),
        json!({"orderType": "ConditionalOrder", "symbol": "SOL_USDC"})
    );
}

#[tokio::test]
async fn each_request_has_the_four_signing_headers_and_a_signature_of_its_own() {
    let server = Server::json("[]").await;
    for symbol in ["SOL_USDC", "BTC_USDC"] {
        server
            .client
            .get_open_orders()
            .symbol(symbol)
            .send()
            .await
            .unwrap();
    }
    let seen = server.seen();
    for name in SIGNING_HEADERS {
        assert!(
            seen.iter().all(|request| request.header(name).is_some()),
            "{name}"
        );
    }
    assert_eq!(seen[0].header("x-signature").unwrap().len(), 88);
    assert_ne!(seen[0].header("x-signature"), seen[1].header("x-signature"));
    assert_eq!(seen[0].header("x-window"), Some("5000"));
}

#[tokio::test]
async fn what_is_required_and_missing_is_named_and_nothing_is_sent() {
    let server = Server::json("{}").await;
    let client = &server.client;
    let errors = [
        client.get_order().order_id("1").send().await.unwrap_err(),
        client.execute_order().send().await.unwrap_err(),
        client.cancel_order().send().await.unwrap_err(),
        client.cancel_open_orders().send().await.unwrap_err(),
        client.execute_order_batch().send().await.unwrap_err(),
    ];
    for (error, missing) in errors
        .iter()
        .zip(["symbol", "body", "body", "body", "body"])
    {
        assert!(
            matches!(error, Error::InvalidRequest(reason) if reason.contains(missing)),
            "{error}"
        );
        assert!(!error.was_sent());
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn an_empty_batch_is_refused_before_it_is_sent() {
    let server = Server::json("[]").await;
    let error = server
        .client
        .execute_order_batch()
        .body(vec![])
        .send()
        .await;
    assert!(matches!(error, Err(Error::Signing(_))));
    assert!(server.seen().is_empty());
}
