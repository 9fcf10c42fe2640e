//! Opening a journal: where it is, how durable, its tables.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Once;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use sqlx::any::AnyPoolOptions;
use sqlx::error::BoxDynError;
use sqlx::migrate::{Migration, MigrationSource, MigrationType, Migrator};
use sqlx::{AnyPool, Executor as _};

use super::timing::Watchers;
use super::{Journal, Sql};
use crate::state::make_private;

/// What a path may hold that means something else in a URL.
const NOT_IN_URL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'%')
    .add(b'?')
    .add(b'#')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`');

/// Connections to a PostgreSQL journal. SQLite has one writer anyway, so one connection does without waiting for locks.
const POSTGRES_CONNECTIONS_MAX: u32 = 8;

/// Another process may be writing: wait for it, for so long. A commit is on the disk when it returns.
const SQLITE_SETUP: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
                            PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

const SQLITE_FULL: i64 = 2;

/// The URL of the SQLite journal at this path.
pub(crate) fn sqlite_url(path: &Path) -> String {
    let path = path.to_string_lossy();
    format!(
        "sqlite://{}?mode=rwc",
        utf8_percent_encode(&path, NOT_IN_URL)
    )
}

/// The file of a SQLite journal, and those beside it that are there already: SQLite makes these with the permissions
/// of the first. None for any other URL, and for a journal in memory.
fn sqlite_files(url: &str) -> Vec<PathBuf> {
    let Some(path) = url
        .strip_prefix("sqlite://")
        .or_else(|| url.strip_prefix("sqlite:"))
    else {
        return Vec::new();
    };
    let path = path.split('?').next().unwrap_or_default();
    let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
    if path.is_empty() || path.starts_with(":memory:") || url.contains("mode=memory") {
        return Vec::new();
    }
    let beside = ["-wal", "-shm"].map(|end| PathBuf::from(format!("{path}{end}")));
    let beside = beside.into_iter().filter(|path| path.exists());
    std::iter::once(PathBuf::from(path)).chain(beside).collect()
}

impl Journal {
    /// Opens the journal at a URL (`sqlite://`, `postgres://`) and brings its tables up to date.
    pub(crate) async fn open(url: &str, account: String, owner: String) -> Sql<Self> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let is_sqlite = url.starts_with("sqlite:");
        for path in sqlite_files(url) {
            make_private(&path)?;
        }
        let pool = pool(url, is_sqlite).await?;
        let journal = Self {
            pool,
            is_sqlite,
            account,
            owner,
            watchers: Watchers::default(),
        };
        journal.check_durable().await?;
        journal.migrate().await?;
        Ok(journal)
    }

    /// Whether SQLite took the setting on which everything rests.
    async fn check_durable(&self) -> Sql<()> {
        if !self.is_sqlite {
            return Ok(());
        }
        let level: i64 = sqlx::query_scalar("PRAGMA synchronous")
            .fetch_one(&self.pool)
            .await?;
        if level >= SQLITE_FULL {
            return Ok(());
        }
        Err(sqlx::Error::Protocol(format!(
            "PRAGMA synchronous is {level}, not {SQLITE_FULL} (FULL)"
        )))
    }

    /// Several may open at once: in PostgreSQL the migrator takes a lock of its own, which must not be given back before
    /// its work is committed; in SQLite the transaction is the lock.
    async fn migrate(&self) -> Sql<()> {
        let migrator = Migrator::new(Migrations).await?;
        if !self.is_sqlite {
            return Ok(migrator.run(&self.pool).await?);
        }
        let mut transaction = self.begin_writing().await?;
        migrator.run(&mut *transaction).await?;
        transaction.commit().await
    }
}

async fn pool(url: &str, is_sqlite: bool) -> Sql<AnyPool> {
    let connections = if is_sqlite {
        1
    } else {
        POSTGRES_CONNECTIONS_MAX
    };
    let options = AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(!is_sqlite);
    let options = options.after_connect(move |connection, _| {
        Box::pin(async move {
            if is_sqlite {
                connection.execute(SQLITE_SETUP).await?;
            }
            Ok(())
        })
    });
    options.connect(url).await
}

/// The migrations, which are part of the program.
#[derive(Debug)]
struct Migrations;

impl MigrationSource<'static> for Migrations {
    fn resolve(
        self,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Vec<Migration>, BoxDynError>> + Send>> {
        let journal = Migration::new(
            1,
            Cow::Borrowed("journal"),
            MigrationType::Simple,
            Cow::Borrowed(include_str!("../../migrations/1_journal.sql")),
            false,
        );
        Box::pin(async { Ok(vec![journal]) })
    }
}
