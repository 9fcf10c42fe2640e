//! A server of streams that does what a test says.

use std::future::Future;
use std::time::Duration;

use bpx_runtime::stream::{Protocol, StreamOptions, Streams};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

pub(crate) const PROTOCOL: Protocol = Protocol {
    subscribe: "SUBSCRIBE",
    unsubscribe: "UNSUBSCRIBE",
    instruction: "listen",
};

pub(crate) struct Server {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl Server {
    /// The next request; pings before it are answered.
    pub(crate) async fn request(&mut self) -> Option<Value> {
        loop {
            match self.socket.next().await? {
                Ok(Message::Text(text)) => return serde_json::from_str(&text).ok(),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    /// The names of the next request, all of which are taken.
    pub(crate) async fn accept(&mut self) -> Vec<String> {
        let request = self.request().await.expect("a request");
        assert_eq!(request["method"], "SUBSCRIBE");
        self.pong().await;
        serde_json::from_value(request["params"].clone()).expect("names")
    }

    /// Reads the ping behind a request; reading it answers it.
    pub(crate) async fn pong(&mut self) {
        let ping = self.socket.next().await.expect("a frame").expect("a ping");
        assert!(ping.is_ping(), "{ping}");
        self.socket.flush().await.expect("flushed");
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.expect("sent");
    }

    pub(crate) async fn tell(&mut self, stream: &str, data: impl AsRef<str>) {
        self.say(&format!(
            r#"{{"stream":"{stream}","data":{}}}"#,
            data.as_ref()
        ))
        .await;
    }

    /// Answers pings until the client is gone.
    pub(crate) async fn idle(&mut self) {
        while self.socket.next().await.is_some_and(|frame| frame.is_ok()) {}
    }
}

/// Serves each connection, one after the other, and gives the URL.
pub(crate) async fn serve<F>(act: impl Fn(u32, Server) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("ws://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((tcp, _)) = listener.accept().await {
            if let Ok(socket) = accept_async(tcp).await {
                number += 1;
                tokio::spawn(act(number, Server { socket }));
            }
        }
    });
    url
}

pub(crate) fn options() -> StreamOptions {
    StreamOptions::default()
        .with_reconnect_wait(Duration::from_millis(1), Duration::from_millis(20))
        .with_message_bytes_max(1024 * 1024)
}

pub(crate) fn streams(url: &str, options: StreamOptions) -> Streams {
    Streams::new(url, None, PROTOCOL, options).expect("a URL")
}
