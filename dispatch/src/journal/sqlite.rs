//! The one connection that writes to a SQLite journal: how it is opened, and how durable it is.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, Connection as _, Executor as _};

use super::failure::{Failure, Sql};
use super::files::{Files, beside};
use super::migrations::Migrations;
use crate::state::make_private;

/// Another process may be writing: wait for it, for so long. A commit is on the disk when it returns. The first read
/// opens the log.
pub(super) const SETUP: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
                            PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                            SELECT COUNT(*) FROM sqlite_schema;";

const FULL: i64 = 2;

/// A transaction that may write from its first statement on: one that began by reading could fail.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";

/// The one connection that writes to a SQLite journal. One that failed is not used again: after a full disk, SQLite has
/// rolled back by itself, and the connection still counts a transaction.
#[derive(Debug)]
pub(super) struct Sqlite {
    url: String,
    path: PathBuf,
    first: Files,
    open: Option<(AnyConnection, Files)>,
}

impl Sqlite {
    /// Opens the file, which is made where it is missing, and brings its tables up to date.
    pub(super) async fn open(url: &str) -> Sql<Self> {
        let path = sqlite_path(url)?;
        keep_private(&path)?;
        let mut database = Self {
            url: url.to_owned(),
            path,
            first: Files::default(),
            open: None,
        };
        let (connection, _) = database.connection().await?;
        check_durable(connection).await?;
        // Several may open at once: the transaction is the lock.
        let mut transaction = connection.begin_with(BEGIN).await?;
        let migrator = Migrator::new(Migrations).await.map_err(sqlx::Error::from)?;
        let migrated = migrator.run(&mut *transaction).await;
        migrated.map_err(sqlx::Error::from)?;
        transaction.commit().await?;
        database.first = Files::opened(&database.path)?;
        Ok(database)
    }

    pub(super) async fn connection(&mut self) -> Sql<(&mut AnyConnection, &Files)> {
        if self.open.is_none() {
            // SQLite would make a new file where the journal is gone.
            self.first.check_first()?;
            let mut connection = AnyConnection::connect(&self.url).await?;
            connection.execute(SETUP).await?;
            self.first.check_first()?;
            self.open = Some((connection, Files::opened(&self.path)?));
        }
        match &mut self.open {
            Some((connection, files)) => Ok((connection, files)),
            None => Err(Failure::Closed),
        }
    }

    pub(super) async fn disconnect(&mut self) {
        if let Some((connection, _)) = self.open.take() {
            let _ = connection.close().await;
        }
    }
}

/// Whether SQLite took the setting on which everything rests.
async fn check_durable(connection: &mut AnyConnection) -> Sql<()> {
    let level: i64 = sqlx::query_scalar("PRAGMA synchronous")
        .fetch_one(connection)
        .await?;
    if level >= FULL {
        return Ok(());
    }
    Err(Failure::protocol(format!(
        "PRAGMA synchronous is {level}, not {FULL} (FULL)"
    )))
}

/// The path of a SQLite journal.
fn sqlite_path(url: &str) -> Sql<PathBuf> {
    let path = url.strip_prefix("sqlite://");
    let path = path.or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
    let path = path.split('?').next().unwrap_or_default();
    let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
    if path.is_empty() || path.starts_with(":memory:") || url.contains("mode=memory") {
        return Err(Failure::protocol("a journal in memory survives nothing"));
    }
    Ok(PathBuf::from(path))
}

/// Takes the journal from other users, with the files beside it that are there already: SQLite makes these with the
/// permissions of the first.
fn keep_private(path: &Path) -> Sql<()> {
    make_private(path)?;
    let beside = beside(path).into_iter().filter(|path| path.exists());
    Ok(beside
        .into_iter()
        .try_for_each(|path| make_private(&path))?)
}
