//! Many connections and many messages.

use std::collections::BTreeSet;

use bpx_sandbox::{RestingLiquidity, Side};

use crate::client::{limit, start_empty};
use crate::socket::Socket;

const SUBSCRIBERS: usize = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_connections_get_the_same_bytes() {
    let (sandbox, client) = start_empty().await;
    let names = ["depth.SOL_USDC", "trade.SOL_USDC"];
    let mut sockets: Vec<_> = (0..SUBSCRIBERS)
        .map(|_| Socket::of(&sandbox, &names))
        .collect();
    client.place(limit("Bid", "9", "1")).await.ok();
    client.place(limit("Bid", "8", "1")).await.ok();
    let texts: BTreeSet<_> = sockets
        .iter_mut()
        .map(|socket| [socket.next_text(), socket.next_text()])
        .collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_messages_come_in_order_and_none_is_lost() {
    let (sandbox, _client) = start_empty().await;
    let mut socket = Socket::of(&sandbox, &["depth.SOL_USDC"]);
    let order = RestingLiquidity {
        symbol: "SOL_USDC".to_owned(),
        side: Side::Bid,
        price: 1.into(),
        quantity: 1.into(),
    };
    for _ in 0..20_000 {
        sandbox.add_liquidity(&order).unwrap();
    }
    for update in 1..=20_000 {
        let data = socket.data("depth.SOL_USDC");
        assert_eq!((&data["U"], &data["u"]), (&update.into(), &update.into()));
    }
}
