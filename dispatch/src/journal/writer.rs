//! The one writer of a SQLite journal: what is asked for while a commit is under way shares the next one.
//!
//! A commit waits for the disk, whatever it holds. A change that is asked for alone is committed at once and alone. Each
//! of several has a savepoint, so that one that is not to stay takes nothing of the others with it; where one fails, all
//! are undone and each is made alone.

use std::fmt;
use std::sync::Arc;
use std::thread;

use futures_util::future::BoxFuture;
use sqlx::{AnyConnection, Connection as _};
use tokio::runtime;
use tokio::sync::{mpsc, oneshot};

use super::Names;
use super::change::Change;
use super::failure::{Failure, Sql};
use super::sqlite::{BEGIN, Sqlite};

/// How many changes may wait, and how many share a commit.
const QUEUE_MAX: usize = 1_024;
const SHARED_MAX: usize = 256;

/// The way to the writer's thread, which ends with the last of these.
pub(super) struct Writer(mpsc::Sender<Item>);

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer")
    }
}

enum Item {
    Change(Box<dyn Waiting>),
    /// Ends the writer; dropped once it has ended.
    Close(oneshot::Sender<()>),
}

/// A change that waits for its commit, and whoever waits for it.
trait Waiting: Send {
    /// Runs its statements, and tells whether what they wrote is to stay.
    fn make<'a>(
        &'a mut self,
        names: &'a Names,
        connection: &'a mut AnyConnection,
    ) -> BoxFuture<'a, Sql<bool>>;

    /// What was made is durable, or nothing was.
    fn tell(self: Box<Self>, committed: Sql<()>);
}

struct Asked<C: Change> {
    change: C,
    made: Option<C::Made>,
    reply: oneshot::Sender<Sql<C::Made>>,
}

impl<C: Change> Waiting for Asked<C> {
    fn make<'a>(
        &'a mut self,
        names: &'a Names,
        connection: &'a mut AnyConnection,
    ) -> BoxFuture<'a, Sql<bool>> {
        Box::pin(async {
            let made = self.change.make(names, connection).await?;
            Ok(C::stays(self.made.insert(made)))
        })
    }

    fn tell(self: Box<Self>, committed: Sql<()>) {
        let Self { made, reply, .. } = *self;
        let made = committed.and_then(|()| made.ok_or(Failure::Closed));
        // Whoever asked may be gone.
        let _ = reply.send(made);
    }
}

/// Why nothing of a transaction was committed.
struct Undone {
    failure: Failure,
    /// Each change would fail so, alone as well.
    is_for_all: bool,
}

impl Undone {
    fn all(failure: impl Into<Failure>) -> Self {
        Self {
            failure: failure.into(),
            is_for_all: true,
        }
    }

    fn some(failure: impl Into<Failure>) -> Self {
        Self {
            failure: failure.into(),
            is_for_all: false,
        }
    }
}

impl Writer {
    /// Starts the writer in a thread of its own, so that its statements wait for nobody's turn.
    pub(super) fn start(database: Sqlite, names: Arc<Names>) -> Sql<Self> {
        let (sender, queue) = mpsc::channel(QUEUE_MAX);
        let runtime = runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        let task = Task { database, names };
        thread::Builder::new()
            .name("bpx-journal".to_owned())
            .spawn(move || runtime.block_on(task.run(queue)))?;
        Ok(Self(sender))
    }

    pub(super) async fn write<C: Change>(&self, change: C) -> Sql<C::Made> {
        let (reply, written) = oneshot::channel();
        let asked = Asked {
            change,
            made: None,
            reply,
        };
        let sent = self.0.send(Item::Change(Box::new(asked))).await;
        sent.map_err(|_| Failure::Closed)?;
        written.await.unwrap_or(Err(Failure::Closed))
    }

    /// Ends the writer, and waits for that.
    pub(super) async fn close(&self) {
        let (closing, closed) = oneshot::channel();
        if self.0.send(Item::Close(closing)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

struct Task {
    database: Sqlite,
    names: Arc<Names>,
}

impl Task {
    async fn run(mut self, mut queue: mpsc::Receiver<Item>) {
        let mut items = Vec::new();
        let mut closing = None;
        while closing.is_none() && queue.recv_many(&mut items, SHARED_MAX).await > 0 {
            let mut changes = Vec::with_capacity(items.len());
            for item in items.drain(..) {
                match item {
                    Item::Change(change) => changes.push(change),
                    Item::Close(reply) => closing = Some(reply),
                }
            }
            self.write(changes).await;
        }
        self.database.disconnect().await;
    }

    /// Commits all, together or, where that fails, each alone.
    async fn write(&mut self, mut changes: Vec<Box<dyn Waiting>>) {
        let mut size = changes.len();
        while !changes.is_empty() {
            let mut rest = changes.split_off(size.min(changes.len()));
            let committed = match self.commit(&mut changes).await {
                Ok(()) => Ok(()),
                Err(undone) => {
                    // Another connection would take what is there now for the journal's files.
                    if !matches!(undone.failure, Failure::Moved(_)) {
                        self.database.disconnect().await;
                    }
                    if undone.is_for_all {
                        changes.append(&mut rest);
                    } else if changes.len() > 1 {
                        changes.append(&mut rest);
                        size = 1;
                        continue;
                    }
                    Err(undone.failure)
                }
            };
            for change in changes {
                change.tell(committed.clone());
            }
            changes = rest;
        }
    }

    async fn commit(&mut self, changes: &mut [Box<dyn Waiting>]) -> Result<(), Undone> {
        let (connection, files) = self.database.connection().await.map_err(Undone::all)?;
        files.check().map_err(Undone::all)?;
        let begun = connection.begin_with(BEGIN).await;
        let mut transaction = begun.map_err(Undone::all)?;
        if let [only] = changes {
            let stays = only.make(&self.names, &mut transaction).await;
            if !stays.map_err(Undone::some)? {
                return transaction.rollback().await.map_err(Undone::some);
            }
        } else {
            for change in changes {
                let savepoint = transaction.begin().await;
                let mut savepoint = savepoint.map_err(Undone::some)?;
                let stays = change.make(&self.names, &mut savepoint).await;
                let ended = match stays.map_err(Undone::some)? {
                    true => savepoint.commit().await,
                    false => savepoint.rollback().await,
                };
                ended.map_err(Undone::some)?;
            }
        }
        transaction.commit().await.map_err(Undone::some)?;
        files.check().map_err(Undone::all)
    }
}
