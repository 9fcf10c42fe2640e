//! Streams of messages over a WebSocket (RFC 6455): one connection, many typed subscriptions, and no silent loss.
//!
//! A subscription tells messages, and where some are missing: after a new connection, and where they came faster than
//! they were read. A new connection is made by itself, and asks for everything again.
//!
//! What a server took cannot be seen from the messages, since it does not answer a request to subscribe. So each request is
//! followed by a ping, and the next one waits for the answer: a refusal in between is the request's, and
//! [`Event::Subscribed`] is sent when the server has read it. Whoever reads the state by other calls after that event
//! misses nothing.
//!
//! Nothing is sent through a proxy. Compression is not offered.

mod dial;
mod driver;
mod envelope;
mod event;
mod mailbox;
mod name;
mod options;
mod routes;
mod subscription;
mod tap;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bpx_signing::Signer;
use reqwest::Url;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

pub use event::{Event, Gap, GapReason, StreamError, Unread};
pub use name::{Protocol, StreamName};
pub use options::StreamOptions;
pub use subscription::Subscription;
pub use tap::{MessageTap, TappedMessage};

use crate::base_url::{self, ConnectError};
use crate::tls::tls;
use dial::Target;
use driver::{Command, Driver, Tally};
use mailbox::{Item, Mailbox};
use routes::Routes;

/// One connection to a server of streams. It is made with the first subscription, and shared by clones.
#[derive(Clone)]
pub struct Streams {
    shared: Arc<Shared>,
}

struct Shared {
    commands: UnboundedSender<Command>,
    driver: Mutex<Start>,
    options: StreamOptions,
    tally: Arc<Tally>,
}

/// How far the driver is.
enum Start {
    Ready(Box<Driver>),
    Running,
    Impossible(StreamError),
}

/// What came over a connection, and those that followed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamCounts {
    /// Connections that were made.
    pub connections: u64,
    /// Messages that came.
    pub messages: u64,
    /// What came and was neither a message nor a refusal.
    pub unread: u64,
    /// Messages of streams that nobody subscribes to.
    pub unrouted: u64,
}

impl Streams {
    /// Streams at a URL such as `wss://ws.example.com/`, signed where they are private. Plain `ws` is spoken with this
    /// computer only.
    ///
    /// # Errors
    /// A URL that is not ws or wss, holds credentials, a query or a fragment, or is plain ws to another computer; TLS
    /// that cannot be set up.
    pub fn new(
        url: &str,
        signer: Option<Signer>,
        protocol: Protocol,
        options: StreamOptions,
    ) -> Result<Self, ConnectError> {
        let like_http = url.strip_prefix("ws").map(|rest| format!("http{rest}"));
        let base = like_http.ok_or_else(|| ConnectError::Scheme {
            scheme: crate::text::shown(url.split(':').next().unwrap_or_default()),
        });
        Self::beside(&base_url::parse(&base?)?, signer, protocol, options)
    }

    /// Streams of the server that answers this URL of http or https.
    pub(crate) fn beside(
        base: &Url,
        signer: Option<Signer>,
        protocol: Protocol,
        options: StreamOptions,
    ) -> Result<Self, ConnectError> {
        let tls = Arc::new(tls(base).map_err(ConnectError::Tls)?);
        let scheme = if base.scheme() == "https" {
            "wss"
        } else {
            "ws"
        };
        let mut url = base.clone();
        // Between special schemes this cannot fail.
        let _ = url.set_scheme(scheme);
        let (commands, receiver) = unbounded_channel();
        let tally = Arc::<Tally>::default();
        let driver = Driver {
            target: Target { url, tls },
            signer,
            protocol,
            options: options.clone(),
            commands: receiver,
            tally: Arc::clone(&tally),
            routes: Routes::default(),
            fence: 0,
        };
        let driver = Mutex::new(Start::Ready(Box::new(driver)));
        Ok(Self {
            shared: Arc::new(Shared {
                commands,
                driver,
                options,
                tally,
            }),
        })
    }

    /// Streams whose subscriptions end with this error.
    pub(crate) fn impossible(error: &ConnectError) -> Self {
        let (commands, _) = unbounded_channel();
        let reason = error.to_string();
        Self {
            shared: Arc::new(Shared {
                commands,
                driver: Mutex::new(Start::Impossible(StreamError::Url { reason })),
                options: StreamOptions::default(),
                tally: Arc::default(),
            }),
        }
    }

    /// Subscribes to a stream. Subscriptions to the same name share what the server sends.
    pub fn subscribe<T>(&self, name: StreamName) -> Subscription<T> {
        let StreamOptions {
            queue_messages_max,
            queue_bytes_max,
            ..
        } = self.shared.options;
        let mailbox = Arc::new(Mailbox::new(queue_messages_max, queue_bytes_max));
        let commands = self.shared.commands.clone();
        let subscription = Subscription::new(name.text.clone(), Arc::clone(&mailbox), commands);
        match self.shared.start() {
            // A driver that is gone was dropped with its runtime.
            Ok(()) => match self.shared.commands.send(Command::Subscribe(name, mailbox)) {
                Ok(()) => {}
                Err(unsent) => unsent.0.end(StreamError::NoRuntime),
            },
            Err(error) => mailbox.put(Item::End(error)),
        }
        subscription
    }

    /// What came so far.
    #[must_use]
    pub fn counts(&self) -> StreamCounts {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let tally = &self.shared.tally;
        StreamCounts {
            connections: count(&tally.connections),
            messages: count(&tally.messages),
            unread: count(&tally.unread),
            unrouted: count(&tally.unrouted),
        }
    }
}

impl Shared {
    /// Starts the driver unless it runs.
    fn start(&self) -> Result<(), StreamError> {
        let mut start = self.driver.lock().unwrap_or_else(PoisonError::into_inner);
        match &*start {
            Start::Running => return Ok(()),
            Start::Impossible(error) => return Err(error.clone()),
            Start::Ready(_) => {}
        }
        let runtime = Handle::try_current().map_err(|_| StreamError::NoRuntime)?;
        if let Start::Ready(driver) = std::mem::replace(&mut *start, Start::Running) {
            runtime.spawn(driver.run());
        }
        Ok(())
    }
}

impl Command {
    fn end(self, error: StreamError) {
        if let Self::Subscribe(_, mailbox) = self {
            mailbox.put(Item::End(error));
        }
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams")
            .field("options", &self.shared.options)
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}
