//! Who may decide about calls that wait: the holder of `approve.token` alone, on a page that keeps to itself.

use std::fs;

use bpx_gateway::{Decision, Scope};
use serde_json::json;

use super::approval::{built, hasty, sent};
use super::support::{EXECUTE, bid};

#[tokio::test]
async fn only_the_token_for_it_decides() {
    let fixture = built(hasty).await;
    fixture.unasking(EXECUTE, bid("20")).await.failed();
    let id = fixture.waiting(1).await.remove(0).id;
    let decide = |token: &str| {
        let post = fixture.http.post(fixture.page("/waiting"));
        post.bearer_auth(token)
            .json(&json!({"id": id, "decision": "approve"}))
    };
    for (token, status, code) in [
        (fixture.token(Scope::Trade), 403, "APPROVE_TOKEN"),
        (fixture.token(Scope::Read), 403, "APPROVE_TOKEN"),
        ("x".repeat(43), 401, "UNAUTHORIZED"),
        (String::new(), 401, "UNAUTHORIZED"),
    ] {
        let list = fixture
            .http
            .get(fixture.page("/waiting"))
            .bearer_auth(&token);
        for request in [decide(&token), list] {
            let (found, problem) = sent(request).await;
            assert_eq!((found, &problem["code"]), (status, &json!(code)));
        }
    }
    let good = fixture.approve_token();
    let foreign = decide(&good).header("origin", "http://evil.example");
    assert_eq!(sent(foreign).await.1["code"], "ORIGIN_NOT_ALLOWED");
    let host = decide(&good).header("host", "evil.example");
    assert_eq!(sent(host).await.1["code"], "HOST_NOT_ALLOWED");
    // What a form of another page could send.
    let plain = fixture
        .http
        .post(fixture.page("/waiting"))
        .bearer_auth(&good);
    let plain = plain
        .header("content-type", "text/plain")
        .body(json!({"id": id, "decision": "approve"}).to_string());
    assert_eq!(sent(plain).await.0, 415);
    assert_eq!(sent(fixture.decision(&id, "maybe")).await.0, 400);
    assert_eq!(
        sent(fixture.decision("0123456789abcdef", "approve"))
            .await
            .1["code"],
        "NOT_WAITING"
    );
    // Nor does it call tools.
    let call = fixture.bare().bearer_auth(&good).json(&json!({}));
    assert_eq!(call.send().await.unwrap().status(), 401);
    // A token of a caller that was put into its file decides nothing.
    fs::write(
        fixture.gateway.approve_token_file(),
        fixture.token(Scope::Trade),
    )
    .unwrap();
    assert_eq!(sent(decide(&fixture.token(Scope::Trade))).await.0, 403);
    assert_eq!(fixture.waiting(1).await[0].id, id);
}

#[tokio::test]
async fn the_page_runs_nothing_but_its_own_script_and_is_shown_in_no_frame() {
    let fixture = built(hasty).await;
    for file in ["", "/page.js", "/page.css"] {
        let response = fixture.http.get(fixture.page(file)).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

#[tokio::test]
async fn no_file_holds_what_is_secret() {
    let fixture = built(hasty).await;
    let mut order = bid("20");
    order["X-BROKER-KEY"] = "hush-hush".into();
    fixture.unasking(EXECUTE, order).await.failed();
    let call = fixture.waiting(1).await.remove(0);
    assert!(
        call.summary.contains("X-BROKER-KEY: given"),
        "{}",
        call.summary
    );
    fixture
        .elsewhere()
        .decide(&call.id, Decision::Approve)
        .unwrap();
    let files = fs::read_dir(fixture.state.path().join("approvals")).unwrap();
    let texts: Vec<_> = files
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    assert_eq!(texts.len(), 3);
    for secret in [
        "hush-hush",
        &fixture.approve_token(),
        &fixture.token(Scope::Trade),
    ] {
        assert!(!texts.concat().contains(secret));
    }
}
