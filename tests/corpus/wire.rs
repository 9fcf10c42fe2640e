//! What the client of `wire.yaml` puts on the wire, and how it reads what comes back. Compiled by `tests/corpus.rs`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::{JoinHandle, spawn};

use corpus_wire::{Client, Error, types};
use futures_util::StreamExt as _;

/// Answers one request and gives it back as text.
fn serve(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let served = spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut piece = [0; 4096];
        loop {
            let read = socket.read(&mut piece).unwrap();
            request.extend_from_slice(&piece[..read]);
            let text = String::from_utf8_lossy(&request).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.to_lowercase().lines().find_map(|line| {
                    line.strip_prefix("content-length: ").map(|length| length.parse::<usize>().unwrap())
                });
                if body.len() >= length.unwrap_or(0) {
                    break;
                }
            }
        }
        socket.write_all(answer.as_bytes()).unwrap();
        String::from_utf8_lossy(&request).into_owned()
    });
    (base, served)
}

fn json(status: &str, body: &str) -> &'static str {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").leak()
}

fn client(base: &str) -> Client {
    Client::new(base).unwrap()
}

#[tokio::test]
async fn parameters_are_written_in_their_styles() {
    let (base, served) = serve(json("200 OK", "{}"));
    let texts = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
    let deep = types::ListItDeep::new().a(types::ListItDeepA::new().b(1));
    let client = client(&base);
    let call = client
        .list_it()
        .ids(texts(["a", "b,c"]))
        .tags(texts(["c", "d"]))
        .pipes(texts(["e", "f"]))
        .opts(types::ListItOpts::new().limit(1).cursor("x"))
        .extra(std::collections::BTreeMap::from([("k".to_owned(), "v".to_owned())]))
        .deep(deep)
        .beta(texts(["one", "two"]))
        .session("s 1")
        .send();
    let _ = call.await.unwrap();
    let request = served.join().unwrap();
    let line = request.lines().next().unwrap();
    let query = "ids=a,b%2Cc&tags=c&tags=d&pipes=e%7Cf&cursor=x&limit=1&k=v&deep[a][b]=1";
    assert_eq!(line, format!("GET /list?{query} HTTP/1.1"));
    assert!(request.contains("x-beta: one,two"), "{request}");
    assert!(request.contains("cookie: session=s+1"), "{request}");
    assert!(!request.contains("authorization"), "{request}");
}

#[tokio::test]
async fn path_parameters_have_styles_too() {
    let (base, served) = serve(json("200 OK", ""));
    let key = types::GetNKey::Integer(7);
    let client = client(&base);
    let call = client.get_n().key(key).ids(vec![1, 2]).mode("x").send();
    call.await.unwrap();
    let request = served.join().unwrap();
    assert!(request.starts_with("GET /n/7/;ids=1;ids=2/.x HTTP/1.1"), "{request}");
}

