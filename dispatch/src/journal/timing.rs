//! How long durable writes take, for whoever watches.

use std::fmt;
use std::sync::RwLock;
use std::time::{Duration, Instant};

use super::Journal;
use super::failure::Sql;

type Told = Box<dyn Fn(Duration) + Send + Sync>;

/// The observers.
#[derive(Default)]
pub(super) struct Watchers(RwLock<Vec<Told>>);

impl fmt::Debug for Watchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watchers")
    }
}

impl Journal {
    pub(crate) fn watch(&self, watcher: impl Fn(Duration) + Send + Sync + 'static) {
        let watchers = self.watchers.0.write();
        let mut watchers = watchers.unwrap_or_else(|broken| broken.into_inner());
        watchers.push(Box::new(watcher));
    }

    /// Times one write, until it is durable or has failed; waiting for its turn belongs to it.
    pub(super) async fn timed<T>(&self, write: impl Future<Output = Sql<T>>) -> Sql<T> {
        let started = Instant::now();
        let written = write.await;
        let took = started.elapsed();
        let watchers = self.watchers.0.read();
        let watchers = watchers.unwrap_or_else(|broken| broken.into_inner());
        watchers.iter().for_each(|watcher| watcher(took));
        written
    }
}
