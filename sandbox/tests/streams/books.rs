//! `depth` and `bookTicker`.

use std::collections::BTreeMap;

use bpx_sandbox::{Sandbox, Side};
use serde_json::{Value, json};

use crate::client::{Client, limit, market, resting, start_empty, start_two, start_with};
use crate::socket::Socket;

const DEPTH: &str = "depth.SOL_USDC";

/// A book that is kept with updates alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Book {
    last: u64,
    sides: [BTreeMap<String, String>; 2],
}

impl Book {
    fn of_snapshot(snapshot: &Value) -> Self {
        let mut book = Self {
            last: snapshot["lastUpdateId"].as_str().unwrap().parse().unwrap(),
            ..Self::default()
        };
        book.set([&snapshot["asks"], &snapshot["bids"]]);
        book
    }

    fn set(&mut self, levels: [&Value; 2]) {
        for (side, levels) in self.sides.iter_mut().zip(levels) {
            for level in levels.as_array().unwrap() {
                let [price, quantity] = [0, 1].map(|n| level[n].as_str().unwrap().to_owned());
                side.insert(price, quantity);
            }
            side.retain(|_, quantity| quantity != "0");
        }
    }

    /// Applies an update as a client does: what the snapshot has already is passed over, and there is no
    /// gap.
    fn apply(&mut self, data: &Value) {
        let [first, last] = ["U", "u"].map(|name| data[name].as_u64().unwrap());
        assert!(first <= self.last + 1 && first <= last, "{data}");
        if last > self.last {
            self.last = last;
            self.set([&data["a"], &data["b"]]);
        }
    }
}

async fn snapshot(client: &Client) -> Book {
    Book::of_snapshot(&client.ask("/api/v1/depth?symbol=SOL_USDC").await.ok())
}

/// Places, fills and cancels by chance.
async fn trade(clients: [&Client; 2], count: u32, chances: &mut fastrand::Rng) {
    for _ in 0..count {
        let client = clients[chances.usize(0..2)];
        let side = ["Bid", "Ask"][chances.usize(0..2)];
        let [price, quantity] = [chances.u32(90..110), chances.u32(1..5)].map(|n| n.to_string());
        match chances.u32(0..10) {
            0 => drop(
                client
                    .cancel_all(json!({ "symbol": "SOL_USDC" }))
                    .await
                    .ok(),
            ),
            1 | 2 => drop(client.place(market(side, "quantity", &quantity)).await.ok()),
            _ => drop(client.place(limit(side, &price, &quantity)).await.ok()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_book_kept_with_updates_is_the_book_that_is_read() {
    let (sandbox, one, two) = start_two().await;
    let mut sockets = [DEPTH, "depth.200ms.SOL_USDC"].map(|name| {
        let socket = Socket::of(&sandbox, &[name]);
        (name, socket)
    });
    for seed in 0..4 {
        let mut chances = fastrand::Rng::with_seed(seed);
        trade([&one, &two], 40, &mut chances).await;
        let start = snapshot(&one).await;
        trade([&one, &two], 40, &mut chances).await;
        let end = snapshot(&one).await;
        for (name, socket) in &mut sockets {
            let mut book = start.clone();
            let mut before = None;
            while before.unwrap_or_default() < end.last {
                let data = socket.data(name);
                let [first, last] = ["U", "u"].map(|name| data[name].as_u64());
                assert!(before.is_none_or(|before| first == Some(before + 1)));
                before = last;
                if last > Some(start.last) {
                    book.apply(&data);
                }
            }
            assert_eq!(book, end, "{name}, seed {seed}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_gives_one_message_with_all_its_levels() {
    let (sandbox, client) = start_with(vec![
        resting(Side::Ask, "10", "1"),
        resting(Side::Ask, "11", "1"),
        resting(Side::Ask, "12", "2"),
    ])
    .await;
    let mut socket = Socket::of(&sandbox, &[DEPTH]);
    client.place(limit("Bid", "11.5", "2.5")).await.ok();
    assert_eq!(
        socket.timeless(DEPTH),
        json!({
            "e": "depth", "s": "SOL_USDC", "a": [["10", "0"], ["11", "0"]], "b": [["11.5", "0.5"]],
            "U": 4, "u": 8,
        })
    );
}

fn ticker(sandbox: &Sandbox) -> Socket {
    Socket::of(sandbox, &["bookTicker.SOL_USDC"])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_best_prices_are_told_when_they_change() {
    let (sandbox, client) = start_empty().await;
    let mut socket = ticker(&sandbox);
    client.place(limit("Bid", "9", "1")).await.ok();
    client.place(limit("Ask", "11", "1")).await.ok();
    client.place(limit("Bid", "8", "1")).await.ok();
    client.place(limit("Bid", "9", "2")).await.ok();
    for (more, update) in [
        (json!({ "b": "9", "B": "1" }), 1),
        (json!({ "b": "9", "B": "1", "a": "11", "A": "1" }), 2),
        (json!({ "b": "9", "B": "3", "a": "11", "A": "1" }), 4),
    ] {
        let expected = json!({ "e": "bookTicker", "s": "SOL_USDC", "u": update });
        assert_eq!(
            socket.timeless("bookTicker.SOL_USDC"),
            crate::client::plus(expected, more)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paced_depth_sums_up_and_says_nothing_without_a_change() {
    let (sandbox, client) = start_empty().await;
    let name = "depth.600ms.SOL_USDC";
    let mut socket = Socket::of(&sandbox, &[name]);
    client.place(limit("Bid", "9", "1")).await.ok();
    client.place(limit("Bid", "9", "1")).await.ok();
    let mut book = Book::default();
    while book.last < 2 {
        book.apply(&socket.data(name));
    }
    assert_eq!(book, snapshot(&client).await);
    client
        .cancel_all(json!({ "symbol": "SOL_USDC" }))
        .await
        .ok();
    let data = socket.timeless(name);
    assert_eq!(
        json!([data["b"], data["U"], data["u"]]),
        json!([[["9", "0"]], 3, 4])
    );
}
