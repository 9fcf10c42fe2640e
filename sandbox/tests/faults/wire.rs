//! Requests with faults: through the client, and byte by byte.

use reqwest::Method;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{Client, Reply, Signed, head};

/// The header that asks for faults.
const HEADER: &str = "X-Sandbox-Fault";

pub(crate) const ORDER: &str = "/api/v1/order";

pub(crate) fn asking(signed: Signed, faults: &str) -> Signed {
    signed.with(HEADER, faults)
}

/// A signed request with a body and faults.
pub(crate) async fn send(
    client: &Client,
    (method, path, instruction): (Method, &str, &str),
    body: &Value,
    faults: &str,
) -> Reply {
    let signed = asking(client.sign_now(&head(instruction, body)), faults);
    client.send(method, path, signed, body.to_string()).await
}

pub(crate) async fn place(client: &Client, order: &Value, faults: &str) -> Reply {
    send(client, (Method::POST, ORDER, "orderExecute"), order, faults).await
}

/// A signed read with faults. `query` is sorted already.
pub(crate) async fn read(
    client: &Client,
    (path, instruction): (&str, &str),
    query: &str,
    faults: &str,
) -> Reply {
    let amp = if query.is_empty() { "" } else { "&" };
    let signed = client.sign_now(&format!("instruction={instruction}{amp}{query}"));
    let target = format!("{path}?{query}");
    client
        .send(Method::GET, &target, asking(signed, faults), "")
        .await
}

/// One TCP connection, as bare as it gets.
pub(crate) struct Socket(TcpStream);

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The other side said it was done.
    Closed,
    /// The other side threw it away.
    Reset,
}

impl Socket {
    pub(crate) async fn open(base_url: &str) -> Self {
        let address = base_url.strip_prefix("http://").unwrap();
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// Sends a signed order.
    pub(crate) async fn place(&mut self, client: &Client, order: &Value, faults: &str) {
        let signed = client.sign_now(&head("orderExecute", order));
        let signed = if faults.is_empty() {
            signed
        } else {
            asking(signed, faults)
        };
        let headers: String = signed
            .0
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let body = order.to_string();
        let request = format!(
            "POST {ORDER} HTTP/1.1\r\nHost: sandbox\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0.write_all(request.as_bytes()).await.unwrap();
    }

    /// Everything that still comes, and how it ends.
    pub(crate) async fn rest(mut self) -> (String, End) {
        let mut bytes = Vec::new();
        let end = match self.0.read_to_end(&mut bytes).await {
            Ok(_) => End::Closed,
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
                End::Reset
            }
        };
        (String::from_utf8(bytes).unwrap(), end)
    }

    /// One whole answer, by its content length: head and body.
    pub(crate) async fn answer(&mut self) -> (String, String) {
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8(bytes.clone()).unwrap();
            if let Some((head, body)) = text.split_once("\r\n\r\n")
                && body.len() == content_length(head)
            {
                return (head.to_owned(), body.to_owned());
            }
            assert_ne!(self.0.read_buf(&mut bytes).await.unwrap(), 0, "{text}");
        }
    }
}

pub(crate) fn content_length(head: &str) -> usize {
    let line = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")
            .map(str::to_owned)
    });
    line.unwrap().parse().unwrap()
}
