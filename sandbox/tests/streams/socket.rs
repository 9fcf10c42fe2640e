//! A WebSocket client that does nothing by itself.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::Duration;

use bpx_sandbox::Sandbox;
use serde_json::{Value, json};
use tungstenite::protocol::CloseFrame;
use tungstenite::{Error, Message, WebSocket};

use crate::client::{Client, now_ms};

/// No message takes that long; a test that waits for none at all fails. Less than the time between pings.
const PATIENCE: Duration = Duration::from_secs(40);

pub(crate) struct Socket(pub(crate) WebSocket<TcpStream>);

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With a Close frame of this code.
    Close(u16),
    /// Closed without one.
    Cut,
    Reset,
}

impl Socket {
    pub(crate) fn open(sandbox: &Sandbox) -> Self {
        let url = sandbox.base_url().replace("http://", "ws://");
        let stream = TcpStream::connect(url.trim_start_matches("ws://")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(tungstenite::client(format!("{url}/"), stream).unwrap().0)
    }

    /// A connection that listens to these by the time this returns.
    pub(crate) fn of(sandbox: &Sandbox, streams: &[&str]) -> Self {
        let mut socket = Self::open(sandbox);
        socket.send(json!({ "method": "SUBSCRIBE", "params": streams }));
        socket.settle();
        socket
    }

    /// The same with private ones, signed by the client.
    pub(crate) fn signed(sandbox: &Sandbox, client: &Client, streams: &[&str]) -> Self {
        let mut socket = Self::open(sandbox);
        socket.send(signed(client, streams));
        socket.settle();
        socket
    }

    pub(crate) fn send(&mut self, message: impl ToString) {
        self.0.send(Message::text(message.to_string())).unwrap();
    }

    /// Waits until what was sent has been dealt with: the answer to a message that is none comes after it.
    pub(crate) fn settle(&mut self) {
        self.send("?");
        let refused = self.next();
        assert_eq!(refused["error"]["code"], 4000, "{refused}");
    }

    /// The next message; pings are answered.
    pub(crate) fn next(&mut self) -> Value {
        serde_json::from_str(&self.next_text()).unwrap()
    }

    pub(crate) fn next_text(&mut self) -> String {
        loop {
            if let Message::Text(text) = self.0.read().unwrap() {
                return text.to_string();
            }
        }
    }

    /// The data of the next message, which is of this stream.
    pub(crate) fn data(&mut self, stream: &str) -> Value {
        let message = self.next();
        assert_eq!(message["stream"], stream, "{message}");
        message["data"].clone()
    }

    /// The same without its times, which are checked: microseconds, of now.
    pub(crate) fn timeless(&mut self, stream: &str) -> Value {
        let mut data = self.data(stream);
        let members = data.as_object_mut().unwrap();
        // A candle's `T` is text.
        let names = ["E", "T"].into_iter();
        let numbers: Vec<_> = names
            .filter(|name| members.get(*name).is_some_and(Value::is_number))
            .collect();
        for name in numbers {
            if let Some(time) = members.remove(name) {
                let ms = time.as_i64().unwrap() / 1000;
                assert!((now_ms() - ms).abs() < 600_000, "{name}: {time}");
            }
        }
        data
    }

    /// Code and text of the answer to a message.
    pub(crate) fn refusal(&mut self, message: impl ToString) -> (i64, String) {
        self.send(message);
        let answer = self.next();
        assert_eq!(answer["id"], Value::Null, "{answer}");
        let error = &answer["error"];
        let text = error["message"].as_str().unwrap().to_owned();
        (error["code"].as_i64().unwrap(), text)
    }

    /// Reads to the end, and says how many messages came.
    pub(crate) fn end(&mut self) -> (usize, End) {
        let mut texts = 0;
        loop {
            match self.0.read() {
                Ok(Message::Text(_)) => texts += 1,
                Ok(Message::Close(Some(CloseFrame { code, .. }))) => {
                    return (texts, End::Close(code.into()));
                }
                Ok(_) => {}
                Err(Error::Io(error)) if error.kind() == ErrorKind::ConnectionReset => {
                    return (texts, End::Reset);
                }
                Err(Error::Protocol(_)) => return (texts, End::Cut),
                Err(error) => panic!("{error:?} after {texts} messages"),
            }
        }
    }
}

/// A signed SUBSCRIBE.
pub(crate) fn signed(client: &Client, streams: &[&str]) -> Value {
    let timestamp = now_ms();
    let text = format!("instruction=subscribe&timestamp={timestamp}&window=5000");
    json!({
        "method": "SUBSCRIBE",
        "params": streams,
        "signature": [client.api_key(), client.signature(&text), timestamp.to_string(), "5000"],
    })
}
