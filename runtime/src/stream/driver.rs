//! The task that holds one connection: asks, listens, and connects again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bpx_signing::Signer;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::{Error as SocketError, Message, Utf8Bytes};

use super::dial::{Socket, Target, reason};
use super::envelope::{self, Envelope};
use super::event::StreamError;
use super::mailbox::{Item, Mailbox};
use super::name::{Protocol, StreamName};
use super::options::StreamOptions;
use super::routes::{Request, Routes};
use super::tap::TappedMessage;
use crate::text::shown;

/// A connection that lasted so long was good, and the next one is made at once.
const GOOD: Duration = Duration::from_secs(10);
/// How many messages are read before commands get a turn.
const BURST: usize = 256;

/// What subscriptions want.
#[derive(Debug)]
pub(super) enum Command {
    Subscribe(StreamName, Arc<Mailbox>),
    /// Somebody no longer reads this stream.
    Sweep(String),
}

/// What came over a connection, in numbers.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) connections: AtomicU64,
    pub(super) messages: AtomicU64,
    pub(super) unread: AtomicU64,
    pub(super) unrouted: AtomicU64,
}

#[derive(Debug)]
pub(super) struct Driver {
    pub(super) target: Target,
    pub(super) signer: Option<Signer>,
    pub(super) protocol: Protocol,
    pub(super) options: StreamOptions,
    pub(super) commands: UnboundedReceiver<Command>,
    pub(super) tally: Arc<Tally>,
    pub(super) routes: Routes,
    /// The number of the last ping.
    pub(super) fence: u64,
}

/// Why a connection is no longer used.
enum Ended {
    /// Nobody subscribes to anything.
    Idle,
    /// Nobody is left who could subscribe.
    Left,
    Lost(String),
}

/// When something was heard and asked last.
struct Times {
    heard: Instant,
    asked: Instant,
    is_pinged: bool,
}

impl Driver {
    pub(super) async fn run(mut self) {
        let (mut failures, mut was_connected) = (0, false);
        while self.has_work().await {
            let began = Instant::now();
            let ended = match self.target.connect(&self.options).await {
                Ok(socket) => {
                    was_connected = true;
                    add(&self.tally.connections);
                    self.serve(socket).await
                }
                Err(cause) => Ended::Lost(cause),
            };
            let cause = match ended {
                Ended::Left => return,
                Ended::Idle => continue,
                Ended::Lost(cause) => cause,
            };
            failures = if began.elapsed() > GOOD && was_connected {
                0
            } else {
                failures + 1
            };
            tracing::warn!(url = %self.target.url, cause, failures, "stream disconnected");
            if was_connected {
                self.routes.disconnect(&cause);
            } else if self.options.attempts_max > 0 && failures >= self.options.attempts_max {
                self.give_up(failures, cause);
                failures = 0;
                continue;
            }
            sleep(self.options.reconnect_wait(failures.saturating_sub(1))).await;
        }
    }

    fn give_up(&mut self, attempts: u32, cause: String) {
        let url = self.target.url.to_string();
        let error = StreamError::Unreachable {
            url,
            attempts,
            cause,
        };
        self.routes.end_all(&error);
    }

