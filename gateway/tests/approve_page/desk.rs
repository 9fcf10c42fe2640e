//! A page that a person has opened, and the person's hands.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use bpx_gateway::Scope;
use serde_json::{Value, json};
use tokio::task::{JoinHandle, block_in_place};

use crate::browser::Browser;
use crate::support::{CANCEL_ALL, EXECUTE, Fixture, Plan, Reply, bid};

/// The label of what has the focus.
const FOCUSED: &str = "document.activeElement.textContent.trim()";

pub(crate) struct Desk {
    pub(crate) browser: Browser,
    pub(crate) fixture: Arc<Fixture>,
}

impl Desk {
    /// The page before anybody has given it a token; none without a browser.
    pub(crate) async fn closed(policy: Option<&'static str>) -> Option<Self> {
        let mut browser = block_in_place(Browser::start)?;
        let fixture = Fixture::built(Plan {
            policy,
            gateway: |settings| {
                settings.rest = Some(([127, 0, 0, 1], 0).into());
                settings.mcp_settings.approval_wait = Duration::from_secs(60);
            },
            ..Plan::default()
        })
        .await;
        let url = fixture.gateway.approval_page().unwrap().to_owned();
        block_in_place(|| {
            browser.call("Page.navigate", json!({"url": url}));
            browser.until("document.querySelector('#opening')?.hidden === false");
        });
        Some(Self {
            browser,
            fixture: Arc::new(fixture),
        })
    }

    pub(crate) async fn opened(policy: Option<&'static str>) -> Option<Self> {
        let mut desk = Self::closed(policy).await?;
        let file = desk.fixture.gateway.approve_token_file();
        let token = fs::read_to_string(file).unwrap();
        block_in_place(|| {
            desk.hand_in(token.trim());
            desk.browser
                .until("document.querySelector('#status').textContent.startsWith('Live')");
        });
        Some(desk)
    }

    /// Types a token, with the keyboard alone.
    pub(crate) fn hand_in(&mut self, token: &str) {
        self.press("Tab", 9, "");
        assert_eq!(self.browser.value("document.activeElement.id"), "token");
        self.browser
            .call("Input.insertText", json!({"text": token}));
        self.press("Enter", 13, "\r");
    }

