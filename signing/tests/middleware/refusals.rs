//! What the middleware refuses, and that it does so before anything is sent.

use bpx_signing::{SigningError, SigningMiddleware};
use reqwest::{Body, Method};
use reqwest_middleware::{ClientBuilder, Error};
use reqwest_retry::RetryError;

use crate::server::Server;
use crate::{Hand, client, get, signer};

/// The signing error in there, perhaps inside the retry layer's.
fn refusal(error: &Error) -> &SigningError {
    let Error::Middleware(inner) = error else {
        panic!("{error:?} is no signing error");
    };
    match inner.downcast_ref() {
        Some(RetryError::Error(error) | RetryError::WithRetries { err: error, .. }) => {
            refusal(error)
        }
        None => inner.downcast_ref().unwrap(),
    }
}

async fn refused(server: &Server, method: Method, url: &str, body: Option<Body>) -> String {
    let signing = signer().into_middleware(&server.base).unwrap();
    let client = client(signing, &Hand::default(), 0);
    let mut request = client.request(method, url);
    if let Some(body) = body {
        request = request.body(body);
    }
    let error = request.send().await.unwrap_err();
    assert!(server.seen().is_empty(), "{url} was sent");
    format!("{:?}", refusal(&error))
}

#[tokio::test]
async fn a_method_and_path_that_are_not_in_the_table_are_refused() {
    let server = Server::answering(&[200]).await;
    for (method, path) in [
        (Method::GET, "/api/v1/capital"),
        (Method::PUT, "/api/v1/order"),
        (Method::GET, "/api/v1/order/"),
        (Method::GET, "/x/api/v1/order"),
        (Method::GET, ""),
    ] {
        let url = format!("{}{path}", server.base);
        let error = refused(&server, method, &url, None).await;
        assert!(error.starts_with("UnknownOperation"), "{error}");
    }
}

#[tokio::test]
async fn another_origin_is_refused() {
    let server = Server::answering(&[200]).await;
    let other = Server::answering(&[200]).await;
    let https = server.base.replace("http://", "https://");
    for base in [&other.base, &https, "https://api.backpack.exchange"] {
        let url = format!("{base}/api/v1/order?symbol=a");
        let error = refused(&server, Method::GET, &url, None).await;
        assert!(error.starts_with("ForeignOrigin"), "{error}");
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_path_beside_the_base_path_is_refused() {
    let server = Server::answering(&[200]).await;
    let base = format!("{}/proxy", server.base);
    let signing = signer().into_middleware(&base).unwrap();
    let client = client(signing, &Hand::default(), 0);
    for path in [
        "/api/v1/order",
        "/proxyapi/v1/order",
        "/proxy/../api/v1/order",
    ] {
        let error = client.get(format!("{}{path}", server.base)).send().await;
        let error = error.unwrap_err();
        let refusal = refusal(&error);
        assert!(
            matches!(refusal, SigningError::ForeignOrigin { .. }),
            "{path} {refusal:?}"
        );
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_streaming_body_is_refused() {
    let server = Server::answering(&[200]).await;
    let signing = signer().into_middleware(&server.base).unwrap();
    // Without the retry layer, which refuses streams by itself.
    let client = ClientBuilder::new(signing.client_builder().build().unwrap())
        .with(signing)
        .build();
    let body = Body::wrap(Body::from("{}"));
    let url = format!("{}/api/v1/order", server.base);
    let error = client.delete(url).body(body).send().await.unwrap_err();
    assert!(matches!(refusal(&error), SigningError::StreamingBody));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn what_the_signer_refuses_is_neither_sent_nor_retried() {
    let server = Server::answering(&[200]).await;
    let url = format!("{}/api/v1/order", server.base);
    let body = |text: &'static str| Some(Body::from(text));
    for (method, url, body, expected) in [
        (
            Method::POST,
            url.clone(),
            body(r#"{"a":{}}"#),
            "NestedValue",
        ),
        (
            Method::POST,
            url.clone(),
            body(r#"{"a":1,"a":1}"#),
            "DuplicateKey",
        ),
        (Method::POST, url.clone(), None, "MissingBody"),
        (
            Method::GET,
            format!("{url}?a=%26"),
            None,
            "ForbiddenCharacter",
        ),
        (Method::GET, format!("{url}?a=1#b"), None, "Fragment"),
    ] {
        let error = refused(&server, method, &url, body).await;
        assert!(error.starts_with(expected), "{error}");
    }
}

#[tokio::test]
async fn a_second_signature_is_refused() {
    let server = Server::answering(&[200]).await;
    let signing = signer().into_middleware(&server.base).unwrap();
    let client = ClientBuilder::new(signing.client_builder().build().unwrap())
        .with(signing.clone())
        .with(signing)
        .build();
    let error = get(&client, &server.base).await.unwrap_err();
    assert!(matches!(refusal(&error), SigningError::PresetHeader { .. }));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Server::answering(&[200]).await;
    let server = Server::redirecting_to(&target.base).await;
    let signing = signer().into_middleware(&server.base).unwrap();
    let answer = get(&client(signing, &Hand::default(), 0), &server.base).await;
    assert_eq!(answer.unwrap().status(), 307);
    assert!(target.seen().is_empty());
}

#[tokio::test]
async fn a_redirect_that_a_client_of_other_settings_followed_is_an_error() {
    let target = Server::answering(&[200]).await;
    let server = Server::redirecting_to(&target.base).await;
    let signing = signer().into_middleware(&server.base).unwrap();
    let client = ClientBuilder::new(reqwest::Client::new())
        .with(signing)
        .build();
    let error = get(&client, &server.base).await.unwrap_err();
    match refusal(&error) {
        SigningError::RedirectFollowed { origin } => assert_eq!(*origin, target.base),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_base_url_that_cannot_be_used_is_refused() {
    let made =
        |base: &str| -> Result<SigningMiddleware, SigningError> { signer().into_middleware(base) };
    for base in [
        "",
        "api.backpack.exchange",
        "https://me:hunter2@h",
        "https://h?a=b",
        "https://h#a",
    ] {
        let error = made(base).unwrap_err();
        assert!(
            matches!(error, SigningError::InvalidBaseUrl { .. }),
            "{base}"
        );
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    for base in [
        "http://api.backpack.exchange",
        "ftp://127.0.0.1",
        "file:///etc",
    ] {
        let error = made(base).unwrap_err();
        assert!(matches!(error, SigningError::PlainText { .. }), "{base}");
    }
    assert!(made("http://localhost:8800/").is_ok());
}
