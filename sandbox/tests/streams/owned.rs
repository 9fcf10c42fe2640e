//! `account.positionUpdate` and `account.balanceUpdate`.

use bpx_sandbox::Side;
use serde_json::json;

use crate::client::{limit, market, perp, resting, start, start_two};
use crate::socket::{Socket, signed};

const POSITIONS: &str = "account.positionUpdate";
const BALANCES: &str = "account.balanceUpdate";

#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_opened_adjusted_closed_and_shown_to_who_comes_later() {
    let (sandbox, one, two) = start_two().await;
    let mut socket = Socket::signed(&sandbox, &one, &[POSITIONS]);
    two.place(perp(limit("Ask", "10", "4"))).await.ok();
    let mut message = Vec::new();
    for (side, quantity) in [("Bid", "3"), ("Bid", "1")] {
        one.place(perp(market(side, "quantity", quantity)))
            .await
            .ok();
        message.push(socket.timeless(POSITIONS));
    }
    let index = message[0]["i"].as_u64().unwrap();
    assert_eq!(
        message[0],
        json!({
            "e": "positionOpened", "s": "SOL_USDC_PERP", "b": "10", "B": "10", "l": "0", "f": "0.1",
            "M": "10", "m": "0.1", "q": "3", "Q": "3", "n": "30", "i": index, "p": "0", "P": "0",
        })
    );
    assert_eq!(
        (&message[1]["e"], &message[1]["q"]),
        (&json!("positionAdjusted"), &json!("4"))
    );
    let of_one = "account.positionUpdate.SOL_USDC_PERP";
    let mut later = Socket::open(&sandbox);
    later.send(signed(
        &one,
        &[of_one, "account.positionUpdate.BTC_USDC_PERP"],
    ));
    let shown = later.timeless(of_one);
    assert_eq!(
        (shown.get("e"), &shown["q"], &shown["i"]),
        (None, &json!("4"), &json!(index))
    );
    later.settle();
    two.place(perp(limit("Bid", "11", "4"))).await.ok();
    one.place(perp(market("Ask", "quantity", "4"))).await.ok();
    for (socket, stream) in [(&mut socket, POSITIONS), (&mut later, of_one)] {
        let closed = socket.timeless(stream);
        assert_eq!(
            (&closed["e"], &closed["q"], &closed["p"]),
            (&json!("positionClosed"), &json!("0"), &json!("4"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_is_told_when_it_changes_and_only_then() {
    let mut config = bpx_sandbox::SandboxConfig::bare();
    config.liquidity = vec![resting(Side::Ask, "10", "5")];
    let (sandbox, client) = start(config).await;
    let mut socket = Socket::signed(&sandbox, &client, &[BALANCES]);
    client.place(limit("Bid", "9", "10")).await.ok();
    assert_eq!(
        socket.timeless(BALANCES),
        json!({ "e": "balanceUpdate", "a": "USDC", "A": "999909.955", "L": "90.045", "S": "0" })
    );
    client.place(market("Bid", "quantity", "1")).await.ok();
    let message = [socket.timeless(BALANCES), socket.timeless(BALANCES)];
    for message in message {
        let asset = message["a"].as_str().unwrap();
        assert_eq!(
            json!([message["A"], message["L"]]),
            json!(client.owns(asset).await)
        );
    }
    client.place(limit("Bid", "0", "1")).await;
    socket.settle();
}