    pub(crate) fn press(&mut self, key: &str, code: u32, text: &str) {
        let mut event = json!({"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text});
        self.browser.call("Input.dispatchKeyEvent", event.clone());
        event["type"] = "keyUp".into();
        self.browser.call("Input.dispatchKeyEvent", event);
    }

    fn enter(&mut self) {
        self.press("Enter", 13, "\r");
    }

    /// A call by a client of this name that cannot ask anybody.
    pub(crate) fn calls(
        &self,
        client: &str,
        tool: &'static str,
        arguments: Value,
    ) -> JoinHandle<Reply> {
        let fixture = Arc::clone(&self.fixture);
        let info = json!({"name": client, "version": "2.4"});
        tokio::spawn(async move {
            let meta = json!({"io.modelcontextprotocol/clientInfo": info});
            let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
            fixture
                .send_as(Scope::Trade, "tools/call", params, &json!({}))
                .await
        })
    }

    pub(crate) fn until_shown(&mut self, count: usize) {
        self.browser.until(&format!(
            "document.querySelectorAll('#calls li').length === {count}"
        ));
    }

    /// Waits until the buttons of all calls that are shown do something.
    fn until_awake(&mut self) {
        self.browser.value("window.from = performance.now()");
        self.browser.until("performance.now() - window.from > 900");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_alone_approves_what_has_the_focus_and_nothing_that_comes_later() {
    let Some(mut desk) = Desk::opened(None).await else {
        return;
    };
    let first = desk.calls("claude-code", EXECUTE, bid("20"));
    let second = block_in_place(|| {
        desk.until_shown(1);
        let news = desk.browser.text("#news");
        assert!(news.starts_with("New: Place one order"), "{news}");
        assert_eq!(
            desk.browser
                .value("document.activeElement === document.body"),
            true
        );
        // Nothing has the focus, so Enter does nothing.
        desk.enter();
        desk.until_awake();
        for label in ["Decline", "Approve"] {
            desk.press("Tab", 9, "");
            assert_eq!(desk.browser.value(FOCUSED), label);
            let ring = "getComputedStyle(document.activeElement).outlineWidth";
            assert_eq!(desk.browser.value(ring), "3px");
        }
        let top = "document.activeElement.getBoundingClientRect().top";
        let before = desk.browser.value(top);
        let second = desk.calls("claude-code", EXECUTE, bid("21"));
        desk.until_shown(2);
        assert_eq!(desk.browser.value(FOCUSED), "Approve");
        assert_eq!(desk.browser.value(top), before);
        assert_eq!(desk.fixture.placements(), 0);
        desk.enter();
        second
    });
    assert_eq!(first.await.unwrap().done()["price"], "20");
    block_in_place(|| {
        // The focus stays, and the button does nothing more.
        desk.browser
            .until("document.querySelector('.verdict').textContent.startsWith('Approved')");
        desk.enter();
        assert_eq!(desk.browser.value(top_of_first()), true);
        desk.until_awake();
        desk.press("Tab", 9, "");
        assert_eq!(desk.browser.value(FOCUSED), "Decline");
        desk.enter();
    });
    assert_eq!(second.await.unwrap().code(), "CONFIRMATION_DECLINED");
    assert_eq!(desk.fixture.placements(), 1);
    block_in_place(|| desk.browser.assert_content());
}

/// Whether what is decided still stands first, where it was.
fn top_of_first() -> &'static str {
    "document.querySelector('#calls li').contains(document.activeElement)"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_that_has_just_appeared_and_one_that_is_held_down_do_nothing() {
    let Some(mut desk) = Desk::opened(None).await else {
        return;
    };
    let call = desk.calls("claude-code", EXECUTE, bid("20"));
    block_in_place(|| {
        // The page's clock stands still from before the call appears.
        desk.browser
            .value("window.now = 1; performance.now = () => window.now");
        desk.until_shown(1);
        desk.browser.click("#calls .approve");
        desk.browser.value("window.now = 5000");
        desk.browser
            .value("document.querySelector('#calls .approve').focus()");
        let held = json!({"type": "keyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r", "autoRepeat": true});
        desk.browser.call("Input.dispatchKeyEvent", held);
        assert_eq!(desk.browser.text("#calls .verdict"), "");
        desk.browser.click("#calls .decline");
    });
    assert_eq!(call.await.unwrap().code(), "CONFIRMATION_DECLINED");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_elsewhere_stays_in_its_place_and_is_said_to_be_over() {
    let Some(mut desk) = Desk::opened(None).await else {
        return;
    };
    let call = desk.calls("claude-code", CANCEL_ALL, json!({"symbol": "SOL_USDC"}));
    block_in_place(|| {
        desk.until_shown(1);
        call.abort();
        desk.browser
            .until("document.querySelector('.verdict').textContent.startsWith('Over')");
        let inert = "document.querySelectorAll('#calls [aria-disabled=true]').length";
        assert_eq!(desk.browser.value(inert), 2);
        desk.browser.click("#clear");
        desk.until_shown(0);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tokens_of_callers_open_nothing() {
    let Some(mut desk) = Desk::closed(None).await else {
        return;
    };
    let token = desk.fixture.token(Scope::Trade);
    block_in_place(|| {
        desk.hand_in(&token);
        desk.browser
            .until("document.querySelector('#status').textContent.includes('may not decide')");
        assert_eq!(
            desk.browser.value("document.querySelector('#desk').hidden"),
            true
        );
        assert_eq!(desk.browser.value("sessionStorage.length"), 0);
    });
}
