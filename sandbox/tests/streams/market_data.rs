//! `trade`, `ticker`, `kline`, `markPrice`, `openInterest`, and the streams that say nothing.

use bpx_sandbox::{ReferencePrice, Side};
use serde_json::{Value, json};

use crate::client::{limit, market, perp, resting, start_two, start_with};
use crate::socket::{Socket, signed};

#[tokio::test(flavor = "multi_thread")]
async fn a_trade_names_both_orders() {
    let (sandbox, one, two) = start_two().await;
    let mut socket = Socket::of(&sandbox, &["trade.SOL_USDC"]);
    one.place(limit("Ask", "10", "1")).await.ok();
    two.place(market("Bid", "quantity", "1")).await.ok();
    one.place(limit("Bid", "9", "1")).await.ok();
    two.place(market("Ask", "quantity", "1")).await.ok();
    for (price, buyer, seller, trade, is_maker) in
        [("10", "2", "1", 1, false), ("9", "3", "4", 2, true)]
    {
        assert_eq!(
            socket.timeless("trade.SOL_USDC"),
            json!({
                "e": "trade", "s": "SOL_USDC", "p": price, "q": "1", "b": buyer, "a": seller, "t": trade,
                "m": is_maker,
            })
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_looked_up_comes_at_first_and_when_it_changes() {
    let (sandbox, client) = start_with(vec![resting(Side::Ask, "10", "5")]).await;
    let mut socket = Socket::of(&sandbox, &["ticker.SOL_USDC"]);
    let ticker = |c: &str, v: &str, quote: &str, n: u32| {
        json!({
            "e": "ticker", "s": "SOL_USDC", "o": c, "c": c, "h": c, "l": c, "v": v, "V": quote, "n": n,
        })
    };
    assert_eq!(socket.timeless("ticker.SOL_USDC"), ticker("0", "0", "0", 0));
    client.place(market("Bid", "quantity", "2")).await.ok();
    assert_eq!(
        socket.timeless("ticker.SOL_USDC"),
        ticker("10", "2", "20", 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mark_prices_of_a_perpetual_have_index_and_funding() {
    let (sandbox, ..) = start_two().await;
    let set = |symbol, which, price: &str| {
        sandbox
            .set_reference_price(symbol, which, price.parse().unwrap())
            .unwrap();
    };
    set("SOL_USDC_PERP", ReferencePrice::Mark, "20");
    set("SOL_USDC", ReferencePrice::Mark, "19");
    let names = ["markPrice.SOL_USDC_PERP", "markPrice.SOL_USDC"];
    let mut sockets = names.map(|name| Socket::of(&sandbox, &[name]));
    let mut of_perp = sockets[0].timeless(names[0]);
    let funding = of_perp["n"].take().as_i64().unwrap();
    assert_eq!(funding % 3_600_000, 0);
    assert_eq!(
        of_perp,
        json!({ "e": "markPrice", "s": "SOL_USDC_PERP", "p": "20", "f": "0", "i": "20", "n": null })
    );
    let of_spot = json!({ "e": "markPrice", "s": "SOL_USDC", "p": "19" });
    assert_eq!(sockets[1].timeless(names[1]), of_spot);
    set("SOL_USDC_PERP", ReferencePrice::Index, "21");
    assert_eq!(sockets[0].timeless(names[0])["i"], "21");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_candle_has_what_was_traded_before_and_closes() {
    let (sandbox, client) = start_with(vec![
        resting(Side::Ask, "10", "1"),
        resting(Side::Ask, "12", "9"),
    ])
    .await;
    client.place(market("Bid", "quantity", "1")).await.ok();
    let names = ["kline.1month.SOL_USDC", "kline.1s.SOL_USDC"];
    let mut sockets = names.map(|name| Socket::of(&sandbox, &[name]));
    client.place(market("Bid", "quantity", "2")).await.ok();
    let mut month = sockets[0].timeless(names[0]);
    while month["n"] != 2 {
        month = sockets[0].timeless(names[0]);
    }
    let [start, end] = ["t", "T"].map(|name| month[name].clone());
    assert!(start.as_str().unwrap().ends_with("-01T00:00:00"), "{month}");
    let expected = json!({
        "e": "kline", "s": "SOL_USDC", "t": start, "T": end, "o": "10", "c": "12", "h": "12", "l": "10",
        "v": "3", "n": 2, "X": false,
    });
    assert_eq!(month, expected);
    let mut second = Value::Null;
    while second["X"] != true || second["c"] != "12" {
        second = sockets[1].data(names[1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn open_interest_comes_at_first() {
    let (sandbox, one, two) = start_two().await;
    one.place(perp(limit("Ask", "10", "2"))).await.ok();
    two.place(perp(limit("Bid", "10", "2"))).await.ok();
    let name = "openInterest.SOL_USDC_PERP";
    let mut socket = Socket::of(&sandbox, &[name]);
    let expected = json!({ "e": "openInterest", "s": "SOL_USDC_PERP", "o": "2" });
    assert_eq!(socket.timeless(name), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_of_what_does_not_happen_here_are_taken_and_say_nothing() {
    let (sandbox, one, two) = start_two().await;
    let mut socket = Socket::of(&sandbox, &["liquidation"]);
    socket.send(signed(
        &one,
        &["account.rfqUpdate", "account.rfqUpdate.SOL_USDC"],
    ));
    socket.settle();
    one.place(limit("Ask", "10", "1")).await.ok();
    two.place(limit("Bid", "10", "1")).await.ok();
    socket.settle();
}
