//! One client's connection, from its upgrade to its end.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{Extensions, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::Utc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

use crate::exchange::Exchange;
use crate::fault::{Faults, Line, skewed};
use crate::stop::Stop;
use crate::stream::feed::{Join, News};
use crate::stream::outbox::{End, Frame, Outbox};
use crate::stream::pipe::{Gone, Pipe};
use crate::stream::request::{Refused, Request, STREAMS_MAX};
use crate::stream::topic::{Key, Topic};

/// How many connections there may be at once.
const CONNECTIONS_MAX: u32 = 4_096;
/// How long a message of a client may be.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// How far a message that is too long is read, so that its sender gets the answer.
const MESSAGE_BYTES_READ: usize = 1024 * 1024;
/// How long the reason in a Close frame may be.
const REASON_CHARS_MAX: usize = 100;
/// What clients send is short; a buffer of this size is set aside for each.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// How long the exchange waits for a client to take leave.
const FAREWELL: Duration = Duration::from_secs(1);
/// A client may leave a ping unanswered for so many times the interval of pings.
const PINGS_UNANSWERED: u32 = 2;

// Codes of Close frames, RFC 6455 and its registry.
const NORMAL: u16 = 1000;
const GOING_AWAY: u16 = 1001;
const PROTOCOL_ERROR: u16 = 1002;
const RESTART: u16 = 1012;
const POLICY: u16 = 1008;

/// What all connections share.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    exchange: Arc<Exchange>,
    faults: Arc<Faults>,
    stop: Stop,
    /// One for each connection there may be.
    permits: Arc<Semaphore>,
}

/// Counts as a listener for as long as it lives.
struct Listening(Arc<Exchange>);

struct Connection {
    pipe: Pipe,
    outbox: Arc<Outbox>,
    exchange: Arc<Exchange>,
    streams: HashSet<Key>,
    listening: Option<Listening>,
    unanswered_since: Option<Instant>,
    _permit: OwnedSemaphorePermit,
}

/// How a connection ends.
enum Leave {
    /// With a Close frame.
    Close(u16, Cow<'static, str>),
    /// Without a word: it is gone already, or takes nothing any more.
    Silent,
}

impl Leave {
    fn close(code: u16, reason: &'static str) -> Self {
        Self::Close(code, Cow::Borrowed(reason))
    }
}

impl From<Gone> for Leave {
    fn from(_: Gone) -> Self {
        Self::Silent
    }
}

impl Streams {
    pub(crate) fn new(exchange: Arc<Exchange>, faults: Arc<Faults>, stop: Stop) -> Self {
        let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX as usize));
        Self {
            exchange,
            faults,
            stop,
            permits,
        }
    }

    /// Answers an upgrade, and serves the connection until it ends.
    pub(crate) fn open(&self, upgrade: WebSocketUpgrade, extensions: &Extensions) -> Response {
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            return (StatusCode::SERVICE_UNAVAILABLE, "too many connections").into_response();
        };
        let line: Option<&ConnectInfo<Line>> = extensions.get();
        let line = line.map(|ConnectInfo(line)| line.clone());
        let streams = self.clone();
        upgrade
            .max_message_size(MESSAGE_BYTES_READ)
            .max_frame_size(MESSAGE_BYTES_READ)
            .read_buffer_size(READ_BUFFER_BYTES)
            .on_upgrade(move |socket| streams.serve(socket, line.unwrap_or_default(), permit))
    }

    /// Returns once no connection is left.
    pub(crate) async fn ended(&self) {
        let _all = self.permits.acquire_many(CONNECTIONS_MAX).await;
    }

    async fn serve(self, socket: WebSocket, line: Line, permit: OwnedSemaphorePermit) {
        let frames_max = self.exchange.venue.stream_queue_max;
        let pings = Duration::from_millis(self.exchange.venue.stream_ping_ms);
        let exchange = Arc::clone(&self.exchange);
        let mut connection = Connection {
            pipe: Pipe::new(socket, line, Arc::clone(&exchange), self.faults),
            outbox: Arc::new(Outbox::new(frames_max)),
            exchange,
            streams: HashSet::new(),
            listening: None,
            unanswered_since: None,
            _permit: permit,
        };
        let mut clock = interval_at(Instant::now() + pings, pings);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let leave = tokio::select! {
            leave = connection.run(&mut clock) => leave,
            () = self.stop.asked() => Leave::close(GOING_AWAY, "the exchange stops"),
        };
        connection.leave(leave).await;
    }
}

impl Listening {
    fn new(exchange: &Arc<Exchange>) -> Self {
        exchange.book().add_listeners(1);
        Self(Arc::clone(exchange))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.book().remove_listener();
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listening")
    }
}

impl Connection {
    /// Serves until one side ends it.
    async fn run(&mut self, clock: &mut Interval) -> Leave {
        loop {
            let done = tokio::select! {
                message = self.pipe.socket.recv() => match message {
                    Some(Ok(message)) => self.hear(message).await,
                    Some(Err(error)) => self.fail(&error),
                    None => Err(Leave::Silent),
                },
                waiting = self.outbox.next() => match waiting {
                    Ok(frames) => self.write(frames).await,
                    Err(End::Reset) => Err(Leave::close(RESTART, "the exchange was reset")),
                    Err(End::Overflow) => Err(Leave::Silent),
                },
                _ = clock.tick() => self.ping(clock.period()).await,
            };
            if let Err(leave) = done {
                return leave;
            }
        }
    }

