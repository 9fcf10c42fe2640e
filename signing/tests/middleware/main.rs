//! The signer as the innermost layer of a reqwest-middleware stack.

#![cfg(test)]

#[path = "../common/mod.rs"]
mod common;
mod refusals;
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bpx_signing::{Clock, Key, Signer, SigningMiddleware, SystemClock};
use common::{OPERATIONS, SEED};
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next, Result};
use reqwest_retry::{RetryTransientMiddleware, policies::ExponentialBackoff};
use server::Server;

/// A clock that advances only when a test says so.
#[derive(Debug, Clone, Default)]
struct Hand(Arc<AtomicI64>);

impl Clock for Hand {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Waits, by the hand of the clock, before it lets a request through.
struct Throttle {
    clock: Hand,
    wait_ms: i64,
}

#[async_trait::async_trait]
impl Middleware for Throttle {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut http::Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        self.clock.0.fetch_add(self.wait_ms, Ordering::SeqCst);
        next.run(request, extensions).await
    }
}

fn signer() -> Signer {
    Signer::new(Key::from_base64(SEED).unwrap(), OPERATIONS)
}

fn retries() -> impl Middleware {
    let policy = ExponentialBackoff::builder()
        .retry_bounds(Duration::ZERO, Duration::from_millis(1))
        .build_with_max_retries(3);
    RetryTransientMiddleware::new_with_policy(policy)
}

/// Retry outermost, then the throttle, then the signature.
fn client(signing: SigningMiddleware, clock: &Hand, wait_ms: i64) -> ClientWithMiddleware {
    let throttle = Throttle {
        clock: clock.clone(),
        wait_ms,
    };
    ClientBuilder::new(signing.client_builder().build().unwrap())
        .with(retries())
        .with(throttle)
        .with(signing)
        .build()
}

async fn get(client: &ClientWithMiddleware, base: &str) -> Result<Response> {
    let url = format!("{base}/api/v1/order?orderId=28&symbol=SOL_USDC");
    client.get(url).send().await
}

#[tokio::test]
async fn every_retry_carries_a_fresh_timestamp_and_signature() {
    let server = Server::answering(&[503, 500, 200]).await;
    let clock = Hand::default();
    let signing = signer().with_clock(clock.clone());
    let signing = signing.into_middleware(&server.base).unwrap();
    let answer = get(&client(signing, &clock, 10), &server.base).await;
    assert_eq!(answer.unwrap().status(), 200);
    let seen = server.seen();
    let timestamps: Vec<_> = seen.iter().map(server::Seen::timestamp_ms).collect();
    assert_eq!(timestamps, [10, 20, 30]);
    seen.iter().for_each(|request| request.verify("orderQuery"));
    assert_ne!(seen[0].header("x-signature"), seen[1].header("x-signature"));
    assert_ne!(seen[1].header("x-signature"), seen[2].header("x-signature"));
}

#[tokio::test]
async fn waiting_longer_than_the_window_does_not_expire_a_request() {
    let server = Server::answering(&[503, 200]).await;
    let clock = Hand::default();
    let signing = signer().with_clock(clock.clone());
    let signing = signing.with_window_ms(1_000).unwrap();
    let signing = signing.into_middleware(&server.base).unwrap();
    let answer = get(&client(signing, &clock, 1_000_000), &server.base).await;
    assert_eq!(answer.unwrap().status(), 200);
    let last = server.seen().pop().unwrap();
    last.verify("orderQuery");
    assert_eq!(last.timestamp_ms(), 2_000_000);
    assert_eq!(clock.now_ms() - last.timestamp_ms(), 0);
}

#[tokio::test]
async fn a_base_path_is_allowed_and_a_body_is_signed() {
    let server = Server::answering(&[200]).await;
    let base = format!("{}/proxy/", server.base);
    let signing = signer().into_middleware(&base).unwrap();
    let client = client(signing, &Hand::default(), 0);
    let request = client
        .delete(format!("{base}api/v1/order"))
        .body(r#"{"symbol":"a"}"#);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let seen = server.seen().pop().unwrap();
    assert_eq!(seen.path, "/proxy/api/v1/order");
    let string = format!(
        "instruction=orderCancel&symbol=a&timestamp={}&window=5000",
        seen.timestamp_ms()
    );
    bpx_signing::verify(common::PUBLIC, seen.header("x-signature"), &string).unwrap();
}

#[tokio::test]
async fn a_slow_clock_is_corrected_by_the_first_answer() {
    /// The computer's clock, a minute late.
    #[derive(Debug)]
    struct Late;
    impl Clock for Late {
        fn now_ms(&self) -> i64 {
            SystemClock.now_ms() - 60_000
        }
    }
    let server = Server::answering(&[200]).await;
    let signer = signer().with_clock(Late).with_clock_correction(120_000);
    let signing = signer.clone().into_middleware(&server.base).unwrap();
    let client = client(signing, &Hand::default(), 0);
    get(&client, &server.base).await.unwrap();
    let offset_ms = signer.clock_offset_ms();
    assert!((55_000..=65_000).contains(&offset_ms), "{offset_ms}");
    get(&client, &server.base).await.unwrap();
    let [first, second] = <[server::Seen; 2]>::try_from(server.seen()).unwrap();
    assert!(second.timestamp_ms() - first.timestamp_ms() >= offset_ms);
    second.verify("orderQuery");
}
