//! Opening a journal: where it is, how durable, its tables.

use std::path::Path;
use std::sync::{Arc, Once};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::Migrator;
use sqlx::{AnyPool, Executor as _};

use super::change::RESPONSE_MAX;
use super::failure::Sql;
use super::migrations::Migrations;
use super::sqlite::{self, Sqlite};
use super::timing::Watchers;
use super::writer::Writer;
use super::{Journal, Names};

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

/// Connections to a PostgreSQL journal.
const POSTGRES_CONNECTIONS_MAX: u32 = 8;
/// Connections that read a SQLite journal, beside the one that writes.
const SQLITE_READERS_MAX: u32 = 1;

/// The URL of the SQLite journal at this path.
pub(crate) fn sqlite_url(path: &Path) -> String {
    let path = path.to_string_lossy();
    format!(
        "sqlite://{}?mode=rwc",
        utf8_percent_encode(&path, NOT_IN_URL)
    )
}

impl Journal {
    /// Opens the journal at a URL (`sqlite:`, `postgres:`) and brings its tables up to date.
    pub(crate) async fn open(url: &str, account: String, owner: String) -> Sql<Self> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let names = Arc::new(Names { account, owner });
        let (pool, writer) = if url.starts_with("sqlite:") {
            let database = Sqlite::open(url).await?;
            let pool = pool(url, SQLITE_READERS_MAX, sqlite::SETUP).await?;
            (pool, Some(Writer::start(database, Arc::clone(&names))?))
        } else {
            let pool = pool(url, POSTGRES_CONNECTIONS_MAX, "").await?;
            // The migrator takes a lock of its own, which must not be given back before its work is committed.
            let migrator = Migrator::new(Migrations).await.map_err(sqlx::Error::from)?;
            migrator.run(&pool).await.map_err(sqlx::Error::from)?;
            (pool, None)
        };
        Ok(Self {
            pool,
            writer,
            names,
            watchers: Watchers::default(),
        })
    }
}

async fn pool(url: &str, connections: u32, setup: &'static str) -> Sql<AnyPool> {
    let options = AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(RESPONSE_MAX)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(setup.is_empty());
    let options = options.after_connect(move |connection, _| {
        Box::pin(async move {
            if !setup.is_empty() {
                connection.execute(setup).await?;
            }
            Ok(())
        })
    });
    Ok(options.connect(url).await?)
}
