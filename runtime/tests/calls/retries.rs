//! Reads that are sent again, and writes that never are.

use std::time::Duration;

use bpx_runtime::http::Method;
use bpx_runtime::signing::{SigningString, verify};
use bpx_runtime::{Connection, Error, Options, decode};

use crate::server::{Server, header, http};
use crate::support::{GET, connect, hasty, read, write};

const OK: &str = "200 OK";

fn ok() -> Vec<u8> {
    http(OK, "", "1")
}

fn refusal(status: &str, headers: &str) -> Vec<u8> {
    http(status, headers, r#"{"code":"X","message":"y"}"#)
}

fn closes() -> Vec<u8> {
    Vec::new()
}

#[tokio::test]
async fn a_read_survives_what_passes() {
    for passing in [
        closes(),
        http(OK, "", "12").split_last().unwrap().1.to_vec(),
        refusal("429 Too Many Requests", ""),
        refusal("502 Bad Gateway", ""),
        refusal("503 Service Unavailable", "retry-after: 0\r\n"),
        http(
            "504 Gateway Timeout",
            "content-type: text/html\r\n",
            "<html>",
        ),
    ] {
        let is_cut = passing.ends_with(b"\n1");
        let server = if is_cut {
            // The rest of the body does not come, because the connection is closed.
            Server::start(passing).await.unwrap()
        } else {
            Server::script([passing.clone(), passing, ok()])
                .await
                .unwrap()
        };
        let outcome = read(&connect(&server.base, hasty())).await;
        assert_eq!(server.requests().len(), 3);
        assert_eq!(outcome.is_ok(), !is_cut, "{outcome:?}");
    }
}

#[tokio::test]
async fn a_public_read_is_sent_again_too() {
    let server = Server::script([closes(), ok()]).await.unwrap();
    let connection = Connection::public(&server.base, hasty()).unwrap();
    let request = connection.request(Method::GET, "/api/v1/ping");
    let request = request.build().unwrap();
    let pong = connection.call_public::<_, ()>(request, "ping", decode::text);
    assert_eq!(*pong.await.unwrap(), "1");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn the_number_of_attempts_is_bounded_and_the_last_failure_is_told() {
    for retries_max in [0, 1, 5] {
        let server = Server::script([refusal("503 x", "")]).await.unwrap();
        let connection = connect(&server.base, hasty().with_retries_max(retries_max));
        let error = read(&connection).await.expect_err("always 503");
        assert!(
            matches!(&error, Error::Api { status, .. } if *status == 503),
            "{error}"
        );
        assert_eq!(server.requests().len(), 1 + retries_max as usize);
    }
}

#[tokio::test]
async fn what_does_not_pass_is_not_tried_again() {
    for answer in [
        refusal("400 x", ""),
        refusal("401 x", ""),
        refusal("404 x", ""),
        refusal("408 x", ""),
        refusal("500 x", ""),
        refusal("501 x", ""),
        http("307 x", "location: /elsewhere\r\n", ""),
        http(OK, "", "not JSON"),
    ] {
        let server = Server::script([answer, ok()]).await.unwrap();
        let error = read(&connect(&server.base, hasty()))
            .await
            .expect_err("final");
        assert_eq!(server.requests().len(), 1, "{error}");
    }
}

#[tokio::test]
async fn a_write_is_sent_once_whatever_happens() {
    for answer in [
        closes(),
        refusal("429 x", "retry-after: 0\r\n"),
        refusal("502 x", ""),
        refusal("503 x", "retry-after: 0\r\n"),
        refusal("504 x", ""),
    ] {
        let server = Server::script([answer, ok()]).await.unwrap();
        let connection = connect(&server.base, hasty().with_retries_max(9));
        let error = write(&connection)
            .await
            .expect_err("the first answer counts");
        assert!(error.was_sent());
        assert_eq!(server.requests().len(), 1, "{error}");
    }
}

#[tokio::test]
async fn each_attempt_is_signed_with_a_time_of_its_own() {
    let server = Server::script([closes(), refusal("503 x", ""), ok()])
        .await
        .unwrap();
    let apart = Duration::from_millis(5);
    let connection = connect(
        &server.base,
        Options::default().with_retry_wait(apart, apart),
    );
    read(&connection).await.unwrap();
    let requests = server.requests();
    let mut times = Vec::new();
    for request in &requests {
        let query = request
            .split_once('?')
            .unwrap()
            .1
            .split_once(' ')
            .unwrap()
            .0;
        let time = header(request, "x-timestamp").parse().unwrap();
        let string = SigningString::new(&GET, Some(query), None, time, 5_000).unwrap();
        let (key, signature) = (header(request, "x-api-key"), header(request, "x-signature"));
        verify(key, signature, string.as_str()).unwrap();
        times.push(time);
    }
    assert!(
        times.len() == 3 && times.is_sorted_by(|a, b| a < b),
        "{times:?}"
    );
}

#[tokio::test]
async fn a_socket_the_server_closes_between_two_reads_is_survived() {
    let server = Server::script([ok(), closes(), ok()]).await.unwrap();
    let connection = connect(&server.base, hasty());
    read(&connection).await.unwrap();
    read(&connection).await.unwrap();
    assert_eq!(
        server.requests().len(),
        3,
        "the second read was heard twice"
    );
}

#[tokio::test]
async fn a_socket_the_server_closes_under_a_write_leaves_it_unknown_and_sent_once() {
    let server = Server::script([ok(), closes(), ok()]).await.unwrap();
    let connection = connect(&server.base, hasty());
    read(&connection).await.unwrap();
    let error = write(&connection).await.expect_err("closed");
    assert!(
        matches!(error, Error::Transport { status: None, .. }),
        "{error:?}"
    );
    assert!(error.is_unknown());
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_connection_that_cannot_be_made_is_tried_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = read(&connect(&base, hasty()))
        .await
        .expect_err("nobody listens");
    assert!(
        matches!(error, Error::NotSent { .. }) && !error.was_sent(),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_retry_after_beyond_the_time_of_the_call_ends_it_at_once() {
    for wait in [
        "31",
        "99999999999999999999",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        let refusal = refusal("429 x", &format!("retry-after: {wait}\r\n"));
        let server = Server::script([refusal, ok()]).await.unwrap();
        let error = read(&connect(&server.base, hasty()))
            .await
            .expect_err("too long");
        let Error::Api {
            status, headers, ..
        } = error
        else {
            panic!("{error:?}")
        };
        assert_eq!(
            (status.as_u16(), &headers["retry-after"]),
            (429, &wait.parse().unwrap())
        );
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn no_attempt_outlasts_the_time_of_the_call() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let options = hasty()
        .with_timeout(Duration::from_millis(50))
        .with_retries_max(1_000_000);
    let error = read(&connect(&base, options))
        .await
        .expect_err("nobody answers");
    assert!(error.to_string().contains("timed out"), "{error}");
}
