//! What each answer becomes.

use bpx_runtime::http::Method;
use bpx_runtime::signing::{SigningString, verify};
use bpx_runtime::{Error, Options, Outcome, decode, serde_json};
use serde_json::Value;

use crate::server::{Server, http};
use crate::support::{CANCEL, cancel, cancel_at, connect, failure};

#[tokio::test]
async fn what_is_sent_is_what_is_signed() {
    let server = Server::start(http("200 OK", "x-id: 7\r\n", "[1]"))
        .await
        .unwrap();
    let value = cancel(&server, decode::json::<Vec<u8>>).await.unwrap();
    assert_eq!(
        (value.status().as_u16(), &value.headers()["x-id"]),
        (200, &"7".parse().unwrap())
    );
    assert_eq!(value.into_inner(), [1]);

    let requests = server.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    let header = |name: &str| {
        let line = head
            .lines()
            .find(|line| line.to_lowercase().starts_with(name))
            .expect(name);
        line.split_once(": ").expect(name).1.to_owned()
    };
    assert!(head.starts_with("DELETE /api/v1/order HTTP/1.1"), "{head}");
    assert_eq!(header("accept:"), "application/json");
    let (time, window) = (
        header("x-timestamp:").parse().unwrap(),
        header("x-window:").parse().unwrap(),
    );
    let string = SigningString::new(&CANCEL, None, Some(body.as_bytes()), time, window).unwrap();
    verify(
        &header("x-api-key:"),
        &header("x-signature:"),
        string.as_str(),
    )
    .unwrap();
}

#[tokio::test]
async fn a_public_call_carries_no_signature() {
    let server = Server::start(http("200 OK", "", "pong")).await.unwrap();
    let connection = connect(&format!("{}/prefix//", server.base), Options::default());
    assert_eq!(connection.base_url(), format!("{}/prefix", server.base));
    let request = connection
        .request(Method::GET, "/api/v1/ping")
        .build()
        .unwrap();
    let pong = connection
        .call_public::<_, ()>(request, "ping", decode::text)
        .await
        .unwrap();
    assert_eq!(pong.into_inner(), "pong");
    let requests = server.requests();
    assert!(
        requests[0].starts_with("GET /prefix/api/v1/ping "),
        "{}",
        requests[0]
    );
    assert!(!requests[0].contains("x-signature"));
}

#[tokio::test]
async fn accepted_and_nothing_are_answers_too() {
    let accepted = Server::start(http("202 Accepted", "", "")).await.unwrap();
    let value = cancel(&accepted, decode::outcome::<Value>).await.unwrap();
    assert_eq!(
        (value.status().as_u16(), value.into_inner()),
        (202, Outcome::Accepted)
    );
    let nothing = Server::start("HTTP/1.1 204 No Content\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(
        cancel(&nothing, decode::maybe::<Value>)
            .await
            .unwrap()
            .into_inner(),
        None
    );
}

#[tokio::test]
async fn a_documented_error_is_typed() {
    let body = r#"{"code":"INVALID_PRICE","message":"too far"}"#;
    let error = failure(http("400 Bad Request", "x-id: 7\r\n", body)).await;
    let text = error.to_string();
    assert!(
        text.starts_with("cancel_order: 400 Bad Request: ApiError { code: \"INVALID_PRICE\""),
        "{text}"
    );
    assert!(!error.is_unknown());
    let Error::Api {
        status,
        body,
        headers,
        ..
    } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(
        (status.as_u16(), body.code.as_str(), headers.len()),
        (400, "INVALID_PRICE", 2)
    );
}

#[tokio::test]
async fn an_error_page_keeps_its_status_and_its_start() {
    let page = format!("<html>\n{}", "x".repeat(2000));
    let error = failure(http(
        "502 Bad Gateway",
        "content-type: text/html\r\n",
        &page,
    ))
    .await;
    assert!(error.is_unknown());
    let Error::Unexpected {
        status,
        content_type,
        body_start,
        ..
    } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(
        (status.as_u16(), content_type.as_deref()),
        (502, Some("text/html"))
    );
    assert!(body_start.starts_with("<html>\n") && body_start.len() == 512);
}

#[tokio::test]
async fn an_error_without_a_body_keeps_its_status() {
    let error = failure(http("404 Not Found", "", "")).await;
    assert_eq!(error.status().map(|status| status.as_u16()), Some(404));
    assert!(matches!(&error, Error::Unexpected { body_start, .. } if body_start.is_empty()));
    assert!(!error.is_unknown());
}

#[tokio::test]
async fn a_success_that_cannot_be_read_is_unknown_and_shows_where() {
    let error = failure(http("200 OK", "", r#"{"id": "28", "pri"#)).await;
    assert!(error.is_unknown());
    let text = error.to_string();
    assert!(
        text.contains("cancel_order: 200 OK") && text.contains("EOF while parsing"),
        "{text}"
    );
    assert!(
        matches!(error, Error::Undecoded { body_start, .. } if body_start == r#"{"id": "28", "pri"#)
    );
}

#[tokio::test]
async fn a_redirect_is_an_error_that_says_where_to() {
    let error = failure(http(
        "307 Temporary Redirect",
        "location: https://elsewhere.example/\r\n",
        "",
    ))
    .await;
    assert!(!error.is_unknown());
    let text = error.to_string();
    assert!(
        text.contains("https://elsewhere.example/") && text.contains("not followed"),
        "{text}"
    );
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_not_read() {
    let announced = http("200 OK", "", &"7".repeat(101));
    let only_announced = b"HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n7".to_vec();
    let until_close = format!("HTTP/1.1 200 OK\r\n\r\n{}", "7".repeat(101)).into_bytes();
    for answer in [announced, only_announced, until_close, chunked(60, 41)] {
        let server = Server::start(answer).await.unwrap();
        let options = Options::default().with_body_bytes_max(100);
        let error = cancel_at(&server.base, options, decode::text)
            .await
            .expect_err("101 bytes");
        assert!(
            matches!(
                error,
                Error::TooLarge {
                    body_bytes_max: 100,
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(error.is_unknown());
    }
}

#[tokio::test]
async fn no_more_than_8_mib_is_read_unless_told_otherwise() {
    let half = 4 * 1024 * 1024;
    for (second, is_read) in [(half, true), (half + 1, false)] {
        let server = Server::start(chunked(half, second)).await.unwrap();
        let read = cancel_at(&server.base, Options::default(), decode::text).await;
        assert_eq!(read.is_ok(), is_read, "{second}");
    }
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read() {
    let body = "7".repeat(100);
    for answer in [http("200 OK", "", &body), chunked(60, 40)] {
        let server = Server::start(answer).await.unwrap();
        let options = Options::default().with_body_bytes_max(100);
        assert_eq!(
            *cancel_at(&server.base, options, decode::text)
                .await
                .unwrap(),
            body
        );
    }
}

/// An answer in two chunks of so many bytes.
fn chunked(first: usize, second: usize) -> Vec<u8> {
    let chunk = |bytes: usize| format!("{bytes:x}\r\n{}\r\n", "7".repeat(bytes));
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    format!("{head}{}{}0\r\n\r\n", chunk(first), chunk(second)).into_bytes()
}
