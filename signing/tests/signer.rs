//! Signing finished requests.

#![cfg(test)]

mod common;

use bpx_signing::{Key, Payload, SIGNING_HEADERS, SignedOperation, Signer, SigningError, verify};
use common::{
    At, CANCEL_ORDER, EXECUTE_ORDER, GET_ORDER, OPERATIONS, PUBLIC, SEED, Vector, vectors,
};
use reqwest::{Body, Method, Request, header::HeaderValue};

/// A clock that stands still.
fn signer() -> Signer {
    Signer::new(Key::from_base64(SEED).unwrap(), OPERATIONS).with_clock(At(1_614_550_000_000))
}

fn request(method: Method, url: &str, body: Option<&str>) -> Request {
    let mut request = Request::new(method, url.parse().unwrap());
    *request.body_mut() = body.map(|body| Body::from(body.to_owned()));
    request
}

fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers()[name].to_str().unwrap()
}

fn request_of(vector: &Vector) -> Request {
    let query = vector
        .raw_query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let url = format!("http://127.0.0.1:1{}{query}", vector.path);
    let body = vector.body.as_ref().map(|body| body.get());
    request(vector.method.parse().unwrap(), &url, body)
}

#[test]
fn each_vector_gives_its_headers() {
    for vector in vectors() {
        let signer = signer()
            .with_clock(At(vector.timestamp))
            .with_window_ms(vector.window)
            .unwrap();
        let operation = signer.operation(&vector.method, &vector.path).unwrap();
        let mut request = request_of(&vector);
        signer.sign(&mut request, operation).unwrap();
        assert_eq!(
            header(&request, "X-API-KEY"),
            vector.pubkey_b64,
            "{}",
            vector.name
        );
        assert_eq!(
            header(&request, "X-SIGNATURE"),
            vector.signature_b64,
            "{}",
            vector.name
        );
        assert_eq!(
            header(&request, "X-TIMESTAMP"),
            vector.timestamp.to_string(),
            "{}",
            vector.name
        );
        assert_eq!(
            header(&request, "X-WINDOW"),
            vector.window.to_string(),
            "{}",
            vector.name
        );
    }
}

#[test]
fn the_default_window_is_5000_and_is_sent() {
    let mut request = request(Method::GET, "https://h/api/v1/order?symbol=a", None);
    signer().sign(&mut request, &GET_ORDER).unwrap();
    assert_eq!(header(&request, "x-window"), "5000");
}

#[test]
fn the_url_is_signed_decoded_as_a_server_reads_it() {
    let mut request = request(
        Method::GET,
        "https://h/api/v1/order?symbol=a%20b+c%25&clientId=%C3%A9",
        None,
    );
    signer().sign(&mut request, &GET_ORDER).unwrap();
    let string =
        "instruction=orderQuery&clientId=é&symbol=a b c%&timestamp=1614550000000&window=5000";
    verify(PUBLIC, header(&request, "x-signature"), string).unwrap();
}

#[test]
fn a_base_path_before_the_operations_path_is_allowed() {
    let mut request = request(
        Method::GET,
        "https://h/proxy/v9/api/v1/order?symbol=a",
        None,
    );
    signer().sign(&mut request, &GET_ORDER).unwrap();
    assert_eq!(header(&request, "x-api-key"), PUBLIC);
}

#[test]
fn signing_headers_are_marked_sensitive() {
    let mut request = request(Method::GET, "https://h/api/v1/order?symbol=a", None);
    signer().sign(&mut request, &GET_ORDER).unwrap();
    for name in SIGNING_HEADERS {
        assert!(request.headers()[name].is_sensitive(), "{name}");
    }
}

#[test]
fn a_preset_signing_header_is_refused_and_the_request_left_alone() {
    for name in SIGNING_HEADERS {
        let mut request = request(Method::GET, "https://h/api/v1/order?symbol=a", None);
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static("mine"));
        let error = signer().sign(&mut request, &GET_ORDER).unwrap_err();
        assert!(
            matches!(error, SigningError::PresetHeader { name: found } if found == name),
            "{error:?}"
        );
        assert!(!error.to_string().contains("mine"), "{error}");
        assert_eq!(request.headers().len(), 1);
        assert_eq!(header(&request, name), "mine");
    }
}

#[test]
fn a_signed_request_is_not_signed_again_but_a_copy_of_the_unsigned_one_is() {
    let unsigned = request(Method::GET, "https://h/api/v1/order?symbol=a", None);
    let mut first = unsigned.try_clone().unwrap();
    signer().sign(&mut first, &GET_ORDER).unwrap();
    assert!(matches!(
        signer().sign(&mut first, &GET_ORDER),
        Err(SigningError::PresetHeader { .. })
    ));
    let mut second = unsigned.try_clone().unwrap();
    signer()
        .with_clock(At(2))
        .sign(&mut second, &GET_ORDER)
        .unwrap();
    assert_ne!(
        header(&first, "x-signature"),
        header(&second, "x-signature")
    );
}