    /// Sends messages, unless more come meanwhile than may wait.
    async fn write(&mut self, frames: Vec<Frame>) -> Result<(), Leave> {
        tokio::select! {
            written = self.pipe.write(frames) => Ok(written?),
            () = self.outbox.overflowed() => Err(Leave::Silent),
        }
    }

    /// Takes a message of the client. Pings are answered by the protocol's library.
    async fn hear(&mut self, message: Message) -> Result<(), Leave> {
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => {
                let refused = Refused::unreadable("send text, not binary");
                return self.refuse(&refused).await;
            }
            Message::Pong(_) => {
                self.unanswered_since = None;
                return Ok(());
            }
            Message::Ping(_) => return Ok(()),
            Message::Close(_) => return Err(Leave::close(NORMAL, "")),
        };
        if text.len() > MESSAGE_BYTES_MAX {
            let problem = format!("longer than {MESSAGE_BYTES_MAX} bytes");
            return self.refuse(&Refused::unreadable(problem)).await;
        }
        let now = skewed(Utc::now(), self.pipe.faults.skew_ms());
        match Request::read(&text, &self.exchange, now) {
            Ok(Request::Subscribe(streams)) => match self.subscribe(streams) {
                Ok(()) => Ok(()),
                Err(refused) => self.refuse(&refused).await,
            },
            Ok(Request::Unsubscribe(keys)) => {
                self.unsubscribe(&keys);
                Ok(())
            }
            Err(refused) => self.refuse(&refused).await,
        }
    }

    fn fail(&self, error: &axum::Error) -> Result<(), Leave> {
        tracing::debug!(%error, "a stream's connection failed");
        let reason: String = error.to_string().chars().take(REASON_CHARS_MAX).collect();
        Err(Leave::Close(PROTOCOL_ERROR, reason.into()))
    }

    /// Written at once, and so before the pong for a ping that came behind the message.
    async fn refuse(&mut self, refused: &Refused) -> Result<(), Leave> {
        tracing::debug!(reason = refused.text(), "message refused");
        let text = refused.text().into();
        self.write(vec![Frame { text, key: None }]).await
    }

    /// Listens to these from now on; the book does not change meanwhile.
    fn subscribe(&mut self, streams: Vec<(Key, String)>) -> Result<(), Refused> {
        let exchange = Arc::clone(&self.exchange);
        let fresh = streams
            .iter()
            .filter(|(key, _)| !self.streams.contains(key));
        if self.streams.len() + fresh.count() > STREAMS_MAX {
            return Err(Refused::too_many());
        }
        let listening = self.listening.take();
        self.listening = listening.or_else(|| Some(Listening::new(&exchange)));
        let book = exchange.book();
        let markets = || exchange.markets.iter();
        let mut positions = Vec::new();
        for (key, _) in &streams {
            if let (Topic::PositionUpdate, Some(account)) = (key.topic, key.account) {
                let wanted = |market: &usize| key.market.is_none_or(|only| only == *market);
                let shown = markets().filter(|market| wanted(&market.index));
                let shown = book.shown_positions(account, shown);
                positions.extend(shown.into_iter().map(|news| (*key, news)));
            }
        }
        let fresh = streams.into_iter();
        let fresh = fresh.filter(|(key, _)| self.streams.insert(*key)).collect();
        exchange.feed.send(News::Join(Join {
            outbox: Arc::clone(&self.outbox),
            streams: fresh,
            positions,
        }));
        Ok(())
    }

    /// Streams it does not listen to are passed over.
    fn unsubscribe(&mut self, keys: &[Key]) {
        let named = |own: &Key| {
            let mut keys = keys.iter();
            keys.any(|key| (key.topic, key.market) == (own.topic, own.market))
        };
        let left: Vec<_> = self.streams.extract_if(named).collect();
        let news = News::Leave(Arc::clone(&self.outbox), left);
        self.exchange.feed.send(news);
    }

    /// Asks for a sign of life, unless one is overdue.
    async fn ping(&mut self, period: Duration) -> Result<(), Leave> {
        let since = *self.unanswered_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= period * PINGS_UNANSWERED {
            return Err(Leave::close(POLICY, "no pong"));
        }
        let ping = Message::Ping(Vec::new().into());
        let sent = timeout(period, self.pipe.socket.send(ping)).await;
        match sent {
            Ok(Ok(())) => Ok(()),
            _ => Err(Leave::Silent),
        }
    }

    async fn leave(mut self, leave: Leave) {
        self.outbox.end(End::Reset);
        let streams = std::mem::take(&mut self.streams).into_iter().collect();
        let news = News::Leave(Arc::clone(&self.outbox), streams);
        self.exchange.feed.send_if_room(news);
        self.listening = None;
        if let Leave::Close(code, reason) = leave {
            let frame = CloseFrame {
                code,
                reason: reason.as_ref().into(),
            };
            let socket = &mut self.pipe.socket;
            let farewell = async {
                if socket.send(Message::Close(Some(frame))).await.is_ok() {
                    while let Some(Ok(_)) = socket.recv().await {}
                }
            };
            let _ = timeout(FAREWELL, farewell).await;
        }
    }
}
