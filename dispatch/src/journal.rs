//! The journal: what was meant, what was sent, what came of it. What is not in it is not sent.

mod begin;
mod change;
mod events;
mod failure;
mod files;
mod migrations;
mod numbers;
mod open;
mod outcome;
mod sqlite;
mod timing;
mod writer;

use std::sync::Arc;

use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row as _};

pub(crate) use begin::{Begun, DayCap, NewIntent};
pub(crate) use failure::Failure;
pub(crate) use numbers::Placed;
pub(crate) use open::sqlite_url;
pub use outcome::Closing;
pub(crate) use outcome::Ended;

use failure::Sql;
use timing::Watchers;
use writer::Writer;

/// The journal of one account, as one instance of this crate writes it.
#[derive(Debug)]
pub(crate) struct Journal {
    /// Reads what is committed; where there is no writer, it writes as well.
    pool: AnyPool,
    writer: Option<Writer>,
    names: Arc<Names>,
    watchers: Watchers,
}

/// Whose rows are written, and by whom.
#[derive(Debug)]
struct Names {
    account: String,
    owner: String,
}

/// How much the probe writes: more than any one order does, so that where the probe has room, an order has.
const PROBE_BYTES: usize = 128 * 1024;

/// One intent as it stands in the journal.
#[derive(Debug, Clone)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) operation: String,
    pub(crate) arguments_hash: String,
    pub(crate) arguments: String,
    pub(crate) at_ms: i64,
}

const INTENT: &str = "id, owner, operation, arguments_hash, arguments, at_ms";

impl Intent {
    fn read(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            owner: row.try_get("owner")?,
            operation: row.try_get("operation")?,
            arguments_hash: row.try_get("arguments_hash")?,
            arguments: row.try_get("arguments")?,
            at_ms: row.try_get("at_ms")?,
        })
    }
}

impl Journal {
    /// The account's name in the journal: a fingerprint of its public key.
    pub(crate) fn account(&self) -> &str {
        &self.names.account
    }

    /// The intents that have no final outcome, oldest first.
    pub(crate) async fn unsettled(&self) -> Sql<Vec<Intent>> {
        let sql = format!(
            "SELECT {INTENT} FROM intent WHERE account = $1 AND is_settled = 0 ORDER BY id"
        );
        let rows = sqlx::query(&sql).bind(self.account()).fetch_all(&self.pool);
        let rows = self.read(rows).await?;
        let intents = rows.iter().map(Intent::read);
        Ok(intents.collect::<Result<_, _>>()?)
    }

    /// The intent with this idempotency key.
    pub(crate) async fn find_key(&self, key: &str) -> Sql<Option<Intent>> {
        self.find_by("idempotency_key", key).await
    }

    /// The intent with this id.
    pub(crate) async fn find(&self, intent: &str) -> Sql<Option<Intent>> {
        self.find_by("id", intent).await
    }

    async fn find_by(&self, column: &str, value: &str) -> Sql<Option<Intent>> {
        let sql = format!("SELECT {INTENT} FROM intent WHERE account = $1 AND {column} = $2");
        let row = sqlx::query(&sql)
            .bind(self.account())
            .bind(value)
            .fetch_optional(&self.pool);
        let row = self.read(row).await?;
        Ok(row.as_ref().map(Intent::read).transpose()?)
    }

    /// Lets go of what a settled call is known again by, unless that is its caller's own key.
    pub(crate) async fn reported(&self, intent: &str) -> Sql<()> {
        self.execute(
            "UPDATE intent SET idempotency_key = NULL \
             WHERE account = $1 AND id = $2 AND is_settled = 1 AND idempotency_key LIKE ' %'",
            [self.account().into(), intent.into()],
        )
        .await
    }

    /// Lets go of a key: whoever had it is not known again by it.
    pub(crate) async fn forget(&self, key: &str) -> Sql<()> {
        self.execute(
            "UPDATE intent SET idempotency_key = NULL WHERE account = $1 AND idempotency_key = $2",
            [self.account().into(), key.into()],
        )
        .await
    }