#[test]
fn other_headers_stay_as_they_are() {
    let mut request = request(
        Method::POST,
        "https://h/api/v1/order",
        Some(r#"{"symbol":"a"}"#),
    );
    request
        .headers_mut()
        .insert("x-broker-id", HeaderValue::from_static("7"));
    signer().sign(&mut request, &EXECUTE_ORDER).unwrap();
    assert_eq!(header(&request, "x-broker-id"), "7");
    assert_eq!(request.headers().len(), 1 + SIGNING_HEADERS.len());
}

#[test]
fn a_streaming_body_is_refused() {
    let mut request = request(Method::DELETE, "https://h/api/v1/order", None);
    *request.body_mut() = Some(Body::wrap(Body::from("{}")));
    let error = signer().sign(&mut request, &CANCEL_ORDER).unwrap_err();
    assert!(matches!(error, SigningError::StreamingBody), "{error:?}");
    assert!(request.headers().is_empty());
}

#[test]
fn a_row_that_is_not_the_requests_is_refused() {
    for (method, url) in [
        (Method::POST, "https://h/api/v1/order"),
        (Method::GET, "https://h/api/v1/orders"),
        (Method::GET, "https://h//api/v1/order"),
        (Method::GET, "https://h/api/v1/order/"),
    ] {
        let error = signer()
            .sign(&mut request(method, url, None), &GET_ORDER)
            .unwrap_err();
        assert!(
            matches!(
                error,
                SigningError::OperationMismatch { ref operation, .. } if operation == "get_order"
            ),
            "{url} {error:?}"
        );
    }
}

#[test]
fn a_row_that_is_not_in_the_table_is_refused() {
    let forged = SignedOperation {
        instruction: "withdraw".into(),
        ..GET_ORDER
    };
    let error = signer()
        .sign(
            &mut request(Method::GET, "https://h/api/v1/order", None),
            &forged,
        )
        .unwrap_err();
    assert!(
        matches!(error, SigningError::UnknownOperation { .. }),
        "{error:?}"
    );
    assert!(signer().operation("PUT", "/api/v1/order").is_none());
    assert!(
        signer()
            .operation("GET", "/elsewhere/api/v1/order")
            .is_none()
    );
}

#[test]
fn the_most_precise_of_several_templates_is_chosen() {
    const fn row(id: &'static str, path: &'static str) -> SignedOperation {
        SignedOperation::new(id, "GET", path, "x", Payload::Query)
    }
    static TABLE: &[SignedOperation] = &[row("any", "/orders/{id}"), row("open", "/orders/open")];
    let signer = Signer::new(Key::from_base64(SEED).unwrap(), TABLE);
    assert_eq!(signer.operation("GET", "/orders/open").unwrap().id, "open");
    assert_eq!(signer.operation("GET", "/orders/7").unwrap().id, "any");
}

#[test]
fn a_clock_before_1970_and_a_window_out_of_range_are_refused() {
    let mut request = request(Method::GET, "https://h/api/v1/order", None);
    let error = signer()
        .with_clock(At(-1))
        .sign(&mut request, &GET_ORDER)
        .unwrap_err();
    assert!(
        matches!(error, SigningError::NegativeTimestamp { .. }),
        "{error:?}"
    );
    for window_ms in [0, 60_001] {
        assert!(matches!(
            signer().with_window_ms(window_ms),
            Err(SigningError::WindowOutOfRange { .. })
        ));
    }
}

#[test]
fn debug_of_a_signer_shows_no_secret() {
    let shown = format!("{:?} {:#?}", signer(), signer());
    assert!(!shown.contains(SEED) && !shown.contains(PUBLIC), "{shown}");
    assert!(shown.contains("window_ms: 5000"), "{shown}");
    let mut request = request(Method::GET, "https://h/api/v1/order", None);
    signer().sign(&mut request, &GET_ORDER).unwrap();
    assert!(!format!("{request:?}").contains(PUBLIC));
}

#[test]
fn plain_http_to_another_computer_is_refused_and_to_this_one_is_not() {
    for host in [
        "api.backpack.exchange",
        "localhost.example",
        "10.0.0.1",
        "[::2]",
    ] {
        let mut request = request(Method::GET, &format!("http://{host}/api/v1/order"), None);
        let error = signer().sign(&mut request, &GET_ORDER).unwrap_err();
        assert!(matches!(error, SigningError::PlainText { .. }), "{error:?}");
        assert!(request.headers().is_empty());
    }
    for host in ["localhost:8800", "127.0.0.1", "127.9.9.9:1", "[::1]:8800"] {
        let mut request = request(Method::GET, &format!("http://{host}/api/v1/order"), None);
        assert!(signer().sign(&mut request, &GET_ORDER).is_ok(), "{host}");
    }
}

#[test]
fn a_value_cut_off_by_a_fragment_is_refused() {
    let mut request = request(Method::GET, "https://h/api/v1/order?symbol=A#B", None);
    let error = signer().sign(&mut request, &GET_ORDER).unwrap_err();
    assert!(matches!(error, SigningError::Fragment), "{error:?}");
}

/// What a URL drops or rewrites when it is parsed is gone before it is signed, so signature and server agree.
#[test]
fn what_the_url_encoder_alters_is_signed_as_it_arrives() {
    for (written, arrives) in [
        ("a\tb\nc", "abc"),
        ("a b", "a b"),
        ("é<>\"'", "é<>\"'"),
        ("a%2Bb", "a+b"),
        ("a\\|^`{}", "a\\|^`{}"),
    ] {
        let url = format!("https://h/api/v1/order?symbol={written}");
        let mut request = request(Method::GET, &url, None);
        signer().sign(&mut request, &GET_ORDER).unwrap();
        let pairs: Vec<_> = request.url().query_pairs().collect();
        assert_eq!(pairs[0].1, arrives);
        let string =
            format!("instruction=orderQuery&symbol={arrives}&timestamp=1614550000000&window=5000");
        verify(PUBLIC, header(&request, "x-signature"), &string).unwrap();
    }
}
