//! Which connections there are, and which of them gives way to a new one.
//!
//! A connection that has shown no valid token is a stranger's. Strangers hold few places, and each only for a short
//! silence; where all places are taken, the connection that has been silent for longest is closed, strangers' first. So
//! a caller with a token is always let in. Silent means that no request of the connection is in flight.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::settings::Limits;

/// File handles that are kept free for the journal and the exchange, once they have run out.
const HANDLES_FREE: usize = 16;

/// The connections of both ports.
#[derive(Debug)]
pub(crate) struct Connections {
    held: Mutex<Held>,
    strangers_max: usize,
    silence_max: Duration,
}

#[derive(Debug)]
struct Held {
    max: usize,
    count: usize,
    /// The number of the next silence.
    next: u64,
    strangers: Silent,
    callers: Silent,
}

/// Silent connections, by the number of their silence: the oldest first.
type Silent = BTreeMap<u64, CancellationToken>;

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    all: Arc<Connections>,
    state: Mutex<State>,
    closed: CancellationToken,
}

#[derive(Debug, Default)]
struct State {
    has_token: bool,
    /// The number of its silence; none while a request is in flight.
    silence: Option<u64>,
}

impl Connections {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            held: Mutex::new(Held {
                max: limits.connections_max,
                count: 0,
                next: 0,
                strangers: Silent::new(),
                callers: Silent::new(),
            }),
            strangers_max: limits.strangers_max,
            silence_max: limits.stranger_timeout,
        }
    }

    /// Gives a new connection a place, if need be that of another.
    pub(crate) fn open(self: &Arc<Self>) -> Arc<Connection> {
        let connection = Connection {
            all: Arc::clone(self),
            state: Mutex::default(),
            closed: CancellationToken::new(),
        };
        self.held().count += 1;
        connection.falls_silent();
        let mut held = self.held();
        if held.strangers.len() > self.strangers_max || held.count > held.max {
            held.close_oldest();
        }
        drop(held);
        Arc::new(connection)
    }

    /// There are no more file handles: from here on there are fewer places.
    pub(crate) fn handles_ran_out(&self) {
        let mut held = self.held();
        held.max = held.max.min(held.count).saturating_sub(HANDLES_FREE).max(1);
        let surplus = held.count.saturating_sub(held.max);
        (0..surplus).for_each(|_| held.close_oldest());
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// The youngest stranger may be a caller whose request is about to come, so idle callers go before it.
    fn close_oldest(&mut self) {
        let (first, then) = match self.strangers.len() {
            0 | 1 => (&mut self.callers, &mut self.strangers),
            _ => (&mut self.strangers, &mut self.callers),
        };
        if let Some((_, closed)) = first.pop_first().or_else(|| then.pop_first()) {
            closed.cancel();
        }
    }
}

impl Connection {
    /// A valid token came with a request of this connection.
    pub(crate) fn has_token(&self) {
        self.state().has_token = true;
    }

    /// A request is in flight.
    pub(crate) fn begins(&self) {
        let mut state = self.state();
        if let Some(silence) = state.silence.take() {
            let mut held = self.all.held();
            held.strangers.remove(&silence);
            held.callers.remove(&silence);
        }
    }

    /// No request is in flight.
    pub(crate) fn falls_silent(&self) {
        let mut state = self.state();
        let mut held = self.all.held();
        let silence = held.next;
        held.next += 1;
        state.silence = Some(silence);
        let silent = match state.has_token {
            true => &mut held.callers,
            false => &mut held.strangers,
        };
        silent.insert(silence, self.closed.clone());
    }

    /// Waits until the connection has to be closed: its place is another's, or a stranger was silent for too long.
    pub(crate) async fn has_to_close(&self) {
        let silence = || {
            let state = self.state();
            state.silence.filter(|_| !state.has_token)
        };
        let mut was = silence();
        while !self.closed.is_cancelled() {
            tokio::select! {
                () = self.closed.cancelled() => return,
                () = sleep(self.all.silence_max) => {}
            }
            let is = silence();
            if is.is_some() && is == was {
                return;
            }
            was = is;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.begins();
        self.all.held().count -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(max: usize, strangers_max: usize) -> Arc<Connections> {
        let limits = Limits {
            connections_max: max,
            strangers_max,
            ..Limits::default()
        };
        Arc::new(Connections::new(&limits))
    }

    fn closed(connections: &[&Arc<Connection>]) -> Vec<bool> {
        connections
            .iter()
            .map(|it| it.closed.is_cancelled())
            .collect()
    }

    #[test]
    fn the_stranger_that_is_silent_for_longest_gives_way() {
        let all = places(10, 2);
        let (first, second) = (all.open(), all.open());
        // It responds to a health check, and is the younger one since.
        first.begins();
        first.falls_silent();
        let third = all.open();
        assert_eq!(closed(&[&first, &second, &third]), [false, true, false]);
    }

    #[test]
    fn callers_give_way_after_strangers_and_never_within_a_request() {
        let all = places(3, 2);
        let caller = || {
            let caller = all.open();
            caller.begins();
            caller.has_token();
            caller
        };
        let (busy, idle, stranger) = (caller(), caller(), all.open());
        idle.falls_silent();
        let first = all.open();
        assert_eq!(closed(&[&busy, &idle, &stranger]), [false, false, true]);
        drop((stranger, first));
        let (second, third) = (caller(), caller());
        assert_eq!(
            closed(&[&busy, &idle, &second, &third]),
            [false, true, false, false]
        );
        // Nobody is silent but the new one.
        drop(idle);
        let fourth = all.open();
        assert_eq!(
            closed(&[&busy, &second, &third, &fourth]),
            [false, false, false, true]
        );
    }

    #[test]
    fn without_handles_there_are_fewer_places() {
        let all = places(100, 100);
        let open: Vec<_> = (0..40).map(|_| all.open()).collect();
        all.handles_ran_out();
        let open: Vec<_> = open.iter().collect();
        let closed = closed(&open);
        assert_eq!(closed.iter().filter(|it| **it).count(), HANDLES_FREE);
        assert!(closed.iter().take(HANDLES_FREE).all(|it| *it));
        assert_eq!(all.held().max, 40 - HANDLES_FREE);
    }
}
