//! Waits under a clock that stands still unless a test advances it: for a turn under the rate limit, and for `Retry-After`.

use std::sync::mpsc;
use std::time::Duration;

use bpx_runtime::signing::Clock;
use bpx_runtime::{Connection, Error, Options, RateLimit};
use tokio::time::{Instant, advance, pause};

use crate::server::{Server, header, http};
use crate::support::{connect_with, read, write};

const DAY: Duration = Duration::from_secs(86_400);

/// Stops tokio's clock. As long as this lives it does not go on by itself either, as it else does while sockets are
/// waited for.
struct Frozen {
    _end: mpsc::Sender<()>,
}

impl Frozen {
    fn start() -> Self {
        pause();
        let (end, ended) = mpsc::channel();
        tokio::task::spawn_blocking(move || {
            let _: Result<(), _> = ended.recv();
        });
        Self { _end: end }
    }
}

/// Unix time as tokio's clock counts it on.
#[derive(Debug)]
struct TokioClock {
    start: Instant,
}

impl Clock for TokioClock {
    fn now_ms(&self) -> i64 {
        1_700_000_000_000 + i64::try_from(self.start.elapsed().as_millis()).unwrap()
    }
}

fn connect(server: &Server, options: Options) -> Connection {
    let start = Instant::now();
    connect_with(&server.base, options, TokioClock { start })
}

fn timestamps(server: &Server) -> Vec<i64> {
    let requests = server.requests();
    let time = |request: &String| header(request, "x-timestamp").parse().unwrap();
    requests.iter().map(time).collect()
}

/// One request a minute, and none ahead.
fn one_a_minute() -> Options {
    Options::default().with_rate_limit(RateLimit::per_minute(2).with_burst(1))
}

#[tokio::test]
async fn a_wait_for_the_turn_longer_than_the_window_does_not_expire_the_request() {
    let _frozen = Frozen::start();
    let server = Server::script([http("200 OK", "", "1")]).await.unwrap();
    let options = one_a_minute().with_rate_wait_max(Duration::from_secs(60));
    let connection = connect(&server, options);
    write(&connection).await.unwrap();
    let a_little_more = Duration::from_millis(60_010);
    let (second, ()) = tokio::join!(write(&connection), advance(a_little_more));
    second.unwrap();
    assert_eq!(timestamps(&server), [1_700_000_000_000, 1_700_000_060_010]);
    assert_eq!(header(&server.requests()[1], "x-window"), "5000");
}

#[tokio::test]
async fn a_wait_for_the_turn_that_would_be_too_long_sends_nothing_and_says_how_long() {
    let _frozen = Frozen::start();
    let server = Server::script([http("200 OK", "", "1")]).await.unwrap();
    let connection = connect(&server, one_a_minute());
    read(&connection).await.unwrap();
    let error = write(&connection.clone())
        .await
        .expect_err("the clones share the limit");
    let Error::Throttled { wait_ms, operation } = &error else {
        panic!("{error:?}")
    };
    assert_eq!((*wait_ms, &**operation), (60_000, "cancel_order"));
    assert!(!error.was_sent() && !error.is_unknown() && error.status().is_none());
    assert!(error.to_string().contains("in 60000 ms"), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn without_a_rate_limit_nothing_waits() {
    let _frozen = Frozen::start();
    let server = Server::script([http("200 OK", "", "1")]).await.unwrap();
    let connection = connect(&server, Options::default().without_rate_limit());
    for _ in 0..300 {
        read(&connection).await.unwrap();
    }
    assert_eq!(server.requests().len(), 300);
}

#[tokio::test]
async fn the_repetition_of_a_read_takes_its_turn_as_well() {
    let _frozen = Frozen::start();
    let server = Server::script([Vec::new(), http("200 OK", "", "1")])
        .await
        .unwrap();
    let options = one_a_minute().with_timeout(DAY);
    read_while_time_goes_on(&connect(&server, options)).await;
    let times = timestamps(&server);
    assert!(times[1] - times[0] >= 60_000, "{times:?}");
}

#[tokio::test]
async fn a_read_waits_as_long_as_retry_after_asks_and_is_signed_after_that() {
    let _frozen = Frozen::start();
    let refusal = http("429 x", "retry-after: 70\r\n", "");
    let server = Server::script([refusal, http("200 OK", "", "1")])
        .await
        .unwrap();
    let connection = connect(&server, Options::default().with_timeout(DAY));
    read_while_time_goes_on(&connection).await;
    let times = timestamps(&server);
    assert!(
        times.len() == 2 && times[1] - times[0] >= 70_000,
        "{times:?}"
    );
}

async fn read_while_time_goes_on(connection: &Connection) {
    let time = async {
        loop {
            advance(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        read = read(connection) => assert_eq!(read.unwrap().into_inner(), 1),
        () = time => {}
    }
}
