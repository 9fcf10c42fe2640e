//! A server that says the same to everyone and remembers what it received.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A running server; it ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) base: String,
    requests: Requests,
}

type Requests = Arc<Mutex<Vec<String>>>;

/// What the server says, one after the other; the last is said again and again.
#[derive(Clone)]
struct Script {
    answers: Arc<Mutex<VecDeque<Vec<u8>>>>,
    /// Whether a connection serves more than one request.
    keeps_open: bool,
}

impl Server {
    /// Answers each connection's first request with these bytes, then closes; with no bytes it just closes.
    pub(crate) async fn start(answer: impl Into<Vec<u8>>) -> io::Result<Self> {
        Self::run([answer.into()], false).await
    }

    /// Answers so, request by request, on connections it keeps open; no bytes close the connection.
    pub(crate) async fn script(answers: impl IntoIterator<Item = Vec<u8>>) -> io::Result<Self> {
        Self::run(answers, true).await
    }

    async fn run(answers: impl IntoIterator<Item = Vec<u8>>, keeps_open: bool) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let requests = Requests::default();
        let heard = Arc::clone(&requests);
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        let script = Script {
            answers,
            keeps_open,
        };
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&heard), script.clone()));
            }
        });
        Ok(Self { base, requests })
    }

    /// The requests heard so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

async fn serve(mut socket: TcpStream, heard: Requests, script: Script) {
    while let Ok(request) = read_request(&mut socket).await {
        heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(request);
        let answer = script.next();
        // The client may hang up early, which is its right.
        let _ = socket.write_all(&answer).await;
        if !script.keeps_open || answer.is_empty() {
            let _ = socket.shutdown().await;
            return;
        }
    }
}

impl Script {
    fn next(&self) -> Vec<u8> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let next = answers.pop_front().unwrap_or_default();
        if answers.is_empty() {
            answers.push_back(next.clone());
        }
        next
    }
}

/// The value of a header of a request that was heard, empty if it is not there.
pub(crate) fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let lines = request.lines().skip(1).take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| line.split_once(": "))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map_or("", |(_, value)| value)
}

/// A whole answer with a length.
pub(crate) fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into_bytes()
}

async fn read_request(socket: &mut TcpStream) -> io::Result<String> {
    let mut request = Vec::new();
    loop {
        if socket.read_buf(&mut request).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= content_length(head)
        {
            return Ok(text.into_owned());
        }
    }
}

fn content_length(head: &str) -> usize {
    head.lines()
        .filter_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length:")?
                .trim()
                .parse()
                .ok()
        })
        .next()
        .unwrap_or_default()
}
