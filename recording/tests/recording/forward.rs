//! What passes the forward proxy: unchanged, recorded, without secrets, to the one API.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use bpx_recording::{Error, Forward, Masking, Recorder, Recording, Summary};
use serde_json::Value;

use crate::traffic::{api, folder};

/// An exchange that says this to the next request, once a test says so, and keeps what it was asked.
struct Upstream {
    base: String,
    asked: Receiver<String>,
    answers: Sender<Vec<u8>>,
}

impl Upstream {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (tell, asked) = channel();
        let (answers, next) = channel::<Vec<u8>>();
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let mut socket = socket.unwrap();
                // Whoever asked may be gone already, and so may the test.
                let _ = tell.send(request(&mut socket));
                let Ok(answer) = next.recv() else { return };
                let _ = socket.write_all(&answer);
            }
        });
        Self {
            base,
            asked,
            answers,
        }
    }

    fn says(&self, answer: &str) {
        self.answers.send(answer.as_bytes().to_vec()).unwrap();
    }
}

/// A whole request, its body delimited by `content-length`.
fn request(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let count = socket.read(&mut part).unwrap();
        bytes.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if count == 0 {
            return text;
        }
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.split("content-length: ").nth(1);
            let length = length.map_or("0", |rest| rest.lines().next().unwrap());
            if body.len() >= length.parse().unwrap() {
                return text;
            }
        }
    }
}

/// Sends these bytes and reads until the other side closes.
fn ask(address: SocketAddr, text: &str) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = socket.read_to_string(&mut answer);
    answer
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

/// A forwarder to this base URL, and its recording.
async fn forward(base: &str, path: &Path) -> (Forward, Recording) {
    let (recorder, recording) = Recorder::start(path, Masking::Keep).unwrap();
    let listen = "127.0.0.1:0".parse().unwrap();
    let forward = Forward::start(listen, base, &api(), recorder)
        .await
        .unwrap();
    (forward, recording)
}

/// One request to an exchange that says this: what it was asked, what came back, and the recorded lines.
fn passed(ask_for: impl Fn(SocketAddr) -> String, says: &str) -> (String, String, Vec<Value>) {
    let (folder, upstream, runtime) = (folder(), Upstream::start(), runtime());
    let path = folder.path().join("a.ndjson");
    let (forward, recording) = runtime.block_on(forward(&upstream.base, &path));
    upstream.says(says);
    let answer = ask(forward.address(), &ask_for(forward.address()));
    runtime.block_on(forward.shutdown());
    recording.finish().unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (upstream.asked.recv().unwrap(), answer, lines.collect())
}

const BODY: &str = "{ \"symbol\":\"SOL_USDC\",\n\t\"orderId\" : \"28\" }";
const KEY: &str = "hunter2-key";

fn cancel(address: SocketAddr) -> String {
    format!(
        "DELETE /api/v1/order?b=2&a=%31%2f HTTP/1.1\r\nHost: {address}\r\nX-API-Key: {KEY}\r\nX-Signature: s==\r\n\
         Connection: close, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nAccept-Encoding: gzip\r\nX-Own: kept\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{BODY}",
        BODY.len()
    )
}

const MOVED: &str = "HTTP/1.1 307 Temporary Redirect\r\nlocation: https://elsewhere.example/\r\nx-total: 7\r\n\
                     keep-alive: timeout=5\r\ncontent-length: 4\r\nconnection: close\r\n\r\ngone";

#[test]
fn a_request_goes_on_as_it_is_and_its_answer_comes_back_as_it_is() {
    let (asked, answer, _) = passed(cancel, MOVED);
    assert!(asked.starts_with("DELETE /api/v1/order?b=2&a=%31%2f HTTP/1.1\r\n"));
    assert!(asked.ends_with(&format!("\r\n\r\n{BODY}")), "{asked}");
    let head = asked.to_lowercase();
    for kept in [
        &format!("x-api-key: {KEY}\r\n"),
        "x-signature: s==\r\n",
        "x-own: kept\r\n",
        "accept-encoding: identity\r\n",
    ] {
        assert_eq!(head.matches(kept).count(), 1, "{kept} {asked}");
    }
    for own in ["x-hop", "te: ", "gzip"] {
        assert!(!head.contains(own), "{own} {asked}");
    }
    assert_eq!(head.matches("host: ").count(), 1);
    // A redirect is an answer like any other: the exchange is asked once, and nobody else is.
    assert!(answer.starts_with("HTTP/1.1 307 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\ngone"), "{answer}");
    assert!(answer.contains("x-total: 7") && answer.contains("elsewhere.example"));
    assert!(!answer.contains("keep-alive"), "{answer}");
}

#[test]
fn what_passes_is_recorded_without_keys_and_signatures() {
    let (_, _, lines) = passed(cancel, MOVED);
    let [exchange, end] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert_eq!(exchange["operation"], "cancel_order");
    assert_eq!(exchange["query"], "b=2&a=%31%2f");
    assert_eq!(
        (&exchange["status"], &exchange["text"]),
        (&307.into(), &"gone".into())
    );
    assert_eq!(exchange["request_text"], BODY);
    let text = exchange.to_string();
    assert!(!text.contains(KEY) && !text.contains("s=="), "{text}");
    assert_eq!(text.matches("redacted").count(), 2, "{text}");
    assert_eq!(end["recorded"], 1);
}

