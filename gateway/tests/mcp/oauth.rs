//! Clients that look for an authorization server after a 401.

use reqwest::Method;
use serde_json::Value;

use super::support::Fixture;

#[tokio::test]
async fn who_looks_for_oauth_is_told_that_there_is_none_without_a_token() {
    let fixture = Fixture::unasked().await;
    let origin = fixture.url().replace("/mcp", "");
    for (method, path) in [
        (Method::GET, "/.well-known/oauth-protected-resource"),
        (Method::GET, "/.well-known/oauth-protected-resource/mcp"),
        (Method::GET, "/.well-known/oauth-authorization-server"),
        (Method::GET, "/.well-known/oauth-authorization-server/mcp"),
        (Method::GET, "/.well-known/openid-configuration"),
        (Method::GET, "/mcp/.well-known/openid-configuration"),
        (Method::GET, "/authorize"),
        (Method::POST, "/register"),
        (Method::POST, "/token"),
    ] {
        let request = fixture.http.request(method, format!("{origin}{path}"));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        assert!(!response.headers().contains_key("www-authenticate"));
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["error"], "invalid_request");
        let words = problem["error_description"].as_str().unwrap();
        assert!(
            words.contains("no OAuth") && words.contains("read.token"),
            "{words}"
        );
    }
    // Anything else still needs a token, and the refusal says where it is.
    let other = fixture.http.get(format!("{origin}/.well-known/other"));
    let response = other.send().await.unwrap();
    assert_eq!(response.status(), 401);
    let problem: Value = response.json().await.unwrap();
    assert!(problem["fix"].as_str().unwrap().contains("read.token"));
}
