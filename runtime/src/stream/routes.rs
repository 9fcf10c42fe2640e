//! Who subscribes to what, and what has to be asked of the server for it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

use super::event::{Gap, GapReason, StreamError, Unread};
use super::mailbox::{Item, Mailbox};
use super::name::StreamName;

/// How many streams one request names.
const NAMES_MAX: usize = 100;

/// The subscriptions of one connection.
#[derive(Debug, Default)]
pub(super) struct Routes {
    routes: HashMap<Box<str>, Route>,
    /// What the server has not been asked for yet.
    waiting: VecDeque<StreamName>,
    /// What the server need not send any more, and was not asked to stop yet.
    leaving: Vec<String>,
    /// One by one, since a request for several was refused and the server does not say for which.
    singly: bool,
    asked: Option<Asked>,
    /// The streams of the last request that the server has read, until they send something: a refusal can be later than
    /// the answer to the ping.
    confirmed: Vec<StreamName>,
}

#[derive(Debug, Default)]
struct Route {
    is_signed: bool,
    mailboxes: Vec<Arc<Mailbox>>,
}

/// A request that the server has not answered yet.
#[derive(Debug)]
struct Asked {
    /// None, where streams were left.
    names: Vec<StreamName>,
    /// The ping that was sent behind it.
    fence: u64,
}

/// What the server is asked for.
#[derive(Debug)]
pub(super) enum Request {
    /// Streams of one kind, signed or public.
    Subscribe {
        names: Vec<String>,
        is_signed: bool,
    },
    Leave(Vec<String>),
}

impl Routes {
    pub(super) fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    pub(super) fn add(&mut self, name: StreamName, mailbox: Arc<Mailbox>) {
        let route = self.routes.entry(name.text.as_str().into()).or_default();
        route.mailboxes.push(mailbox);
        route.is_signed |= name.is_signed;
        self.waiting.push_back(name);
    }

    /// Forgets the subscriptions to a stream that nobody reads, and leaves it with the last one.
    pub(super) fn sweep(&mut self, name: String) {
        let Some(route) = self.routes.get_mut(name.as_str()) else {
            return;
        };
        route.mailboxes.retain(|mailbox| !mailbox.is_closed());
        if route.mailboxes.is_empty() {
            self.routes.remove(name.as_str());
            self.waiting.retain(|waiting| waiting.text != name);
            self.leaving.push(name);
        }
    }

    /// A new connection, which has been asked for nothing.
    pub(super) fn restart(&mut self) {
        let all = self.routes.iter().map(|(name, route)| StreamName {
            text: name.to_string(),
            is_signed: route.is_signed,
        });
        (self.waiting, self.singly, self.asked) = (all.collect(), false, None);
        self.confirmed.clear();
        self.leaving.clear();
    }

    /// What to ask the server for now, with a ping behind it: one thing at a time, so that it is clear what a refusal is
    /// for.
    pub(super) fn ask(&mut self, fence: u64) -> Option<Request> {
        if self.asked.is_some() {
            return None;
        }
        if !self.leaving.is_empty() {
            let left = std::mem::take(&mut self.leaving);
            self.asked = Some(Asked {
                names: Vec::new(),
                fence,
            });
            return Some(Request::Leave(left));
        }
        let is_signed = self.waiting.front()?.is_signed;
        let limit = if self.singly { 1 } else { NAMES_MAX };
        let count = self.waiting.iter().take(limit);
        let count = count.take_while(|name| name.is_signed == is_signed).count();
        let names: Vec<_> = self.waiting.drain(..count).collect();
        let texts = names.iter().map(|name| name.text.clone()).collect();
        self.asked = Some(Asked { names, fence });
        Some(Request::Subscribe {
            names: texts,
            is_signed,
        })
    }

    /// The server has read up to this ping.
    pub(super) fn confirm(&mut self, fence: u64) {
        if let Some(asked) = self.asked.take_if(|asked| asked.fence <= fence) {
            for name in &asked.names {
                self.tell(&name.text, || Item::Subscribed);
            }
            self.confirmed = asked.names;
        }
        self.singly &= !self.waiting.is_empty();
    }

    /// What was to be asked cannot be.
    pub(super) fn forget_asked(&mut self) {
        self.asked = None;
    }

    /// The ping whose answer is awaited.
    pub(super) fn awaited(&self) -> Option<u64> {
        self.asked.as_ref().map(|asked| asked.fence)
    }

    /// The server sent something on this stream, so it did not refuse it.
    pub(super) fn heard(&mut self, name: &str) {
        self.confirmed.retain(|confirmed| confirmed.text != name);
    }

    /// The server refused something. It does not say what: what was asked for last, as long as that is open, else what was
    /// asked for before and has sent nothing.
    pub(super) fn refuse(&mut self, code: i64, message: &str) {
        let names = match self.asked.take() {
            Some(asked) => asked.names,
            None => std::mem::take(&mut self.confirmed),
        };
        match Some(names) {
            Some(names) if names.len() == 1 => {
                for StreamName { text: name, .. } in names {
                    let message = message.to_owned();
                    self.end(
                        &name.clone(),
                        &StreamError::Refused {
                            name,
                            code,
                            message,
                        },
                    );
                }
            }
            Some(names) if !names.is_empty() => {
                self.singly = true;
                names
                    .into_iter()
                    .rev()
                    .for_each(|name| self.waiting.push_front(name));
            }
            _ => self.unread(&format!("the server refuses something: {code} {message}")),
        }
    }

    /// Ends the subscriptions to a stream.
    pub(super) fn end(&mut self, name: &str, error: &StreamError) {
        self.tell(name, || Item::End(error.clone()));
        self.routes.remove(name);
        self.waiting.retain(|waiting| waiting.text != name);
    }

    /// Ends all subscriptions.
    pub(super) fn end_all(&mut self, error: &StreamError) {
        self.tell_all(|| Item::End(error.clone()));
        *self = Self::default();
    }

    /// The connection has ended.
    pub(super) fn disconnect(&mut self, cause: &str) {
        let since = SystemTime::now();
        self.tell_all(|| {
            let cause = cause.to_owned();
            let reason = GapReason::Disconnected { cause };
            Item::Gap(Gap { reason, since })
        });
        self.restart();
    }

    /// What cannot be read may have been for anyone.
    pub(super) fn unread(&self, reason: &str) {
        self.tell_all(|| {
            let reason = reason.to_owned();
            Item::Unread(Unread { reason })
        });
    }

    /// Whether anyone subscribes to the stream.
    pub(super) fn tell(&self, name: &str, item: impl Fn() -> Item) -> bool {
        let Some(route) = self.routes.get(name) else {
            return false;
        };
        route
            .mailboxes
            .iter()
            .for_each(|mailbox| mailbox.put(item()));
        true
    }

    fn tell_all(&self, item: impl Fn() -> Item) {
        for route in self.routes.values() {
            route
                .mailboxes
                .iter()
                .for_each(|mailbox| mailbox.put(item()));
        }
    }
}
