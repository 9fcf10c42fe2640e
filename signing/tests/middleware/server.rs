//! A server that notes each request and answers with the statuses it is given, the last one for ever.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use bpx_signing::verify;
use tokio::net::TcpListener;

use crate::common::PUBLIC;

/// One signed request without body, as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    query: String,
    headers: HeaderMap,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn timestamp_ms(&self) -> i64 {
        self.header("x-timestamp").parse().unwrap()
    }

    /// Verifies what arrived, by a string put together here.
    pub(crate) fn verify(&self, instruction: &str) {
        let string = format!(
            "instruction={instruction}&{}&timestamp={}&window={}",
            self.query,
            self.header("x-timestamp"),
            self.header("x-window")
        );
        verify(PUBLIC, self.header("x-signature"), &string).unwrap();
    }
}

pub(crate) struct Server {
    pub(crate) base: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) async fn answering(statuses: &'static [u16]) -> Self {
        Self::start(statuses, String::new()).await
    }

    pub(crate) async fn redirecting_to(location: &str) -> Self {
        Self::start(&[307], location.to_owned()).await
    }

    async fn start(statuses: &'static [u16], location: String) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let answer = move |request: Request| async move {
            let mut seen = log.lock().unwrap();
            let status = statuses[seen.len().min(statuses.len() - 1)];
            let location = format!("{location}{}", request.uri());
            seen.push(Seen {
                path: request.uri().path().to_owned(),
                query: request.uri().query().unwrap_or_default().to_owned(),
                headers: request.headers().clone(),
            });
            (
                StatusCode::from_u16(status).unwrap(),
                [(header::LOCATION, location)],
            )
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, Router::new().fallback(answer)).await });
        Self { base, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}
