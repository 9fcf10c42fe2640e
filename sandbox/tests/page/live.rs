//! What happens on the exchange shows without a reload, and what is clicked happens.

use bpx_sandbox::Side;
use serde_json::json;
use tokio::task::block_in_place;

use crate::browser::Browser;
use crate::client::{limit, plus, resting, start_empty};

#[tokio::test(flavor = "multi_thread")]
async fn orders_fills_and_requests_appear_without_a_reload() {
    let Some(mut browser) = block_in_place(Browser::start) else {
        return;
    };
    let (sandbox, client) = start_empty().await;
    block_in_place(|| {
        browser.open(&sandbox.control_url());
        browser.value("window.sameDocument = true");
        assert_eq!(browser.text("#orders tbody"), "No open orders");
        assert_eq!(
            browser.text("#asks tbody") + &browser.text("#bids tbody"),
            "No asksNo bids"
        );
    });
    let order = plus(limit("Bid", "149.5", "3"), json!({ "clientId": 77 }));
    client.place(order).await.ok();
    block_in_place(|| {
        browser.until("document.querySelector('#orders tbody').textContent.includes('149.5')");
        assert!(
            browser
                .text("#orders tbody")
                .starts_with("1 / 77SOL_USDCBid")
        );
        browser.until("document.querySelector('#bids tbody').textContent === '149.5331'");
        browser.until(
            "document.querySelector('#requests tbody').textContent.includes('orderExecute')",
        );
        // The bar of the deepest level is as wide as its row.
        assert_eq!(
            browser.value(
                "document.querySelector('#bids tbody tr').style.getPropertyValue('--depth')"
            ),
            "100%"
        );
    });
    sandbox
        .add_liquidity(&resting(Side::Ask, "150", "4"))
        .unwrap();
    sandbox
        .add_liquidity(&resting(Side::Ask, "149.5", "1"))
        .unwrap();
    block_in_place(|| {
        browser.until("document.querySelector('#fills tbody').textContent.includes('maker')");
        browser.until("document.querySelector('#spread').textContent === 'Spread 0.5'");
        browser.until(
            "document.querySelector('#orders tbody').textContent.includes('PartiallyFilled')",
        );
    });
    client
        .cancel(json!({ "symbol": "SOL_USDC", "clientId": 77 }))
        .await
        .ok();
    block_in_place(|| {
        browser.until("document.querySelector('#orders tbody').textContent === 'No open orders'");
        assert_eq!(browser.value("window.sameDocument"), true);
        browser.assert_content();
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_arm_faults_set_prices_and_reset() {
    let Some(mut browser) = block_in_place(Browser::start) else {
        return;
    };
    let (sandbox, client) = start_empty().await;
    block_in_place(|| {
        browser.open(&sandbox.control_url());
        browser.fill_in("#operation", "execute_order");
        browser.click("button[data-fault='503-after']");
        browser.until("document.querySelector('#armed').textContent.includes('503-after')");
    });
    assert_eq!(client.place(limit("Bid", "1", "1")).await.status, 503);
    block_in_place(|| {
        browser
            .until("document.querySelector('#fired').textContent.includes('POST /api/v1/order')");
        browser.fill_in("#fault", "error:TIMEOUT");
        browser.click("#arm button[type=submit]");
        browser.until("document.querySelector('#armed').textContent.includes('error:TIMEOUT:500')");
        browser.click("#clear");
        browser.until("document.querySelector('#armed').textContent === 'None'");
        browser.fill_in("#reference-price", "151.25");
        browser.click("#reference button");
        browser.until("document.querySelector('#references').textContent === 'mark 151.25'");
        browser.fill_in("#market", "BTC_USDC");
        browser.value("document.querySelector('#market').dispatchEvent(new Event('change'))");
        browser.until("document.querySelector('#references').textContent === 'None set'");
        browser.click("#reset");
        browser.until("document.querySelector('#requests tbody').textContent === 'No request yet'");
        browser.assert_content();
    });
    assert!(sandbox.verified().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_told_with_its_fix() {
    let Some(mut browser) = block_in_place(Browser::start) else {
        return;
    };
    let (sandbox, _client) = start_empty().await;
    block_in_place(|| {
        browser.open(&sandbox.control_url());
        browser.fill_in("#fault", "dorp-after");
        browser.click("#arm button[type=submit]");
        browser.until("document.querySelector('#notice').textContent.includes('there is no such fault: use one of')");
    });
    assert!(sandbox.faults_armed().is_empty());
}