#[test]
fn of_operations_that_nobody_knows_neither_query_nor_bodies_are_recorded() {
    let withdraw = |address| {
        format!(
            "POST /wapi/v1/capital/withdrawals?token=123456 HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Length: 27\r\n\r\n{{\"twoFactorToken\":\"123456\"}}"
        )
    };
    let answer =
        "HTTP/1.1 200 OK\r\ncontent-length: 13\r\nconnection: close\r\n\r\n{\"id\":123456}";
    let (asked, answer, lines) = passed(withdraw, answer);
    assert!(asked.contains("123456") && answer.contains("123456"));
    assert_eq!(lines[0]["path"], "/wapi/v1/capital/withdrawals");
    assert_eq!(lines[0]["status"], 200);
    assert!(!lines[0].to_string().contains("123456"), "{}", lines[0]);
}

#[test]
fn what_cannot_go_on_as_it_is_or_is_meant_for_others_is_refused() {
    let (folder, upstream, runtime) = (folder(), Upstream::start(), runtime());
    let path = folder.path().join("a.ndjson");
    let (forward, recording) = runtime.block_on(forward(&upstream.base, &path));
    let own = forward.address().to_string();
    for (line, host, more, status, word) in [
        (
            "GET http://other.example/ HTTP/1.1",
            "other.example",
            "",
            400,
            "not as proxy",
        ),
        (
            "CONNECT other.example:443 HTTP/1.1",
            "other.example",
            "",
            400,
            "not as proxy",
        ),
        ("GET / HTTP/1.1", "rebound.example", "", 421, "host"),
        (
            "GET / HTTP/1.1",
            &own,
            "Origin: http://page.example\r\n",
            403,
            "web pages",
        ),
        (
            "GET /api/v1/order?symbol='A' HTTP/1.1",
            &own,
            "",
            400,
            "percent signs",
        ),
        ("GET /a/../b HTTP/1.1", &own, "", 400, "percent signs"),
    ] {
        let text = format!("{line}\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n");
        let answer = ask(forward.address(), &text);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{line} {answer}"
        );
        assert!(answer.contains(word), "{line} {answer}");
    }
    let longest = 16 * 1024 * 1024;
    let long = format!(
        "POST /api/v1/order HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}",
        longest + 1,
        " ".repeat(longest + 1)
    );
    assert!(ask(forward.address(), &long).starts_with("HTTP/1.1 413 "));
    runtime.block_on(forward.shutdown());
    let (recorded, dropped) = (0, 0);
    assert_eq!(recording.finish().unwrap(), Summary { recorded, dropped });
    assert!(upstream.asked.try_recv().is_err(), "nothing was asked");
}

#[test]
fn an_exchange_that_breaks_off_or_is_not_there_is_a_bad_gateway_and_recorded() {
    let (_, answer, lines) = passed(cancel, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ncut");
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    assert!(answer.contains("may have been carried out"), "{answer}");
    assert_eq!(lines[0]["failure"], "broken off");
    let (folder, runtime) = (folder(), runtime());
    let path = folder.path().join("a.ndjson");
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (forward, recording) = runtime.block_on(forward(&format!("http://{nobody}"), &path));
    let answer = ask(forward.address(), &cancel(forward.address()));
    assert!(answer.contains("nothing was sent"), "{answer}");
    runtime.block_on(forward.shutdown());
    assert_eq!(recording.finish().unwrap().recorded, 1);
}

#[test]
fn what_was_sent_is_recorded_though_its_client_goes_away() {
    let (folder, upstream, runtime) = (folder(), Upstream::start(), runtime());
    let path = folder.path().join("a.ndjson");
    let (forward, recording) = runtime.block_on(forward(&upstream.base, &path));
    let mut socket = TcpStream::connect(forward.address()).unwrap();
    socket
        .write_all(cancel(forward.address()).as_bytes())
        .unwrap();
    upstream.asked.recv().unwrap();
    drop(socket);
    upstream.says("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    runtime.block_on(forward.shutdown());
    assert_eq!(recording.finish().unwrap().recorded, 1);
    assert!(
        std::fs::read_to_string(path)
            .unwrap()
            .contains("\"status\":202")
    );
}

#[test]
fn a_connection_that_asks_nothing_does_not_keep_it_from_ending() {
    let (folder, upstream, runtime) = (folder(), Upstream::start(), runtime());
    let path = folder.path().join("a.ndjson");
    let (forward, recording) = runtime.block_on(forward(&upstream.base, &path));
    let _silent = TcpStream::connect(forward.address()).unwrap();
    runtime.block_on(forward.shutdown());
    assert_eq!(recording.finish().unwrap().recorded, 0);
}

#[test]
fn it_forwards_on_this_computer_and_to_an_exchange_alone() {
    let folder = folder();
    let (recorder, _recording) =
        Recorder::start(&folder.path().join("a.ndjson"), Masking::Keep).unwrap();
    let start = |listen: &str, base: &str| {
        let api = api();
        let recorder = Arc::clone(&recorder) as _;
        let starting = Forward::start(listen.parse().unwrap(), base, &api, recorder);
        runtime().block_on(starting).map(drop).unwrap_err()
    };
    let here = "127.0.0.1:0";
    let refused = start("0.0.0.0:0", "https://api.backpack.exchange");
    assert!(matches!(refused, Error::NotLoopback(_)), "{refused}");
    for base in [
        "http://api.backpack.exchange",
        "https://me:secret@h",
        "ftp://h",
    ] {
        let refused = start(here, base);
        assert!(matches!(refused, Error::Connect(_)), "{refused}");
    }
    let taken = TcpListener::bind(here).unwrap().local_addr().unwrap();
    let _holding = TcpListener::bind(taken).unwrap();
    let refused = start(&taken.to_string(), "https://api.backpack.exchange");
    assert!(matches!(refused, Error::Listen { .. }), "{refused}");
}
