//! What a tap sees.

use std::sync::{Arc, Mutex, PoisonError};

use bpx_runtime::{Options, Tap, Tapped};

use crate::server::{Server, http};
use crate::support::{SEED, connect, hasty, read, write};

#[derive(Debug, Default)]
struct Seen(Mutex<Vec<Tapped>>);

impl Tap for Seen {
    fn saw(&self, exchange: Tapped) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(exchange);
    }
}

fn tapped(options: Options) -> (Arc<Seen>, Options) {
    let seen = Arc::new(Seen::default());
    (Arc::clone(&seen), options.with_tap(seen))
}

impl Seen {
    fn all(&self) -> Vec<Tapped> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[tokio::test]
async fn a_tap_sees_the_bytes_that_went_and_came() {
    let answer = http(
        "200 OK",
        "content-type: application/json\r\n",
        "{\"id\": \"28\"}",
    );
    let server = Server::start(answer).await.unwrap();
    let (seen, options) = tapped(Options::default());
    write(&connect(&server.base, options)).await.unwrap();
    let [exchange] = seen.all().try_into().unwrap();
    assert_eq!(exchange.operation, "cancel_order");
    assert_eq!(
        (exchange.method.as_str(), &*exchange.path),
        ("DELETE", "/api/v1/order")
    );
    assert_eq!(
        exchange.request_body.len(),
        "{\"symbol\":\"SOL_USDC\",\"orderId\":\"28\"}".len()
    );
    assert_eq!(exchange.status.map(|status| status.as_u16()), Some(200));
    assert_eq!(
        exchange.response_headers["content-type"],
        "application/json"
    );
    assert_eq!(&exchange.response_body[..], b"{\"id\": \"28\"}");
    assert_eq!((exchange.failure, exchange.query), (None, None));
}

#[tokio::test]
async fn keys_signatures_and_cookies_never_reach_a_tap() {
    let answer = http("200 OK", "set-cookie: session=hunter2\r\n", "{}");
    let server = Server::start(answer).await.unwrap();
    let (seen, options) = tapped(Options::default());
    write(&connect(&server.base, options)).await.unwrap();
    let [exchange] = seen.all().try_into().unwrap();
    assert_eq!(exchange.request_headers["x-signature"], "redacted");
    assert_eq!(exchange.request_headers["x-api-key"], "redacted");
    assert_eq!(exchange.response_headers["set-cookie"], "redacted");
    let sent = &server.requests()[0];
    let secrets = ["x-signature", "x-api-key"].map(|name| crate::server::header(sent, name));
    let shown = format!("{exchange:?}");
    for secret in [secrets[0], secrets[1], SEED, "hunter2"] {
        assert!(!secret.is_empty() && !shown.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn every_attempt_is_an_exchange() {
    let answers = [
        http("503 Service Unavailable", "", ""),
        http("200 OK", "", "{}"),
    ];
    let server = Server::script(answers).await.unwrap();
    let (seen, options) = tapped(hasty());
    read(&connect(&server.base, options)).await.unwrap();
    let seen = seen.all();
    let statuses = seen
        .iter()
        .map(|exchange| exchange.status.unwrap().as_u16());
    assert_eq!(statuses.collect::<Vec<_>>(), [503, 200]);
    assert_eq!(seen[0].query.as_deref(), Some("symbol=SOL_USDC&orderId=28"));
}

#[tokio::test]
async fn a_transport_that_fails_is_an_exchange_without_status() {
    let server = Server::start("").await.unwrap();
    let (seen, options) = tapped(Options::default());
    write(&connect(&server.base, options)).await.unwrap_err();
    let [exchange] = seen.all().try_into().unwrap();
    assert_eq!(
        (exchange.status, exchange.failure),
        (None, Some("broken off"))
    );
    assert!(!exchange.request_body.is_empty());
}
