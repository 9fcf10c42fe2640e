//! How the page looks: by day and by night, on a phone, with text that would be markup.

use serde_json::json;
use tokio::task::block_in_place;

use crate::desk::Desk;
use crate::support::{BATCH, CANCEL, CANCEL_ALL, EXECUTE, bid};

const HOSTILE: &str = "<img src=x onerror=window.hit=1><script>window.hit=2</script>";

#[tokio::test(flavor = "multi_thread")]
async fn text_that_looks_like_markup_stays_text() {
    let Some(mut desk) = Desk::opened(None).await else {
        return;
    };
    let order = json!({"symbol": "SOL_USDC", "orderId": HOSTILE});
    let call = desk.calls(HOSTILE, CANCEL, order);
    block_in_place(|| {
        desk.until_shown(1);
        assert_eq!(desk.browser.text("#calls tr:nth-child(3) td"), HOSTILE);
        let asked_by = desk.browser.text("#calls tbody + tbody tr:nth-child(2) td");
        assert_eq!(asked_by, format!("{HOSTILE} 2.4, as mcp:trade"));
        let harm = "[document.images.length, document.scripts.length, typeof window.hit]";
        assert_eq!(desk.browser.value(harm), json!([0, 1, "undefined"]));
        desk.browser.assert_content();
    });
    call.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_overflows_on_a_phone_or_a_desk_and_every_text_can_be_read() {
    let Some(mut desk) = Desk::opened(None).await else {
        return;
    };
    let mut long = bid("20");
    long["symbol"] = "X".repeat(119).into();
    let orders = json!({"orders": [bid("20"), bid("21")]});
    let calls = [
        desk.calls("claude-code", EXECUTE, long),
        desk.calls("claude-code", BATCH, orders),
    ];
    block_in_place(|| {
        desk.until_shown(2);
        let mut grounds = Vec::new();
        for scheme in ["light", "dark"] {
            desk.browser.color_scheme(scheme);
            for (width, height) in [(360, 740), (1280, 900)] {
                desk.browser.size(width, height);
                let overflow = "document.documentElement.scrollWidth - window.innerWidth";
                assert_eq!(desk.browser.value(overflow), 0, "{width} {scheme}");
            }
            let worst = desk.browser.worst_contrast();
            assert!(worst >= 4.5, "{scheme}: {worst}");
            let ground = "getComputedStyle(document.body).backgroundColor";
            grounds.push(desk.browser.value(ground));
        }
        assert_ne!(grounds[0], grounds[1]);
        desk.browser.assert_content();
    });
    calls.iter().for_each(tokio::task::JoinHandle::abort);
}

/// Writes the picture of the README where `BPX_SCREENSHOT` says.
#[tokio::test(flavor = "multi_thread")]
async fn calls_that_wait_fit_into_a_picture() {
    let policy = "trading = true\n[order]\nnotional_max = \"1000\"";
    let Some(mut desk) = Desk::opened(Some(policy)).await else {
        return;
    };
    let mut order = bid("148.20");
    (order["quantity"], order["clientId"]) = ("2.5".into(), 7.into());
    let placing = desk.calls("claude-code", EXECUTE, order);
    block_in_place(|| desk.until_shown(1));
    let market = json!({"symbol": "SOL_USDC"});
    let calls = [placing, desk.calls("openai-agents", CANCEL_ALL, market)];
    let picture = block_in_place(|| {
        desk.browser.size(820, 930);
        desk.until_shown(2);
        desk.browser.screenshot()
    });
    calls.iter().for_each(tokio::task::JoinHandle::abort);
    if let Some(path) = std::env::var_os("BPX_SCREENSHOT") {
        std::fs::write(path, &picture).unwrap();
    }
    assert!(picture.starts_with(b"\x89PNG"));
    assert!(
        (20_000..200_000).contains(&picture.len()),
        "{} bytes",
        picture.len()
    );
}