#[tokio::test]
async fn parameters_of_one_name_are_told_apart_and_an_optional_body_can_be_left_out() {
    let (base, served) = serve("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
    let client = client(&base);
    let call = client.same().id("path").id_2("query").id_3("header").body_("b").send();
    call.await.unwrap();
    let request = served.join().unwrap();
    assert!(request.starts_with("POST /same/path?id=query&body=b HTTP/1.1"), "{request}");
    assert!(request.contains("x-id: header") && !request.contains("content-type"), "{request}");
}

#[tokio::test]
async fn credentials_go_where_the_document_says() {
    let (base, served) = serve(json("200 OK", r#"{"v":"x"}"#));
    let body = types::PostFormBody::new("a b").b(2);
    let client = Client::new(&base).unwrap().with_token("t0ken");
    let answer = client.post_form().body(body.clone()).send().await.unwrap();
    assert_eq!(answer.v, "x");
    let request = served.join().unwrap();
    assert!(request.contains("authorization: Bearer t0ken"), "{request}");
    assert!(request.contains("content-type: application/x-www-form-urlencoded"), "{request}");
    assert!(request.ends_with("\r\n\r\na=a+b&b=2"), "{request}");
    assert!(!format!("{client:?}").contains("t0ken"));

    let (base, served) = serve(json("200 OK", r#"{"v":"x"}"#));
    let client = Client::new(&base).unwrap().with_name("me", "pass").with_key("k3y");
    client.post_form().body(body).send().await.unwrap();
    let request = served.join().unwrap();
    assert!(request.contains("authorization: Basic bWU6cGFzcw=="), "{request}");
    assert!(request.contains("x-api-key: k3y"), "{request}");
}

#[tokio::test]
async fn files_are_uploaded_in_parts() {
    let (base, served) = serve(json("200 OK", ""));
    let file = bpx_runtime::File::from("content").named("a.txt").media("text/plain");
    let client = client(&base);
    let call = client
        .upload()
        .file(file)
        .more(vec![bpx_runtime::File::from("1"), bpx_runtime::File::from("2")])
        .purpose("train")
        .meta(types::UploadFormMeta::new().k(1))
        .send();
    call.await.unwrap();
    let request = served.join().unwrap();
    assert!(request.contains("content-type: multipart/form-data; boundary=part-"), "{request}");
    for part in [
        "name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\ncontent\r\n",
        "name=\"more\"; filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\n2\r\n",
        "name=\"purpose\"\r\n\r\ntrain\r\n",
        "name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{\"k\":1}\r\n",
    ] {
        assert!(request.contains(part), "{part}\n{request}");
    }
}

#[tokio::test]
async fn text_and_bytes_travel_as_they_are() {
    let (base, served) =
        serve("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 4\r\nconnection: close\r\n\r\npong");
    let pong = client(&base).post_text().body("ping").send().await.unwrap();
    assert_eq!(&*pong, "pong");
    let request = served.join().unwrap();
    assert!(request.contains("content-type: text/plain") && request.ends_with("\r\n\r\nping"), "{request}");

    let (base, served) =
        serve("HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 3\r\nconnection: close\r\n\r\n\u{1}\u{2}\u{3}");
    let sent = bpx_runtime::Bytes::from_static(b"\x00png");
    let bytes = client(&base).put_bytes().body(sent).send().await.unwrap();
    assert_eq!(&bytes[..], [1, 2, 3]);
    assert!(served.join().unwrap().contains("content-type: image/png"));
}

#[tokio::test]
async fn events_arrive_one_by_one() {
    let (base, served) = serve(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n: hello\n\ndata: {\"x\":\"a\"}\n\nevent: more\ndata: {\"x\":\ndata: \"b\"}\n\ndata: {\"y\":1}\n\ndata: [DONE]\n\n",
    );
    let events = client(&base).events().send().await.unwrap().into_inner();
    let events: Vec<_> = events.collect().await;
    let texts: Vec<_> = events.iter().map(|event| event.as_ref().map(|event| event.x.as_str()).ok()).collect();
    assert_eq!(texts, [Some("a"), Some("b"), None]);
    assert!(served.join().unwrap().contains("accept: text/event-stream"));
}

#[allow(deprecated, reason = "the document advises against it, which is part of the test")]
#[tokio::test]
async fn the_status_selects_the_body() {
    let get = async |answer| {
        let (base, served) = serve(answer);
        let got = client(&base).get_m().send().await;
        served.join().unwrap();
        got
    };
    let body = r#"{"a":"x"}"#;
    assert!(matches!(*get(json("200 OK", body)).await.unwrap(), types::GetMSuccess::A(_)));
    assert!(matches!(*get(json("201 Created", body)).await.unwrap(), types::GetMSuccess::B(_)));
    let error = |got: Result<_, Error<types::GetMError>>| match got {
        Err(Error::Api { body, .. }) => Some(*body),
        _ => None,
    };
    let missing = error(get(json("404 Not Found", r#"{"missing":"x"}"#)).await);
    assert!(matches!(missing, Some(types::GetMError::E2(it)) if it.missing.as_deref() == Some("x")));
    let refused = error(get(json("400 Bad Request", r#"{"code":7}"#)).await);
    assert!(matches!(refused, Some(types::GetMError::E1(it)) if it.code == Some(7)));
    let broken = error(get(json("501 Not Implemented", r#"{"code":8}"#)).await);
    assert!(matches!(broken, Some(types::GetMError::E1(it)) if it.code == Some(8)));
    let undocumented = get(json("418 I'm a teapot", "{}")).await;
    assert!(matches!(undocumented, Err(Error::Unexpected { .. })));
}

#[tokio::test]
async fn a_query_in_a_path_is_sent_and_classes_of_statuses_may_be_in_lower_case() {
    let (base, served) = serve(json("203 Non-Authoritative", "7"));
    let client = client(&base);
    let call = client.beta().x("a&b").more("c").send();
    assert_eq!(*call.await.unwrap(), 7);
    let request = served.join().unwrap();
    assert!(request.starts_with("GET /q?beta=true&x=a%26b&more=c HTTP/1.1"), "{request}");

    let problem = "HTTP/1.1 501 Not Implemented\r\ncontent-type: application/problem+json\r\ncontent-length: 10\r\nconnection: close\r\n\r\n{\"code\":9}";
    let (base, served) = serve(problem);
    let got = self::client(&base).beta().x("a").send().await;
    served.join().unwrap();
    assert!(matches!(got, Err(Error::Api { body, .. }) if body.code == Some(9)));
}

#[tokio::test]
async fn without_a_scheme_the_authorization_header_is_a_parameter() {
    let (base, served) = serve(json("201 Created", r#"{"host":"h","ok":true}"#));
    let client = corpus_reports::Client::new(&base).unwrap();
    let pong = client.ping().authorization("Bearer t0ken").send().await.unwrap();
    assert!(pong.ok);
    let request = served.join().unwrap();
    assert!(request.contains("authorization: Bearer t0ken"), "{request}");
}
