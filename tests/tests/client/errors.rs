//! Every way a call ends badly keeps what the caller needs to decide what to do.

use std::time::Duration;

use bpx_client::types::*;
use bpx_client::{Client, Error, Key, signer};
use bpx_tests::exchange::{Exchange, start};

use crate::server::{Server, client};

const SYMBOL: &str = "SOL_USDC";
const HTML: &[(&str, &str)] = &[("content-type", "text/html")];
const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

async fn exchange() -> Exchange {
    start(Default::default()).await.unwrap()
}

fn market_order() -> NewOrder {
    NewOrder::new(OrderType::Market, Side::Ask, SYMBOL)
}

/// Status, code and message of the venue's refusal.
#[track_caller]
fn refusal(error: Error<ApiError>) -> (u16, ApiErrorCode, String) {
    match error {
        Error::Api { status, body, .. } => (status.as_u16(), body.code, body.message),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_refused_order_has_status_code_and_message() {
    let exchange = exchange().await;
    let quantity = "0.000000001".parse().unwrap();
    let order = NewOrder::new(OrderType::Market, Side::Ask, SYMBOL).quantity(quantity);
    let error = exchange.client.execute_order().body(order).send().await;
    let error = error.unwrap_err();
    assert!(error.was_sent() && !error.is_unknown());
    let message = "Quantity decimal too long".to_owned();
    assert_eq!(
        refusal(error),
        (400, ApiErrorCode::InvalidClientRequest, message)
    );
}

#[tokio::test]
async fn an_order_that_is_not_open_is_not_found() {
    let exchange = exchange().await;
    let get = exchange.client.get_order().symbol(SYMBOL).order_id("404");
    let expected = (404, ApiErrorCode::ResourceNotFound, "Not Found".to_owned());
    assert_eq!(refusal(get.send().await.unwrap_err()), expected);
    let cancel = exchange
        .client
        .cancel_order()
        .body(CancelOrder::new(SYMBOL).order_id("404"));
    assert_eq!(
        refusal(cancel.send().await.unwrap_err()),
        (400, expected.1, expected.2)
    );
}

#[tokio::test]
async fn both_identifiers_and_neither_are_refused_by_the_exchange() {
    let exchange = exchange().await;
    let neither = exchange.client.get_order().symbol(SYMBOL);
    let both = neither.clone().order_id("1").client_id(1_u32);
    for get in [neither, both] {
        let (status, code, _) = refusal(get.send().await.unwrap_err());
        assert_eq!((status, code), (400, ApiErrorCode::InvalidClientRequest));
    }
}

#[tokio::test]
async fn a_key_the_exchange_does_not_know_is_unauthorized() {
    let exchange = exchange().await;
    let stranger = signer(Key::generate().unwrap());
    let stranger = Client::new(&exchange.sandbox.base_url(), stranger).unwrap();
    let error = stranger.get_open_orders().send().await.unwrap_err();
    let (status, code, _) = refusal(error);
    assert_eq!((status, code), (401, ApiErrorCode::Unauthorized));
    assert!(exchange.sandbox.verified().is_empty());
}

#[tokio::test]
async fn a_refusal_in_plain_text_keeps_its_status_and_how_it_begins() {
    const TEXT: &[(&str, &str)] = &[("content-type", "text/plain; charset=utf-8")];
    let body = format!("failed to parse parameter `limit`: {}", "x".repeat(2000));
    let server = Server::answering(400, TEXT, body).await;
    let error = server.client.get_fills().send().await.unwrap_err();
    assert!(!error.is_unknown());
    let Error::Unexpected {
        status,
        content_type,
        body_start,
        ..
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(
        (status.as_u16(), content_type.as_deref()),
        (400, Some("text/plain; charset=utf-8"))
    );
    assert!(body_start.starts_with("failed to parse parameter `limit`: xxx"));
    assert_eq!(body_start.len(), 512);
}

#[tokio::test]
async fn a_gateways_page_leaves_open_whether_the_order_was_placed() {
    let server = Server::answering(502, HTML, "<html>502 Bad Gateway</html>").await;
    let send = server.client.execute_order().body(market_order()).send();
    let error = send.await.unwrap_err();
    assert_eq!(error.status().unwrap(), 502);
    assert!(error.is_unknown());
    assert!(error.to_string().contains("502 Bad Gateway"), "{error}");
}

#[tokio::test]
async fn maintenance_is_told_apart_by_its_code() {
    let body = r#"{"code":"MAINTENANCE","message":"System under maintenance."}"#;
    let server = Server::answering(503, JSON, body).await;
    let send = server.client.execute_order().body(market_order()).send();
    let (status, code, message) = refusal(send.await.unwrap_err());
    assert_eq!((status, code), (503, ApiErrorCode::Maintenance));
    assert_eq!(message, "System under maintenance.");
}

#[tokio::test]
async fn truncated_json_is_a_success_that_cannot_be_read() {
    let server = Server::json(r#"{"orderType":"Limit","id":"1","pri"#).await;
    let send = server.client.execute_order().body(market_order()).send();
    let error = send.await.unwrap_err();
    assert!(error.is_unknown());
    let Error::Undecoded {
        status, body_start, ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!(status, 200);
    assert!(body_start.starts_with(r#"{"orderType""#));
}

#[tokio::test]
async fn an_answer_of_the_wrong_shape_names_the_field() {
    let body = r#"[{"symbol":7}]"#;
    let client = Server::json(body).await.client;
    let error = client.get_open_orders().send().await.unwrap_err();
    assert!(error.to_string().contains("[0]: "), "{error}");
    let error = Server::page("[7]").await.client.get_fills().send().await;
    let error = error.unwrap_err();
    assert!(error.to_string().contains("[0]: "), "{error}");
}

#[tokio::test]
async fn an_error_code_of_tomorrow_is_kept() {
    let body = r#"{"code":"ORDER_PENDING_RELEASE","message":"wait"}"#;
    let server = Server::answering(400, JSON, body).await;
    let send = server.client.execute_order().body(market_order()).send();
    let (_, code, _) = refusal(send.await.unwrap_err());
    assert_eq!(
        code,
        ApiErrorCode::Unknown("ORDER_PENDING_RELEASE".to_owned())
    );
}

#[tokio::test]
async fn a_closed_port_means_that_nothing_was_sent() {
    // Nobody listens on the first port, and unlike a port just freed, no other test is given it.
    let client = client("http://127.0.0.1:1");
    let send = client.execute_order().body(market_order()).send();
    let error = send.await.unwrap_err();
    assert!(matches!(error, Error::NotSent { .. }), "{error}");
    assert!(!error.was_sent() && !error.is_unknown());
    assert!(error.to_string().contains("http://127.0.0.1:1"), "{error}");
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_leaves_the_outcome_open() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        stream.readable().await.unwrap();
        drop(stream);
    });
    let client = client(&base);
    let send = client.execute_order().body(market_order()).send();
    let error = tokio::time::timeout(Duration::from_secs(60), send).await;
    let error = error.unwrap().unwrap_err();
    assert!(
        matches!(error, Error::Transport { status: None, .. }),
        "{error}"
    );
    assert!(error.is_unknown());
}
