//! A server that says the same to everyone and remembers what it was told.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A running server; it ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) base: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers each connection's first request with these bytes, then closes; with no bytes it just closes.
    pub(crate) async fn start(answer: impl Into<Vec<u8>>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answer, heard) = (answer.into(), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                if let Ok(request) = read_request(&mut socket).await {
                    heard
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(request);
                    // The client may hang up early, which is its right.
                    let _ = socket.write_all(&answer).await;
                    let _ = socket.shutdown().await;
                }
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
