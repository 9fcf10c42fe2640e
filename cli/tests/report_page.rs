//! The page of a report in a real browser, about a recording that holds markup in every text. Without a browser it says
//! so and does nothing.

#![cfg(test)]

mod common;

#[path = "../../sandbox/tests/page/browser.rs"]
#[allow(dead_code, reason = "the tests of the sandbox's page need the rest")]
mod browser;

use std::fs;

use browser::Browser;
use common::bpx;
use serde_json::{Value, json};

const HOSTILE: &str = "\"'></script><img src=x onerror=window.hit=1><script>window.hit=2</script>";

/// One exchange with markup in path, query, headers, names, values and content types.
fn entry(path: &str, body: &Value) -> Value {
    let header = json!([{"name": "X-Page-Count", "value": HOSTILE}]);
    json!({
        "startedDateTime": "2026-11-20T08:00:00Z", "time": 1,
        "request": {
            "method": "GET", "url": format!("https://api.backpack.exchange{path}"), "httpVersion": "HTTP/1.1",
            "headers": header, "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0,
        },
        "response": {
            "status": 200, "statusText": HOSTILE, "httpVersion": "HTTP/1.1", "headers": header, "cookies": [],
            "content": {"size": 0, "mimeType": "application/json", "text": body.to_string()},
            "redirectURL": HOSTILE, "headersSize": -1, "bodySize": 0,
        },
        "cache": {}, "timings": {"send": 0, "wait": 1, "receive": 0},
    })
}

#[test]
fn nothing_runs_that_a_recording_holds() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let order = json!({"id": HOSTILE, (HOSTILE): HOSTILE, "side": HOSTILE, "status": HOSTILE, "orderType": HOSTILE});
    let query = format!("/api/v1/orders?{HOSTILE}={HOSTILE}").replace(' ', "%20");
    let entries = json!([
        entry("/api/v1/orders", &json!([order])),
        entry(&query, &json!({"code": HOSTILE})),
        entry("/<img src=x onerror=window.hit=3>", &json!(HOSTILE)),
    ]);
    let har = json!({"log": {"version": "1.2", "creator": {"name": HOSTILE, "version": HOSTILE}, "entries": entries}});
    let recording = folder.path().join("<img src=x onerror=window.hit=4>.har");
    fs::write(&recording, har.to_string()).unwrap();
    let page = folder.path().join("report.html");
    let mut check = bpx(&["check", "--format", "html", "--output"]);
    let check = check.arg(&page).arg(&recording).output().unwrap();
    assert_eq!(check.status.code(), Some(1), "{check:?}");
    assert!(fs::read_to_string(&page).unwrap().contains("onerror"));
    browser.call(
        "Page.navigate",
        json!({"url": format!("file://{}", page.display())}),
    );
    browser
        .until("document.readyState === 'complete' && document.body.innerText.includes('onerror')");
    let harm = "[document.images.length, typeof window.hit]";
    assert_eq!(browser.value(harm), json!([0, "undefined"]));
}
