//! Trades, candles, mark prices, funding rates and open interest, made of what the book did.

use bpx_sandbox::{ReferencePrice, Side};
use chrono::{DateTime, DurationRound as _, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::client::{
    limit, market, now_ms, perp, plus, resting, start_empty, start_two, start_with,
};

fn time(value: &Value) -> DateTime<Utc> {
    let format = "%Y-%m-%d %H:%M:%S";
    let time = NaiveDateTime::parse_from_str(value.as_str().unwrap(), format);
    time.unwrap().and_utc()
}

#[tokio::test]
async fn trades_come_newest_first_with_the_side_that_rested() {
    let asks = ["101", "102"].map(|price| resting(Side::Ask, price, "1"));
    let (_sandbox, client) = start_with(asks.to_vec()).await;
    let before = now_ms();
    client.place(market("Bid", "quantity", "1.5")).await.ok();
    client.place(limit("Bid", "90", "1")).await.ok();
    let mut trades = client.ask("/api/v1/trades?symbol=SOL_USDC").await.ok();
    for trade in trades.as_array_mut().unwrap() {
        let at = trade.as_object_mut().unwrap().remove("timestamp").unwrap();
        assert!((before..=now_ms()).contains(&at.as_i64().unwrap()));
    }
    let row = |id: u64, price: &str, quantity: &str, quote: &str| {
        json!({
            "id": id, "price": price, "quantity": quantity, "quoteQuantity": quote, "isBuyerMaker": false,
        })
    };
    let expected = json!([row(2, "102", "0.5", "51"), row(1, "101", "1", "101")]);
    assert_eq!(trades, expected);
    let older = "/api/v1/trades/history?symbol=SOL_USDC&limit=1&offset=1";
    assert_eq!(client.ask(older).await.ok()[0]["id"], 1);
    assert_eq!(
        client.ask("/api/v1/trades?symbol=ETH_USDC").await.ok(),
        json!([])
    );
}

#[tokio::test]
async fn a_seller_that_takes_makes_the_buyer_the_maker() {
    let (_sandbox, client) = start_with(vec![resting(Side::Bid, "99", "1")]).await;
    client.place(market("Ask", "quantity", "1")).await.ok();
    let trades = client.ask("/api/v1/trades?symbol=SOL_USDC").await.ok();
    assert_eq!(trades[0]["isBuyerMaker"], true);
}

#[tokio::test]
async fn candles_hold_what_was_traded_in_each_interval() {
    let asks = ["100", "103", "101", "107"].map(|price| resting(Side::Ask, price, "2"));
    let (sandbox, client) = start_with(asks.to_vec()).await;
    // Three minutes later, so that two minutes are without a trade.
    let start = now_ms() / 1000;
    client.place(market("Bid", "quantity", "5")).await.ok();
    sandbox.set_clock_skew(180_000).unwrap();
    let mut later = limit("Bid", "107", "1.5");
    later = plus(later, json!({ "timeInForce": "IOC" }));
    let signed = client.sign(
        &crate::client::head("orderExecute", &later),
        now_ms() + 180_000,
        None,
    );
    let reply = client
        .send(
            reqwest::Method::POST,
            "/api/v1/order",
            signed,
            later.to_string(),
        )
        .await;
    assert_eq!(reply.ok()["executedQuantity"], "1.5");
    let target = format!("/api/v1/klines?symbol=SOL_USDC&interval=1m&startTime={start}");
    let candles = client.ask(&target).await.ok();
    let candles = candles.as_array().unwrap();
    assert_eq!(candles.len(), 4, "{candles:?}");
    let minute = TimeDelta::minutes(1);
    let first = DateTime::from_timestamp(start, 0).unwrap();
    assert_eq!(
        time(&candles[0]["start"]),
        first.duration_trunc(minute).unwrap()
    );
    for (candle, next) in candles.iter().zip(&candles[1..]) {
        assert_eq!(time(&candle["end"]) - time(&candle["start"]), minute);
        assert_eq!(candle["end"], next["start"]);
    }
    let shown = |candle: &Value| {
        [
            "open",
            "high",
            "low",
            "close",
            "volume",
            "quoteVolume",
            "trades",
        ]
        .map(|field| candle[field].clone())
    };
    let traded = ["100", "103", "100", "103", "5", "505", "3"].map(Value::from);
    assert_eq!(shown(&candles[0]), traded);
    for empty in &candles[1..3] {
        let nothing = [
            json!(null),
            json!(null),
            json!(null),
            json!(null),
            json!("0"),
            json!("0"),
            json!("0"),
        ];
        assert_eq!(shown(empty), nothing);
    }
    let traded = ["103", "107", "103", "107", "1.5", "156.5", "2"].map(Value::from);
    assert_eq!(shown(&candles[3]), traded);
}

#[tokio::test]
async fn candles_begin_with_the_exchange_and_end_now() {
    let (_sandbox, client) = start_empty().await;
    let now = now_ms() / 1000;
    let count = async |interval: &str, from: i64, more: &str| {
        let target =
            format!("/api/v1/klines?symbol=SOL_USDC&interval={interval}&startTime={from}{more}");
        client.ask(&target).await.ok().as_array().unwrap().len()
    };
    for interval in [
        "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w",
        "1month",
    ] {
        // A boundary may have passed since the start.
        assert!(
            (1..=2).contains(&count(interval, 0, "").await),
            "{interval}"
        );
    }
    let last_year = format!("&endTime={}", now - 31_000_000);
    assert_eq!(count("1h", 0, &last_year).await, 0);
    let tomorrow = format!("&endTime={}", now + 172_800);
    assert_eq!(count("1h", now + 86_400, &tomorrow).await, 0);
    for price_type in ["Last", "Index", "Mark"] {
        let more = format!("&priceType={price_type}&unknown=1");
        assert!(count("1h", 0, &more).await >= 1);
    }
}

#[tokio::test]
async fn only_the_present_candle_has_a_mark_price() {
    let (sandbox, client) = start_empty().await;
    let set = sandbox.set_reference_price("SOL_USDC", ReferencePrice::Mark, 105.into());
    assert!(set.is_ok());
    sandbox.set_clock_skew(120_000).unwrap();
    for price_type in ["Mark", "Index"] {
        let query = format!("symbol=SOL_USDC&interval=1m&startTime=0&priceType={price_type}");
        let candles = client.ask(&format!("/api/v1/klines?{query}")).await.ok();
        let candles = candles.as_array().unwrap();
        let closes: Vec<_> = candles
            .iter()
            .map(|candle| candle["close"].clone())
            .collect();
        let (last, before) = closes.split_last().unwrap();
        assert_eq!(*last, "105");
        assert!(before.len() >= 2 && before.iter().all(Value::is_null));
        assert_eq!(candles.last().unwrap()["trades"], "0");
    }
}

#[tokio::test]
async fn what_a_query_may_not_say_is_refused() {
    let (_sandbox, client) = start_empty().await;
    let not_listed = "failed to parse parameter `interval`: failed to parse \"KlineInterval\": \
        Expect a valid enumeration value.";
    let ask = |query: &str| format!("/api/v1/{query}");
    for (query, text) in [
        ("klines?symbol=SOL_USDC&interval=7m&startTime=0", not_listed),
        ("klines?symbol=SOL_USDC&interval=1M&startTime=0", not_listed),
        (
            "klines?symbol=SOL_USDC&interval=1m",
            "failed to parse parameter `startTime`",
        ),
        (
            "klines?symbol=SOL_USDC&startTime=0",
            "failed to parse parameter `interval`",
        ),
        (
            "klines?symbol=SOL_USDC&interval=1m&startTime=soon",
            "failed to parse parameter `startTime`",
        ),
        (
            "klines?symbol=SOL_USDC&interval=1m&startTime=9223372036854775807",
            "failed to parse parameter `startTime`",
        ),
        (
            "klines?symbol=SOL_USDC&interval=1m&startTime=0&priceType=Best",
            "failed to parse parameter `priceType`",
        ),
        (
            "trades?symbol=NO_USDC",
            "failed to parse parameter `symbol`",
        ),
        ("trades", "failed to parse parameter `symbol`"),
        (
            "markPrices?marketType=perp",
            "failed to parse parameter `marketType`",
        ),
        (
            "openInterest?symbol=NO_USDC",
            "failed to parse parameter `symbol`",
        ),
        ("fundingRates", "failed to parse parameter `symbol`"),
        (
            "ticker?symbol=SOL_USDC&interval=1h",
            "failed to parse parameter `interval`",
        ),
        (
            "tickers?interval=1M",
            "failed to parse parameter `interval`",
        ),
        (
            "markets?marketType=X",
            "failed to parse parameter `marketType`",
        ),
    ] {
        client.ask(&ask(query)).await.is_text(400, text);
    }
    let reversed = ask("klines?symbol=SOL_USDC&interval=1m&startTime=10&endTime=9");
    let message = "Start time must not be after end time";
    client
        .ask(&reversed)
        .await
        .is_error(400, "INVALID_RANGE", message);
}

#[tokio::test]
async fn a_page_has_at_least_one_row_and_not_too_many() {
    let (_sandbox, client) = start_empty().await;
    let ask = |query: &str| format!("/api/v1/{query}");
    for (list, limit, max) in [
        ("trades", "0", 1000),
        ("trades", "1001", 1000),
        ("trades/history", "1001", 1000),
        ("fundingRates", "0", 10_000),
        ("fundingRates", "10001", 10_000),
    ] {
        let reply = client
            .ask(&ask(&format!("{list}?symbol=SOL_USDC_PERP&limit={limit}")))
            .await;
        let message = format!("Invalid limit: must be between 1 and {max}");
        reply.is_error(400, "INVALID_CLIENT_REQUEST", &message);
    }
}

#[tokio::test]
async fn a_mark_price_is_the_one_set_else_the_last_else_the_middle_of_the_book() {
    let sol =
        [(Side::Bid, "99"), (Side::Ask, "102")].map(|(side, price)| resting(side, price, "1"));
    let (sandbox, client) = start_with(sol.to_vec()).await;
    let mark = async || {
        let target = "/api/v1/markPrices?symbol=SOL_USDC";
        client.ask(target).await.ok()[0]["markPrice"].clone()
    };
    assert_eq!(client.ask("/api/v1/markPrices").await.ok(), json!([]));
    assert_eq!(mark().await, "100.5");
    client.place(market("Bid", "quantity", "0.5")).await.ok();
    assert_eq!(mark().await, "102");
    let set = sandbox.set_reference_price("SOL_USDC", ReferencePrice::Mark, 101.into());
    assert!(set.is_ok());
    assert_eq!(mark().await, "101");
    let spot = client.ask("/api/v1/markPrices?marketType=SPOT").await.ok();
    assert_eq!(spot.as_array().unwrap().len(), 1);
    let row = json!({
        "symbol": "SOL_USDC", "markPrice": "101", "indexPrice": null, "fundingRate": null,
        "nextFundingTimestamp": null,
    });
    assert_eq!(spot[0], row);
}

#[tokio::test]
async fn a_perpetual_has_a_funding_rate_of_zero_for_each_hour_that_ended() {
    let (sandbox, client) = start_empty().await;
    let set = sandbox.set_reference_price("SOL_USDC_PERP", ReferencePrice::Last, 100.into());
    assert!(set.is_ok());
    let hour_ms = 3_600_000;
    let next = (now_ms() / hour_ms + 1) * hour_ms;
    let row = client.ask("/api/v1/markPrices").await.ok()[0].clone();
    assert_eq!(
        (&row["fundingRate"], &row["indexPrice"]),
        (&json!("0"), &json!("100"))
    );
    assert!(row["nextFundingTimestamp"].as_i64().unwrap() >= next);
    let rates = "/api/v1/fundingRates?symbol=SOL_USDC_PERP";
    sandbox.set_clock_skew(3 * hour_ms).unwrap();
    let reply = client.ask(&format!("{rates}&limit=2")).await;
    assert_eq!(reply.header("x-total"), "3");
    let reply = reply.ok();
    assert_eq!(reply.as_array().unwrap().len(), 2);
    assert_eq!(
        (&reply[0]["symbol"], &reply[0]["fundingRate"]),
        (&json!("SOL_USDC_PERP"), &json!("0"))
    );
    let end = NaiveDateTime::parse_from_str(
        reply[0]["intervalEndTimestamp"].as_str().unwrap(),
        "%Y-%m-%dT%H:%M:%S%.f",
    );
    assert_eq!(end.unwrap().and_utc().timestamp_millis() % hour_ms, 0);
    assert_eq!(
        client
            .ask("/api/v1/fundingRates?symbol=SOL_USDC")
            .await
            .ok(),
        json!([])
    );
}

#[tokio::test]
async fn open_interest_is_the_sum_of_long_positions() {
    let (_sandbox, one, two) = start_two().await;
    one.place(perp(limit("Bid", "100", "3"))).await.ok();
    two.place(perp(limit("Ask", "100", "2"))).await.ok();
    let row = one
        .ask("/api/v1/openInterest?symbol=SOL_USDC_PERP")
        .await
        .ok()[0]
        .clone();
    assert_eq!(
        (&row["symbol"], &row["openInterest"]),
        (&json!("SOL_USDC_PERP"), &json!("2"))
    );
    assert!(now_ms().abs_diff(row["timestamp"].as_i64().unwrap()) < 60_000);
    assert_eq!(
        one.ask("/api/v1/openInterest")
            .await
            .ok()
            .as_array()
            .unwrap()
            .len(),
        3
    );
    let spot = one.ask("/api/v1/openInterest?symbol=SOL_USDC").await.ok();
    assert_eq!(spot[0]["openInterest"], Value::Null);
}
