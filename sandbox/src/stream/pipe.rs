//! The way out to one client, and what goes wrong on it on purpose.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt as _;
use serde_json::Value;

use crate::exchange::Exchange;
use crate::fault::{Chosen, Fault, Faults, Line, StreamFault, Target};
use crate::stream::outbox::Frame;
use crate::stream::topic::Key;

/// Values that stand in no document.
const EVENT: &str = "orderReviewed";
const STATE: &str = "PendingReview";

/// The connection is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gone;

#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) socket: WebSocket,
    pub(crate) line: Line,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) faults: Arc<Faults>,
    /// Messages of one market that wait for one of another, with its symbol.
    held: Vec<Frame>,
    held_symbol: Option<String>,
}

impl Pipe {
    pub(crate) fn new(
        socket: WebSocket,
        line: Line,
        exchange: Arc<Exchange>,
        faults: Arc<Faults>,
    ) -> Self {
        Self {
            socket,
            line,
            exchange,
            faults,
            held: Vec::new(),
            held_symbol: None,
        }
    }

    /// Sends all of them with as few writes as possible.
    pub(crate) async fn write(&mut self, frames: Vec<Frame>) -> Result<(), Gone> {
        for frame in frames {
            match frame.key {
                Some(key) if self.faults.is_armed() || !self.held.is_empty() => {
                    self.go_wrong(key, frame).await?;
                }
                _ => self.feed(frame.text).await?,
            }
        }
        self.flush().await
    }

    pub(crate) async fn flush(&mut self) -> Result<(), Gone> {
        self.socket.flush().await.map_err(|_| Gone)
    }

    async fn feed(&mut self, text: Utf8Bytes) -> Result<(), Gone> {
        let message = Message::Text(text);
        self.socket.feed(message).await.map_err(|_| Gone)
    }

    /// Sends a message with the faults that armed rules choose for it.
    async fn go_wrong(&mut self, key: Key, mut frame: Frame) -> Result<(), Gone> {
        let symbol = self.symbol(key, &frame.text);
        if !self.held.is_empty() && self.held_symbol == symbol {
            self.held.push(frame);
            return Ok(());
        }
        let target = target(key, symbol);
        let (mut copies, mut waits) = (1, false);
        for chosen in self.faults.choose(&target) {
            let Fault::Stream(fault) = &chosen.fault else {
                continue;
            };
            match fault {
                StreamFault::Skip => copies = 0,
                StreamFault::Twice => copies = 2,
                StreamFault::Delay { delay_ms } => {
                    self.flush().await?;
                    tokio::time::sleep(Duration::from_millis(*delay_ms)).await;
                }
                StreamFault::Swap => waits = true,
                StreamFault::UnknownEvent => frame.text = edited(&frame.text, "e", EVENT),
                StreamFault::UnknownState => frame.text = edited(&frame.text, "X", STATE),
                StreamFault::Drop => {
                    self.record(&target, chosen);
                    self.line.reset();
                    // Whatever is written now resets the connection.
                    self.feed(frame.text).await?;
                    self.flush().await?;
                    return Err(Gone);
                }
                StreamFault::Cut => {
                    self.record(&target, chosen);
                    self.flush().await?;
                    return Err(Gone);
                }
            }
            self.record(&target, chosen);
        }
        if waits && self.held.is_empty() {
            self.held_symbol = target.symbols.into_iter().next();
            self.held.push(frame);
            return Ok(());
        }
        for _ in 0..copies {
            self.feed(frame.text.clone()).await?;
        }
        for frame in std::mem::take(&mut self.held) {
            self.feed(frame.text).await?;
        }
        Ok(())
    }

    fn record(&self, target: &Target, chosen: Chosen) {
        self.faults.record(target, chosen);
    }

    /// The market of a message: that of its stream, or the one it names itself.
    fn symbol(&self, key: Key, text: &str) -> Option<String> {
        match key.market {
            Some(index) => Some(self.exchange.markets.get(index)?.symbol.clone()),
            None => {
                let message: Value = serde_json::from_str(text).ok()?;
                Some(message.pointer("/data/s")?.as_str()?.to_owned())
            }
        }
    }
}

/// A message as rules see it.
fn target(key: Key, symbol: Option<String>) -> Target {
    Target {
        method: "SUBSCRIBE".to_owned(),
        path: "/".to_owned(),
        operation: None,
        channel: Some(key.topic.channel()),
        symbols: symbol.into_iter().collect(),
    }
}

/// The message with another value of one member of its data.
fn edited(text: &str, member: &str, value: &str) -> Utf8Bytes {
    let mut message: Value = serde_json::from_str(text).unwrap_or_default();
    if let Some(place) = message.pointer_mut(&format!("/data/{member}")) {
        *place = value.into();
    }
    message.to_string().into()
}
