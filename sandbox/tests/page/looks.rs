//! How the page looks: on a phone, in the dark, with text that would be markup.

use std::path::PathBuf;

use bpx_sandbox::{AccountConfig, Fault, Sandbox, SandboxConfig, Side};
use serde_json::json;
use tokio::task::block_in_place;

use crate::browser::Browser;
use crate::client::{Client, limit, market, plus, resting, start, start_empty};

#[tokio::test(flavor = "multi_thread")]
async fn text_that_looks_like_markup_stays_text() {
    let Some(mut browser) = block_in_place(Browser::start) else {
        return;
    };
    let name = "<img src=x onerror=window.hit=1>";
    let account = AccountConfig {
        name: name.to_owned(),
        ..AccountConfig::default()
    };
    let config = SandboxConfig {
        accounts: vec![account],
        ..SandboxConfig::bare()
    };
    let (sandbox, _client) = start(config).await;
    block_in_place(|| {
        browser.open(&sandbox.control_url());
        browser.until("document.querySelector('#accounts h3')");
        assert_eq!(browser.text("#accounts h3"), name);
        assert_eq!(
            browser.value("[document.images.length, typeof window.hit]"),
            json!([0, "undefined"])
        );
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_overflows_on_a_phone_or_a_desk_and_every_text_can_be_read() {
    let Some(mut browser) = block_in_place(Browser::start) else {
        return;
    };
    let (sandbox, client) = start_lively().await;
    trade(&sandbox, &client).await;
    block_in_place(|| {
        browser.open(&sandbox.control_url());
        browser.until("document.querySelectorAll('#asks tr').length > 5");
        for scheme in ["light", "dark"] {
            browser.color_scheme(scheme);
            for (width, height) in [(360, 740), (820, 1100), (1280, 900)] {
                browser.size(width, height);
                let overflow = "document.documentElement.scrollWidth - window.innerWidth";
                assert_eq!(browser.value(overflow), 0, "{width} {scheme}");
            }
            browser.value(ADD_PROBES);
            let worst = browser.worst_contrast();
            browser.value(REMOVE_PROBES);
            assert!(worst >= 4.5, "{scheme}: {worst}");
        }
        browser.assert_content();
    });
}

/// Texts on the bars of the book's depth, which a page shows one over the other.
const ADD_PROBES: &str =
    "document.body.append(...['bid', 'ask', 'text'].flatMap((ink) => ['bid', 'ask'].map((bar) => {
    const probe = document.createElement('p');
    probe.className = 'probe';
    probe.style = `color: var(--${ink}); background: var(--${bar}-bar)`;
    probe.textContent = ink;
    return probe;
})))";
const REMOVE_PROBES: &str =
    "document.querySelectorAll('p.probe').forEach((probe) => probe.remove())";

/// Writes the picture of the README where `BPX_SCREENSHOT` says.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_at_work_fits_into_a_picture() {
    let Some(mut browser) = block_in_place(Browser::start) else {
        return;
    };
    let (sandbox, client) = start_lively().await;
    trade(&sandbox, &client).await;
    let picture = block_in_place(|| {
        browser.size(1200, 720);
        browser.open(&sandbox.control_url());
        browser.until("document.querySelectorAll('#fired li').length > 1");
        browser.screenshot()
    });
    if let Some(path) = std::env::var_os("BPX_SCREENSHOT") {
        std::fs::write(PathBuf::from(path), &picture).unwrap();
    }
    assert!(picture.starts_with(b"\x89PNG"));
    assert!(
        (20_000..200_000).contains(&picture.len()),
        "{} bytes",
        picture.len()
    );
}

/// A market maker on both sides of SOL_USDC.
async fn start_lively() -> (Sandbox, Client) {
    let (sandbox, client) = start_empty().await;
    let quantities = ["4.2", "12", "7.5", "31", "18.4", "44.1", "9"];
    for (step, quantity) in (1_u32..).zip(quantities) {
        let (ask, bid) = (15_000 + 4 * step, 15_000 - 4 * step);
        for (side, cents) in [(Side::Ask, ask), (Side::Bid, bid)] {
            let price = format!("{}.{:02}", cents / 100, cents % 100);
            sandbox
                .add_liquidity(&resting(side, &price, quantity))
                .unwrap();
        }
    }
    (sandbox, client)
}

/// A little of everything, by a client.
async fn trade(sandbox: &Sandbox, client: &Client) {
    client.place(market("Bid", "quantity", "11")).await.ok();
    client.place(market("Ask", "quantity", "7.4")).await.ok();
    for (count, (side, price, quantity)) in (100_u32..).zip([
        ("Bid", "149.94", "6"),
        ("Ask", "150.02", "3.5"),
        ("Bid", "149.9", "12"),
        ("Ask", "150.3", "8.25"),
        ("Bid", "149.75", "20"),
    ]) {
        let order = plus(limit(side, price, quantity), json!({ "clientId": count }));
        client.place(order).await.ok();
    }
    sandbox
        .add_liquidity(&resting(Side::Ask, "149.94", "2.5"))
        .unwrap();
    sandbox
        .arm(Fault::Unavailable { acted: true }.on("execute_order"))
        .unwrap();
    client.place(limit("Bid", "149.5", "40")).await;
    sandbox
        .arm(
            Fault::TooManyRequests {
                retry_after_s: None,
            }
            .on("get_open_orders")
            .times(3),
        )
        .unwrap();
    client.open_orders("symbol=SOL_USDC").await;
    sandbox
        .arm(Fault::DropAfter.on("cancel_order").nth(3))
        .unwrap();
    sandbox
        .arm(Fault::Html.on("get_order").chance(0.1, 42))
        .unwrap();
    client
        .batch(json!([limit("Bid", "148", "3"), limit("Ask", "152", "3")]))
        .await
        .ok();
    client
        .cancel(json!({ "symbol": "SOL_USDC", "clientId": 104 }))
        .await
        .ok();
    client
        .cancel(json!({ "symbol": "SOL_USDC", "clientId": 999 }))
        .await;
}
