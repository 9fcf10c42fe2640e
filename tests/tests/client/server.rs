//! A server that writes down every request and gives every one the same answer.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use bpx_client::{Client, Key, signer};
use serde_json::Value;
use tokio::net::TcpListener;

/// The seed of RFC 8032's first test vector.
const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const JSON: &str = "application/json; charset=utf-8";

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The query's pairs, sorted, still encoded.
    pub(crate) fn pairs(&self) -> Vec<&str> {
        let mut pairs: Vec<_> = self.query.split('&').collect();
        pairs.sort_unstable();
        pairs
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// A running server and a client that talks to it.
pub(crate) struct Server {
    pub(crate) client: Client,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) async fn answering(
        status: u16,
        headers: &'static [(&'static str, &'static str)],
        body: impl Into<String>,
    ) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, body) = (Arc::clone(&seen), body.into());
        let status = StatusCode::from_u16(status).unwrap();
        let serve = move |request: Request| async move {
            let entry = read(request).await;
            log.lock().unwrap().push(entry);
            let mut response = (status, body).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(*name, value.parse().unwrap());
            }
            response
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, Router::new().fallback(serve)).await });
        let client = client(&base);
        Self { client, seen }
    }

    /// Answers 200 with JSON.
    pub(crate) async fn json(body: impl ToString) -> Self {
        Self::answering(200, &[("content-type", JSON)], body.to_string()).await
    }

    /// Answers 200 with a page of this JSON array.
    pub(crate) async fn page(body: impl ToString) -> Self {
        const HEADERS: &[(&str, &str)] = &[
            ("content-type", JSON),
            ("x-page-count", "7"),
            ("x-current-page", "3"),
            ("x-page-size", "2"),
            ("x-total", "18446744073709551615"),
        ];
        Self::answering(200, HEADERS, body.to_string()).await
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The only request so far.
    pub(crate) fn only(&self) -> Seen {
        let [seen] = <[Seen; 1]>::try_from(self.seen()).unwrap();
        seen
    }
}

pub(crate) fn client(base: &str) -> Client {
    Client::new(base, signer(Key::from_base64(SEED).unwrap())).unwrap()
}

async fn read(request: Request) -> Seen {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Seen {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}
