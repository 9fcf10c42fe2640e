//! What a call leaves in the trace, and what it does not.

use std::io;
use std::sync::{Arc, LazyLock, Mutex};

use tracing::Dispatch;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

use bpx_runtime::signing::Clock;
use bpx_runtime::{Connection, Key, Signer, Utc, chrono};

use crate::server::{Server, header, http};
use crate::support::{OPERATIONS, SEED, connect, connect_with, hasty, read, write};

/// Everything that is traced, as text.
#[derive(Clone, Default)]
struct Trace(Arc<Mutex<Vec<u8>>>);

impl Trace {
    /// Everything on this thread, at every level, until the guard is dropped.
    fn start() -> (Self, tracing::subscriber::DefaultGuard) {
        // With a single subscriber in the process, a thread that has none could switch a span off for all (tracing asks
        // that thread's subscriber only), so there is always a second one.
        static OTHER: LazyLock<Dispatch> =
            LazyLock::new(|| Dispatch::new(tracing_subscriber::fmt().finish()));
        LazyLock::force(&OTHER);
        let trace = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_writer(trace.clone())
            .finish();
        (trace, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// How the span of the call stood when it ended.
    fn at_end(&self) -> String {
        let text = self.text();
        let ends: Vec<_> = text
            .lines()
            .filter(|line| line.contains(": close "))
            .collect();
        assert_eq!(ends.len(), 1, "one span per call: {text}");
        ends[0].to_owned()
    }
}

impl io::Write for Trace {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Trace {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_call_is_one_span_with_operation_attempt_status_and_latency() {
    let (trace, _guard) = Trace::start();
    let server = Server::script([http("503 x", "", ""), http("200 OK", "", "1")])
        .await
        .unwrap();
    read(&connect(&server.base, hasty())).await.unwrap();
    let end = trace.at_end();
    for field in [
        "call{operation=\"get_order\" ",
        " attempt=2",
        " status=200",
        " latency_ms=",
    ] {
        assert!(end.contains(field), "{field}: {end}");
    }
    assert!(!end.contains("failure="), "{end}");
    let text = trace.text();
    let again = text
        .lines()
        .find(|line| line.contains("sent again"))
        .unwrap();
    assert!(
        again.contains("WARN") && again.contains("attempt=2 wait_ms=0"),
        "{again}"
    );
}

#[tokio::test]
async fn only_what_came_of_the_last_attempt_is_told() {
    let (trace, _guard) = Trace::start();
    let server = Server::script([Vec::new(), http("503 x", "", ""), http("200 OK", "", "1")])
        .await
        .unwrap();
    read(&connect(&server.base, hasty())).await.unwrap();
    let end = trace.at_end();
    for (field, count) in [
        ("attempt=", 1),
        ("status=", 1),
        ("latency_ms=", 1),
        ("failure=", 0),
    ] {
        assert_eq!(end.matches(field).count(), count, "{field}: {end}");
    }
    assert!(end.contains(" attempt=3 status=200 "), "{end}");
}

#[tokio::test]
async fn a_call_without_an_answer_says_why() {
    let (trace, _guard) = Trace::start();
    let server = Server::script([Vec::new()]).await.unwrap();
    write(&connect(&server.base, hasty()))
        .await
        .expect_err("closed");
    let end = trace.at_end();
    assert!(
        end.contains(" attempt=1") && end.contains(" failure=\"broken off\""),
        "{end}"
    );
    assert!(!end.contains("status="), "{end}");
}

#[tokio::test]
async fn the_trace_holds_no_secret_no_signature_no_value_and_no_body() {
    let (trace, _guard) = Trace::start();
    let answers = [
        http(
            "503 x",
            "set-cookie: session=hunter2\r\n",
            r#"{"code":"tattle","message":"tale"}"#,
        ),
        http("400 x", "", r#"{"code":"tattle","message":"tale"}"#),
    ];
    let server = Server::script(answers).await.unwrap();
    let connection = connect(&server.base, hasty());
    read(&connection).await.expect_err("refused");
    write(&connection).await.expect_err("refused");
    let (text, requests) = (trace.text(), server.requests());
    assert!(
        text.contains("cancel_order") && requests.len() == 3,
        "{text}"
    );
    let mut hidden = vec![SEED.to_owned(), "hunter2".to_owned(), "tattle".to_owned()];
    hidden.extend(["SOL_USDC", "orderId", "instruction=", "x-signature"].map(str::to_owned));
    for name in ["x-signature", "x-api-key", "x-timestamp"] {
        hidden.extend(
            requests
                .iter()
                .map(|request| header(request, name).to_owned()),
        );
    }
    for hidden in hidden {
        assert!(
            !hidden.is_empty() && !text.contains(&hidden),
            "{hidden}: {text}"
        );
    }
}

#[tokio::test]
async fn a_refusal_shows_how_far_the_clocks_differ() {
    let (trace, _guard) = Trace::start();
    let long_ago = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    let expired = r#"{"code":"INVALID_CLIENT_REQUEST","message":"Request has expired"}"#;
    let server = Server::script([http("400 x", long_ago, expired)])
        .await
        .unwrap();
    let error = write(&connect(&server.base, hasty()))
        .await
        .expect_err("expired");
    let text = error.to_string();
    assert!(
        text.contains("Request has expired") && text.contains("s ahead of the server's"),
        "{text}"
    );
    let end = trace.at_end();
    assert!(end.contains(" clock_skew_ms=-"), "{end}");
}

#[tokio::test]
async fn a_signer_that_may_corrects_its_clock_by_what_the_answers_show() {
    let ahead = Utc::now() + chrono::TimeDelta::seconds(3600);
    let date = format!("date: {}\r\n", ahead.format("%a, %d %b %Y %H:%M:%S GMT"));
    let server = Server::script([http("200 OK", &date, "1")]).await.unwrap();
    let key = Key::from_base64(SEED).unwrap();
    let signer = Signer::new(key, OPERATIONS.as_slice()).with_clock_correction(4_000_000);
    let connection = Connection::signed(&server.base, signer, hasty()).unwrap();
    read(&connection).await.unwrap();
    read(&connection).await.unwrap();
    let requests = server.requests();
    let time = |index: usize| {
        header(&requests[index], "x-timestamp")
            .parse::<i64>()
            .unwrap()
    };
    let offset_ms = time(1) - time(0);
    assert!((3_590_000..3_610_000).contains(&offset_ms), "{offset_ms}");
}

/// The moment the answers here are dated with, and half a second.
#[derive(Debug)]
struct AtThatMoment;

impl Clock for AtThatMoment {
    fn now_ms(&self) -> i64 {
        784_111_777_500
    }
}

#[tokio::test]
async fn clocks_that_agree_are_not_mentioned() {
    let (trace, _guard) = Trace::start();
    let date = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    let refusal = http("400 x", date, r#"{"code":"X","message":"y"}"#);
    let server = Server::script([refusal]).await.unwrap();
    let connection = connect_with(&server.base, hasty(), AtThatMoment);
    let error = write(&connection).await.expect_err("refused");
    assert!(!error.to_string().contains("clock"), "{error}");
    assert!(!trace.at_end().contains("clock_skew_ms"));
}