    /// Waits until somebody subscribes; false if nobody ever will.
    async fn has_work(&mut self) -> bool {
        loop {
            let command = match self.commands.try_recv() {
                Ok(command) => Some(command),
                Err(_) if !self.routes.is_empty() => return !self.commands.is_closed(),
                Err(_) => self.commands.recv().await,
            };
            match command {
                Some(command) => self.obey(command),
                None => return false,
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Subscribe(name, mailbox) => self.routes.add(name, mailbox),
            Command::Sweep(name) => self.routes.sweep(name),
        }
    }

    async fn serve(&mut self, mut socket: Socket) -> Ended {
        self.routes.restart();
        let mut tick = interval(self.options.idle_timeout.min(self.options.answer_timeout) / 4);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let now = Instant::now();
        let mut times = Times {
            heard: now,
            asked: now,
            is_pinged: false,
        };
        loop {
            let step = tokio::select! {
                frame = socket.next() => {
                    times.heard = Instant::now();
                    times.is_pinged = false;
                    self.hear_all(frame, &mut socket)
                }
                command = self.commands.recv() => match command {
                    Some(command) => {
                        self.obey(command);
                        if self.routes.is_empty() { Err(Ended::Idle) } else { Ok(()) }
                    }
                    None => Err(Ended::Left),
                },
                _ = tick.tick() => self.watch(&mut times, &mut socket).await,
            };
            let step = match step {
                Ok(()) => self.ask(&mut times, &mut socket).await,
                ended => ended,
            };
            if let Err(ended) = step {
                // A server that does not take the farewell loses nothing.
                let _ = timeout(GOOD, socket.close(None)).now_or_never();
                return ended;
            }
        }
    }

    /// Takes a frame, and those that are there already.
    fn hear_all(
        &mut self,
        first: Option<Result<Message, SocketError>>,
        socket: &mut Socket,
    ) -> Result<(), Ended> {
        let mut frame = first;
        for more in (0..BURST).rev() {
            match frame {
                Some(Ok(message)) => self.hear(message)?,
                Some(Err(error)) => return Err(Ended::Lost(reason(&error))),
                None => return Err(Ended::Lost("the server closed the connection".to_owned())),
            }
            // One that is taken from the socket has to be heard.
            let next = if more > 0 {
                socket.next().now_or_never()
            } else {
                None
            };
            match next {
                Some(next) => frame = next,
                None => break,
            }
        }
        Ok(())
    }

    fn hear(&mut self, message: Message) -> Result<(), Ended> {
        match message {
            Message::Text(text) => {
                self.show(TappedMessage::Received(&text));
                self.read(&text);
            }
            Message::Pong(number) => {
                let number = std::str::from_utf8(&number).ok();
                if let Some(fence) = number.and_then(|number| number.parse().ok()) {
                    self.routes.confirm(fence);
                }
            }
            Message::Binary(bytes) => {
                self.show(TappedMessage::ReceivedBytes(&bytes));
                self.unread("it is binary");
            }
            Message::Close(None) => {
                return Err(Ended::Lost("the server closed the connection".to_owned()));
            }
            Message::Close(Some(frame)) => {
                let (code, words) = (u16::from(frame.code), shown(&frame.reason));
                let cause = format!("the server closed the connection: {code} {words}");
                return Err(Ended::Lost(cause.trim_end().to_owned()));
            }
            Message::Ping(_) | Message::Frame(_) => {}
        }
        Ok(())
    }

    fn read(&mut self, text: &Utf8Bytes) {
        let envelope = envelope::quickly(text).map_or_else(|| envelope::thoroughly(text), Ok);
        match envelope {
            Ok(Envelope::Message { name, start, end }) => {
                add(&self.tally.messages);
                self.routes.heard(&name);
                if !self
                    .routes
                    .tell(&name, || Item::Data(text.clone(), start, end))
                {
                    add(&self.tally.unrouted);
                }
            }
            Ok(Envelope::Refusal(refusal)) => {
                self.routes.refuse(refusal.code, &shown(&refusal.message));
            }
            Err(reason) => self.unread(&reason),
        }
    }

    fn show(&self, message: TappedMessage<'_>) {
        if let Some(tap) = &self.options.tap {
            tap.saw_message(message);
        }
    }

    fn unread(&self, reason: &str) {
        add(&self.tally.unread);
        self.routes.unread(reason);
    }

    /// Asks for what was not asked for yet, with a ping behind it: its answer tells that the request was read.
    async fn ask(&mut self, times: &mut Times, socket: &mut Socket) -> Result<(), Ended> {
        let fence = self.fence + 1;
        while let Some(request) = self.routes.ask(fence) {
            let Some(text) = self.written(request) else {
                continue;
            };
            self.fence = fence;
            times.asked = Instant::now();
            let ping = Message::Ping(fence.to_string().into());
            self.send(socket, [Message::text(text), ping]).await?;
        }
        Ok(())
    }

    /// A request as it is sent; none if it cannot be signed, which ends its subscriptions.
    fn written(&mut self, request: Request) -> Option<String> {
        let Protocol {
            subscribe,
            unsubscribe,
            ..
        } = self.protocol;
        let request = match request {
            Request::Leave(names) => json!({"method": unsubscribe, "params": names}),
            Request::Subscribe {
                names,
                is_signed: false,
            } => {
                json!({"method": subscribe, "params": names})
            }
            Request::Subscribe { names, .. } => match self.signature() {
                Ok(signature) => {
                    json!({"method": subscribe, "params": names, "signature": signature})
                }
                Err(error) => {
                    self.unsigned(&names, error);
                    return None;
                }
            },
        };
        self.show(TappedMessage::Sent(
            &without_signature(&request).to_string(),
        ));
        Some(request.to_string())
    }

    fn signature(&self) -> Result<[String; 4], Option<String>> {
        let signer = self.signer.as_ref().ok_or(None)?;
        let signature = signer.sign_subscription(self.protocol.instruction);
        signature.map_err(|error| Some(error.to_string()))
    }

    fn unsigned(&mut self, names: &[String], error: Option<String>) {
        for name in names {
            let error = match error.clone() {
                Some(reason) => StreamError::Signing { reason },
                None => StreamError::NoKey { name: name.clone() },
            };
            self.routes.end(name, &error);
        }
        self.routes.forget_asked();
    }

    /// Looks whether the server is still there.
    async fn watch(&mut self, times: &mut Times, socket: &mut Socket) -> Result<(), Ended> {
        let lost = |what: &str, time: Duration| {
            Err(Ended::Lost(format!("{what} for {} ms", time.as_millis())))
        };
        let (answer, idle) = (self.options.answer_timeout, self.options.idle_timeout);
        if self.routes.awaited().is_some() && times.asked.elapsed() > answer {
            return lost("the server has not answered a ping", answer);
        }
        if times.heard.elapsed() > idle {
            return lost("nothing arrived", idle);
        }
        // Of two pings a server may answer the later one alone.
        let is_free = !times.is_pinged && self.routes.awaited().is_none();
        if times.heard.elapsed() > idle / 2 && is_free {
            times.is_pinged = true;
            return self.send(socket, [Message::Ping("idle".into())]).await;
        }
        Ok(())
    }

    async fn send<const N: usize>(
        &self,
        socket: &mut Socket,
        messages: [Message; N],
    ) -> Result<(), Ended> {
        let sending = async {
            for message in messages {
                socket.feed(message).await?;
            }
            socket.flush().await
        };
        match timeout(self.options.answer_timeout, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Ended::Lost(reason(&error))),
            Err(_) => Err(Ended::Lost("the server does not read".to_owned())),
        }
    }
}

fn without_signature(request: &Value) -> Value {
    let mut request = request.clone();
    if let Some(signature) = request.get_mut("signature") {
        *signature = vec!["redacted"; 4].into();
    }
    request
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
