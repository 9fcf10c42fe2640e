//! `account.orderUpdate`.

use bpx_sandbox::{Sandbox, SandboxConfig, Side};
use serde_json::{Value, json};

use crate::client::{Client, limit, market, perp, plus, resting, start, start_two, start_with};
use crate::socket::Socket;

const ALL: &str = "account.orderUpdate";

fn listen(sandbox: &Sandbox, client: &Client) -> Socket {
    Socket::signed(sandbox, client, &[ALL])
}

/// What every update of the first order has that buys 2 at 10.
fn first_bid(event: &str, more: Value) -> Value {
    let bid = json!({
        "e": event, "s": "SOL_USDC", "S": "Bid", "o": "LIMIT", "f": "GTC", "q": "2", "p": "10", "X": "New",
        "i": "1", "t": null, "z": "0", "Z": "0", "V": "RejectTaker", "O": "USER", "y": false, "r": false,
    });
    plus(bid, more)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resting_order_is_accepted_and_cancelled() {
    let (sandbox, client, _) = start_two().await;
    let mut socket = listen(&sandbox, &client);
    client
        .place(plus(limit("Bid", "10", "2"), json!({ "clientId": 7 })))
        .await
        .ok();
    let named = json!({ "c": 7 });
    assert_eq!(
        socket.timeless(ALL),
        first_bid("orderAccepted", named.clone())
    );
    client
        .cancel(json!({ "symbol": "SOL_USDC", "clientId": 7 }))
        .await
        .ok();
    let cancelled = plus(named, json!({ "X": "Cancelled" }));
    assert_eq!(socket.timeless(ALL), first_bid("orderCancelled", cancelled));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_are_told_of_each_fill_and_the_last_fills() {
    let (sandbox, one, two) = start_two().await;
    let mut maker = listen(&sandbox, &one);
    let mut taker = listen(&sandbox, &two);
    one.place(limit("Bid", "10", "2")).await.ok();
    maker.data(ALL);
    for (trade, executed, state) in [(1, "1", "PartiallyFilled"), (2, "2", "Filled")] {
        two.place(market("Ask", "quantity", "1")).await.ok();
        let value = json!({ "1": "10", "2": "20" })[executed].clone();
        let fill = json!({
            "X": state, "t": trade, "z": executed, "Z": value, "l": "1", "L": "10", "m": true,
            "n": "0.002", "N": "USDC",
        });
        assert_eq!(maker.timeless(ALL), first_bid("orderFill", fill));
        let accepted = taker.timeless(ALL);
        let sold = json!({
            "e": "orderAccepted", "s": "SOL_USDC", "S": "Ask", "o": "MARKET", "f": "GTC", "q": "1", "Q": "0",
            "X": "New", "i": (trade + 1).to_string(), "t": null, "z": "0", "Z": "0", "V": "RejectTaker",
            "O": "USER", "r": false,
        });
        assert_eq!(accepted, sold);
        let fill = json!({
            "e": "orderFill", "X": "Filled", "t": trade, "z": "1", "Z": "10", "Q": "10", "l": "1", "L": "10",
            "m": false, "n": "0.005", "N": "USDC",
        });
        assert_eq!(taker.timeless(ALL), plus(sold, fill));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expires_has_its_reason() {
    let (sandbox, client) = start_with(vec![resting(Side::Ask, "10", "1")]).await;
    let mut socket = listen(&sandbox, &client);
    let order = plus(limit("Bid", "10", "3"), json!({ "timeInForce": "IOC" }));
    client.place(order).await.ok();
    let message: Vec<_> = (0..3)
        .map(|_| {
            let data = socket.data(ALL);
            json!([data["e"], data["X"], data["R"], data["z"]])
        })
        .collect();
    assert_eq!(
        json!(message),
        json!([
            ["orderAccepted", "New", null, "0"],
            ["orderFill", "PartiallyFilled", null, "1"],
            ["orderExpired", "Expired", "ImmediateOrCancel", "1"],
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conditional_order_is_told_with_all_it_asks_for() {
    let (sandbox, client) = start_with(vec![resting(Side::Ask, "10", "1")]).await;
    let mut socket = listen(&sandbox, &client);
    let order = json!({
        "symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "9", "triggerPrice": "12",
        "triggerQuantity": "50%", "triggerBy": "MarkPrice",
        "takeProfitTriggerPrice": "20", "takeProfitLimitPrice": "21", "takeProfitTriggerBy": "LastPrice",
        "stopLossTriggerPrice": "5", "stopLossLimitPrice": "4", "stopLossTriggerBy": "IndexPrice",
    });
    client.place(order).await.ok();
    assert_eq!(
        socket.timeless(ALL),
        json!({
            "e": "triggerPlaced", "s": "SOL_USDC", "S": "Bid", "o": "LIMIT", "f": "GTC", "p": "9",
            "P": "12", "B": "MarkPrice", "Y": "50%", "a": "20", "j": "21", "d": "LastPrice", "b": "5",
            "k": "4", "g": "IndexPrice", "X": "TriggerPending", "i": "2", "t": null, "z": "0", "Z": "0",
            "V": "RejectTaker", "O": "USER", "y": false, "r": false,
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_triggered_order_enters_or_fails_and_its_exits_name_it() {
    let (sandbox, client) = start_with(vec![resting(Side::Ask, "10", "5")]).await;
    let mut socket = listen(&sandbox, &client);
    let exits = json!({ "takeProfitTriggerPrice": "20", "stopLossTriggerPrice": "5" });
    client
        .place(plus(market("Bid", "quantity", "1"), exits))
        .await
        .ok();
    let message = |socket: &mut Socket| {
        let data = socket.data(ALL);
        json!([data["e"], data["X"], data["i"], data["I"]])
    };
    for expected in [
        json!(["orderAccepted", "New", "2", null]),
        json!(["orderFill", "Filled", "2", null]),
        json!(["triggerPlaced", "TriggerPending", "3", "2"]),
        json!(["triggerPlaced", "TriggerPending", "4", "2"]),
    ] {
        assert_eq!(message(&mut socket), expected);
    }
    let price = "20".parse().unwrap();
    sandbox
        .set_reference_price("SOL_USDC", bpx_sandbox::ReferencePrice::Last, price)
        .unwrap();
    // Nobody buys, so the take-profit order finds nothing; the stop-loss order goes with it.
    for expected in [
        json!(["orderCancelled", "Cancelled", "3", "2"]),
        json!(["orderAccepted", "New", "4", "2"]),
        json!(["orderExpired", "Expired", "4", "2"]),
    ] {
        assert_eq!(message(&mut socket), expected);
    }
    let order = json!({ "triggerPrice": "25", "triggerQuantity": "1", "reduceOnly": true });
    let order = plus(
        json!({ "symbol": "SOL_USDC_PERP", "side": "Ask", "orderType": "Market" }),
        order,
    );
    client.place(order).await.ok();
    assert_eq!(message(&mut socket)[0], "triggerPlaced");
    let price = "25".parse().unwrap();
    sandbox
        .set_reference_price("SOL_USDC_PERP", bpx_sandbox::ReferencePrice::Last, price)
        .unwrap();
    assert_eq!(
        message(&mut socket),
        json!(["triggerFailed", "TriggerFailed", "5", null])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_held_back_is_told_as_announced() {
    let mut config = SandboxConfig::bare();
    config.venue.pending_release_ms = 1;
    let (sandbox, client) = start(config).await;
    let mut socket = listen(&sandbox, &client);
    client.place(limit("Bid", "10", "1")).await.ok();
    let order = plus(limit("Bid", "10", "1"), json!({ "timeInForce": "FOK" }));
    client.place(order).await.ok();
    let mut message: Vec<_> = (0..5)
        .map(|_| {
            let data = socket.data(ALL);
            json!([data["i"], data["e"], data["X"]])
        })
        .collect();
    message.sort_by_key(|row| row[0].to_string());
    assert_eq!(
        json!(message),
        json!([
            ["1", "speedbumped", "PendingRelease"],
            ["1", "orderAccepted", "New"],
            ["2", "speedbumped", "PendingRelease"],
            ["2", "orderAccepted", "New"],
            ["2", "orderExpired", "Expired"],
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_one_market_has_nothing_of_another_and_an_account_nothing_of_others() {
    let (sandbox, one, two) = start_two().await;
    let of_perp = "account.orderUpdate.SOL_USDC_PERP";
    let mut socket = Socket::signed(&sandbox, &one, &[of_perp, ALL, of_perp]);
    two.place(limit("Bid", "10", "1")).await.ok();
    one.place(limit("Bid", "10", "1")).await.ok();
    assert_eq!(socket.data(ALL)["i"], "2");
    one.place(perp(limit("Bid", "10", "1"))).await.ok();
    assert_eq!(socket.data(ALL)["i"], "3");
    assert_eq!(socket.data(of_perp)["i"], "3");
    socket.send(json!({ "method": "UNSUBSCRIBE", "params": [ALL, "depth.SOL_USDC"] }));
    socket.settle();
    one.place(perp(limit("Bid", "10", "1"))).await.ok();
    assert_eq!(socket.data(of_perp)["i"], "4");
    socket.settle();
}