    /// Takes an intent over from an instance that is gone.
    pub(crate) async fn take_over(&self, intent: &str) -> Sql<()> {
        self.execute(
            "UPDATE intent SET owner = $1 WHERE id = $2",
            [self.names.owner.as_str().into(), intent.into()],
        )
        .await
    }

    /// Writes more than any order does, to see whether one could be written.
    pub(crate) async fn probe(&self, at_ms: i64) -> Sql<()> {
        // SQLite writes only the pages that differ: each time, all do.
        let mut room = format!("{at_ms:020}").repeat(PROBE_BYTES / 20);
        room.truncate(PROBE_BYTES);
        let probe = self.execute(
            "INSERT INTO probe (account, at_ms, room) VALUES ($1, $2, $3) \
             ON CONFLICT (account) DO UPDATE SET at_ms = excluded.at_ms, room = excluded.room",
            [self.account().into(), at_ms.into(), room.as_str().into()],
        );
        self.timed(probe).await
    }

    pub(crate) async fn close(&self) {
        if let Some(writer) = &self.writer {
            writer.close().await;
        }
        self.pool.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[tokio::test]
    async fn the_files_are_its_owners_whatever_the_folder_and_the_file_allowed() {
        use std::fs::{Permissions, metadata, set_permissions, write};
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let path = folder.path().join("a journal.sqlite");
        write(&path, "").unwrap();
        set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let url = sqlite_url(&path);
        let opened = Journal::open(&url, "a".to_owned(), "o".to_owned());
        let journal = opened.await.unwrap();
        for end in ["", "-wal", "-shm"] {
            let file = format!("{}{end}", path.display());
            let mode = metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        journal.close().await;
    }

    async fn journal(folder: &tempfile::TempDir) -> Journal {
        let url = sqlite_url(&folder.path().join("journal.sqlite"));
        let opened = Journal::open(&url, "account".to_owned(), "owner".to_owned());
        opened.await.unwrap()
    }

    async fn row(journal: &Journal, account: &str) -> Sql<()> {
        let sql = "INSERT INTO probe (account, at_ms) VALUES ($1, 1)";
        journal.execute(sql, [account.into()]).await
    }

    #[tokio::test]
    async fn a_journal_writes_again_once_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(&folder).await;
        // The same error as that of a full disk, for as long as the writer's connection lives.
        let full = journal.execute("PRAGMA max_page_count = 1", []);
        full.await.unwrap();
        let failed = journal.probe(1).await.unwrap_err();
        assert!(failed.to_string().contains("full"), "{failed}");
        for account in ["one", "two"] {
            row(&journal, account).await.unwrap();
        }
    }

    #[tokio::test]
    async fn of_changes_that_share_a_commit_one_that_fails_takes_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(&folder).await;
        row(&journal, "twice").await.unwrap();
        let names = ["one", "two", "twice", "three"];
        let all = names.map(|name| row(&journal, name));
        let made = futures_util::future::join_all(all).await;
        let made: Vec<_> = made.iter().map(Result::is_ok).collect();
        assert_eq!(made, [true, true, false, true]);
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM probe").fetch_one(&journal.pool);
        let count: i64 = journal.read(count).await.unwrap();
        assert_eq!(count, 4);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_journal_whose_file_is_gone_takes_nothing_until_it_is_back() {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(&folder).await;
        for name in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"] {
            let (path, away) = (folder.path().join(name), folder.path().join("away"));
            std::fs::rename(&path, &away).unwrap();
            let gone = journal.probe(1).await.unwrap_err();
            assert!(
                matches!(&gone, Failure::Moved(moved) if *moved == path),
                "{gone}"
            );
            std::fs::copy(&away, &path).unwrap();
            let replaced = journal.probe(1).await.unwrap_err();
            assert!(matches!(replaced, Failure::Moved(_)), "{replaced}");
            std::fs::rename(&away, &path).unwrap();
            journal.probe(1).await.unwrap();
        }
    }
}
