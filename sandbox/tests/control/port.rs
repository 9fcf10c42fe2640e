//! A caller of the control port.

use bpx_sandbox::Sandbox;
use reqwest::{Method, Response};
use serde_json::Value;

pub(crate) struct Port {
    http: reqwest::Client,
    url: String,
}

impl Port {
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        Self {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            url: sandbox.control_url(),
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), 200);
        serde_json::from_str(&response.text().await.unwrap()).unwrap()
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> Response {
        let request = self.request(method, path).body(body.to_string());
        request.send().await.unwrap()
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> u16 {
        self.send(Method::PUT, path, body).await.status().as_u16()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> u16 {
        self.send(Method::POST, path, body).await.status().as_u16()
    }
}

/// A refusal says what is wrong and what to do.
pub(crate) async fn assert_refused(response: Response, status: u16, problem: &str) {
    assert_eq!(response.status(), status);
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert!(
        body["problem"].as_str().unwrap().contains(problem),
        "{body}"
    );
    assert!(!body["fix"].as_str().unwrap().is_empty(), "{body}");
}
