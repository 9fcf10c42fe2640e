//! What is certainly not sent, what may have been carried out, and what no message shows.

use std::time::Duration;

use bpx_runtime::http::Method;
use bpx_runtime::{Connection, Error, Options, RequestError, SigningError, decode, reqwest};

use crate::server::{Server, http};
use crate::support::{OPERATIONS, SEED, cancel_at, cancel_request, connect, failure};

#[tokio::test]
async fn only_a_status_that_is_a_definite_no_is_not_unknown() {
    for (status, is_unknown) in [
        ("400 x", false),
        ("401 x", false),
        ("408 x", true),
        ("429 x", false),
        ("500 x", true),
        ("501 x", false),
        ("503 x", true),
        ("520 x", true),
        ("999 x", true),
    ] {
        assert_eq!(
            failure(http(status, "", "")).await.is_unknown(),
            is_unknown,
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_foreign_origin_is_refused_before_it_is_signed() {
    let server = Server::start(http("200 OK", "", "1")).await.unwrap();
    let home = connect("http://localhost:1", Options::default());
    let foreign = server.base.as_str();
    let elsewhere = connect(foreign, Options::default());
    let request = cancel_request(&elsewhere);
    let error = home
        .call_signed::<_, ()>(request, &OPERATIONS[0], decode::json::<u8>)
        .await
        .expect_err("foreign");
    assert!(
        matches!(&error, Error::InvalidRequest(reason) if reason.contains(foreign)),
        "{error}"
    );
    let request = cancel_request(&elsewhere);
    let error = home
        .call_public::<_, ()>(request, "x", decode::json::<u8>)
        .await
        .expect_err("foreign");
    assert!(!error.was_sent() && server.requests().is_empty());
}

#[tokio::test]
async fn without_a_key_or_with_a_wrong_row_nothing_is_sent() {
    let server = Server::start(http("200 OK", "", "1")).await.unwrap();
    let public = Connection::public(&server.base, Options::default()).unwrap();
    let request = cancel_request(&public);
    let error = public
        .call_signed::<_, ()>(request, &OPERATIONS[0], decode::json::<u8>)
        .await
        .expect_err("no key");
    assert!(error.to_string().contains("Connection::signed"), "{error}");

    let signed = connect(&server.base, Options::default());
    let request = signed
        .request(Method::GET, "/api/v1/order")
        .build()
        .unwrap();
    let error = signed
        .call_signed::<_, ()>(request, &OPERATIONS[0], decode::json::<u8>)
        .await
        .expect_err("GET");
    assert!(
        matches!(
            error,
            Error::Signing(SigningError::OperationMismatch { .. })
        ),
        "{error:?}"
    );
    assert!(!error.was_sent() && server.requests().is_empty());
}

#[tokio::test]
async fn a_refused_connection_is_certainly_not_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = cancel_at(&base, Options::default(), decode::json::<u8>)
        .await
        .expect_err("nobody listens");
    assert!(matches!(error, Error::NotSent { .. }), "{error:?}");
    assert!(!error.was_sent() && !error.is_unknown());
    let text = error.to_string();
    assert!(
        text.contains(&base) && text.contains("nothing was sent"),
        "{text}"
    );
}

#[tokio::test]
async fn a_connection_closed_after_the_request_leaves_the_outcome_unknown() {
    let error = failure(Vec::new()).await;
    assert!(
        matches!(error, Error::Transport { status: None, .. }),
        "{error:?}"
    );
    assert!(error.is_unknown());
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_the_outcome_unknown_but_the_status_known() {
    let error = failure(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n[1".to_vec()).await;
    assert!(
        matches!(&error, Error::Transport { status: Some(status), .. } if status.as_u16() == 200),
        "{error:?}"
    );
    assert!(error.is_unknown());
    let error = failure(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 10\r\n\r\n[1".to_vec()).await;
    assert!(!error.is_unknown(), "the status has said no");
}

#[tokio::test]
async fn an_answer_that_does_not_come_leaves_the_outcome_unknown() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let options = Options::default().with_timeout(Duration::from_millis(50));
    let error = cancel_at(&base, options, decode::json::<u8>)
        .await
        .expect_err("nobody answers");
    assert!(
        matches!(error, Error::Transport { status: None, .. }),
        "{error:?}"
    );
    assert!(
        error.is_unknown() && error.to_string().contains("timed out"),
        "{error}"
    );
}

#[tokio::test]
async fn neither_debug_nor_errors_show_secrets() {
    let error = failure(http("500 x", "set-cookie: session=hunter2\r\n", "")).await;
    let connection = connect("http://localhost:1", Options::default());
    let shown = format!("{error} {error:?} {connection:?}");
    assert!(
        !shown.contains("hunter2") && !shown.contains(SEED) && !shown.contains("x-signature"),
        "{shown}"
    );
}

#[test]
fn errors_of_building_a_request_convert_with_a_question_mark() {
    fn build(path: &str, header: &str) -> Result<reqwest::Request, Error> {
        let connection = connect("http://localhost", Options::default());
        let request = connection.request(Method::GET, path);
        Ok(request.header("x-broker-key", header).build()?)
    }
    assert!(build("/a", "a").is_ok());
    assert!(matches!(
        build("/a", "a\nb"),
        Err(Error::Build(RequestError::InvalidHeader { .. }))
    ));
    let error = build(":nowhere", "a").expect_err("no URL");
    assert!(
        matches!(&error, Error::Build(_)) && !error.was_sent(),
        "{error}"
    );
}

#[test]
fn calls_and_errors_may_cross_threads() {
    fn crosses<T: Send + 'static>(_: T) {}
    crosses(cancel_at(
        "http://localhost:1",
        Options::default(),
        decode::empty,
    ));
    let error: Box<dyn std::error::Error + Send + Sync> =
        Box::new(Error::<()>::InvalidRequest("x".to_owned()));
    assert_eq!(error.to_string(), "invalid request, nothing was sent: x");
}

/// A proxy is read from the environment, so the call is made by a child process that has one set.
#[test]
fn plain_http_within_this_computer_does_not_go_through_a_proxy() {
    let call = "answers::what_is_sent_is_what_is_signed";
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", call])
        .env("http_proxy", "http://127.0.0.1:1")
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(said.contains("1 passed"), "{said}");
}
